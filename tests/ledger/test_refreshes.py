"""Refreshes as later commands are told of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ledger.worlds import DIMENSIONS, MODEL, audit_of, axis

from driftcheck.baseline import TrafficProfile
from driftcheck.config import Config, Settings
from driftcheck.errors import InputError
from driftcheck.ledger import Memory, UsedModel
from driftcheck.ledger.events import Accepted, Refreshed, token_of
from driftcheck.ledger.recall import recall
from driftcheck.ledger.recording import record_audit
from driftcheck.ledger.store import note, open_ledger
from driftcheck.trending.remembered import remember
from driftcheck.watching import Unwatched

DAY = dt.date(2026, 6, 1)


def refreshed(day: int, name: str = "s1", **changes: object) -> Refreshed:
    event = Refreshed(
        at=DAY + dt.timedelta(days=day),
        config="drift.yaml",
        model=MODEL,
        proposals="cases.proposals.yaml",
        n_proposed=3,
        asked=(token_of("trace", f"t{day}"),),
        centroids={name: axis(1), "s9": axis(2)},
        counts={name: 30, "s9": 10},
        mixes={"language": {"en": 40}},
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def accepted(day: int, n: int = 3, of: Sequence[str] = ()) -> Accepted:
    tokens = tuple(token_of("trace", trace) for trace in of)
    return Accepted(DAY + dt.timedelta(days=day), "drift.yaml", ("ana",), n, 0, tokens)


def told(folder: Path, week: int = 52) -> TrafficProfile | None:
    entry = audit_of(week)
    with open_ledger(folder) as ledger:
        return recall(ledger, entry.subject, entry.at, DIMENSIONS).baseline.refreshed


def test_what_nobody_accepted_refreshed_nothing(tmp_path: Path) -> None:
    note(tmp_path, refreshed(0))
    assert told(tmp_path) is None
    note(tmp_path, accepted(3, n=0))
    assert told(tmp_path) is None
    note(tmp_path, accepted(4))
    profile = told(tmp_path)
    assert profile is not None
    assert profile.called == "the refresh of 2026-06-01"
    assert profile.counts == {"s1": 30, "s9": 10}
    assert profile.centroids["s1"].argmax() == 1


def test_the_last_whose_proposals_were_accepted_counts(tmp_path: Path) -> None:
    for event in (refreshed(0, "s1"), refreshed(10, "s2"), accepted(12), refreshed(20, "s3")):
        note(tmp_path, event)
    profile = told(tmp_path)
    assert profile is not None
    assert set(profile.counts) == {"s2", "s9"}


def test_whose_proposals_were_accepted_is_told_by_their_traces(tmp_path: Path) -> None:
    # a second refresh on the day of the acceptance, and one before it whose proposals still lie there
    for event in (
        refreshed(0, "s1", asked=(token_of("trace", "a1"), token_of("trace", "a2"))),
        refreshed(0, "s2", asked=(token_of("trace", "b1"),)),
        accepted(0, of=["a1"]),
        refreshed(0, "s3", asked=(token_of("trace", "c1"),)),
    ):
        note(tmp_path, event)
    assert known(tmp_path) == {"s1", "s9"}
    note(tmp_path, accepted(1, of=["nobody's"]))
    assert known(tmp_path) == {"s1", "s9"}
    note(tmp_path, accepted(1, of=["a2", "b1"]))
    assert known(tmp_path) == {"s2", "s9"}


def test_what_tells_no_trace_came_of_the_refresh_before_it(tmp_path: Path) -> None:
    for event in (refreshed(0, "s1"), accepted(0), refreshed(0, "s2")):
        note(tmp_path, event)
    assert known(tmp_path) == {"s1", "s9"}
    note(tmp_path, accepted(0))
    assert known(tmp_path) == {"s2", "s9"}


def known(folder: Path) -> set[str]:
    profile = told(folder)
    return set(profile.counts) if profile else set()


def test_another_model_another_day_and_another_set_are_passed_over(tmp_path: Path) -> None:
    note(tmp_path, refreshed(0, model=UsedModel("other", "b" * 64)))
    note(tmp_path, refreshed(0, config="other.yaml"))
    note(tmp_path, accepted(1))
    assert told(tmp_path) is None
    note(tmp_path, refreshed(400))
    note(tmp_path, accepted(400))
    assert told(tmp_path) is None, "an audit as of a day knows nothing of later ones"


def test_a_profile_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    note(tmp_path, refreshed(0, counts={"s1": 30}))
    note(tmp_path, accepted(1))
    with pytest.raises(InputError, match=r"the refresh of 2026-06-01: its slices and their counts"):
        told(tmp_path)
    note(tmp_path, refreshed(2, centroids={"s1": "????", "s9": axis(1)}))
    note(tmp_path, accepted(3))
    with pytest.raises(InputError, match="a centroid cannot be read"):
        told(tmp_path)


def memory(folder: Path, day: int) -> Memory:
    return Memory(Config(Settings(), folder / "drift.yaml"), DAY + dt.timedelta(days=day), Unwatched())


def test_what_was_asked_is_known_whatever_became_of_it(tmp_path: Path) -> None:
    ledger = tmp_path / ".driftcheck"
    for event in (refreshed(0), refreshed(10), refreshed(0, config="other.yaml", asked=(token_of("trace", "x"),))):
        note(ledger, event)
    assert memory(tmp_path, 20).asked == {token_of("trace", "t0"), token_of("trace", "t10")}
    assert [one.at for one in memory(tmp_path, 5).refreshes()] == [DAY]
    no_ledger = Memory(Config(Settings(), None), DAY, Unwatched())
    assert (no_ledger.asked, no_ledger.refreshes(), no_ledger.keeps) == (frozenset(), (), False)
    no_ledger.note(refreshed(0))


def test_the_trend_marks_the_day_of_acceptance(tmp_path: Path) -> None:
    ledger = tmp_path / ".driftcheck"
    for week in range(3):
        record_audit(ledger, audit_of(week))
    note(ledger, refreshed(3))
    note(ledger, accepted(10))
    trend = remember(Config(Settings(), tmp_path / "drift.yaml"))
    assert [[mark for mark in point.marks if mark == "refresh"] for point in trend.points] == [[], [], ["refresh"]]
    assert np.isfinite([point.n_cases for point in trend.points]).all()
