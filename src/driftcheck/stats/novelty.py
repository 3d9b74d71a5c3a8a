"""The share of traffic that resembles no case, against what chance alone would give.

A trace is novel when its nearest case is farther than 95 % of cases are from their own nearest
other case. Without drift about 5 % of traces are; the excess over that is the finding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.stats.intervals import Interval, newcombe_difference, wilson
from driftcheck.stats.permutation import upper_p_value

TAIL = 0.05
"""Share of cases whose nearest other case lies beyond the threshold, by definition."""
_PERMUTATIONS_AT_ONCE = 128
_FIRST_PERMUTATIONS = 199
_CLEARLY_NULL = 20
"""Exceedances among the first permutations from which on no more are drawn: p is then above 0.1 and stays there."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """How much of production (P) has nothing like it in the eval set (Q)."""

    share: float
    """Share 0..1 of traces beyond the threshold."""
    expected: float
    """The same share, mean under permuted labels: about 0.05."""
    excess: float
    """`share` - `expected`; about 0 without drift, negative where traffic is narrower."""
    low: float
    """Lower 95 % limit of `excess`, by the finite traces and the finite cases of the threshold."""
    high: float
    """Upper 95 % limit of `excess`."""
    p_value: float
    """Permutation p-value, one-sided: more traffic is novel than chance gives."""
    threshold: float
    """Distance to the nearest case above which a trace is novel."""
    n_cases: int
    """Cases compared."""
    n_traces: int
    """Traces compared."""
    null_spread: float
    """Standard deviation of the share under permuted labels."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Nearest neighbours within one pool, whose first `n_cases` points are the cases."""

    index: NDArray[np.int32]
    """Neighbours of each point, nearest first, itself excluded, (n_pool, k)."""
    distance: NDArray[np.float32]
    """Their distances, ascending, (n_pool, k)."""
    n_cases: int
    """How many of the pool are cases."""


def novelty(
    trace_distance: NDArray[np.float32],
    case_distance: NDArray[np.float32],
    neighbourhood: Neighbourhood,
    permuted: NDArray[np.int32],
    level: float = 0.95,
) -> Novelty:
    """Share of traces beyond the 95th percentile of the cases' own distances, with its null.

    The null deals anew who is a case and measures everything again (threshold, nearest case,
    share): leave-one-out distances depend on each other, and that dependence is in the null too.

    Parameters
    ----------
    trace_distance : array (n_traces,)
        Distance of each trace to its nearest case; these give `share`.
    case_distance : array (n_cases,)
        Distance of each case to its nearest other case.
    neighbourhood : Neighbourhood
        The pool, or a sample of it blind to labels, on which the p-value is computed.
    permuted : array (n_permutations, neighbourhood.n_cases)
        Positions of the cases in each permutation, see `permutation.permuted_cases`.
    level : float
        Confidence level of the limits.

    Raises
    ------
    ValueError
        If there is no trace, or fewer than 2 cases.

    """
    n_cases, n_traces = len(case_distance), len(trace_distance)
    if n_cases < 2 or n_traces < 1 or neighbourhood.n_cases < 2:
        raise ValueError("need at least 2 cases and 1 trace")
    threshold = float(_thresholds(case_distance))
    share = float(np.mean(trace_distance > threshold))
    observed = float(_shares_beyond(neighbourhood, np.arange(neighbourhood.n_cases, dtype=np.int32)[None, :])[0])
    null = _shares_beyond(neighbourhood, permuted[:_FIRST_PERMUTATIONS])
    if (
        len(permuted) > len(null) and np.count_nonzero(null >= observed) < _CLEARLY_NULL
    ):  # two stages keep every p below 0.1 exact
        null = np.concatenate([null, _shares_beyond(neighbourhood, permuted[_FIRST_PERMUTATIONS:])])
    expected = float(null.mean())
    difference = newcombe_difference(
        wilson(share * n_traces, n_traces, level), _expected_interval(null, neighbourhood, n_cases, level)
    )
    return Novelty(
        share=share,
        expected=expected,
        excess=share - expected,
        low=difference.low,
        high=difference.high,
        p_value=upper_p_value(observed, null),
        threshold=threshold,
        n_cases=n_cases,
        n_traces=n_traces,
        null_spread=float(null.std()),
    )


def _expected_interval(null: NDArray[np.float64], pool: Neighbourhood, n_cases: int, level: float) -> Interval:
    """Where the share without drift may lie for the threshold that these cases happened to give.

    From the quantiles of the null: cases that are each other's nearest lie beyond the threshold together, which makes
    the share vary more than independent cases would, and less evenly. What the pool's traces add is taken off, since
    the traces measured bring their own.
    """
    expected = float(null.mean())
    low, high = np.quantile(null, [0.5 - level / 2, 0.5 + level / 2]).tolist()
    n_traces = len(pool.index) - pool.n_cases
    own = wilson(expected * n_traces, n_traces, level)
    scale = math.sqrt(pool.n_cases / n_cases)
    below = math.sqrt(max(0.0, (expected - low) ** 2 - (expected - own.low) ** 2)) * scale
    above = math.sqrt(max(0.0, (high - expected) ** 2 - (own.high - expected) ** 2)) * scale
    return Interval(expected, expected - below, expected + above, n_cases)


def _thresholds(case_distances: NDArray[np.float32]) -> NDArray[np.float32]:
    """The order statistic of which the share TAIL of cases, rounded down, lies beyond: (..., n) -> (...,)."""
    n = case_distances.shape[-1]
    rank = n - 1 - math.floor(TAIL * n)
    result: NDArray[np.float32] = np.partition(case_distances, rank, axis=-1)[..., rank]
    return result


def _shares_beyond(pool: Neighbourhood, cases: NDArray[np.int32]) -> NDArray[np.float64]:
    """Share of the pool's traces beyond the threshold when each row of `cases` (b, n_cases) are the cases, (b,).

    A point with no case among its neighbours is beyond any threshold, in the null as observed.
    """
    shares = [
        _shares_of_few(pool, cases[i : i + _PERMUTATIONS_AT_ONCE]) for i in range(0, len(cases), _PERMUTATIONS_AT_ONCE)
    ]
    return np.concatenate(shares)


def _shares_of_few(pool: Neighbourhood, cases: NDArray[np.int32]) -> NDArray[np.float64]:
    n, k = pool.index.shape
    b, n_cases = cases.shape
    is_case = np.zeros((b, n), dtype=np.bool_)
    np.put_along_axis(is_case, cases, True, axis=1)
    distance = np.full(b * n, np.float32(np.inf))
    open_points = np.arange(b * n)  # those whose nearest case is not found yet, as positions in (b, n)
    row, point = np.divmod(open_points, n)
    shift = row * n
    for j in range(k):  # from the nearest neighbour outwards: fewer points are left at every step
        hit = is_case.ravel()[shift + pool.index[point, j]]
        distance[open_points[hit]] = pool.distance[point[hit], j]
        open_points, point, shift = open_points[~hit], point[~hit], shift[~hit]
        if not len(open_points):
            break
    by_row = distance.reshape(b, n)
    thresholds = _thresholds(by_row[is_case].reshape(b, n_cases))
    beyond = (by_row > thresholds[:, None]) & ~is_case
    result: NDArray[np.float64] = beyond.sum(axis=1) / (n - n_cases)
    return result
