"""Traces that differ from each other and from every case: a trimmed k-centre, and where production has no case nearby.

All vectors are unit embeddings, nearness is their cosine.

Sources: Gonzalez (1985), Clustering to minimize the maximum intercluster distance (farthest first is within twice the
best k-centre); Charikar et al. (2001), Algorithms for facility location problems with outliers (why it is trimmed).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

EXPECTED = 6.0
"""Cases that a trace's neighbourhood would hold if the eval set were like traffic: that all are missing by chance
happens to one trace in 400 (exp(-6))."""
_LEAST_NEIGHBOURS = 5
_CORE = 5
TRIMMED = 0.10
"""Share of a slice's traces, those with the fewest like them, that come last: outliers are no topic."""
_ROWS_AT_ONCE = 512


def local_ratio(traces: Floats, cases: Floats) -> NDArray[np.float64]:
    """Cases near each trace over what parity would put there, (n_traces,): 0 has none, 1 is as the rest.

    Near: within the distance of so many other traces that a set of the same mix would have EXPECTED cases there.
    """
    n_traces, n_cases = len(traces), len(cases)
    k = min(n_traces - 1, max(_LEAST_NEIGHBOURS, math.ceil(EXPECTED * n_traces / n_cases)))
    ratio = np.empty(n_traces)
    with threadpool_limits(1):  # the order in which threads add up would change the last bits, then a rank
        for start in range(0, n_traces, _ROWS_AT_ONCE):
            part = traces[start : start + _ROWS_AT_ONCE]
            alike = part @ traces.T
            alike[np.arange(len(part)), start + np.arange(len(part))] = -np.inf
            reach = np.partition(alike, n_traces - k, axis=1)[:, n_traces - k]
            ratio[start : start + len(part)] = (part @ cases.T >= reach[:, None]).sum(axis=1)
    return ratio / (k * n_cases / n_traces)


def nearness(points: Floats, others: Floats) -> Floats:
    """Cosine of each point with the nearest of the others, -1 where there are none, (n,)."""
    result = np.full(len(points), -1.0, dtype=np.float32)
    if len(others):
        with threadpool_limits(1):
            for start in range(0, len(points), _ROWS_AT_ONCE):
                part = slice(start, start + _ROWS_AT_ONCE)
                result[part] = (points[part] @ others.T).max(axis=1)
    return result


def farthest_first(points: Floats, similarity: Floats, limit: int) -> list[int]:
    """Rows of points, each as unlike as can be to those before it and to what is there already.

    The first is the most central, so that a slice of which one is taken gets what it mostly asks. The tenth with the
    fewest points like them comes after all others.

    Parameters
    ----------
    points : array (n, d)
        Unit vectors.
    similarity : array (n,)
        Cosine of each with the nearest that is there already.
    limit : int
        Most rows.

    """
    if not len(points):
        return []
    with threadpool_limits(1):
        alike = points @ points.T
        core = min(_CORE, len(points) - 1)
        density = -np.partition(-alike, core, axis=1)[:, : core + 1].mean(axis=1)  # itself too, which is 1 for all
        lonely = density < np.quantile(density, TRIMMED) if len(points) >= 2 * _CORE else np.zeros(len(points), bool)
        chosen: list[int] = []
        nearest = similarity.astype(np.float64)
        central = points @ points[~lonely].mean(axis=0)
        for group in (~lonely, lonely):
            left = group.copy()
            while len(chosen) < limit and left.any():
                score = nearest if chosen else -central
                row = int(np.flatnonzero(left)[np.argmin(score[left])])
                chosen.append(row)
                left[row] = False
                nearest = np.maximum(nearest, alike[row])
    return chosen
