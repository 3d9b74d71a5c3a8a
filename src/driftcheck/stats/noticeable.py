"""What a check would have noticed 8 times in 10 at the sizes it had: a pass says little without it.

Approximations that cost next to nothing: the permutations of the check itself give the critical value, the normal
distribution the rest. An effect is noticeable when its mean lies the quantile of `POWER` above the critical value.

Measured by `tests/benchmarks/noticed.py`, 50 to 300 cases against 1,000 traces: root mean square of the logarithm of
predicted over simulated, as a factor. The simulation alone, of 24 to 28 draws a point, scatters by about 1.2.

=============== ========================== ====== ===============
planted         banking77 (constants here) hwu64  slurp_dev_test
=============== ========================== ====== ===============
new topic       1.2                        1.3    1.2
dead topic      1.1                        1.2    1.3
shifted mix     1.1                        1.1    1.5 (too large)
novel traffic   1.2                        1.1    1.2
=============== ========================== ====== ===============

Labels, lengths and gaps, which need no texts: within 1.2. New error classes are predicted up to 1.4 times too large
where there are no other errors. A topic here is what the embedding tells apart: of dolly6400's kinds of task (open
question, brainstorming) a new one with 22 % of traffic went unnoticed.

Source: Cohen (1988), Statistical power analysis for the behavioral sciences, for the reading of it; the single formulas
say their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, ndtr, ndtri

from driftcheck.sizes import ALPHA, POWER
from driftcheck.stats.intervals import Interval, newcombe_difference, wilson
from driftcheck.stats.scan import signed_root_llr

Floats = NDArray[np.float64]

Z_POWER = float(ndtri(POWER))
Z_95 = float(ndtri(0.975))

RECALL = 0.95
"""Share of a topic that the slice best matching it holds; measured on banking77, as the constants below."""
PRECISION = 0.98
"""Share of that slice that is the topic's, where the topic is new to the cases."""
DEAD_PRECISION = 0.95
"""The same where it is dead: its few cases share their leaf of the tree with traffic of others."""
POINTS_PER_FREEDOM = 5.0
"""Cases (in the harmonic sum with traces) per degree of freedom at the cut that shows most of a shifted mix: the more
there are, the finer it is."""
NOVEL_CRITICAL = 4.2
"""Critical excess of novel traffic in standard deviations of its null: that leans to the right, and the more of the
traffic is novel, the wider it is."""
_GRID = np.geomspace(0.001, 0.95, 240)
"""Shares that are tried: steps of 3 %."""
_STEPS = 20


def _least(score: Floats) -> float | None:
    """The smallest share of the grid whose score, at `_GRID`, is 0 or more; None where none is."""
    reached = np.flatnonzero(score >= 0)
    return float(_GRID[reached[0]]) if len(reached) else None


def new_topic_share(critical: float, n_cases: int, n_traces: int) -> float | None:
    """Smallest share of traffic of a topic without cases that the slice scan finds.

    The slice that holds it has `RECALL` of the topic and, for 1 - `PRECISION` of its traces, others that do have cases.
    The signed root of its log-likelihood ratio is about normal with unit variance.

    Parameters
    ----------
    critical : float
        Largest statistic of all slices that chance exceeds with probability `ALPHA`.
    n_cases, n_traces : int
        Cases and traces tested.

    >>> round(new_topic_share(4.2, 300, 1000), 3), new_topic_share(4.2, 10, 1000)
    (0.055, None)

    """
    traces, cases = _slice_of(_GRID, PRECISION, n_traces, n_cases)
    return _least(signed_root_llr(cases, cases + traces, n_cases, n_cases + n_traces) - critical - Z_POWER)


def dead_topic_share(critical: float, n_cases: int, n_traces: int) -> float | None:
    """Smallest share of the cases of a topic without traffic that the slice scan finds; as `new_topic_share`.

    >>> round(dead_topic_share(4.2, 300, 1000), 3)
    0.042
    """
    cases, traces = _slice_of(_GRID, DEAD_PRECISION, n_cases, n_traces)
    return _least(-signed_root_llr(cases, cases + traces, n_cases, n_cases + n_traces) - critical - Z_POWER)


def _slice_of(share: Floats, precision: float, n: int, n_other: int) -> tuple[Floats, Floats]:
    """Mean counts, on its own side and on the other, in the slice around a topic that only its own side has."""
    own = RECALL * share / precision
    other = own * (1 - precision) / (1 - share)
    return own * n, np.minimum(other, 1.0) * n_other


def mix_shift(n_cases: int, n_traces: int, n_slices: int | None = None) -> float:
    """Smallest excess KL(P||Q), nats, that the combined test finds when the mix shifts; or one over so many slices.

    2 m KL, with m = n_cases n_traces / (n_cases + n_traces), is chi-square without drift, and with drift noncentral
    by 2 m times the excess. Excess is what the slices show of a shift: on real text some 0.4 of the KL of its intents.

    Source: Kullback (1959), Information theory and statistics, chapter 6.

    >>> round(mix_shift(300, 1000), 2), round(mix_shift(100, 1000), 2)
    (0.09, 0.16)
    """
    m = n_cases * n_traces / (n_cases + n_traces)
    freedom = _freedom(m, n_slices)
    beyond = float(chdtri(freedom, ALPHA)) - freedom
    # x = beyond + z sqrt(2 freedom + 4 x), solved for the noncentrality x
    x = beyond + 2 * Z_POWER**2 + Z_POWER * math.sqrt(2 * freedom + 4 * beyond + 4 * Z_POWER**2)
    return x / (2 * m)


def divergence_error(excess: float, n_cases: int, n_traces: int, n_slices: int | None = None) -> float:
    """Standard error of an excess KL(P||Q) of this size, nats: of the same noncentral chi-square."""
    m = n_cases * n_traces / (n_cases + n_traces)
    return math.sqrt(2 * _freedom(m, n_slices) + 8 * m * excess) / (2 * m)


def _freedom(m: float, n_slices: int | None) -> float:
    """Degrees of freedom: of the cut that shows most of a shift, or of slices that were there before."""
    return m / POINTS_PER_FREEDOM if n_slices is None else max(1.0, n_slices - 1.0)


def novel_share(null_spread: float) -> float:
    """Smallest excess share of traffic like no case that the permutation test finds, from the spread of its null.

    >>> round(novel_share(0.01), 3)
    0.05
    """
    return (NOVEL_CRITICAL + Z_POWER) * null_spread


def new_value_share(pooled: ArrayLike, n_cases: int, n_traces: int, alpha: float = ALPHA) -> float | None:
    """Smallest share of traffic of a label without cases that the sum of max(0, p - q) over labels shows.

    Over all labels that sum is the total variation distance; over error classes it leaves out what ends well. Each
    p - q is normal: its positive part, summed, has a mean and a variance in closed form, without drift and with it.

    Parameters
    ----------
    pooled : array (k,)
        Shares of the labels in cases and traces together; what they lack to 1 is not counted.
    n_cases, n_traces : int
        Labels on either side.
    alpha : float
        Level of the permutation test.

    >>> round(new_value_share([0.7, 0.3], 100, 1000), 2), round(new_value_share([1.0], 100, 1000), 2)
    (0.17, 0.09)

    """
    w = np.asarray(pooled, dtype=np.float64)
    f = 1 / n_cases + 1 / n_traces
    s = _GRID[:, None]
    drifted = s * n_traces / (n_cases + n_traces)
    shares = np.hstack([w * (1 - drifted), drifted])
    variance = shares * (1 - shares) * f
    null_mean = np.sqrt(variance).sum(axis=1) / math.sqrt(2 * math.pi)
    # cov(|x|, |y|) of normals of correlation r is about (1 - 2/pi) r^2 sd sd: exact at 0 and 1
    u = shares * np.sqrt(shares * f / np.maximum(1 - shares, 1e-9))
    absolute = (1 - 2 / math.pi) * (variance.sum(axis=1) + u.sum(axis=1) ** 2 - (u * u).sum(axis=1))
    counted = np.minimum(shares.sum(axis=1), 1.0)
    null_variance = (absolute + counted * (1 - counted) * f) / 4
    # a sum that cannot fall below 0 leans to the right: about exact for one label
    lean = 0.9 * null_variance / np.maximum(null_mean, 1e-12)
    critical = null_mean + float(ndtri(1 - alpha)) * np.sqrt(null_variance) + lean
    spread = np.sqrt(w * (1 - w) * f)
    shift = -s * w
    z = shift / np.maximum(spread, 1e-12)
    positive = shift * ndtr(z) + spread * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    mean = _GRID + positive.sum(axis=1)
    own = np.sqrt(_GRID * (1 - _GRID) / n_traces + np.maximum(0.0, null_variance - variance[:, -1] / 4))
    return _least(mean - critical - Z_POWER * own)


def location_shift(null: ArrayLike, spread: float) -> float:
    """Smallest shift of one distribution against the other that shows in their Wasserstein distance.

    Parameters
    ----------
    null : array (n_permutations,)
        The distance under permuted labels.
    spread : float
        Standard error of the difference of the two means, in the unit of the distance.

    >>> round(location_shift([0.1] * 100, 0.05), 3)
    0.142

    """
    return float(np.quantile(np.asarray(null, dtype=np.float64), 1 - ALPHA)) + Z_POWER * spread


def noticeable_gap(pass_rate: Interval, satisfaction: Interval) -> float | None:
    """Smallest difference of two rates whose 95 % Newcombe interval lies above 0; None where none does.

    The first rate stays, the second falls; both are known to as many observations as the intervals say.

    >>> round(noticeable_gap(wilson(285, 300), wilson(380, 400)), 3)
    0.058

    """
    top, n, m = pass_rate.value, pass_rate.n, satisfaction.n

    def beyond(difference: float) -> float:
        rate = top - difference
        low = newcombe_difference(wilson(top * n, n), wilson(rate * m, m)).low
        return low - Z_POWER * math.sqrt(top * (1 - top) / n + rate * (1 - rate) / m)

    return _bisected(beyond, top) if n and m else None


def slice_share_with_gap(
    difference: float,
    pass_rate: Interval,
    satisfaction: Interval,
    *,
    margin: float,
    level: float,
    least: float,
) -> float | None:
    """Smallest share of a slice whose gap is found by more than `margin`, where users are `difference` less satisfied.

    Parameters
    ----------
    difference : float
        Pass rate minus satisfaction in the slice.
    pass_rate, satisfaction : Interval
        Of the whole: their `n` are the scored cases and the ratings that slices share out.
    margin, level : float
        What the lower end of Newcombe's interval of this level must exceed.
    least : float
        Share below which the slice has too few of either to be tested.

    """
    top = pass_rate.value
    rate = max(0.0, top - difference)

    def beyond(share: float) -> float:
        n, m = share * pass_rate.n, share * satisfaction.n
        low = newcombe_difference(wilson(top * n, n, level), wilson(rate * m, m, level)).low
        return low - margin - Z_POWER * math.sqrt(top * (1 - top) / n + rate * (1 - rate) / m)

    found = _bisected(beyond, 1.0) if least < 1 else None
    return None if found is None else max(least, found)


def _bisected(beyond: Callable[[float], float], high: float) -> float | None:
    """Where a rising function passes 0 between 0 and `high`; None where it does not."""
    if high <= 0 or beyond(high) < 0:
        return None
    low = 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) >= 0 else (middle, high)
    return high


def above_zero(low: float, high: float) -> float:
    """Smallest value whose 95 % interval lies above 0, from the width that the interval has.

    >>> round(above_zero(-0.03, 0.03), 3)
    0.043
    """
    return (Z_95 + Z_POWER) * standard_error(low, high)


def standard_error(low: float, high: float) -> float:
    """Standard error behind a 95 % interval."""
    return (high - low) / (2 * Z_95)


def share_error(share: float, *n: float) -> float:
    """Standard error of a share, or of the difference of two, at these numbers of observations.

    >>> share_error(0.5, 100)
    0.05
    """
    return math.sqrt(share * (1 - share) * sum(1 / size for size in n))
