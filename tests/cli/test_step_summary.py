"""In GitHub Actions an audit adds its Markdown to the summary of the step, and never fails for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.fakes import FakeEncoder, write_world

from driftcheck.cli import run
from driftcheck.renderers import step_summary

Out = pytest.CaptureFixture[str]


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    """The file of a step that audits a drifted product; its folder is the current one."""
    write_world(tmp_path, new_share=0.3)
    (tmp_path / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def test_adds_the_report_to_what_the_step_has_said(summary: Path, capsys: Out) -> None:
    summary.write_text("said before, no newline")
    assert run(["audit", "-q", "-o", "report.md"]) == 1
    assert summary.read_text() == "said before, no newline\n\n" + Path("report.md").read_text()
    assert run(["audit", "-q"]) == 1
    assert summary.read_text().count("<!-- driftcheck -->") == 2
    assert capsys.readouterr().err == ""


def test_texts_only_when_asked(summary: Path) -> None:
    assert run(["audit", "-q"]) == 1
    assert "most central trace" not in summary.read_text()
    assert run(["audit", "-q", "--text"]) == 1
    assert "most central trace" in summary.read_text()


def test_elsewhere_nothing_is_written(summary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    assert run(["audit", "-q"]) == 1
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    assert run(["audit", "-q"]) == 1
    assert not summary.exists()


def test_written_by_o_it_is_not_written_again(summary: Path) -> None:
    assert run(["audit", "-q", "-o", f"markdown:{summary}"]) == 1
    assert summary.read_text().count("<!-- driftcheck -->") == 1


@pytest.mark.parametrize("name", ["nowhere/summary.md", ".", "nul\0"])
def test_what_cannot_be_written_is_one_warning(
    summary: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out, name: str
) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "GITHUB_STEP_SUMMARY": name})
    assert run(["audit", "-q"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("driftcheck: warning: ")
    assert "no summary added" in lines[0]


def test_a_summary_that_github_would_throw_away_is_not_made(summary: Path, capsys: Out) -> None:
    summary.write_bytes(b"x" * (step_summary.LIMIT - 100))
    assert run(["audit", "-q"]) == 1
    assert summary.stat().st_size == step_summary.LIMIT - 100
    assert "1 MiB" in capsys.readouterr().err
