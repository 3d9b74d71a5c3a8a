"""The labelling bill: what it says is what the next audit measures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from tests.checks.worlds import make_comparison

from driftcheck.checks import novel_traffic, slice_coverage, topic_divergence
from driftcheck.comparison import Comparison
from driftcheck.config import Config, Settings
from driftcheck.findings import FindingStatus
from driftcheck.policy import judge, make_plan
from driftcheck.refresh_report import Bill
from driftcheck.refreshing.billing import BESIDE, LASTING, PRICED, _dead, price, with_cases
from driftcheck.refreshing.needs import find_needs
from driftcheck.refreshing.ranking import Ranking
from driftcheck.watching import Unwatched

LAX = Settings.model_validate({"checks": {"topic-divergence": {"warn": None, "fail": None}, "slice-coverage": "off"}})
NONE = np.zeros((0, 48), dtype=np.float32)


def ranked(comparison: Comparison) -> tuple[list[int], list[str]]:
    needs = find_needs(comparison, NONE)
    usable = np.ones(len(comparison.trace_vectors), dtype=bool)
    ranking = Ranking(comparison.trace_vectors, comparison.case_vectors, usable, 400)
    ranking.by_need(needs, ())
    return [one.row for one in ranking.ranked], [needs.slices[one.slice or 0].id for one in ranking.ranked]


def bill(
    comparison: Comparison,
    settings: Settings | None = None,
    limit: int | None = None,
    *,
    n_left: int = 0,
    beside: bool = False,
) -> Bill:
    rows, slices = ranked(comparison)
    config = Config(settings or Settings(), None)
    plans = make_plan(config, as_of=dt.date(2026, 1, 1), select=PRICED)
    return price(
        comparison,
        rows[:limit],
        slices[:limit],
        plans,
        n_wanted=100,
        n_pending=0,
        minutes_per_case=6,
        watcher=Unwatched(),
        n_left=n_left,
        beside=make_plan(config, as_of=dt.date(2026, 1, 1), select=BESIDE) if beside else (),
    )


@pytest.fixture(scope="module")
def drifted() -> Comparison:
    return make_comparison(new_share=0.12, with_runs=False)


def test_what_is_priced_is_what_the_next_audit_measures(drifted: Comparison) -> None:
    told = bill(drifted)
    assert told.points[0].blocking
    assert told.unblocks is not None
    assert 8 <= told.unblocks.n <= 60
    rows, slices = ranked(drifted)
    texts = drifted.production.sample["text"].iloc[rows[: told.unblocks.n]].tolist()
    after = with_cases(drifted, texts, drifted.trace_vectors[rows[: told.unblocks.n]])
    assert after.eval_set.n_cases == drifted.eval_set.n_cases + told.unblocks.n
    plans = make_plan(Config(Settings(), None), as_of=dt.date(2026, 1, 1), select=PRICED)
    for plan in plans:
        assert judge(plan, plan.check.measure(after)).status is not FindingStatus.FAIL
    (point,) = [point for point in told.points if point.n == told.unblocks.n]
    assert point.divergence is not None
    assert point.divergence.value == topic_divergence.measure(after).value
    assert point.under_covered == slice_coverage.measure(after).value
    assert sum(told.unblocks.by_slice.values()) == told.unblocks.n
    assert dict(told.unblocks.by_slice) == {one: slices[: told.unblocks.n].count(one) for one in told.unblocks.by_slice}


def test_enough_is_what_another_sample_passes_too(drifted: Comparison) -> None:
    told = bill(drifted)
    assert told.unblocks is not None
    assert all(not point.may_block for point in told.points if point.n >= told.unblocks.n)
    unsure = [point for point in told.points if point.state == "may block"]
    assert all(not point.blocking and point.n < told.unblocks.n for point in unsure)
    assert 0.03 < LASTING < 0.05
    for seed in (11, 12, 13):
        unseen = make_comparison(seed=seed, new_share=0.12, with_runs=False)
        same_set = replace(unseen, eval_set=drifted.eval_set, case_vectors=drifted.case_vectors)
        rows, _ = ranked(drifted)
        texts = drifted.production.sample["text"].iloc[rows[: told.unblocks.n]].tolist()
        after = with_cases(same_set, texts, drifted.trace_vectors[rows[: told.unblocks.n]])
        assert topic_divergence.measure(after).value < topic_divergence.measure(same_set).value / 2


def test_the_curve_falls_and_begins_with_the_set_as_it_is(drifted: Comparison) -> None:
    told = bill(drifted)
    assert [point.n for point in told.points] == sorted({point.n for point in told.points})
    assert told.points[0].n == 0
    assert 100 in {point.n for point in told.points}
    values = [point.divergence.value for point in told.points if point.divergence]
    assert values[0] > 0.05 > values[-1]
    assert told.hours(50) == 5
    assert f"{told.unblocks.n if told.unblocks else 0} cases" in told.sentence


def test_where_nothing_drifted_nothing_is_needed() -> None:
    told = bill(make_comparison(with_runs=False))
    assert told.quiets is not None
    assert told.quiets.n == 0
    assert told.sentence.startswith("No case is needed")


def test_thresholds_are_those_of_drift_yaml(drifted: Comparison) -> None:
    told = bill(drifted, LAX)
    assert told.checks == ("topic-divergence",)
    assert told.unblocks is not None
    assert told.unblocks.n == 0
    assert all(point.under_covered is None for point in told.points)


def test_where_production_does_not_suffice_it_says_so(drifted: Comparison) -> None:
    told = bill(drifted, limit=4)
    assert told.unblocks is None
    assert told.quiets is None
    assert "would not do" in told.sentence
    assert told.points[-1].n == 4


def test_dead_cases_are_counted_where_they_stand_in_the_way() -> None:
    world = make_comparison(with_runs=False, dead_topic_cases=60)
    told = bill(world, limit=40)
    assert told.n_dead >= 50
    assert told.unblocks is None
    assert told.may_retire
    assert told.unblocks_retired == 0
    assert "retired" in told.sentence


def test_dead_cases_are_no_way_out_where_hardly_any_other_would_remain() -> None:
    world = make_comparison(with_runs=False, dead_topic_cases=60)
    dead = np.flatnonzero(_dead(world))
    others = np.flatnonzero(~_dead(world))[::12]
    kept = np.sort(np.concatenate([dead, others]))
    few = replace(
        world,
        eval_set=replace(world.eval_set, frame=world.eval_set.frame.iloc[kept].reset_index(drop=True)),
        case_vectors=world.case_vectors[kept],
    )
    told = bill(few, limit=4)
    assert told.n_dead > 20
    assert told.quiets is None
    assert not told.may_retire
    assert "dead" not in told.sentence


def test_what_is_not_priced_and_would_block_is_named(drifted: Comparison) -> None:
    told = bill(drifted, settings=LAX, limit=4, beside=True)
    assert told.unblocks is not None
    assert told.unblocks.n == 0
    assert novel_traffic.measure(drifted).value > 0.05
    assert told.block_beside == ("novel-traffic",)
    assert "novel-traffic would block even so" in told.sentence
    assert bill(make_comparison(with_runs=False), beside=True).block_beside == ()


def test_a_cut_ranking_is_not_all_there_is(drifted: Comparison) -> None:
    needs = find_needs(drifted, NONE)
    usable = np.ones(len(drifted.trace_vectors), dtype=bool)

    def left(limit: int, *slices: str) -> tuple[int, int]:
        ranking = Ranking(drifted.trace_vectors, drifted.case_vectors, usable, limit)
        ranking.by_need(needs, slices)
        return len(ranking.ranked), ranking.n_left

    n_all, none = left(4000)
    assert none == 0
    n, rest = left(10)
    assert n == 10
    assert rest >= n_all - 10
    one = needs.slices[0].id
    assert left(4000, one)[1] == 0
    assert left(1, one)[1] < rest
    told = bill(drifted, limit=4, n_left=20)
    assert "the first 4 of the 24 usable traces of this window" in told.sentence
