"""Nearest cases of traces, how much of the traffic has none near, and cases that repeat each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from driftcheck.slices.space import Floats, Space
from driftcheck.stats.novelty import Neighbourhood, Novelty, novelty
from driftcheck.stats.permutation import permuted_cases

MAX_TEST_CASES = 1500
"""Cases that enter the novelty p-value; the share itself uses all."""
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class NovelTraffic:
    """Novelty of the traffic as a whole and of each trace."""

    novelty: Novelty
    """Share, excess, interval and p-value."""
    distance: Floats
    """Distance in the space of each trace to its nearest case, (n_traces,)."""
    nearest_case: NDArray[np.int32]
    """Row of that case, (n_traces,)."""
    case_distance: Floats
    """Distance of each case to its nearest other case, (n_cases,)."""
    nearest_other_case: NDArray[np.int32]
    """Row of that other case, (n_cases,)."""

    @property
    def is_novel(self) -> NDArray[np.bool_]:
        """Which traces lie beyond the threshold, (n_traces,)."""
        result: NDArray[np.bool_] = self.distance > self.novelty.threshold
        return result


def find_novel(space: Space, *, n_permutations: int = 999, seed: int = 0) -> NovelTraffic:
    """Traces farther from every case than cases are from each other.

    The share is over all traces; its p-value is a permutation test on at most 1,500 cases and
    twice as many traces (at least 1,000).

    Raises
    ------
    ValueError
        If there are fewer than 2 cases.

    """
    rng = np.random.default_rng([seed, 102])
    n_cases = min(space.n_cases, MAX_TEST_CASES)
    n_traces = min(space.n_tested, max(1000, 2 * n_cases))
    chosen = np.sort(rng.choice(space.n_cases, n_cases, replace=False))
    pool = np.concatenate([space.cases[chosen], space.traces[:n_traces]])
    with threadpool_limits(1):
        nearest_case, distance = find_nearest(space.traces, space.cases)
        nearest_other_case, case_distance = find_nearest(space.cases, space.cases, skip_itself=True)
        neighbourhood = _neighbourhood(pool, n_cases)
    permuted = permuted_cases(len(pool), n_cases, n_permutations, rng)
    measured = novelty(distance, case_distance, neighbourhood, permuted)
    return NovelTraffic(measured, distance, nearest_case, case_distance, nearest_other_case)


def group_alike(vectors: Floats, similar: float) -> NDArray[np.int32]:
    """Number the groups of rows linked by a cosine of `similar` or more, single linkage.

    Parameters
    ----------
    vectors : array (n, d)
        Rows of unit norm, n >= 1.
    similar : float
        Cosine from which two rows are alike.

    Returns
    -------
    array (n,)
        Group of each row, numbered in the order of their first rows.

    """
    n = len(vectors)
    rows, columns = [], []
    for start in range(0, n, _ROWS_AT_ONCE):
        left, right = np.nonzero(vectors[start : start + _ROWS_AT_ONCE] @ vectors.T >= similar)
        rows.append(left + start)
        columns.append(right)
    links = coo_array((np.ones(sum(map(len, rows))), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))
    _, group = connected_components(links, directed=False)
    _, first, numbered = np.unique(group, return_index=True, return_inverse=True)
    order: NDArray[np.int32] = np.argsort(np.argsort(first)).astype(np.int32)[numbered]
    return order


def find_nearest(points: Floats, others: Floats, skip_itself: bool = False) -> tuple[NDArray[np.int32], Floats]:
    """Row of the nearest of `others` (m, d) to each of `points` (n, d), and its Euclidean distance, (n,) each.

    With `skip_itself` both are the same points, and none is its own neighbour.
    """
    index = np.empty(len(points), dtype=np.int32)
    closeness = np.empty(len(points), dtype=np.float32)
    half_norms = (others * others).sum(axis=1) / 2
    for i in range(0, len(points), _ROWS_AT_ONCE):
        part = slice(i, i + _ROWS_AT_ONCE)
        inner = points[part] @ others.T  # the largest inner product minus half the norm is the smallest distance
        inner -= half_norms
        rows = np.arange(len(inner))
        if skip_itself:
            inner[rows, i + rows] = -np.inf
        index[part] = inner.argmax(axis=1)
        closeness[part] = inner[rows, index[part]]
    squared = (points * points).sum(axis=1) - 2 * closeness
    distance: Floats = np.sqrt(np.maximum(squared, np.float32(0)))
    return index, distance


def _neighbourhood(pool: Floats, n_cases: int) -> Neighbourhood:
    """Enough neighbours that by chance a point in 3,000 has no case among them."""
    n = len(pool)
    k = min(n - 1, math.ceil(8 * n / n_cases))
    index = np.empty((n, k), dtype=np.int32)
    distance = np.empty((n, k), dtype=np.float32)
    for i in range(0, n, _ROWS_AT_ONCE):
        squared = _squared_distances(pool[i : i + _ROWS_AT_ONCE], pool)
        rows = np.arange(len(squared))
        squared[rows, i + rows] = np.inf
        near = np.argpartition(squared, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(squared, near, axis=1)
        order = np.argsort(values, axis=1, kind="stable")
        index[i : i + len(rows)] = np.take_along_axis(near, order, axis=1)
        distance[i : i + len(rows)] = np.sqrt(np.take_along_axis(values, order, axis=1))
    return Neighbourhood(index, distance, n_cases)


def _squared_distances(a: Floats, b: Floats) -> Floats:
    norms_a = (a * a).sum(axis=1)[:, None]
    norms_b = (b * b).sum(axis=1)[None, :]
    result: Floats = np.maximum(norms_a + norms_b - 2 * (a @ b.T), np.float32(0))
    return result
