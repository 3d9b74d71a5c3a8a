"""Where reports go: formats by name or ending, files whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from driftcheck.errors import ConfigError, OutputError
from driftcheck.renderers import files, json_report
from driftcheck.renderers.files import check_writable, write_whole
from driftcheck.renderers.formats import FORMATS, Format
from driftcheck.renderers.targets import resolve


def test_every_format_has_its_own_name_and_ending() -> None:
    endings = [format.ending for format in FORMATS if format.ending]
    assert len({format.name for format in FORMATS}) == len(FORMATS)
    assert len(set(endings)) == len(endings)
    for format in FORMATS:
        assert resolve(f"{format.name}:a.out", FORMATS).format is format
        if format.ending:  # annotations have none: only their name stands for them
            assert format.ending.startswith(".")
            assert resolve(f"a{format.ending}", FORMATS).format is format


@pytest.mark.parametrize(
    ("option", "path"),
    [
        ("report.json", "report.json"),
        ("REPORT.JSON", "REPORT.JSON"),
        ("json:report", "report"),
        ("JSON:a:b.md", "a:b.md"),
        (r"C:\reports\r.json", r"C:\reports\r.json"),
        ("2026-06-01T00:00.json", "2026-06-01T00:00.json"),
    ],
)
def test_resolves(option: str, path: str) -> None:
    target = resolve(option, FORMATS)
    assert (target.format.name, target.path) == ("json", Path(path))


@pytest.mark.parametrize("option", ["report", "report.pdf", "pdf:report.json", "json:", ""])
def test_what_cannot_be_resolved_names_the_formats(option: str) -> None:
    with pytest.raises(ConfigError, match=r"json") as error:
        resolve(option, FORMATS)
    assert "\n" not in str(error.value)


def test_the_longest_ending_wins() -> None:
    formats = (*FORMATS, Format("sarif", ".sarif.json", json_report.render))
    assert resolve("a.sarif.json", formats).format.name == "sarif"


def test_writes_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    check_writable(path)
    assert not path.exists()
    write_whole(path, "eins ü \ud800\n")
    assert path.read_bytes() == "eins ü ?\n".encode()
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["report.json"]


def test_keeps_mode_and_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_whole(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_failed_write_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_devices_are_written_as_they_are() -> None:
    check_writable(Path("/dev/null"))
    write_whole(Path("/dev/null"), "gone")
    assert not Path("/dev/null").is_file()


def test_says_what_is_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"does not exist .*mkdir -p"):
        check_writable(tmp_path / "missing" / "report.json")
    with pytest.raises(OutputError, match="is a folder"):
        check_writable(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is no folder"):
        check_writable(tmp_path / "file" / "report.json")
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / "missing" / "report.json", "x")


def test_a_folder_that_is_write_protected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by the system, since whoever runs as root may write anywhere."""

    def refused(self: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "touch", refused)
        with pytest.raises(OutputError, match="is not writable: Permission denied"):
            check_writable(tmp_path / "report.json")
    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    (tmp_path / "report.json").write_text("")
    with pytest.raises(OutputError, match="is write-protected"):
        check_writable(tmp_path / "report.json")
