"""What runs of one version do by themselves: which cases are flaky, and how many fail newly by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.history import History
from driftcheck.sizes import ALPHA, POWER
from driftcheck.stats.paired import chance_of_as_many, smallest_beyond_noise, smallest_paired_change

LEVEL = 0.05
"""Of exact McNemar, one-sided, where two runs are compared because someone asked."""
FLAKY_SHARE = 0.1
"""Share of runs up to which the rarer outcome of a case still counts as an exception, not as a habit."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How many cases fail newly where the new run is one more of the same version."""

    p_value: float
    """Chance of as many as are seen."""
    variance: float
    """Of their number by chance."""
    n_others: float
    """Mean number of runs besides the old one, the new one among them."""


def is_steady(n_known: NDArray[np.intp], n_passes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether the rarer outcome of each case is an exception; from the old and new runs alike, (n_cases,)."""
    rarer = np.minimum(n_passes, n_known - n_passes)
    return np.asarray(rarer <= np.maximum(1, np.floor(FLAKY_SHARE * n_known)), dtype=np.bool_)


def against_noise(history: History, reference: NDArray[np.intp], new: int, among: NDArray[np.bool_]) -> Noise | None:
    """Chance of as many newly failing cases where the new run is one more of the same version.

    Given that a case passes the old run and how often it fails in the others, each of those, the new run among them,
    is as likely to hold a failure as any other: an exact test, stratified by case (Cochran-Mantel-Haenszel).

    Args:
        history: outcomes.
        reference: runs of the old version, the old run last.
        new: the new run.
        among: the cases to count, each with an outcome in both, (n_cases,).

    Returns:
        None where no case has an earlier run.

    """
    others = np.append(reference[:-1], new)
    rows = np.flatnonzero(among & history.passes[:, reference[-1]])
    n_others = history.known[np.ix_(rows, others)].sum(axis=1)
    told = n_others > 1
    if not told.any():
        return None
    rows, n_others = rows[told], n_others[told]
    chance = history.fails[np.ix_(rows, others)].sum(axis=1) / n_others
    seen = int(history.fails[rows, new].sum())
    uncertain = chance[chance > 0]
    return Noise(chance_of_as_many(uncertain, seen), float(np.sum(chance * (1 - chance))), float(n_others.mean()))


def provided_worse(p_mcnemar: float, noise: Noise | None) -> float:
    """The noise's p-value, where McNemar finds the run worse, not only different; else McNemar's own."""
    return p_mcnemar if noise is None or p_mcnemar > LEVEL else noise.p_value


def smallest_of(p_values: Sequence[float]) -> float:
    """One p-value from several tests of the same runs (Bonferroni).

    >>> smallest_of([0.01]), smallest_of([0.01, 0.4]), smallest_of([0.9, 0.8])
    (0.01, 0.02, 1.0)
    """
    return min(1.0, len(p_values) * min(p_values))


def noticeable_change(flips: float, n: int, noise: Noise | None, n_tests: int) -> float | None:
    """Net share of cases newly failing that a gate at ALPHA finds 8 times in 10; None where none is.

    With other runs at hand both tests must find it, each then with half of the misses.

    Args:
        flips: share of cases that change between two runs without any change.
        n: cases in both runs.
        noise: of the other runs.
        n_tests: tests that share ALPHA.

    """
    if noise is None:
        return smallest_paired_change(flips, n, ALPHA / n_tests)
    power = (1 + POWER) / 2
    both = (
        smallest_paired_change(flips, n, LEVEL, power),
        smallest_beyond_noise(noise.variance, n, noise.n_others, ALPHA / n_tests, power),
    )
    return None if None in both else max(value for value in both if value is not None)
