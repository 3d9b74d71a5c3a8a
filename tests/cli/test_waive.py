"""`driftcheck waive`: dated exceptions in drift.yaml, whose comments and order stay."""

import datetime as dt
from pathlib import Path

import pytest
import yaml
from tests.fakes import FakeEncoder, write_world

from driftcheck.checks import csat_gap
from driftcheck.cli import run
from driftcheck.editing.container import Change
from driftcheck.editing.splices import Splice
from driftcheck.editing.yaml_lists import YamlLists
from driftcheck.ledger.events import Waived
from driftcheck.ledger.store import open_ledger

Out = pytest.CaptureFixture[str]
HEAD = "# what we audit\neval_set: evalset.jsonl  # the set\nproduction: traces.jsonl\nowner: ana\n"
CALL = ["waive", "csat-gap", "--until", "2026-07-01", "--reason", "survey: changed", "--as-of", "2026-06-01", "--yes"]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "drift.yaml"
    path.write_text(HEAD)
    monkeypatch.chdir(tmp_path)
    return path


def waivers(config: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = yaml.safe_load(config.read_text())["waivers"]
    return found


def test_it_is_written_behind_what_is_there(config: Path, capsys: Out) -> None:
    assert run(CALL) == 0
    assert config.read_text().startswith(HEAD + "waivers:\n- check: csat-gap\n")
    out = capsys.readouterr().out
    assert "+- check: csat-gap" in out
    assert "waived until 2026-07-01 and counts again the day after" in out
    with open_ledger(config.parent / ".driftcheck") as ledger:
        (event,) = ledger.events(Waived, "drift.yaml")
    assert (event.check, event.until, event.owner) == ("csat-gap", dt.date(2026, 7, 1), "ana")


@pytest.mark.parametrize(
    ("there", "kept"),
    [
        ("waivers:\n  # why\n  - {check: DC202, until: 2026-08-01, owner: bo, reason: old}  # see\n# end\n", "# see\n"),
        ("waivers: [{check: DC202, until: 2026-08-01, owner: bo, reason: old}]  # see\n", "]  # see\n"),
        (
            "waivers:\n- check: DC202\n  until: 2026-08-01  # see\n  owner: bo\n  reason: >-\n    old\nsample: 500\n",
            "# see\n",
        ),
    ],
)
def test_it_joins_the_others_however_they_are_written(config: Path, there: str, kept: str) -> None:
    config.write_text(HEAD + there)
    assert run(CALL) == 0
    assert [one["check"] for one in waivers(config)] == ["DC202", "csat-gap"]
    text = config.read_text()
    assert text.startswith(HEAD)
    assert kept in text
    for line in there.splitlines():
        assert line in text or line.startswith("waivers: [")


def test_an_empty_list_gets_one(config: Path) -> None:
    config.write_text(HEAD + "waivers: []  # none\nsample: 500\n")
    assert run(CALL) == 0
    assert [one["check"] for one in waivers(config)] == ["csat-gap"]
    assert config.read_text().endswith("\nsample: 500\n")


@pytest.mark.parametrize(
    ("there", "after"),
    [
        (HEAD + "waivers:\nsample: 500\n", HEAD + "waivers:\n{}sample: 500\n"),
        (HEAD + "waivers:  # none yet\n  # so far\n", HEAD + "waivers:  # none yet\n{}  # so far\n"),
        (HEAD + "waivers:", HEAD + "waivers:\n{}"),
        (HEAD + "waivers: ~  # none\nsample: 500\n", HEAD + "waivers:   # none\n{}sample: 500\n"),
        (HEAD + "...\n", HEAD + "waivers:\n{}...\n"),
        (f"---\n{HEAD}# end\n... # of it\n# see\n", f"---\n{HEAD}# end\nwaivers:\n{{}}... # of it\n# see\n"),
        ("# nothing\n---\n...\n", "# nothing\n---\nwaivers:\n{}...\n"),
        ("  owner: ana\n", "  owner: ana\n  waivers:\n  {}"),
    ],
)
def test_a_list_begins_where_there_is_none(config: Path, there: str, after: str) -> None:
    config.write_text(there)
    assert run([*CALL, "--owner", "ana"]) == 0
    (one,) = waivers(config)
    assert one["check"] == "csat-gap"
    indent = "\n  " if after.startswith("  ") else "\n"
    lines = ["- check: csat-gap", "  until: '2026-07-01'", "  owner: ana", "  reason: 'survey: changed'"]
    assert config.read_text() == after.format(indent.join(lines) + "\n")
    assert run(CALL) == 0, "and it is found again"


def test_what_would_change_more_is_refused(config: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "window: 28d\nwaivers: [{check: DC202, until: 2026-08-01, owner: bo, reason: old}]\n"
    config.write_text(text)
    right = YamlLists.splices

    def wrong(self: YamlLists, change: Change) -> list[Splice]:
        at = text.index("28d")  # the same setting in other words, which its parsed settings do not show
        return [*right(self, change), Splice(at, at + 3, "4w")]

    monkeypatch.setattr(YamlLists, "splices", wrong)
    assert run(CALL) == 2
    assert "a way in which this waiver cannot be set into it" in capsys.readouterr().err
    assert config.read_text() == text


def test_a_waiver_that_nobody_answers_for_passes_to_the_owner(config: Path, capsys: Out) -> None:
    config.write_text(HEAD + "waivers: [{check: csat-gap, until: 2026-06-20, owner: ' ', reason: old}]\n")
    assert run(["waive", "--list", "--as-of", "2026-06-01"]) == 0
    assert capsys.readouterr().out == "csat-gap until 2026-06-20 (19 days left); nobody: old\n"
    assert run(CALL) == 0
    assert waivers(config)[0]["owner"] == "ana"


def test_a_file_with_line_ends_of_windows_keeps_them(config: Path) -> None:
    config.write_bytes(HEAD.replace("\n", "\r\n").encode())
    assert run(CALL) == 0
    assert config.read_bytes().count(b"\n") == config.read_bytes().count(b"\r\n") > 8


def test_the_same_again_changes_its_date(config: Path, capsys: Out) -> None:
    assert run([*CALL, "--owner", "bo"]) == 0
    before = config.read_text()
    assert run(["waive", csat_gap.CODE, "--until", "2026-08-01", "--as-of", "2026-06-20", "--yes"]) == 0
    (one,) = waivers(config)
    assert one == {"check": "csat-gap", "until": "2026-08-01", "owner": "bo", "reason": "survey: changed"}
    assert len(config.read_text().splitlines()) == len(before.splitlines())
    assert "In the place of the waiver until 2026-07-01 of bo." in capsys.readouterr().out


def test_the_list_says_what_is_left(config: Path, capsys: Out) -> None:
    assert run(CALL) == 0
    capsys.readouterr()
    for day, said in (
        ("2026-06-29", "(2 days left)"),
        ("2026-07-01", "(its last day)"),
        ("2026-07-02", "(expired 1 day ago, and counts again)"),
    ):
        assert run(["waive", "--list", "--as-of", day]) == 0
        assert capsys.readouterr().out == f"csat-gap until 2026-07-01 {said}; ana: survey: changed\n"
    config.write_text(HEAD)
    assert run(["waive", "--list"]) == 0
    assert capsys.readouterr().out == "No waivers.\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["csat-gop"], "CHECK: no check called 'csat-gop' (did you mean csat-gap?)"),
        (["csat-gap", "--until", "2026-05-31"], "--until: 2026-05-31 is past"),
        (["csat-gap", "--until", "2027-06-03"], "--until: 2027-06-03 is more than a year away"),
        (["csat-gap", "--until", "soon"], "--until: not a day: 'soon'"),
        (["csat-gap", "--slice", "s7"], "--slice: no audit in the ledger has a slice 's7'"),
        (["csat-gap", "--reason", " "], "--reason: why?"),
    ],
)
def test_what_is_wrong_is_one_line_and_changes_nothing(config: Path, capsys: Out, words: list[str], line: str) -> None:
    call = ["waive", "--until", "2026-07-01", "--reason", "x", "--as-of", "2026-06-01", "--yes", *words]
    assert run(call) == 2
    assert capsys.readouterr().err.startswith(f"driftcheck: {line}")
    assert config.read_text() == HEAD


def test_nobody_to_ask_is_told_and_changes_nothing(config: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert run(CALL[:-1]) == 2
    printed = capsys.readouterr()
    assert "+- check: csat-gap" in printed.out
    assert printed.err.count("\n") == 1
    assert config.read_text() == HEAD


def test_the_finding_is_waived_until_the_day_and_counts_the_day_after(
    config: Path, capsys: Out, fake_encoder: type[FakeEncoder]
) -> None:
    write_world(config.parent, n_cases=150, n_traces=600, new_share=0.3)
    audit = ["audit", "--no-color", "--select", "topic-divergence", "--no-record"]
    assert run(["waive", "topic-divergence", "--until", "2026-07-01", "--reason", "known", *CALL[-3:]]) == 0
    assert run([*audit, "--as-of", "2026-07-01"]) == 0
    assert "waived until 2026-07-01 by ana: known" in " ".join(capsys.readouterr().out.split())
    assert run([*audit, "--as-of", "2026-07-02"]) == 1
