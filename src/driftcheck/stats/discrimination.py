"""What cases tell apart: how many of them do, and how few rank the runs as all of them do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TRIES = 40
"""Sizes of the smaller set that are tried."""


def effective_cases(shares: Floats) -> float:
    """How many cases of the most telling kind would vary as much between versions as all of these.

    A case that p of the versions pass has variance p (1 - p), at the most 1/4: the sum over cases of 4 p (1 - p). A
    case that every version passes, or none, adds nothing.

    Parameters
    ----------
    shares : array (n_cases,)
        Share of versions that pass the case, 0..1.

    Source: variance of items in classical test theory, Lord and Novick (1968), Statistical theories of mental test
    scores, chapter 15.

    >>> effective_cases(np.array([1.0, 1.0, 0.5, 0.0]))
    1.0

    """
    return float(np.sum(4 * shares * (1 - shares)))


def kendall_tau(a: Floats, b: Floats) -> float:
    """Kendall's tau-b of two scores of the same runs, -1..1; 0 where either never differs.

    Source: Kendall (1945), The treatment of ties in ranking problems, Biometrika 33, 239.

    >>> kendall_tau(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
    0.3333333333333333
    """
    rows, columns = np.triu_indices(len(a), k=1)
    first = np.sign(np.round(a[rows] - a[columns], 12))
    second = np.sign(np.round(b[rows] - b[columns], 12))
    ties = math.sqrt(np.count_nonzero(first) * np.count_nonzero(second))
    return float(first @ second / ties) if ties else 0.0


@dataclass(frozen=True, slots=True)
class SmallerSet:
    """Cases that rank the runs nearly as all do."""

    rows: NDArray[np.intp]
    """The cases, most telling first."""
    tau: float
    """Kendall's tau-b of the scores by these and by all cases, on the runs that they were chosen by."""


def smaller_set(outcomes: Floats, least_tau: float) -> SmallerSet | None:
    """Fewest cases, taken by how much they tell, whose score ranks the runs as the score of all does.

    Cases are taken by their covariance with the score of the others, those that tell most first. They are chosen on
    the runs at hand: new runs they rank a little worse than `tau` says.

    Parameters
    ----------
    outcomes : array (n_cases, n_runs)
        0..1, without NaN.
    least_tau : float
        Kendall's tau-b from which on two rankings count as the same.

    Returns
    -------
    SmallerSet, or None where no proper part of the cases does.

    Source: item-rest discrimination in classical test theory, Lord and Novick (1968), chapter 15.

    """
    score = outcomes.sum(axis=0)
    centred = outcomes - outcomes.mean(axis=1, keepdims=True)
    telling = centred @ (score - score.mean()) - np.sum(centred**2, axis=1)
    moved = np.flatnonzero(np.any(centred != 0, axis=1))
    order = moved[np.argsort(-np.round(telling[moved], 9), kind="stable")]
    totals = np.cumsum(outcomes[order], axis=0)
    if len(order) == 0:
        return None
    for size in np.unique(np.geomspace(1, len(order), _TRIES).astype(int)).tolist():
        tau = kendall_tau(totals[size - 1], score)
        if tau >= least_tau and size < len(outcomes):
            return SmallerSet(order[:size], tau)
    return None
