"""Events of the discipline: what is noted is read back, in its order, for its own drift.yaml alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from driftcheck.baseline import TrafficProfile
from driftcheck.errors import InputError, OutputError
from driftcheck.ledger.entries import UsedModel
from driftcheck.ledger.events import Accepted, Refreshed, Sealed, Unsealed, Waived, encoded
from driftcheck.ledger.store import LEDGER, append, note, open_ledger

DAY = dt.date(2026, 6, 1)


def _accepted(at: dt.date, config: str = "drift.yaml") -> Accepted:
    return Accepted(at=at, config=config, reviewers=("ana",), n_tuned=7, n_sealed=3)


def test_what_is_noted_is_read_back(tmp_path: Path) -> None:
    profile = TrafficProfile({"s1": np.array([0.5, -1.0], np.float32)}, {"s1": 40}, "")
    events = (
        Refreshed(DAY, "drift.yaml", UsedModel("m", None), "a.proposals.yaml", 1, ("00112233aabbccdd",),
                  encoded(profile), profile.counts, {"language": {"en": 40}}),
        _accepted(DAY),
        Sealed(DAY, "drift.yaml", "a.sealed", "a" * 64, 30, 30, "00112233aabbccdd"),
        Unsealed(DAY, 1.5, "drift.yaml", "v1", "ana", "a" * 64, is_forced=False),
        Waived(DAY, "drift.yaml", "csat-gap", None, dt.date(2026, 7, 1), "ana", "survey changed"),
    )  # fmt: skip
    for event in events:
        note(tmp_path, event)
    with open_ledger(tmp_path) as ledger:
        assert tuple(one for event in events for one in ledger.events(type(event), "drift.yaml")) == events
        assert ledger.problems() == ()
        kept = ledger.events(Refreshed, "drift.yaml")[0].profile()
    assert kept.called == "the refresh of 2026-06-01"
    assert kept.centroids["s1"].tolist() == [0.5, -1.0]


def test_events_of_another_drift_yaml_and_other_kinds_are_passed_over(tmp_path: Path) -> None:
    later, earlier = _accepted(dt.date(2026, 7, 1)), _accepted(DAY)
    for event in (later, _accepted(DAY, "other.yaml"), earlier):
        note(tmp_path, event)
    with open_ledger(tmp_path) as ledger:
        assert ledger.events(Accepted, "drift.yaml") == (later, earlier)  # as it was noted, whatever the day
        assert ledger.events(Sealed, "drift.yaml") == ()


def test_an_event_that_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not take the seal: sha256"):
        note(tmp_path, Sealed(DAY, "drift.yaml", "a.sealed", "no hash", 30, 30, "00112233aabbccdd"))
    assert not (tmp_path / LEDGER).exists()


def test_a_line_of_a_kind_that_is_none_is_one_error_with_its_line(tmp_path: Path) -> None:
    append(tmp_path, "accept", {"at": "2026-06-01", "config": "drift.yaml", "reviewers": "ana"})
    with open_ledger(tmp_path) as ledger, pytest.raises(InputError, match=r"ledger\.jsonl:1: is no accept: reviewers"):
        ledger.events(Accepted, "drift.yaml")
