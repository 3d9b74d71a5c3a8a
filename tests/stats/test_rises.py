"""Rises, bends and rank correlations of short series."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from driftcheck.sizes import ALPHA, POWER
from driftcheck.stats.rises import MIN_POINTS, bend, noticeable_rise, rank_correlation, rise


def test_a_line_rises_by_its_span_whatever_the_spacing() -> None:
    times = np.array([0.0, 1.0, 4.0, 9.0, 20.0, 21.0])
    risen = rise(times, 0.5 + 0.01 * times)
    assert risen.size == pytest.approx(0.21)
    assert risen.p_value == pytest.approx(1 / 720)
    assert risen.scatter == pytest.approx(0, abs=1e-12)


def test_one_outlier_makes_no_rise() -> None:
    assert rise(range(9), [1.0] * 8 + [50.0]).size == 0
    assert rise(range(6), [0.9] * 6).p_value == 1.0
    assert rise(range(6), np.arange(6)[::-1]).size == -5


@pytest.mark.parametrize("n", [6, 12, 26])
def test_noise_rises_no_more_often_than_its_level(n: int) -> None:
    rng = np.random.default_rng(0)
    p_values = np.array([rise(range(n), rng.normal(size=n)).p_value for _ in range(400)])
    assert np.mean(p_values <= 0.05) <= 0.075


@pytest.mark.parametrize("n", [7, 12, 26])
def test_what_is_noticeable_is_noticed_8_times_in_10(n: int) -> None:
    rng = np.random.default_rng(1)
    planted = noticeable_rise(1.0, n, ALPHA, POWER) * np.linspace(0, 1, n)
    found = np.mean([rise(range(n), rng.normal(size=n) + planted).p_value <= ALPHA for _ in range(300)])
    assert found == pytest.approx(POWER, abs=0.13)


def test_a_bend_is_found_where_it_is() -> None:
    rng = np.random.default_rng(2)
    times = np.arange(26)
    series = 0.03 * np.maximum(times - 13, 0) + rng.normal(0, 0.01, 26)
    assert abs(bend(times, series) - 13) <= 1
    assert bend(times, 0.5 + 0.1 * times) == 0


def test_the_coefficient_is_spearmans() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 9, 20), rng.integers(0, 9, 20)
    found = rank_correlation(a, b)
    assert found is not None
    expected = spearmanr(a, b)
    assert found.value == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue, abs=0.03)
    assert found.low < found.value < found.high


def test_the_interval_covers() -> None:
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(300):
        x, y = rng.multivariate_normal([0, 0], [[1, -0.7], [-0.7, 1]], 12).T
        found = rank_correlation(x, y)
        assert found is not None
        hits += found.low <= 6 / np.pi * np.arcsin(-0.35) <= found.high
    assert hits / 300 >= 0.92


def test_too_few_points_or_a_flat_series_have_no_correlation() -> None:
    assert rank_correlation(range(MIN_POINTS - 1), range(MIN_POINTS - 1)) is None
    assert rank_correlation([1.0] * 8, range(8)) is None
    perfect = rank_correlation(range(8), range(8))
    assert perfect is not None
    assert perfect.value == pytest.approx(1)
    assert perfect.low > 0.9
