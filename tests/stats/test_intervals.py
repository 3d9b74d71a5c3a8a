"""Intervals keep their level; corrections keep their order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.stats.intervals import (
    Interval,
    cases_for_half_width,
    holm,
    mean_interval,
    newcombe_difference,
    wilson,
    wilson_half_width,
)


@given(st.floats(0, 1), st.floats(0.5, 1e6))
def test_wilson_holds_its_estimate_and_stays_in_range(share: float, n: float) -> None:
    interval = wilson(share * n, n)
    assert 0 <= interval.low <= interval.value + 1e-9
    assert interval.value - 1e-9 <= interval.high <= 1


def test_wilson_of_nothing_knows_nothing() -> None:
    assert wilson(0, 0) == Interval(0.5, 0.0, 1.0, 0.0)


@pytest.mark.parametrize(("successes", "n"), [(2, 1), (-1, 3), (math.nan, 3), (1, math.inf)])
def test_wilson_refuses_what_is_no_share(successes: float, n: float) -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson(successes, n)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_level_is_a_probability(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level)


@pytest.mark.parametrize(("share", "n"), [(0.95, 60), (0.5, 30), (0.05, 200)])
def test_wilson_covers(share: float, n: int) -> None:
    drawn = np.random.default_rng(1).binomial(n, share, 4000)
    limits = {x: wilson(x, n) for x in np.unique(drawn)}
    covered = np.mean([limits[x].low <= share <= limits[x].high for x in drawn])
    assert 0.93 <= covered <= 0.985


def test_newcombe_matches_the_paper() -> None:
    # Newcombe (1998), table II, method 10, case (d): 9/10 against 3/10
    d = newcombe_difference(wilson(9, 10), wilson(3, 10))
    assert (round(d.low, 4), round(d.high, 4)) == (0.1705, 0.8090)


@given(st.integers(0, 50), st.integers(0, 50))
def test_newcombe_is_antisymmetric(a: int, b: int) -> None:
    x, y = wilson(a, 50), wilson(b, 50)
    d, e = newcombe_difference(x, y), newcombe_difference(y, x)
    assert d.value == pytest.approx(-e.value)
    assert d.low == pytest.approx(-e.high)


@given(st.floats(0, 1), st.floats(0.02, 0.4))
def test_cases_for_half_width_is_the_smallest_that_does(share: float, half: float) -> None:
    n = cases_for_half_width(share, half)
    assert wilson_half_width(share, n) <= half
    assert n == 1 or wilson_half_width(share, n - 1) > half


def test_mean_interval_without_clusters_is_wilson() -> None:
    assert mean_interval([1, 0, 1, 1]) == wilson(3, 4)


def test_mean_interval_of_repeated_sessions_counts_sessions() -> None:
    once = mean_interval([1, 0, 1, 1, 0, 1, 1, 1])
    repeated = mean_interval(np.repeat([1, 0, 1, 1, 0, 1, 1, 1], 10), clusters=np.repeat(np.arange(8), 10))
    assert repeated.n <= 8
    assert repeated.high - repeated.low >= once.high - once.low


def test_mean_interval_with_clusters_covers() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(400):
        rate = np.repeat(rng.beta(4, 1, 40), 6)
        interval = mean_interval(rng.random(240) < rate, clusters=np.repeat(np.arange(40), 6))
        covered += interval.low <= 0.8 <= interval.high
    assert 0.92 <= covered / 400 <= 0.99


def test_equal_values_are_worth_their_clusters() -> None:
    assert mean_interval([1.0] * 30, clusters=["a"] * 10 + ["b"] * 20).n == 2
    assert mean_interval([1.0] * 30, clusters=["a"] * 30).n == 1


def test_repeats_that_agree_half_the_time_are_worth_more_than_coins() -> None:
    steady = mean_interval([0.4, 0.6, 0.5, 0.5, 0.6, 0.4] * 10)
    coins = mean_interval([0, 1, 0, 1, 1, 0] * 10)
    assert steady.high - steady.low < 0.5 * (coins.high - coins.low)
    assert mean_interval([0.5] * 30).n < 30 * 10  # equal by chance is not known exactly


@pytest.mark.parametrize("alike", [0.1, 0.7])
def test_mean_interval_of_repeats_covers(alike: float) -> None:
    rng = np.random.default_rng(5)
    weight = (1 - alike) / alike
    covered = 0
    for _ in range(400):
        interval = mean_interval(rng.binomial(5, rng.beta(0.8 * weight, 0.2 * weight, 80)) / 5)
        covered += interval.low <= 0.8 <= interval.high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize("values", [[math.nan], [1.5], [[1.0]]])
def test_mean_interval_refuses_what_is_no_rate(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        mean_interval(values)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_raises_and_keeps_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert np.all(adjusted >= np.asarray(p_values))
    assert np.all(adjusted <= 1)
    assert np.all(np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0)
