"""Permutation tests: who is a case and who a trace is dealt anew, the points stay.

Every p-value counts the observed labelling among the permutations (add one), so none is 0 and
each is valid at any sample size: P(p <= alpha) <= alpha when cases and traces are exchangeable.

Source: Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, 39; Westfall and Young (1993);
Pesarin (2001) for the combination of dependent tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def hypergeometric_counts(
    totals: ArrayLike, n_cases: int, n_permutations: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Case counts per leaf under permuted labels, one leaf partition: (n_permutations, k).

    Its cost does not depend on the number of points. For several partitions at once, whose
    statistics are to be combined, use `permuted_cases`, which keeps their dependence.
    """
    t = np.asarray(totals, dtype=np.int64)
    return rng.multivariate_hypergeometric(t, n_cases, size=n_permutations, method="marginals")


def permuted_cases(n_total: int, n_cases: int, n_permutations: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Who is a case in each permutation: positions in 0..n_total-1, (n_permutations, n_cases)."""
    drawn = np.empty((n_permutations, n_cases), dtype=np.int32)
    for row in drawn:
        row[:] = rng.choice(n_total, n_cases, replace=False, shuffle=False)
    return drawn


def counts_by_leaf(cases: NDArray[np.int32], leaf: NDArray[np.int32], n_leaves: int) -> NDArray[np.int64]:
    """Cases per leaf in each permutation: (n_permutations, n_leaves).

    `cases` (n_permutations, n_cases) as from `permuted_cases`, `leaf` (n_total,).
    """
    n_permutations = len(cases)
    offset = np.arange(n_permutations, dtype=np.int64)[:, None] * n_leaves
    flat = (leaf[cases] + offset).ravel()
    counts = np.bincount(flat, minlength=n_permutations * n_leaves)
    return counts.reshape(n_permutations, n_leaves)


def upper_p_value(observed: float, null: ArrayLike) -> float:
    """P-value of a statistic that is large when something is wrong; `null` (n_permutations,).

    >>> upper_p_value(3.0, [1.0, 2.0, 3.0])
    0.5
    """
    x = np.asarray(null, dtype=np.float64)
    return float((1 + np.count_nonzero(x >= observed)) / (1 + len(x)))


def max_adjusted_p_values(observed: ArrayLike, null_maxima: ArrayLike) -> NDArray[np.float64]:
    """Family-wise adjusted p-values: each statistic against the permutations' maxima.

    Single-step Westfall-Young: P(any p <= alpha) <= alpha under the null. `observed` (m,),
    `null_maxima` (n_permutations,); returns (m,).

    >>> max_adjusted_p_values([0.0, 2.5], [1.0, 2.0, 3.0]).tolist()
    [1.0, 0.5]
    """
    maxima = np.sort(np.asarray(null_maxima, dtype=np.float64))
    x = np.asarray(observed, dtype=np.float64)
    at_least = len(maxima) - np.searchsorted(maxima, x, side="left")
    result: NDArray[np.float64] = (1 + at_least) / (1 + len(maxima))
    return result


def column_p_values(statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """P-value of every row within its column, (b, m) -> (b, m); large statistics are extreme.

    Row 0 is by custom the observed one, the rest the permutations.
    """
    b = len(statistics)
    ordered = np.sort(statistics, axis=0)
    p = np.empty(statistics.shape, dtype=np.float64)
    for j in range(statistics.shape[1]):
        below = np.searchsorted(ordered[:, j], statistics[:, j], side="left")
        p[:, j] = (b - below) / b
    return p


def fisher_sums(statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fisher's sum -2 * sum(log p) of every row over its columns' p-values, (b, m) -> (b,).

    Strong where many statistics say a little each. `statistics` (n_permutations + 1, m) are large when something is
    wrong, the observed row first; a row is one permutation, so that their dependence is kept when the sums are ranked.

    Source: Fisher (1932), Statistical methods for research workers; Pesarin (2001).

    >>> fisher_sums(np.array([[9.0, 9.0], [1.0, 2.0], [2.0, 1.0], [0.0, 0.0]])).round(2).tolist()
    [5.55, 1.96, 1.96, 0.0]
    """
    total: NDArray[np.float64] = 2 * -np.log(column_p_values(statistics)).sum(axis=1)
    return total.round(9) + 0.0  # no -0; rounding errors must not part permutations that tie


def tippett_combined_p_value(statistics: NDArray[np.float64]) -> float:
    """One p-value from several dependent statistics by the smallest p among them, calibrated by permutation.

    Strong where one statistic says it all. `statistics` (n_permutations + 1, m), the observed row first.

    Source: Tippett (1931), The methods of statistics; Pesarin (2001).

    >>> tippett_combined_p_value(np.array([[9.0, 0.0], [1.0, 2.0], [2.0, 1.0], [0.0, 0.0]]))
    0.5
    """
    smallest = column_p_values(statistics).min(axis=1)
    return upper_p_value(float(-smallest[0]), -smallest[1:])
