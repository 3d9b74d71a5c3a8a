"""Upkeep as an audit tells it: from files, drift.yaml, the ledger and git to the report and the exit code."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeEncoder, write_world

from driftcheck.cli import run
from driftcheck.ledger.events import Accepted
from driftcheck.ledger.store import note

Out = pytest.CaptureFixture[str]
INPUTS = "eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\nowner: ana\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    """A folder with an undrifted eval set whose cases carry no dates, its runs and production."""
    write_world(tmp_path)
    (tmp_path / "drift.yaml").write_text(INPUTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def audit(as_of: str, *more: str) -> tuple[int, Any, dict[str, Any]]:
    """Exit code, report, and its findings by name."""
    code = run(["audit", "--no-record", "--as-of", as_of, "-o", "report.json", *more])
    report = json.loads(Path("report.json").read_text())
    return code, report, {finding["name"]: finding for finding in report["findings"]}


def test_without_a_date_nothing_is_held_against_the_set(world: Path) -> None:
    code, report, findings = audit("2026-06-20")
    assert code == 0
    assert findings["set-age"]["status"] == findings["expired-cases"]["status"] == "skip"
    assert "git does not tell" in findings["set-age"]["reason"]
    assert report["upkeep"]["owner"] == "ana"
    assert report["upkeep"]["refreshed"] is None


def test_the_ledger_dates_the_set_and_max_age_blocks(world: Path, capsys: Out) -> None:
    accepted = dt.date(2026, 3, 2)
    note(world / ".driftcheck", Accepted(at=accepted, config="drift.yaml", reviewers=("eve",), n_tuned=30, n_sealed=0))
    assert audit("2026-05-31")[0] == 0
    code, report, findings = audit("2026-06-01")
    assert (code, findings["set-age"]["status"], findings["set-age"]["value"]) == (1, "fail", 13)
    (world / "drift.yaml").write_text(f"{INPUTS}max_age: 26w\nrefresh_every: 8w\n")
    capsys.readouterr()
    code, report, findings = audit("2026-06-01")
    assert (code, findings["set-age"]["status"], findings["set-age"]["fail"]) == (0, "warn", 26)
    assert report["upkeep"] == {
        "owner": "ana",
        "refreshed": "2026-03-02",
        "refresh_every_days": 56,
        "next_refresh": "2026-04-27",
        "overdue_days": 35,
        "proposed": None,
        "whose_move": "ana",
    }
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "refresh overdue by 35 days, due on 2026-04-27 (every 8 weeks, the last on 2026-03-02): the move of ana" in said
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_dates_what_carries_no_date(world: Path) -> None:
    who = {f"GIT_{role}_{what}": "ana" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **who, "GIT_AUTHOR_DATE": "2026-03-02T10:00:00Z", "GIT_CONFIG_GLOBAL": os.devnull}
    for words in (["init", "-q"], ["add", "evalset.jsonl"], ["commit", "-q", "-m", "cases"]):
        subprocess.run(["git", *words], env=environment, check=True, capture_output=True)
    code, report, findings = audit("2026-06-01")
    assert (code, findings["set-age"]["value"]) == (1, 13)
    assert "dates come from git, where cases carry no `created`" in findings["set-age"]["summary"]
    assert report["upkeep"]["refreshed"] == "2026-03-02"
    (world / "drift.yaml").write_text(f"{INPUTS}max_age: 4w\nchecks: {{set-age: off}}\n")
    code, _, findings = audit("2026-06-01")
    assert (code, findings["expired-cases"]["status"], findings["expired-cases"]["value"]) == (0, "warn", 1)
    assert "ages by git" in findings["expired-cases"]["summary"]


def test_a_waiver_that_ran_out_and_a_date_that_is_none(world: Path) -> None:
    waiver = "waivers: [{check: csat-gap, until: 2026-05-31, owner: ben, reason: survey}]\n"
    (world / "drift.yaml").write_text(INPUTS + waiver)
    lines = (world / "evalset.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    rows[0]["expires"], rows[1]["expires"] = "2026-05-31", "when prices change"
    (world / "evalset.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, report, findings = audit("2026-06-01")
    assert code == 0
    assert (findings["expired-waivers"]["status"], findings["expired-waivers"]["value"]) == ("warn", 1)
    assert findings["expired-cases"]["value"] == pytest.approx(1 / len(rows), abs=1e-6)
    (warning,) = report["inputs"]["eval_set"]["warnings"]
    assert warning == "expires cannot be read as a date in 1 case, first evalset.jsonl:2: write it as 2026-03-30"
    (world / "drift.yaml").write_text(INPUTS + waiver.replace("05-31", "06-01"))
    assert audit("2026-06-01")[2]["expired-waivers"]["status"] == "pass"
