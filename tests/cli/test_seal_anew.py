"""Another seal: begun anew, or by another drift.yaml over the same set. What was sealed is never written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fakes import FakeEncoder
from tests.sealing.projects import Project, make_project, snapshot

from driftcheck.cli import run
from driftcheck.config import load_config
from driftcheck.seal_file import read_closed
from driftcheck.sealing.closing import pending_path
from driftcheck.sealing.key import KEY_VARIABLE

Out = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path)
    monkeypatch.chdir(made.folder)
    monkeypatch.setenv(KEY_VARIABLE, made.key)
    return made


@pytest.fixture
def other(project: Project) -> Path:
    """A second drift.yaml over the same set."""
    path = Path("other.yaml")
    path.write_text(Path("drift.yaml").read_text())
    return path


def seal(*options: str, at: str = "2026-03-02") -> int:
    return run(["seal", "--holdout", "30%", "--yes", "--as-of", at, *options])


def finding(config: str, capsys: Out) -> dict[str, object]:
    capsys.readouterr()
    assert run(["audit", "--config", config, "--no-record", "-q", "-o", "json:-"]) in (0, 1)
    report = json.loads(capsys.readouterr().out)
    (found,) = (one for one in report["findings"] if one["code"] == "DC508")
    assert isinstance(found, dict)
    return found


def test_what_is_begun_anew_keeps_the_old_file_under_a_free_name(project: Project, capsys: Out) -> None:
    assert seal() == 0
    first = project.sealed.read_bytes()
    Path("support.sealed.1").write_text("mine")
    capsys.readouterr()
    assert seal("--anew") == 0
    assert "support.sealed.2: what was sealed before, as it is" in capsys.readouterr().out
    assert Path("support.sealed.1").read_text() == "mine"
    assert Path("support.sealed.2").read_bytes() == first != project.sealed.read_bytes()
    assert not pending_path(project.sealed).exists()
    # nothing is read of it as an eval set, and it is put back as any file is
    project.sealed.write_bytes(first)
    assert run(["unseal", "--release", "v1"]) == 2
    assert "is an older one, of 2026-03-02: the ledger vouches for a later one of that day" in capsys.readouterr().err


def test_a_ledger_that_refuses_leaves_nothing_of_a_seal_begun_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    assert seal() == 0
    before = snapshot(project.folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("driftcheck.sealing.closing.note", full)
        assert seal("--anew") == 2
    assert snapshot(project.folder) == before
    capsys.readouterr()


def test_the_seal_of_another_drift_yaml_holds_for_both(
    project: Project, other: Path, fake_encoder: type[FakeEncoder], capsys: Out
) -> None:
    assert seal() == 0
    mine, theirs = finding("drift.yaml", capsys), finding("other.yaml", capsys)
    assert mine["status"] == theirs["status"] == "pass"
    assert "36 sealed cases of drift.yaml, not opened" in str(theirs)
    leaked = project.gone()[0]
    with project.eval_set.open("a") as file:
        file.write(f"- description: back\n  vars:\n    question: {leaked.input}\n")
    assert finding("other.yaml", capsys)["status"] == "fail", "what is sealed for one is sealed for the other"


@pytest.mark.parametrize("options", [[], ["--anew"]])
def test_another_drift_yaml_seals_into_a_file_of_its_own(
    project: Project, other: Path, options: list[str], capsys: Out
) -> None:
    assert seal() == 0
    before = snapshot(project.folder)
    capsys.readouterr()
    assert seal("--config", "other.yaml", *options) == 2
    told = capsys.readouterr().err
    assert "support.sealed: is the seal of drift.yaml (name a file of its own by `sealed:` in other.yaml" in told
    assert "--anew" not in told
    assert run(["unseal", "--config", "other.yaml", "--release", "v1"]) == 2
    assert "open it by --config drift.yaml" in capsys.readouterr().err
    assert snapshot(project.folder) == before

    with other.open("a") as file:
        file.write("sealed: other.sealed\n")
    assert seal("--config", "other.yaml") == 0
    assert project.sealed.read_bytes() == before["support.sealed"]
    for name, n_cases in (("drift.yaml", 36), ("other.yaml", 25)):
        closed = read_closed(load_config(name))
        assert closed is not None
        assert (closed.problem, closed.other, closed.seals[-1].n_cases) == ("", "", n_cases)
    capsys.readouterr()


def test_a_file_that_nobody_sealed_is_told_as_unknown(
    project: Project, fake_encoder: type[FakeEncoder], capsys: Out
) -> None:
    project.sealed.write_text("{}")
    found = finding("drift.yaml", capsys)
    assert found["status"] == "fail"
    assert "support.sealed is unknown to the ledger" in str(found)
    assert "0 sealed cases" not in str(found)
