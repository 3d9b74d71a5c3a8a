"""What keeps an eval set fresh, out of drift.yaml, the ledger and git."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from driftcheck import keeping
from driftcheck.config import Config, TextChoice, parse_config
from driftcheck.git_dates import GitDates
from driftcheck.joining import make_eval_set
from driftcheck.keeping import read_upkeep
from driftcheck.ledger.entries import UsedModel
from driftcheck.ledger.events import Accepted, Refreshed
from driftcheck.ledger.store import note
from driftcheck.records import Case, EvalSet, Freshness

TODAY = dt.date(2026, 6, 15)


def cases(*cases: Case) -> EvalSet:
    return make_eval_set(cases, (), text=TextChoice.LAST_TURN, slices=())


BARE = Case("bare", "a", "set.yaml:1")
CREATED = Case("created", "b", "set.yaml:2", created_at=1.78e9)
VALIDATED = Case("validated", "c", "set.yaml:3", freshness=Freshness(validated_at=1.78e9))


def config(folder: Path, text: str) -> Config:
    return parse_config(text, folder / "drift.yaml")


def accepted(day: dt.date, *, n: int = 10, name: str = "drift.yaml") -> Accepted:
    return Accepted(at=day, config=name, reviewers=("ana",), n_tuned=n, n_sealed=0)


def refreshed(day: dt.date) -> Refreshed:
    return Refreshed(
        at=day,
        config="drift.yaml",
        model=UsedModel("some/model", "a" * 64),
        proposals="set.proposals.yaml",
        n_proposed=10,
        asked=(),
        centroids={},
        counts={},
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What git is asked about; it answers with a date of its own."""
    asked: list[dict[str, str]] = []

    def answer(places: dict[str, str]) -> GitDates:
        asked.append(places)
        return GitDates(dict.fromkeys(places, 1.7e9), "some lines are not committed")

    monkeypatch.setattr(keeping, "date_records", answer)
    return asked


def test_what_drift_yaml_declares(tmp_path: Path, asked: Any) -> None:
    text = """
owner: ana
owners: {s3: ben}
refresh_every: 4w
max_age: {default: 26w, topic=prices: 4w}
rubric: [{name: tone, reviewed: 2026-01-01, owner: eve}]
waivers: [{check: csat-gap, until: 2026-12-31, owner: ben, reason: survey}]
"""
    upkeep = read_upkeep(config(tmp_path, text), TODAY, cases(BARE))
    assert (upkeep.as_of, upkeep.owner, upkeep.owners, upkeep.is_declared) == (TODAY, "ana", {"s3": "ben"}, True)
    assert upkeep.refresh_every == dt.timedelta(weeks=4)
    assert upkeep.max_age == {"default": dt.timedelta(weeks=26), "topic=prices": dt.timedelta(weeks=4)}
    assert [entry.reviewed for entry in upkeep.rubric] == [dt.date(2026, 1, 1)]
    assert [waiver.owner for waiver in upkeep.waivers] == ["ben"]
    assert not read_upkeep(Config(config(tmp_path, "").settings, None), TODAY, cases(BARE)).is_declared


def test_what_the_ledger_remembers(tmp_path: Path, asked: Any) -> None:
    folder = tmp_path / ".driftcheck"
    drift = config(tmp_path, "")
    empty = read_upkeep(drift, TODAY, cases(BARE))
    assert (empty.refreshed, empty.proposed) == (None, None)
    note(folder, refreshed(dt.date(2026, 5, 1)))
    note(folder, accepted(dt.date(2026, 5, 4)))
    note(folder, accepted(dt.date(2026, 5, 20), n=0))
    note(folder, accepted(dt.date(2026, 6, 1), name="other.yaml"))
    note(folder, refreshed(dt.date(2026, 6, 10)))
    note(folder, accepted(dt.date(2026, 6, 16)))
    upkeep = read_upkeep(drift, TODAY, cases(BARE))
    assert (upkeep.refreshed, upkeep.proposed) == (dt.date(2026, 5, 4), dt.date(2026, 6, 10))
    later = read_upkeep(drift, dt.date(2026, 6, 16), cases(BARE))
    assert later.refreshed == dt.date(2026, 6, 16)
    assert read_upkeep(config(tmp_path, "ledger: off"), TODAY, cases(BARE)).refreshed is None


def test_one_accepted_case_makes_no_set_fresh(tmp_path: Path, asked: Any) -> None:
    folder, drift = tmp_path / ".driftcheck", config(tmp_path, "")
    eval_set = cases(*(Case(f"c{n}", f"{n}", f"set.yaml:{n + 1}") for n in range(60)))
    for month, n in ((1, 12), (3, 1), (4, 1)):
        note(folder, accepted(dt.date(2026, month, 1), n=n))
    upkeep = read_upkeep(drift, TODAY, eval_set)
    assert (upkeep.refreshed, upkeep.accepted) == (dt.date(2026, 1, 1), dt.date(2026, 4, 1))
    note(folder, accepted(dt.date(2026, 5, 1), n=1))
    assert read_upkeep(drift, TODAY, eval_set).refreshed == dt.date(2026, 3, 1), "a twentieth since then"
    note(folder, accepted(dt.date(2026, 6, 1), n=3))
    assert read_upkeep(drift, TODAY, eval_set).refreshed == dt.date(2026, 6, 1)
    fewer = read_upkeep(config(tmp_path / "other", "ledger: ../.driftcheck"), dt.date(2025, 12, 31), eval_set)
    assert (fewer.refreshed, fewer.accepted) == (None, None)


def test_git_is_asked_only_about_what_says_nothing(tmp_path: Path, asked: list[dict[str, str]]) -> None:
    eval_set = cases(BARE, CREATED, VALIDATED)
    upkeep = read_upkeep(config(tmp_path, ""), TODAY, eval_set)
    assert asked.pop() == {"bare": "set.yaml:1", "validated": "set.yaml:3"}, "validated says nothing of a refresh"
    assert upkeep.written == {"bare": 1.7e9, "validated": 1.7e9}
    assert upkeep.written_why == "some lines are not committed"
    note(tmp_path / ".driftcheck", accepted(dt.date(2026, 5, 4)))
    assert read_upkeep(config(tmp_path, ""), TODAY, eval_set).written == {}
    assert asked == [], "a refresh is remembered, and no case expires by its age"
    read_upkeep(config(tmp_path, "max_age: 4w"), TODAY, eval_set)
    assert asked.pop() == {"bare": "set.yaml:1"}
    read_upkeep(config(tmp_path, "max_age: 4w"), TODAY, cases(CREATED))
    assert asked == []
