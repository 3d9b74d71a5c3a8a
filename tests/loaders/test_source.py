"""Sources: what a path, a folder, a glob and standard input stand for, and how they open."""

import gzip
import io
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
import zstandard

from driftcheck.errors import InputError
from driftcheck.loaders.source import find_sources, is_named_by


def names(*patterns: str, base: Path) -> list[str]:
    return [source.name for source in find_sources(patterns, base=base)]


def test_a_folder_is_read_to_the_bottom_without_hidden_and_lock_files(tmp_path: Path) -> None:
    (tmp_path / "runs" / "week2").mkdir(parents=True)
    (tmp_path / "runs" / ".git").mkdir()
    for name in ("runs/b.json", "runs/week2/a.json", "runs/.hidden.json", "runs/~$b.csv", "runs/.git/x.json"):
        (tmp_path / name).write_text("{}")
    assert names("runs", base=tmp_path) == ["runs/b.json", "runs/week2/a.json"]


def test_a_glob_is_sorted_and_a_file_named_twice_comes_once(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "~$a.jsonl"):
        (tmp_path / name).write_text("{}")
    assert names("*.jsonl", "a.jsonl", base=tmp_path) == ["a.jsonl", "b.jsonl"]


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "run[1].json").write_text("{}")
    assert names("run[1].json", base=tmp_path) == ["run[1].json"]


@pytest.mark.parametrize("name", ["~$cases.csv", "~nobody-of-that-name", "~$cases.csv/x.json"])
def test_a_name_that_looks_like_a_home_is_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        find_sources([name], base=tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("{}")
    assert names(name, base=tmp_path) == [name]


def test_a_recursive_glob_finds_files_in_folders(tmp_path: Path) -> None:
    (tmp_path / "day=1" / "hour=2").mkdir(parents=True)
    (tmp_path / "day=1" / "hour=2" / "part.json").write_text("{}")
    assert names("day=*", base=tmp_path) == names("**/*.json", base=tmp_path) == ["day=1/hour=2/part.json"]


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("missing.json", "missing.json: no such file or folder"),
        ("*.parquet", "*.parquet: no file matches this pattern"),
        ("empty", "empty: this folder holds no files"),
    ],
)
def test_what_is_not_there_is_one_line(tmp_path: Path, pattern: str, what: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        find_sources([pattern], base=tmp_path)
    assert str(caught.value).startswith(what)
    assert "\n" not in str(caught.value)


def test_standard_input_is_spooled_once_and_opens_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Stdin:
        buffer = io.BytesIO(gzip.compress(b'{"a": 1}\n'))

    monkeypatch.setattr(sys, "stdin", Stdin())
    (source,) = find_sources(["-"], base=tmp_path)
    assert source.name == "-"
    assert source.path is None
    for _ in range(2):
        with source.open() as stream:
            assert stream.read() == b'{"a": 1}\n'


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_opens_twice(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"[1]",))
    writer.start()
    (source,) = find_sources(["pipe"], base=tmp_path)
    writer.join()
    for _ in range(2):
        with source.open() as stream:
            assert stream.read() == b"[1]"


def zstd(data: bytes) -> bytes:
    return zstandard.compress(data)


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_compressed_files_open_decompressed_whatever_they_are_called(tmp_path: Path, pack: Any) -> None:
    two_members = pack(b'{"a": 1}\n') + pack(b'{"a": 2}\n')
    (tmp_path / "x.json").write_bytes(two_members)
    (source,) = find_sources(["x.json"], base=tmp_path)
    assert source.size == len(two_members)
    with source.open() as stream:
        assert stream.readlines() == [b'{"a": 1}\n', b'{"a": 2}\n']


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_damaged_compression_is_one_line(tmp_path: Path, pack: Any) -> None:
    data = pack(os.urandom(5_000))
    (tmp_path / "x.gz").write_bytes(data[:1_000] + b"\xff" * 100 + data[1_100:4_000])
    (source,) = find_sources(["x.gz"], base=tmp_path)
    with source.open() as stream:
        if pack is gzip.compress:
            with pytest.raises(InputError, match=r"x\.gz: the compressed data is damaged"):
                stream.read()


def test_a_sibling_lies_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals" / "a.yaml").write_text("tests: file://b.csv")
    (tmp_path / "evals" / "b.csv").write_text("q\nhi\n")
    (source,) = find_sources(["evals/a.yaml"], base=tmp_path)
    assert source.sibling("b.csv").name == "evals/b.csv"
    with pytest.raises(InputError, match=r"evals/a\.yaml: refers to 'c\.csv', which does not exist"):
        source.sibling("c.csv")


def test_a_stream_without_end_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("driftcheck.loaders.source.MAX_SPOOL", 3 << 20)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for pattern in ["/dev/zero"] if Path("/dev/zero").exists() else []:
        with pytest.raises(InputError, match=r"/dev/zero: is a stream of more than 0\.00\d+ GiB \(save it as a file"):
            find_sources([pattern], base=tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(4 << 20))))
    with pytest.raises(InputError, match=r"-: is a stream of more than"):
        find_sources(["-"], base=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "pattern",
    ["sets", "sets/", ".", "*", "**", "sets/*", "sets/**", "sets/**/*.json", "**/*.json", "s?ts/[ab]", "sets/a/x.json"],
)
@pytest.mark.parametrize(
    "name",
    ["x.json", "sets/x.json", "sets/a/x.json", "sets/a/b/x.yaml", "sets/.x.json", "sets/.a/x.json", "other/a/x.json"],
)
def test_what_would_be_found_is_told_of_a_file_that_is_not_there(tmp_path: Path, pattern: str, name: str) -> None:
    for folder in ("sets/a", "sets/b", "other"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "there.json").write_text("")
    (tmp_path / "there.json").write_text("")
    told = is_named_by(os.path.join(tmp_path, pattern), tmp_path / name)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("{}")
    (tmp_path / "sets/a/x.json").touch()
    found = {source.path.resolve() for source in find_sources([pattern], base=tmp_path) if source.path}
    assert told is ((tmp_path / name).resolve() in found)


def test_a_tilde_in_a_pattern_is_a_home_or_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert is_named_by("~/sets", tmp_path / "sets" / "x.json")
    assert not is_named_by("~nobody-of-that-name", tmp_path / "x.json")
