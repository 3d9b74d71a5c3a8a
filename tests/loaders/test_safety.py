"""Safety: what a file would need code, the network or another place for is never loaded, and named."""

import gzip
import io
import os
import pickle
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard

from driftcheck.errors import InputError
from driftcheck.loaders import json_lines, json_mending, json_stream, zip_members
from driftcheck.loaders import source as sources
from driftcheck.loaders.document import open_document
from driftcheck.loaders.inspection import inspect_source
from driftcheck.loaders.source import Source, find_sources
from driftcheck.records import Kind, LoadReport

RAN = "ran"


def written(folder: Path, data: bytes | str, name: str = "file") -> Source:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return find_sources([name], base=folder)[0]


def refusal(folder: Path, data: bytes | str) -> str:
    """Give the one line that a file is refused with."""
    with pytest.raises(InputError) as caught:
        inspect_source(written(folder, data))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def config(folder: Path, tests: str) -> LoadReport:
    return inspect_source(written(folder, f"prompts: ['{{{{q}}}}']\nproviders: [x]\ntests: {tests}\n", "config.yaml"))


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (RAN,)


@pytest.mark.parametrize("name", ["gen.py", "gen.py:create", "gen.js", "gen.mjs", "gen.ts", "gen.cjs:fn", "gen.sh"])
def test_code_is_never_run_and_named(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = name.partition(":")[0]
    (tmp_path / file).write_text(f"import os; os.mkdir('{RAN}')" if ".py" in file else f"require('fs').mkdir('{RAN}')")
    report = config(tmp_path, f"[{{vars: {{q: Hi}}}}, 'file://{name}']")
    assert any(f"gen.{file.rpartition('.')[2]}" in text and "not loaded" in text for text in report.warnings)
    assert report.n_records == 1
    assert not (tmp_path / RAN).exists()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("module.exports = {prompts: ['{{q}}'], tests: [{vars: {q: 'Hi, you'}}]};\n", "JavaScript"),
        ("// tests\n\nimport type { TestSuite } from 'promptfoo';\nconst a = [];\nexport default a;\n", "JavaScript"),
        ("/** @type {import('promptfoo').UnifiedConfig} */\nexport default {tests: []};\n", "JavaScript"),
        ("const fs = require('fs');\nmodule.exports = async () => [];\n", "JavaScript"),
        ("import fs, { readFile } from 'fs'\n", "JavaScript"),
        ("'use strict';\n", "JavaScript"),
        ('"""Tests: made here."""\n\nimport json\n\ndef make():\n    return [{"vars": {"q": "a, b"}}]\n', "Python"),
        ("# tests\nfrom pathlib import Path\n", "Python"),
        ("def make(a, b):\n    return []\n", "Python"),
        ("@dataclass(frozen=True)\nclass A:\n    x: int\n", "Python"),
        ("#!/bin/sh\necho hi\n", "a script"),
    ],
)
def test_files_of_code_are_named_and_not_loaded(tmp_path: Path, text: str, language: str) -> None:
    said = refusal(tmp_path, text)
    assert said.startswith(f"file: is code ({language}), which driftcheck never runs: not loaded")


@pytest.mark.parametrize(
    "text",
    [
        "question,expected\nimport x from 'y'?,yes\n",
        "input\nimport the goods?\n",
        "import,input\n1,Hi\n",
        "# a comment\n- {input: Hi, expected: a}\n",
        "class,text\na,Hi\n",
        "const value,input\n1,Hi\n",
    ],
)
def test_data_is_no_code(tmp_path: Path, text: str) -> None:
    assert inspect_source(written(tmp_path, text)).n_records == 1


@pytest.mark.parametrize(
    "url",
    ["https://example.com/tests.csv", "http://127.0.0.1:9/x", "huggingface://datasets/x", "ftp://example.com/a.csv"],
)
def test_nothing_is_fetched(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    report = config(tmp_path, f"[{{vars: {{q: Hi}}}}, '{url}']")
    assert any(url in text and "not loaded" in text for text in report.warnings)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("value", [Trap(), {"input": "Hi"}, [{"input": "Hi"}] * 3], ids=["trap", "dict", "list"])
def test_pickles_are_refused(tmp_path: Path, protocol: int, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = refusal(tmp_path, pickle.dumps(value, protocol))
    assert "is a pickle, which can run code: not loaded" in said or (protocol == 1 and "is a binary file" in said)
    assert not (tmp_path / RAN).exists()


def test_yaml_tags_make_nothing_and_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"- {{input: Hi, expected: a, n: !!python/object/apply:os.mkdir [{RAN}]}}\n- {{input: !env HOME}}\n"
    report = inspect_source(written(tmp_path, text))
    assert report.n_records == 2
    assert report.warnings == (
        "tags are not followed, and what they would make is not loaded: !!python/object/apply:os.mkdir",
    )
    assert not (tmp_path / RAN).exists()


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE testsuites [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]>',
        '<!DOCTYPE testsuites [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE testsuites SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_xml_entities_are_refused(tmp_path: Path, doctype: str) -> None:
    text = f'<?xml version="1.0"?>\n{doctype}\n<testsuites><testsuite><testcase name="x"/></testsuite></testsuites>'
    assert "has a DOCTYPE" in refusal(tmp_path, text)


@pytest.mark.parametrize("name", ["utf-1000", "shift_jis"])
def test_xml_in_an_encoding_that_nobody_knows(tmp_path: Path, name: str) -> None:
    said = refusal(tmp_path, f'<?xml version="1.0" encoding="{name}"?><testsuites/>')
    assert said == "file: is XML in an unknown encoding (save it as UTF-8)"


def zstd(data: bytes) -> bytes:
    return zstandard.compress(data)


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_a_bomb_of_good_lines_is_refused_by_its_ratio(tmp_path: Path, pack: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(sources, "FREE_OF_RATIO", 4 << 20)
    monkeypatch.setattr(sources, "MAX_RATIO", 100)
    bomb = pack(b'{"input": "Hi", "expected": "a"}\n' * 200_000)
    assert "unpacks to more than 100 times its size, as bombs do, and is not loaded" in refusal(tmp_path, bomb)


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_a_bomb_is_refused_before_a_record_of_it_is_made(tmp_path: Path, pack: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(sources, "FREE_OF_RATIO", 4 << 20)
    bomb = pack(b'{"input": "Hi", "expected": "a"}\n' * 2_000 + b"\0" * (8 << 20))
    with pytest.raises(InputError, match="unpacks to more than 200 times its size"):
        open_document(written(tmp_path, bomb))


@pytest.mark.parametrize(
    "text",
    [
        '[{"input": "Hi"}, {"input": "Ho", "x": [BOMB]}]',
        '{"input": "Hi"}\n{"input": "Ho", "x": [BOMB]}\n{"input": "He"}\n',
    ],
    ids=["list", "lines"],
)
def test_a_record_of_too_many_values_is_left_out(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (json_mending, json_stream, json_lines):
        monkeypatch.setattr(module, "MAX_SIGNS", 200_000)
    report = inspect_source(written(tmp_path, text.replace("BOMB", "[]," * 150_000 + "0")), kind=Kind.EVALSET)
    assert (report.n_records, report.n_skipped) == (text.count("input") - 1, 1)
    assert json_mending.TOO_MUCH in report.skipped[0].why


def test_a_document_of_too_many_values_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_mending, "MAX_SIGNS", 200_000)
    text = '{"a": [%s]}' % ("[]," * 150_000 + "0")
    with pytest.raises(InputError, match="million values"):
        open_document(written(tmp_path, text)).load()
    packed = archive({"header.json": text.encode(), "samples/1_epoch_1.json": b"{}"})
    assert "million values" in refusal(tmp_path, packed)


def test_a_table_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    assert "is a CSV of more than 10,000 columns" in refusal(tmp_path, ",".join(map(str, range(20_000))) + "\n1\n")
    assert "10,000 columns" in refusal(tmp_path, ",".join(f"column {n}" for n in range(400_000)) + "\n1\n")


def archive(members: dict[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if name in links else 0o100644) << 16
            packed.writestr(info, content)
    return data.getvalue()


def test_an_archive_s_member_is_bounded_in_size_and_in_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doc = open_document(written(tmp_path, archive({"samples/1.json": b"\0" * (8 << 20)})))
    monkeypatch.setattr(zip_members, "FREE_OF_RATIO", 1 << 20)
    with pytest.raises(InputError, match="unpacks to more than 200 times its size, as bombs do: not loaded"):
        doc.member("samples/1.json")
    monkeypatch.setattr(zip_members, "MAX_RATIO", 10_000)
    monkeypatch.setattr(zip_members, "MAX_MEMBER", 1 << 20)
    with pytest.raises(InputError, match="is larger than"):
        doc.member("samples/1.json")


def test_an_archive_that_lies_about_its_sizes_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive({"a": b"\0" * (8 << 20)})
    lie = data.replace(struct.pack("<I", 8 << 20), struct.pack("<I", 10))
    monkeypatch.setattr(zip_members, "MAX_MEMBER", 1 << 20)
    doc = open_document(written(tmp_path, lie))
    with pytest.raises(InputError, match=r"is damaged|is larger than"):
        doc.member("a")


def test_an_archive_whose_members_overlap_is_refused(tmp_path: Path) -> None:
    data = archive({"a": os.urandom(5_000)})
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        start = packed.start_dir
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    count, size = struct.pack("<HH", 40, 40), struct.pack("<I", 40 * len(entry))
    bomb = data[:start] + entry * 40 + data[end : end + 8] + count + size + data[end + 16 :]
    assert "members overlap, as bombs do: not loaded" in refusal(tmp_path, bomb)


def test_members_that_lead_out_of_an_archive_are_named_and_not_read(tmp_path: Path) -> None:
    names = ("../evil.json", "/etc/evil.json", "samples/../../evil.json", "C:/evil.json", "..\\evil.json", "link.json")
    data = archive({"samples/1.json": b"{}", **dict.fromkeys(names, b"{}")}, links=("link.json",))
    source = written(tmp_path, data)
    report = inspect_source(source)
    assert sum("is not loaded: its name leads out of the archive" in text for text in report.warnings) == 5
    assert report.warnings[5] == "1 more members of file are not loaded"
    doc = open_document(source)
    assert doc.head == ["samples/1.json"]
    for name in names:
        with pytest.raises(InputError, match="is not loaded: it"):
            doc.member(name)
    assert os.listdir(tmp_path) == ["file"]


def test_tar_archives_are_never_unpacked(tmp_path: Path) -> None:
    import tarfile

    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as packed:
        packed.addfile(tarfile.TarInfo("../evil.json"))
    assert "is a tar archive (unpack it, and name the folder)" in refusal(tmp_path, data.getvalue())


@pytest.mark.parametrize("relative", ["../secret.csv", "link.csv", "sub/../../secret.csv", "{outside}"])
def test_a_sibling_outside_of_the_project_is_refused(tmp_path: Path, relative: str) -> None:
    (tmp_path / "evals" / "sub").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("q\nhi\n")
    (tmp_path / "evals" / "link.csv").symlink_to(tmp_path / "secret.csv")
    source = written(tmp_path / "evals", "x", "a.yaml")
    with pytest.raises(InputError, match="which lies outside of its project and is not loaded"):
        source.sibling(relative.format(outside=tmp_path / "secret.csv"))
    assert source.sibling("../secret.csv", up=1).size == 5
    (tmp_path / ".git").mkdir()
    assert source.sibling("../secret.csv").size == 5


def test_a_registry_reads_nothing_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "registry" / "evals").mkdir(parents=True)
    (tmp_path / "secret.jsonl").write_text('{"input": "Hi", "ideal": "a"}\n')
    text = "x:\n  class: evals.elsuite.basic.match:Match\n  args: {samples_jsonl: ../../secret.jsonl}\n"
    report = inspect_source(written(tmp_path / "registry" / "evals", text, "x.yaml"))
    assert (report.first, len(report.warnings)) == (None, 1)
    assert "its samples are not loaded" in report.warnings[0]


def test_a_config_reads_nothing_outside_of_its_project(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("q\nhi\n")
    (tmp_path / "evals").mkdir()
    report = config(tmp_path / "evals", "[{vars: {q: Hi}}, 'file://../secret.csv']")
    assert report.n_records == 1
    assert any("not loaded: ../secret.csv" in text for text in report.warnings)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        "a: " + "[" * 50_000,
        "<a>" * 100_000,
        '"' * 300_000,
        "a,b\n" + '"' * 100_001,
        "- " * 50_000,
        "? " * 50_000,
        "a:\n" + "".join(f"{' ' * n}a:\n" for n in range(1_200)),
    ],
    ids=["brackets", "objects", "yaml", "tags", "quotes", "cells", "dashes", "keys", "indents"],
)
def test_depth_costs_no_time_and_no_traceback(tmp_path: Path, text: str) -> None:
    start = time.process_time()
    with suppress(InputError):
        inspect_source(written(tmp_path, text))
    assert time.process_time() - start < 10
