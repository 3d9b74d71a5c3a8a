"""Intervals for shares, rates and their differences, and corrections for many p-values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit  # scipy.stats takes a second to import

COINS = 4.0
"""Observations of 0 or 1 that are mixed into the variance of values in between."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence limits."""

    value: float
    """Point estimate, in the unit of the limits."""
    low: float
    """Lower limit."""
    high: float
    """Upper limit."""
    n: float
    """Observations behind it; fractional where a design effect or weights shrink them."""


def wilson(successes: float, n: float, level: float = 0.95) -> Interval:
    """Wilson score interval of a share; `successes` and `n` may be fractional (an effective n).

    Zero observations give the interval (0, 1) around 1/2: nothing is known, which is not an error.

    Raises
    ------
    ValueError
        If not ``0 <= successes <= n``, or `level` is not inside (0, 1).

    Source: Wilson (1927), JASA 22, 209.

    >>> i = wilson(19, 20)
    >>> round(i.value, 3), round(i.low, 3), round(i.high, 3)
    (0.95, 0.764, 0.991)

    """
    z = _normal_quantile(level)
    if not (0 <= successes <= n * (1 + 1e-12)) or not math.isfinite(n):
        raise ValueError(f"successes must lie in 0..n, got {successes} of {n}")
    if n == 0:
        return Interval(0.5, 0.0, 1.0, 0.0)
    share = min(1.0, successes / n)
    low = 0.0 if share == 0 else score_limit(successes, n, z)
    high = 1.0 if share == 1 else score_limit(successes, n, -z)
    return Interval(share, low, high, n)


def score_limit(successes: float, n: float, z: float) -> float:
    """The share of which `successes` of `n` lie `z` standard errors above: one limit of Wilson's interval.

    A negative `z` gives the upper limit. `n` must be positive.

    >>> round(score_limit(19, 20, 1.96), 3), round(score_limit(19, 20, -1.96), 3), score_limit(19, 20, 0)
    (0.764, 0.991, 0.95)
    """
    share = min(1.0, successes / n)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return min(1.0, max(0.0, centre - half))


def wilson_half_width(share: float, n: float, level: float = 0.95) -> float:
    """Half the width of the Wilson interval of `share` at `n` observations.

    >>> round(wilson_half_width(0.9, 40), 3)
    0.095
    """
    interval = wilson(share * n, n, level)
    return (interval.high - interval.low) / 2


def cases_for_half_width(share: float, half_width: float, level: float = 0.95) -> int:
    """Smallest n at which a share near `share` is known to within +- `half_width` (Wilson).

    Raises
    ------
    ValueError
        If `share` is outside 0..1 or `half_width` outside (0, 1/2].

    >>> cases_for_half_width(0.9, 0.10)
    37

    """
    if not 0 <= share <= 1 or not 0 < half_width <= 0.5:
        raise ValueError(f"need 0 <= share <= 1 and 0 < half_width <= 0.5: {share}, {half_width}")
    low, high = 0, 1
    while wilson_half_width(share, high, level) > half_width:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if wilson_half_width(share, middle, level) > half_width:
            low = middle
        else:
            high = middle
    return high


def newcombe_difference(a: Interval, b: Interval) -> Interval:
    """Interval of a - b from the intervals of `a` and `b` (Newcombe's hybrid score, MOVER).

    Valid for any two independent estimates whose intervals have the same level; with Wilson
    intervals it is Newcombe's method 10. `n` is the smaller of the two.

    Source: Newcombe (1998), Stat. Med. 17, 873; Zou and Donner (2008), Stat. Med. 27, 1693.

    >>> d = newcombe_difference(wilson(56, 70), wilson(48, 80))
    >>> round(d.value, 4), round(d.low, 4), round(d.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    return Interval(value, low, high, min(a.n, b.n))


def mean_interval(values: ArrayLike, clusters: ArrayLike | None = None, level: float = 0.95) -> Interval:
    """Mean of values in 0..1, with a Wilson interval at the effective n.

    Values of one cluster (the traces of a session) are alike: the design effect, the
    cluster-robust variance of the mean over the independent one, divides n. It is held at 1 or
    more, and the effective n is reduced for few clusters by (z/t)^2. Values between 0 and 1 (a case
    that passes 2 of 3 repeats) vary less than a coin, which multiplies n; a few coins are mixed in,
    so that values that happen to be equal do not count as known exactly.

    Parameters
    ----------
    values : array (n,)
        Numbers in 0..1, without NaN: unrated is left out by the caller.
    clusters : array (n,), optional
        The cluster of each value, any hashable dtype.
    level : float
        Confidence level.

    Raises
    ------
    ValueError
        If a value is NaN or outside 0..1, or the shapes differ.

    Source: Korn and Graubard (1998), Survey Methodology 24, 193; Kish (1965).

    >>> i = mean_interval([1, 1, 1, 0, 1, 1, 0, 1], clusters=[1, 1, 1, 2, 3, 3, 4, 4])
    >>> i.value, i.n < 8
    (0.75, True)

    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not bool(np.all((x >= 0) & (x <= 1))):
        raise ValueError("values must be one-dimensional numbers in 0..1 without NaN")
    n = len(x)
    if n == 0:
        return wilson(0, 0, level)
    mean = float(x.mean())
    n_effective = float(n)
    if clusters is not None:
        n_effective = _effective_n(x, np.asarray(clusters), level)
    n_effective *= _steadiness(x, level)
    return wilson(mean * n_effective, n_effective, level)


def _steadiness(x: NDArray[np.float64], level: float) -> float:
    """Variance of a coin of the same mean over the values' own: 1 for values of 0 and 1 alone."""
    n = len(x)
    between = bool(np.any((x > 0) & (x < 1)))
    if not between or n < 2:
        return 1.0
    coin = float(x.mean() * (1 - x.mean()))
    own = (n * float(x.var(ddof=1)) + COINS * coin) / (n + COINS)
    student = float(stdtrit(n - 1 + COINS, 0.5 + level / 2))
    return max(1.0, coin / own * (_normal_quantile(level) / student) ** 2)


def _effective_n(x: NDArray[np.float64], clusters: NDArray[np.generic], level: float) -> float:
    if clusters.shape != x.shape:
        raise ValueError(f"clusters {clusters.shape} must match values {x.shape}")
    n = len(x)
    _, code = np.unique(clusters, return_inverse=True)
    m = int(code.max()) + 1
    if m == n:
        return float(n)
    if m == 1:
        return 1.0
    deviations = np.bincount(code, weights=x - x.mean(), minlength=m)
    robust = m / (m - 1) * float(deviations @ deviations) / n**2
    independent = float(x.var(ddof=1)) / n
    if independent == 0:  # every value equal: the clusters are all the evidence there is
        return float(m)
    effect = max(1.0, robust / independent)
    student = float(stdtrit(m - 1, 0.5 + level / 2))
    n_effective = n / effect * (_normal_quantile(level) / student) ** 2
    return max(1.0, n_effective)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down adjusted p-values, in the order given; family-wise, any dependence.

    Raises
    ------
    ValueError
        If a p-value is NaN or outside 0..1.

    Source: Holm (1979), Scand. J. Stat. 6, 65.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]

    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not bool(np.all((p >= 0) & (p <= 1))):
        raise ValueError("p-values must be one-dimensional numbers in 0..1 without NaN")
    order = np.argsort(p, kind="stable")
    scaled = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, scaled)
    return adjusted


def _normal_quantile(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level must lie inside (0, 1), got {level}")
    return float(ndtri(0.5 + level / 2))
