"""How far a slice's eval count lies from what its production count leads to expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy


def signed_root_llr(case_counts: ArrayLike, totals: ArrayLike, n_cases: int, n_total: int) -> NDArray[np.float64]:
    """Signed root of the log-likelihood ratio of "one share" against "two shares", per slice.

    sign(p - q) * sqrt(2 * LLR) of two binomials; about standard normal for large counts when the
    slice has the same share on both sides. Positive: production has more than the eval set.

    Parameters
    ----------
    case_counts : array (..., m)
        Cases in each slice.
    totals : array (m,)
        Cases and traces together in each slice.
    n_cases, n_total : int
        Cases in all, cases and traces in all.

    Returns
    -------
    array (..., m)

    Source: Kulldorff (1997), Commun. Stat. 26, 1481 (scan statistic).

    >>> signed_root_llr([0, 10, 5], [50, 10, 55], 100, 1100).round(2).tolist()
    [3.13, -6.99, 0.0]

    """
    a = np.asarray(case_counts, dtype=np.float64)
    t = np.asarray(totals, dtype=np.float64)
    b = t - a
    n_traces = n_total - n_cases
    rate = t / n_total
    fit = (
        xlogy(a, a / n_cases)
        + xlogy(n_cases - a, 1 - a / n_cases)
        + xlogy(b, b / n_traces)
        + xlogy(n_traces - b, 1 - b / n_traces)
    )
    null = xlogy(t, rate) + xlogy(n_total - t, 1 - rate)
    ratio = 2 * (fit - null)
    ratio = np.where(ratio > 1e-8, ratio, 0.0)  # equal shares are equal, not a rounding error apart
    result: NDArray[np.float64] = np.sign(b / n_traces - a / n_cases) * np.sqrt(ratio)
    return result


@dataclass(frozen=True, slots=True)
class PossibleCounts:
    """Every number of cases that a slice can hold, all slices on end: statistics are computed once and looked up.

    A slice of t points holds 0..min(t, n_cases) cases, far fewer values than permutations times slices.
    """

    case_counts: NDArray[np.int64]
    """Possible numbers of cases, ascending within a slice, (n_possible,)."""
    totals: NDArray[np.int64]
    """Points of the slice that each belongs to, (n_possible,)."""
    start: NDArray[np.int64]
    """Where each slice begins, (m,)."""

    @classmethod
    def of(cls, totals: NDArray[np.int64], n_cases: int) -> PossibleCounts:
        """Of slices of `totals` (m,) points, drawn from a pool with `n_cases` cases.

        >>> PossibleCounts.of(np.array([1, 3]), 2).case_counts.tolist()
        [0, 1, 0, 1, 2]
        """
        lengths = np.minimum(totals, n_cases) + 1
        ends = np.cumsum(lengths)
        start = ends - lengths
        return cls(np.arange(ends[-1]) - np.repeat(start, lengths), np.repeat(totals, lengths), start)

    def places(self, case_counts: NDArray[np.integer]) -> NDArray[np.int64]:
        """Where the counts (n_permutations, m) are found among the possible ones, of the same shape."""
        result: NDArray[np.int64] = case_counts + self.start
        return result
