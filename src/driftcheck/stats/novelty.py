"""The share of traffic that resembles no case, against what chance alone would give.

A trace is novel when its nearest case is farther than 95 % of cases are from their own nearest
other case. Without drift about 5 % of traces are; the excess over that is the finding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.stats.intervals import newcombe_difference, wilson
from driftcheck.stats.permutation import upper_p_value

TAIL = 0.05
"""Share of cases whose nearest other case lies beyond the threshold, by definition."""


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
    threshold = _threshold(case_distance)
    share = float(np.mean(trace_distance > threshold))
    observed = _share_beyond(neighbourhood, np.arange(neighbourhood.n_cases, dtype=np.int32))
    null = np.array([_share_beyond(neighbourhood, cases) for cases in permuted])
    expected = float(null.mean())
    difference = newcombe_difference(
        wilson(share * n_traces, n_traces, level), wilson(expected * n_cases, n_cases, level)
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
    )


def _threshold(case_distance: NDArray[np.float32]) -> float:
    """The order statistic of which the share TAIL of cases, rounded down, lies beyond."""
    n = len(case_distance)
    rank = n - 1 - math.floor(TAIL * n)
    return float(np.partition(case_distance, rank)[rank])


def _share_beyond(pool: Neighbourhood, cases: NDArray[np.int32]) -> float:
    """Share of the pool's traces beyond the threshold when `cases` are the cases.

    A point with no case among its neighbours is beyond any threshold, in the null as observed.
    """
    is_case = np.zeros(len(pool.index), dtype=np.bool_)
    is_case[cases] = True
    hit = is_case[pool.index]
    first = hit.argmax(axis=1)
    rows = np.arange(len(first))
    distance = np.where(hit[rows, first], pool.distance[rows, first], np.float32(np.inf))
    return float(np.mean(distance[~is_case] > _threshold(distance[is_case])))
