"""The interval of excess KL: moments as drawn, coverage, and what it does at the edges."""

import numpy as np
import pytest

from driftcheck.stats.divergence import kl_divergence
from driftcheck.stats.divergence_interval import _kl_moments, excess_interval


def _true_excess(p: np.ndarray, q: np.ndarray, n: int, m: int) -> float:
    pooled = (n * p + m * q) / (n + m)
    return float(kl_divergence(n * p, m * q) - kl_divergence(n * pooled, m * pooled))


@pytest.mark.parametrize(("k", "n", "m", "drift"), [(8, 1000, 300, 0.3), (64, 1000, 50, 0.0), (100, 1000, 100, 1.0)])
def test_moments_are_those_of_drawn_counts(k: int, n: int, m: int, drift: float) -> None:
    rng = np.random.default_rng(k)
    q = rng.dirichlet(np.full(k, 2.0))
    p = q * np.exp(drift * rng.normal(size=k))
    p /= p.sum()
    drawn = kl_divergence(rng.multinomial(n, p, 3000), rng.multinomial(m, q, 3000))
    mean, variance = _kl_moments(np.stack([q, p]), np.stack([q, q]), n, m)
    assert mean[1] == pytest.approx(drawn.mean(), rel=0.02)
    assert np.sqrt(variance[1]) == pytest.approx(drawn.std(), rel=0.07)


@pytest.mark.parametrize(("drift", "least", "most"), [(0.0, 0.945, 1.0), (0.3, 0.92, 0.98), (0.8, 0.92, 0.98)])
def test_covers_the_excess_without_noise(drift: float, least: float, most: float) -> None:
    rng = np.random.default_rng(3)
    k, n, m = 32, 1000, 300
    covered = []
    for _ in range(300):
        q = rng.dirichlet(np.full(k, 3.0))
        p = q * np.exp(drift * rng.normal(size=k))
        p /= p.sum()
        pooled = (n * p + m * q) / (n + m)
        null_mean = float(_kl_moments(pooled[None], pooled[None], n, m)[0][0])
        interval = excess_interval(rng.multinomial(n, p), rng.multinomial(m, q), null_mean)
        true = _true_excess(p, q, n, m)
        covered.append(interval.low - 1e-12 <= true <= interval.high + 1e-12)
    assert least <= np.mean(covered) <= most


def test_holds_the_excess_itself_also_below_zero() -> None:
    counts = np.full(10, 100)
    interval = excess_interval(counts, counts // 4, null_mean=0.03)
    assert interval.low == pytest.approx(-0.03)
    assert interval.high >= 0


def test_reaches_0_exactly_where_chance_explains_it_all() -> None:
    rng = np.random.default_rng(1)
    lows = [
        excess_interval(rng.multinomial(240, q), rng.multinomial(60, q), 0.1).low for q in np.full((40, 12), 1 / 12)
    ]
    assert all(low <= 0 or low > 1e-6 for low in lows)
    assert any(low == 0 for low in lows)


def test_is_finite_where_the_eval_set_has_nothing() -> None:
    interval = excess_interval([500, 300, 200], [60, 40, 0], null_mean=0.01)
    assert 0.1 < interval.low < interval.high < 3


def test_more_cases_narrow_it() -> None:
    few = excess_interval([400, 600], [60, 40], null_mean=0.006)
    many = excess_interval([40_000, 60_000], [6_000, 4_000], null_mean=0.0001)
    assert many.high - many.low < 0.3 * (few.high - few.low)


def test_one_slice_has_no_divergence() -> None:
    interval = excess_interval([10], [3], null_mean=0.0)
    assert (interval.low, interval.high) == (0.0, 0.0)


@pytest.mark.parametrize(("p", "q", "level"), [([1, 2], [1], 0.95), ([[1]], [[1]], 0.95), ([1, 2], [1, 2], 1.0)])
def test_refuses_what_is_no_pair_of_histograms(p: list[int], q: list[int], level: float) -> None:
    with pytest.raises(ValueError, match="need two rows"):
        excess_interval(p, q, 0.0, level)
