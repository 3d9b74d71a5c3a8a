"""Series of a few weeks: does one rise, do two rise together, do two go the same way.

Source: Mann (1945), Nonparametric tests against trend; Kendall (1975), Rank correlation methods; size of a rise: Sen
(1968), Estimates of the regression coefficient based on Kendall's tau. Two rises together are claimed where each is
(intersection-union test): Berger (1982), Multiparameter hypothesis testing and acceptance sampling. Interval of
Spearman's coefficient: Bonett and Wright (2000), Sample size requirements for estimating Pearson, Kendall and Spearman
correlations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

MIN_POINTS = 6
"""Points from which on a rise can be told from chance at all: six in order happen once in 720 times."""
_N_SHUFFLES = 9_999
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rise:
    """How far a series rose, and whether that is more than chance."""

    size: float
    """Slope of Theil and Sen times the span: unit of the series; negative = it fell."""
    p_value: float
    """Of so much order upwards by chance alone (Mann-Kendall, one-sided)."""
    scatter: float
    """Standard deviation of the points about the line."""


def rise(times: ArrayLike, values: ArrayLike) -> Rise:
    """Measure the rise of a series of at least two points at different times.

    >>> rise([0, 1, 2, 3, 4, 5], [0.80, 0.82, 0.81, 0.85, 0.86, 0.88]).p_value < 0.02
    True
    """
    t, x = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    from scipy.stats import kendalltau  # takes a second to import

    later, earlier = np.triu_indices(len(t), 1)[::-1]
    apart = t[later] != t[earlier]
    slope = float(np.median((x[later] - x[earlier])[apart] / (t[later] - t[earlier])[apart]))
    rest = x - slope * t
    p_value = 1.0 if np.ptp(x) == 0 else float(kendalltau(t, x, alternative="greater").pvalue)
    scatter = float(np.sqrt(np.sum((rest - np.median(rest)) ** 2) / max(len(t) - 2, 1)))
    return Rise(slope * float(np.ptp(t)), p_value, scatter)


def noticeable_rise(scatter: float, n: int, alpha: float, power: float) -> float:
    """Smallest rise over n evenly spaced points that Mann-Kendall finds at `alpha` with this power.

    That of least squares, to which it comes close with many points; with few, whose orders are few, a factor fitted to
    simulations makes up the difference (alpha 0.005 and 0.0025, power 0.8, 6 to 104 points: within 15 %).

    >>> round(noticeable_rise(0.01, 20, 0.005, 0.8), 3)
    0.03
    """
    position = np.linspace(0.0, 1.0, n)
    few = 1 + 3.5 / n + 1.6 * (5.8 / n) ** 4
    return float(ndtri(1 - alpha) + ndtri(power)) * rise_error(scatter, position) * few


def rise_error(scatter: float, times: ArrayLike) -> float:
    """Standard error of a rise over points at these times (Sen's slope, 0.98 of the power of least squares)."""
    t = np.asarray(times, dtype=np.float64)
    span = float(np.ptp(t))
    return scatter * span / math.sqrt(0.98 * float(np.sum((t - t.mean()) ** 2))) if span > 0 else 0.0


def bend(times: ArrayLike, values: ArrayLike, n_after: int = 4) -> int:
    """The last point before a series leaves its level: level, then a straight line, by least squares.

    At least `n_after` points lie after it. 0 where the whole of it is one line.
    """
    t, x = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    best, found = math.inf, 0
    for start in range(max(1, len(t) - n_after)):
        design = np.column_stack([np.ones_like(t), np.maximum(t - t[start], 0.0)])
        fitted, *_ = np.linalg.lstsq(design, x, rcond=None)
        left = float(np.sum((x - design @ fitted) ** 2))
        if left < best - 1e-12:
            best, found = left, start
    return found


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's coefficient of two series."""

    value: float
    """-1..1."""
    low: float
    """95 % interval (Bonett and Wright), which takes the points as independent of one another."""
    high: float
    p_value: float
    """Two-sided, by shuffling one of the two."""
    n: int


def rank_correlation(a: ArrayLike, b: ArrayLike, seed: int = 0) -> RankCorrelation | None:
    """Correlate two series of one length by ranks; None under MIN_POINTS points, or where one of them never changes."""
    ranks = [_ranks(np.asarray(series, dtype=np.float64)) for series in (a, b)]
    n = len(ranks[0])
    if n < MIN_POINTS or any(np.ptp(rank) == 0 for rank in ranks):
        return None
    x, y = ((rank - rank.mean()) / rank.std() / math.sqrt(n) for rank in ranks)
    value = float(np.clip(x @ y, -1.0, 1.0))
    rng = np.random.default_rng([seed, 109])
    shuffled = rng.permuted(np.broadcast_to(y, (_N_SHUFFLES, n)), axis=1) @ x
    p_value = (1 + np.count_nonzero(np.abs(shuffled) >= abs(value) - 1e-9)) / (1 + _N_SHUFFLES)
    # of the coefficient's own value at +-1 the error would be infinite on the scale of z
    z = math.atanh(min(max(value, -0.999_999), 0.999_999))
    reach = float(ndtri(0.975)) * math.sqrt((1 + value**2 / 2) / (n - 3))
    return RankCorrelation(value, math.tanh(z - reach), math.tanh(z + reach), float(p_value), n)


def _ranks(x: Floats) -> Floats:
    """Ranks, ties their mean."""
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
