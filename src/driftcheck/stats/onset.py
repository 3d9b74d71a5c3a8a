"""Since when has traffic moved: the first of several weeks that differs, told with the help of the weeks after it.

A week of a few hundred sessions cannot show a slight shift of the mix by itself: there are too many slices in which it
could lie. But the weeks after it tell where to look. So one hypothesis is tested for each week w: *the eval set and all
weeks up to w are samples of one population*. The weeks after w and the pool of the eval set with all weeks up to w give
each slice a weight, the log ratio of its two shares; every point of the pool scores the weight of its slice; the
statistic is the largest standardised excess of the newest 1, 2, ... weeks of the pool over what came before them. The
weights see the pool as a whole, not who is of which week, so dealing the weeks anew within the pool is an exact test;
its distribution is taken as normal, which sums of hundreds of bounded scores are.

The hypotheses are nested (that of week w includes all before it). So half of the level goes to a chain: from a
hypothesis known to be false each one before it is tested at level / 2, until one stands. A chain starts at the last
week, and wherever one of the n hypotheses falls at level / 2n, which spends the other half: after a long time without
further change, the weeks around the onset tell more than the last ones. A week before the first that differs is named
with at most the level's probability: one of its true hypotheses must fall at level / 2n, or the last of them at
level / 2.

Source: fixed-sequence testing: Maurer, Hothorn and Lehmacher (1995), Multiple comparisons in drug clinical trials and
preclinical assays: a-priori ordered hypotheses; with a start of its own: Wiens (2003), A fixed sequence Bonferroni
procedure for testing multiple endpoints; weights: the likelihood ratio, Neyman and Pearson (1933).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

LEVEL = 0.02
"""Chance of naming a week before the first that differs."""
_N_DRAWS = 9_999


def differs_p_values(leaves: NDArray[np.int32], group: NDArray[np.int32], seed: int = 0) -> NDArray[np.float64]:
    """P-value of each group but the last: does it, with the groups before it, differ from the first one.

    Args:
        leaves: slice of each point in each of several clusterings, (n_trees, n).
        group: 0 = reference (the eval set), 1.. = weeks in order, (n,); every one has points.
        seed: of the draws.

    Returns:
        P-values of the groups 1..last-1, (last - 1,): the last has none after it that tell where to look.

    """
    last = int(group.max())
    rng = np.random.default_rng([seed, 107])
    return np.array([_p_value(leaves, group, week, rng) for week in range(1, last)])


def first_that_differs(p_values: NDArray[np.float64], level: float = LEVEL) -> int:
    """The first group since which all differ, from 1; the one after the last p-value is known to.

    >>> first_that_differs(np.array([0.004, 0.6, 0.001, 0.002]))
    3
    >>> first_that_differs(np.array([0.3, 0.6, 0.001, 0.2])), first_that_differs(np.array([0.3, 0.6, 0.004, 0.2]))
    (3, 5)
    """
    n = len(p_values)
    starts = [n, *np.flatnonzero(p_values <= level / 2 / max(n, 1)).tolist()]
    first = n
    for start in starts:
        while start > 0 and p_values[start - 1] <= level / 2:
            start -= 1
        first = min(first, start)
    return first + 1


def falls_p_values(values: NDArray[np.float64], group: NDArray[np.int32], seed: int = 0) -> NDArray[np.float64]:
    """P-value of each group but the first: are its values, with those of the newest groups before it, lower.

    The same hypotheses and statistic with the values themselves for scores; here the last group is told too.

    Args:
        values: one of each independent unit, (n,).
        group: 0.. in order, (n,); every one has units.
        seed: of the draws.

    """
    rng = np.random.default_rng([seed, 113])
    last = int(group.max())
    return np.array([_p_of_scores(-values[group <= k], group[group <= k], rng) for k in range(1, last + 1)])


def _p_value(leaves: NDArray[np.int32], group: NDArray[np.int32], week: int, rng: np.random.Generator) -> float:
    in_pool = group <= week
    return _p_of_scores(_weights_of(leaves, in_pool), group[in_pool], rng)


def _p_of_scores(score: NDArray[np.float64], group: NDArray[np.int32], rng: np.random.Generator) -> float:
    n: NDArray[np.float64] = np.bincount(group).astype(np.float64)
    spread = float(score.std(ddof=1)) if len(score) > 1 else 0.0
    if spread < 1e-12:
        return 1.0
    sums = np.bincount(group, weights=(score - score.mean()) / spread).astype(np.float64)
    # sums of groups of a shuffled pool: independent normal, less what makes them sum to 0
    free = rng.standard_normal((_N_DRAWS, len(n))) * np.sqrt(n)
    drawn = free - free.sum(axis=1, keepdims=True) * n / n.sum()
    observed, null = float(_largest(sums[None, :], n)[0]), _largest(drawn, n)
    beyond = int(np.count_nonzero(null >= observed))
    # beyond all draws: Bonferroni over the sums of the newest groups, each of which is standard normal
    return (1 + beyond) / (1 + _N_DRAWS) if beyond else min(1 / (1 + _N_DRAWS), float((len(n) - 1) * ndtr(-observed)))


def _weights_of(leaves: NDArray[np.int32], in_pool: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean over the clusterings of each pool point's log ratio of shares, later points against the pool."""
    n_pool, n_later = int(in_pool.sum()), int((~in_pool).sum())
    score = np.zeros(n_pool)
    for leaf in leaves:
        k = int(leaf.max()) + 1
        pool = np.bincount(leaf[in_pool], minlength=k)
        later = np.bincount(leaf[~in_pool], minlength=k)
        # both shrunk towards their common share by one point a slice, or a rare slice would weigh most
        prior = (pool + later) / (n_pool + n_later) * k
        ratio = ((later + prior) / (n_later + k)) / ((pool + prior) / (n_pool + k))
        score += np.log(np.where(prior > 0, ratio, 1.0))[leaf[in_pool]]
    return score / len(leaves)


def _largest(sums: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest standardised excess of the newest groups together, (n_draws,) from sums (n_draws, n_groups)."""
    newest = np.cumsum(sums[:, ::-1], axis=1)[:, :-1]
    size = np.cumsum(n[::-1])[:-1]
    largest: NDArray[np.float64] = (newest / np.sqrt(size * (n.sum() - size) / n.sum())).max(axis=1)
    return largest
