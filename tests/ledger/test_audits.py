"""The ledger as an audit uses it: what it leaves there, and what the next one takes."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from tests.fakes import FakeEncoder, write_world

from driftcheck import load_config
from driftcheck.auditing import audit
from driftcheck.cli import run
from driftcheck.ledger import AuditEntry, open_ledger, store
from driftcheck.slices.identity import SAME_SLICE

Out = pytest.CaptureFixture[str]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    """A folder with an eval set, its runs and production, and a drift.yaml; the current folder."""
    write_world(tmp_path)
    settings = "eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n"
    (tmp_path / "drift.yaml").write_text(settings)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def entries(folder: Path) -> list[AuditEntry]:
    with open_ledger(folder / ".driftcheck") as ledger:
        return [ledger.whole(one) for one in ledger.audits]


def move_on(world: Path, days: int, **changes: float) -> None:
    """Other traffic, so many days later."""
    write_world(world, **changes)  # type: ignore[arg-type]
    moved = [json.loads(line) for line in (world / "traces.jsonl").read_text().splitlines()]
    for trace in moved:
        trace["timestamp"] = f"2026-{3 + days // 28:02d}" + trace["timestamp"][7:]
    (world / "traces.jsonl").write_text("".join(json.dumps(trace) + "\n" for trace in moved))


def test_an_audit_leaves_its_numbers_and_no_text(world: Path) -> None:
    assert run(["audit", "-q", "-o", "report.json"]) == 0
    report = json.loads((world / "report.json").read_text())
    (entry,) = entries(world)
    assert entry.verdict == report["verdict"]
    assert entry.scores.pass_rate
    assert round(entry.scores.pass_rate.value, 6) == report["scores"]["pass_rate"]["value"]
    assert {name: finding.status for name, finding in entry.findings.items()} == {
        finding["name"]: finding["status"] for finding in report["findings"]
    }
    assert [(part.id, part.name, part.centroid) for part in entry.slices] == [
        (part["id"], part["name"], part["centroid"]) for part in report["slices"]
    ]
    assert entry.sizes.n_cases == 160
    assert entry.run
    assert entry.run.run_id == "r1"
    line = (world / ".driftcheck" / "ledger.jsonl").read_text()
    rows = [row for name in ("evalset", "traces") for row in (world / f"{name}.jsonl").read_text().splitlines()]
    assert not any(json.loads(row)["input"] in line for row in rows)


def test_the_same_audit_again_is_no_new_one_and_gives_the_same_bytes(world: Path) -> None:
    assert run(["audit", "-q", "-o", "0.json"]) == 0
    shuffler = random.Random(0)
    for number in (1, 2):
        for name in ("evalset.jsonl", "runs.jsonl", "traces.jsonl"):
            lines = (world / name).read_text().splitlines(keepends=True)
            shuffler.shuffle(lines)
            (world / name).write_text("".join(lines))
        assert run(["audit", "-q", "-o", f"{number}.json"]) == 0
    assert len({(world / f"{number}.json").read_bytes() for number in range(3)}) == 1
    assert len(entries(world)) == 1


def test_slices_keep_their_ids_and_changes_are_told(world: Path) -> None:
    assert run(["audit", "-q"]) == 0
    move_on(world, 28, new_share=0.3)
    assert run(["audit", "-q", "-o", "1.json"]) == 1
    first, second = entries(world)
    before, after = first.centroids(), second.centroids()
    kept = before.keys() & after.keys()
    assert len(kept) >= 5
    assert all(before[name] @ after[name] >= SAME_SLICE - 0.001 for name in kept)
    new = after.keys() - kept
    assert new
    assert all(int(name[1:]) > first.highest_slice for name in new)
    assert "At the audit of 2026-03-27 it was 0 %: " in (world / "1.json").read_text()
    assert run(["audit", "-q", "-o", "2.json"]) == 1
    assert (world / "1.json").read_bytes() == (world / "2.json").read_bytes()
    write_world(world)  # the first month again: the second audit changes nothing about it
    report = audit(load_config("drift.yaml"))
    assert [(row.id, row.centroid) for row in report.slice_rows] == [(one.id, one.centroid) for one in first.slices]
    assert report.past == ()
    assert len(entries(world)) == 2


def test_a_report_knows_its_past(world: Path) -> None:
    for month in range(3):
        move_on(world, 28 * month)
        report = audit(load_config("drift.yaml"), record=True)
    assert [past.name for past in report.past] == ["2026-03-27", "2026-04-27"]
    assert report.past[-1].scores.pass_rate


def test_a_waiver_of_a_slice_needs_an_audit_that_knows_it(world: Path, capsys: Out) -> None:
    write_world(world, new_share=0.3)
    settings = (world / "drift.yaml").read_text()

    def said_of(name: str) -> str:
        waiver = f"{{check: slice-coverage, slice: {name}, until: 2999-01-01, owner: a, reason: b}}"
        (world / "drift.yaml").write_text(f"{settings}waivers: [{waiver}]\n")
        run(["audit", "--select", "DC201"])
        return " ".join(capsys.readouterr().out.split())

    assert "the waiver of s1 needs an audit in the ledger" in said_of("s1")
    assert "waived until 2999-01-01 by a: b" in said_of("s1")
    assert "the waiver of s99 needs an audit in the ledger" in said_of("s99")


def test_what_is_recorded_where(world: Path) -> None:
    assert run(["audit", "-q", "--no-record"]) == 0
    audit(load_config("drift.yaml"))  # a notebook records only when it is asked to
    assert not (world / ".driftcheck").exists()
    with (world / "drift.yaml").open("a") as file:
        file.write("ledger: off\n")
    assert run(["audit", "-q"]) == 0
    assert not (world / ".driftcheck").exists()
    (world / "drift.yaml").write_text((world / "drift.yaml").read_text().replace("off", "kept/there"))
    assert run(["audit", "-q"]) == 0
    assert (world / "kept" / "there" / "ledger.jsonl").is_file()


def test_an_audit_by_options_alone_leaves_nothing_behind(world: Path) -> None:
    (world / "drift.yaml").unlink()
    before = sorted(world.iterdir())
    assert run(["audit", "-q", "--eval-set", "evalset.jsonl", "--production", "traces.jsonl"]) == 0
    assert sorted(world.iterdir()) == before


def test_a_folder_that_cannot_be_written_costs_one_warning(
    world: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told by the system, since whoever runs as root may write anywhere."""

    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(store, "replace_whole", refused)
    assert run(["audit"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "driftcheck: warning: the audit is not in the ledger: .driftcheck: cannot be written: Read-only file system"
        " (--no-record says that this is meant)"
    ]


def test_verify(world: Path, capsys: Out) -> None:
    assert run(["audit", "-q"]) == 0
    move_on(world, 28)
    assert run(["audit", "-q"]) == 0
    assert run(["trend", "--verify"]) == 0
    assert capsys.readouterr().out == ".driftcheck/ledger.jsonl: 2 lines, none altered, none missing\n"
    path = world / ".driftcheck" / "ledger.jsonl"
    path.write_text(path.read_text().replace('"seed":0', '"seed":1', 1))
    assert run(["trend", "--verify"]) == 2
    broken = ".driftcheck/ledger.jsonl:2: follows a line that is not there: line 1 was altered"
    assert capsys.readouterr().err == f"driftcheck: {broken}, or a line after it was taken out\n"
    assert run(["audit"]) == 0  # the audit goes on, and says so
    assert f"driftcheck: warning: {broken}" in capsys.readouterr().err


def test_a_ledger_that_cannot_be_read_stops_the_audit(world: Path, capsys: Out) -> None:
    assert run(["audit", "-q"]) == 0
    with (world / ".driftcheck" / "ledger.jsonl").open("a") as file:
        file.write(">>>>>>> other\n")
    assert run(["audit", "-q"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("driftcheck: .driftcheck/ledger.jsonl:2: is a conflict that git left")
    assert run(["audit", "-q", "-o", "json:.driftcheck/ledger.jsonl"]) == 2
