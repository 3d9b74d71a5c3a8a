"""The restated pass rate: sums, bounds, coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcheck.stats.poststratify import restated_pass_rate


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 99)), min_size=1, max_size=8))
def test_bounds_hold_value_and_parts_sum(slices: list[tuple[int, int, int]]) -> None:
    cases = np.array([max(a, b) for a, b, _ in slices]) + np.arange(len(slices)) % 2
    cases[0] += 1
    passes = np.minimum([a for a, _, _ in slices], cases)
    traces = np.array([t for *_, t in slices]) + 1
    r = restated_pass_rate(passes, cases, traces)
    assert 0 <= r.low <= r.value <= r.high <= 1
    assert r.worst - 1e-9 <= r.value <= r.best + 1e-9
    assert r.best - r.worst == pytest.approx(r.uncovered_share)
    assert r.contribution.sum() == pytest.approx(r.value)
    assert r.shift.sum() == pytest.approx(r.value - r.reported)


def test_same_mix_restates_to_about_the_same() -> None:
    r = restated_pass_rate([45, 30, 10], [50, 30, 20], [500, 300, 200])
    assert r.value == pytest.approx(r.reported, abs=0.01)


def test_traffic_in_the_failing_slice_lowers_it() -> None:
    r = restated_pass_rate([95, 2], [100, 20], [100, 900])
    assert r.reported > 0.8
    assert r.high < 0.5


def test_uncovered_slices_take_their_parents_rate_and_widen_the_bounds() -> None:
    # slices 0 and 1 are siblings, 2 stands alone; 1 was never tried
    parent = [3, 3, 4, 4, -1]
    r = restated_pass_rate([5, 0, 90], [50, 0, 100], [100, 100, 100], parent=parent)
    assert r.rate[1] < 0.3
    assert r.uncovered_share == pytest.approx(1 / 3)
    assert r.worst == pytest.approx(r.value - r.rate[1] / 3)


def test_a_slice_can_be_declared_uncovered() -> None:
    r = restated_pass_rate([9, 9], [10, 10], [1, 1], uncovered=[False, True])
    assert r.uncovered_share == 0.5


def test_limits_of_the_bounds_hold_bounds_and_interval() -> None:
    r = restated_pass_rate([40, 30, 0], [50, 40, 0], [500, 300, 200])
    assert r.worst_low < r.worst < r.best < r.best_high
    assert r.worst_low < r.low
    assert r.best_high > r.high


def test_without_uncovered_traffic_the_bounds_are_the_interval() -> None:
    r = restated_pass_rate([40, 30], [50, 40], [500, 300])
    assert (r.worst_low, r.best_high) == (r.low, r.high)


def test_drop_is_known_better_than_either_rate() -> None:
    rng = np.random.default_rng(13)
    covered = 0
    for i in range(100):
        q, p = rng.dirichlet(np.full(12, 3.0), 2)
        rate = np.clip(0.8 + 0.12 * rng.normal(size=12), 0, 1)
        cases, traces = rng.multinomial(300, q), rng.multinomial(1000, p)
        r = restated_pass_rate(rng.binomial(cases, rate), cases, traces, seed=i)
        assert r.drop == pytest.approx(r.reported - r.value)
        assert r.drop_low <= r.drop <= r.drop_high
        covered += r.drop_low <= float(q @ rate - p @ rate) <= r.drop_high
    assert covered >= 90
    same = restated_pass_rate([45, 30, 10], [50, 30, 20], [500, 300, 200])
    assert same.drop_high - same.drop_low < 0.7 * (same.high - same.low)


@pytest.mark.parametrize("between", [0.0, 0.08])
def test_interval_covers_the_true_restated_rate(between: float) -> None:
    rng = np.random.default_rng(12)
    covered = 0
    for i in range(200):
        q, p = rng.dirichlet(np.full(12, 3.0), 2)
        rate = np.clip(0.85 + between * rng.normal(size=12), 0, 1)
        cases, traces = rng.multinomial(200, q), rng.multinomial(1000, p)
        r = restated_pass_rate(rng.binomial(cases, rate), cases, traces, seed=i)
        covered += r.low <= float(p @ rate) <= r.high
    assert covered / 200 >= 0.91


@pytest.mark.parametrize(
    ("passes", "cases", "traces"),
    [([2], [1], [1]), ([0], [0], [1]), ([1], [1], [0]), ([1, 1], [1], [1]), ([-1], [1], [1])],
)
def test_refuses_what_cannot_be_restated(passes: list[int], cases: list[int], traces: list[int]) -> None:
    with pytest.raises(ValueError, match="need"):
        restated_pass_rate(passes, cases, traces)


def test_refuses_a_tree_that_leads_down() -> None:
    with pytest.raises(ValueError, match="parent"):
        restated_pass_rate([1, 1], [1, 1], [1, 1], parent=[2, 0, -1])
