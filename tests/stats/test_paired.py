"""Paired tests: exact where exactness is claimed, and as often wrong as they say."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from driftcheck.stats.paired import (
    chance_of_as_many,
    mcnemar_p_value,
    paired_difference,
    smallest_beyond_noise,
    smallest_paired_change,
)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test(worse: int, better: int) -> None:
    expected = binomtest(worse, worse + better, 0.5, alternative="greater").pvalue if worse + better else 1.0
    assert mcnemar_p_value(worse, better) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), max_size=9), st.integers(0, 10))
def test_the_chance_of_as_many_is_the_sum_over_all_ways(chances: list[float], n: int) -> None:
    total = 0.0
    for happens in itertools.product((0, 1), repeat=len(chances)):
        if sum(happens) >= n:
            total += math.prod(p if yes else 1 - p for p, yes in zip(chances, happens, strict=True))
    assert chance_of_as_many(chances, n) == pytest.approx(min(1.0, total), abs=1e-9)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 300))
def test_the_interval_holds_its_value_and_stays_in_range(worse: int, better: int, still: int) -> None:
    found = paired_difference(worse, better, worse + better + still)
    assert -1 <= found.low <= found.value <= found.high <= 1
    mirrored = paired_difference(better, worse, worse + better + still)
    assert (mirrored.low, mirrored.high) == (pytest.approx(-found.high), pytest.approx(-found.low))


def test_more_changes_than_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="3 \\+ 2 cases changed, of 4"):
        paired_difference(3, 2, 4)


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    law = np.array([0.06, 0.03, 0.91])
    drawn = rng.multinomial(300, law, size=2_000)
    covered = [
        found.low <= -0.03 <= found.high for found in (paired_difference(int(b), int(c), 300) for b, c, _ in drawn)
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(("noise", "n"), [(0.01, 300), (0.04, 300), (0.1, 150), (0.04, 1_000)])
def test_the_smallest_change_is_found_8_times_in_10(noise: float, n: int) -> None:
    change = smallest_paired_change(noise, n, 0.05)
    assert change is not None
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(n, [noise / 2 + change, noise / 2, 1 - noise - change], size=2_000)
    found = np.mean([mcnemar_p_value(int(b), int(c)) <= 0.05 for b, c, _ in drawn])
    assert 0.7 < found < 0.95


def test_more_cases_and_less_noise_show_smaller_changes() -> None:
    by_n = [smallest_paired_change(0.04, n, 0.05) or 1.0 for n in (50, 100, 300, 1_000)]
    by_noise = [smallest_paired_change(noise, 300, 0.05) or 1.0 for noise in (0.1, 0.04, 0.01, 0.0)]
    assert by_n == sorted(by_n, reverse=True)
    assert by_noise == sorted(by_noise, reverse=True)
    assert by_noise[-1] >= 5 / 300, "five of five is the least that 0.05 admits"
    assert smallest_paired_change(0.0, 0, 0.05) is None
    by_runs = [smallest_beyond_noise(4.0, 300, runs, 0.005) or 1.0 for runs in (2, 5, 20)]
    assert by_runs == sorted(by_runs, reverse=True)
    assert smallest_beyond_noise(0.0, 300, 1, 0.005) is None
