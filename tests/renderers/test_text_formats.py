"""Files of `-o` for the commands that print text: found before the work, written after it."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TextIO

import pytest

from driftcheck.errors import ConfigError, OutputError
from driftcheck.renderers.investigation_formats import INVESTIGATION_FORMATS
from driftcheck.renderers.text_formats import TextFormat, put, text_targets, write_texts
from driftcheck.renderers.trend_formats import TREND_FORMATS
from driftcheck.renderers.upgrade_formats import UPGRADE_FORMATS


def loud(word: str, out: TextIO) -> None:
    out.write(f"{word}!\n")


FORMATS = (TextFormat("text", ".txt", loud),)


@pytest.mark.parametrize("formats", [INVESTIGATION_FORMATS, TREND_FORMATS, UPGRADE_FORMATS])
def test_every_command_names_its_formats_alike(formats: tuple[TextFormat[object], ...]) -> None:  # type: ignore[type-var]
    assert [(format.name, format.ending) for format in formats] == [("json", ".json"), ("markdown", ".md")]


def test_writes_each_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = text_targets([str(tmp_path / "a.txt"), "text:-"], FORMATS)
    write_texts(targets, lambda render, out: render("done", out))
    assert (tmp_path / "a.txt").read_text() == "done!\n"
    assert capsys.readouterr().out == "done!\n"


def test_what_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="known format"):
        text_targets(["a.pdf"], FORMATS)
    with pytest.raises(OutputError, match="does not exist"):
        text_targets([str(tmp_path / "none" / "a.txt")], FORMATS)


def test_a_full_standard_output_is_no_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(OutputError, match="No space left"):
        put(Path("-"), "words")
