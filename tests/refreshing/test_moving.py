"""The diff to the previous sample."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from tests.checks.worlds import make_comparison

from driftcheck.comparison import Comparison
from driftcheck.ledger import UsedModel
from driftcheck.ledger.events import Refreshed, encoded
from driftcheck.refresh_report import Diff
from driftcheck.refreshing.moving import against_eval_set, against_refresh, mixes_of
from driftcheck.slices.profile import make_profile

MODEL = UsedModel("fake", None)


def refreshed(comparison: Comparison) -> Refreshed:
    parts = comparison.traffic.partition.slices
    profile = make_profile({part.id: part.centroid for part in parts}, comparison.trace_vectors, "")
    return Refreshed(
        at=dt.date(2026, 6, 1),
        config="drift.yaml",
        model=MODEL,
        proposals="cases.proposals.jsonl",
        n_proposed=1,
        asked=(),
        centroids=encoded(profile),
        counts=profile.counts,
        mixes=mixes_of(comparison),
    )


def diff(then: Comparison, now: Comparison) -> Diff:
    found, why = against_refresh(now, refreshed(then), MODEL)
    assert why == ""
    return found


@pytest.fixture(scope="module")
def before() -> Comparison:
    return make_comparison(seed=1, with_runs=False)


def test_the_same_traffic_has_not_moved(before: Comparison) -> None:
    same = diff(before, before)
    assert same.moved == ()
    assert {change.change.value for change in same.changes} == {0.0}
    assert same.against == "the refresh of 2026-06-01"


def test_what_was_planted_moved_with_an_interval_around_it(before: Comparison) -> None:
    now = make_comparison(
        seed=2, with_runs=False, new_share=0.2, foreign_share=0.15, error_share=0.1, longer=3, n_traces=900
    )
    found = diff(before, now)
    moved = {(change.field, change.value): change for change in found.moved}
    spanish = moved["language", "es"]
    assert spanish.change.low < 0.15 < spanish.change.high
    assert spanish.share_before == 0
    assert ("error", "ToolTimeout") in moved
    assert moved["length", "9-16 words"].share_after > 0.9
    assert any(field == "slice" for field, _ in moved)
    for change in found.changes:
        assert change.change.low <= change.change.value <= change.change.high
    assert list(found.changes[: len(moved)]) == list(found.moved)


def test_where_nothing_moved_nearly_nothing_is_said(before: Comparison) -> None:
    false = [bool(diff(before, make_comparison(seed=seed, with_runs=False)).moved) for seed in range(20, 40)]
    assert np.mean(false) <= 0.15


def test_the_first_time_it_is_the_eval_set(before: Comparison) -> None:
    found = against_eval_set(make_comparison(new_share=0.15, foreign_share=0.2, with_runs=False))
    assert found.against == "the eval set"
    assert {change.field for change in found.moved} == {"slice", "language"}
    grown = [change for change in found.moved if change.field == "slice" and change.change.value > 0]
    assert grown[0].change.low > 0
    assert against_eval_set(before).moved == ()


def test_of_another_model_only_what_needs_no_model_is_compared(before: Comparison) -> None:
    found, why = against_refresh(before, refreshed(before), UsedModel("another", "0" * 64))
    assert "another model" in why
    assert {change.field for change in found.changes} == {"language", "length"}


def test_mixes_hold_every_sampled_session_and_no_text(before: Comparison) -> None:
    mixes = mixes_of(before)
    assert {sum(mix.values()) for mix in mixes.values()} == {len(before.production.sample)}
    texts = set(before.production.sample["text"])
    assert all(texts.isdisjoint(mix) for mix in mixes.values())
