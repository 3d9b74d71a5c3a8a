"""One run against the one before: what broke, what was mended, and what only flickers.

A case is *flaky* here when, over the earlier runs of the old version and the new run together, both of its outcomes
occurred more than once and in more than a tenth of the runs, or when it changed by less than half of its repeats. The
rule treats the old and the new run alike, so that leaving flaky cases out makes neither direction likelier: "it had
never failed before" would not do, since a case that fails by chance does so for a first time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.history import History, RunPoint
from driftcheck.sizes import ALPHA, POWER
from driftcheck.stats.intervals import Interval, holm, mean_interval
from driftcheck.stats.paired import (
    chance_of_as_many,
    mcnemar_p_value,
    paired_difference,
    smallest_beyond_noise,
    smallest_paired_change,
)

LEVEL = 0.05
"""Of exact McNemar, one-sided, where two runs are compared because someone asked."""
FLAKY_SHARE = 0.1
"""Share of runs up to which the rarer outcome of a case still counts as an exception, not as a habit."""
_MOVE = 0.5
"""Share of a case's repeats that must change for the case to have changed."""


@dataclass(frozen=True, slots=True)
class FlakyCase:
    """A case that changed as it does without any change."""

    case_id: str
    n_passes: int
    """Runs that it passed, of the old version and the new run."""
    n_runs: int
    fails_now: bool


@dataclass(frozen=True, slots=True)
class SliceUpgrade:
    """The same, within one slice."""

    name: str
    n: int
    """Cases with an outcome in both runs."""
    newly_failing: tuple[str, ...]
    newly_passing: tuple[str, ...]
    change: Interval
    """Pass rate of the new run minus the old one's, flaky cases held still."""
    p_value: float
    """One-sided exact McNemar, Holm-adjusted over the slices of its column."""


@dataclass(frozen=True)
class Upgrade:
    """Two runs of the same cases compared. Ids are sorted."""

    old: RunPoint
    new: RunPoint
    n: int
    """Cases with an outcome in both runs."""
    newly_failing: tuple[str, ...]
    newly_passing: tuple[str, ...]
    still_failing: tuple[str, ...]
    flaky: tuple[FlakyCase, ...]
    """Changed too, but they do that."""
    came: tuple[str, ...]
    went: tuple[str, ...]
    old_rate: Interval
    """Pass rate of the old run on the cases in both."""
    new_rate: Interval
    change: Interval
    """Pass rate of the new run minus the old one's, flaky cases held still."""
    p_mcnemar: float
    """One-sided exact McNemar on the cases that are not flaky."""
    p_noise: float | None
    """Chance of as many newly failing cases, given how often each fails in the other runs; None without others."""
    n_reference: int
    """Runs of the old version, the old run among them."""
    smallest: float | None
    """Smallest net share of cases newly failing that McNemar would have found at LEVEL 8 times in 10."""
    noticeable: float | None
    """The same for the gate (`p_gate` at ALPHA)."""

    @property
    def net_failing(self) -> float:
        """Share of cases that fail now and did not, less those that pass now and did not; below 0 it got better."""
        return -self.change.value

    @property
    def p_gate(self) -> float:
        """The p-value that a gate holds against `ALPHA`.

        With earlier runs of the old version at hand, that of as many newly failing cases by chance, provided the run
        is worse, not only different (McNemar at LEVEL); without them McNemar's own.
        """
        if self.p_noise is None or self.p_mcnemar > LEVEL:
            return self.p_mcnemar
        return self.p_noise

    @property
    def is_worse(self) -> bool:
        """Whether McNemar finds the new run worse at LEVEL."""
        return self.p_mcnemar <= LEVEL


def compare_runs(history: History, old: int, new: int) -> Upgrade:
    """Compare run `new` with run `old` (positions), against the noise of the runs before `old`.

    The earlier run need not be the one before; runs between them are not looked at.
    """
    moves = history.moves(old, new)
    reference = history.reference(old)
    runs = np.append(reference, new)
    n_known = history.known[:, runs].sum(axis=1)
    n_passes = history.passes[:, runs].sum(axis=1)
    steady = _steady(n_known, n_passes)
    shares_moved = np.abs(history.shares[:, new] - history.shares[:, old]) >= _MOVE

    def counts(rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return rows[steady[rows] & shares_moved[rows]]

    worse, better = counts(moves.newly_failing), counts(moves.newly_passing)
    changed = np.concatenate([moves.newly_failing, moves.newly_passing])
    apart = np.sort(changed[~(steady[changed] & shares_moved[changed])])
    both = history.known[:, old] & history.known[:, new]
    p_noise, variance, others = _against_noise(history, reference, new, steady & both)
    n = moves.n
    # between two runs a case that fails k of n runs changes with chance 2 k (n - k) / (n (n - 1)) in either direction
    habit = 2 * n_passes * (n_known - n_passes) / np.maximum(n_known * (n_known - 1), 1)
    noise = float(habit[steady & both].sum()) / max(n, 1) if others > 1 else 2 * len(better) / max(n, 1)
    return Upgrade(
        old=history.runs[old],
        new=history.runs[new],
        n=n,
        newly_failing=history.ids(worse),
        newly_passing=history.ids(better),
        still_failing=history.ids(moves.still_failing),
        flaky=tuple(
            FlakyCase(history.case_ids[row], int(n_passes[row]), int(n_known[row]), bool(history.fails[row, new]))
            for row in apart
        ),
        came=history.ids(moves.came),
        went=history.ids(moves.went),
        old_rate=mean_interval(history.shares[both, old]),
        new_rate=mean_interval(history.shares[both, new]),
        change=paired_difference(len(worse), len(better), n),
        p_mcnemar=mcnemar_p_value(len(worse), len(better)),
        p_noise=p_noise,
        n_reference=len(reference),
        smallest=smallest_paired_change(noise, n, LEVEL),
        noticeable=_noticeable(noise, variance, n, others),
    )


def _noticeable(noise: float, variance: float, n: int, others: float) -> float | None:
    """What the gate finds 8 times in 10: both of its tests, each then with half of the misses."""
    if others <= 1:
        return smallest_paired_change(noise, n, ALPHA)
    power = (1 + POWER) / 2
    both = smallest_paired_change(noise, n, LEVEL, power), smallest_beyond_noise(variance, n, others, ALPHA, power)
    return None if None in both else max(value for value in both if value is not None)


def by_slice(upgrade: Upgrade, slices: Mapping[str, Sequence[str]]) -> tuple[SliceUpgrade, ...]:
    """The upgrade within each slice: those that lost most cases first.

    Args:
        upgrade: the runs compared.
        slices: ids of the cases with an outcome in both runs, by slice; slices may overlap.

    """
    failing, passing = set(upgrade.newly_failing), set(upgrade.newly_passing)
    found = []
    for name, ids in slices.items():
        worse = tuple(sorted(failing.intersection(ids)))
        better = tuple(sorted(passing.intersection(ids)))
        found.append((name, len(ids), worse, better, mcnemar_p_value(len(worse), len(better))))
    adjusted = holm([p for *_, p in found]).tolist() if found else []
    rows = [
        SliceUpgrade(name, n, worse, better, paired_difference(len(worse), len(better), n), p)
        for (name, n, worse, better, _), p in zip(found, adjusted, strict=True)
    ]
    return tuple(sorted(rows, key=worst_first))


def worst_first(row: SliceUpgrade) -> tuple[int, int, str]:
    """Sort key of slices: the most cases lost first, then the largest slice."""
    return len(row.newly_passing) - len(row.newly_failing), -row.n, row.name


def _steady(n_known: NDArray[np.intp], n_passes: NDArray[np.intp]) -> NDArray[np.bool_]:
    rarer = np.minimum(n_passes, n_known - n_passes)
    return np.asarray(rarer <= np.maximum(1, np.floor(FLAKY_SHARE * n_known)), dtype=np.bool_)


def _against_noise(
    history: History, reference: NDArray[np.intp], new: int, steady: NDArray[np.bool_]
) -> tuple[float | None, float, float]:
    """Chance of as many newly failing cases where the new run is one more of the same version.

    Given that a case passes the old run and how often it fails in the others, each of those, the new run among them,
    is as likely to hold a failure as any other: an exact test, stratified by case (Cochran-Mantel-Haenszel).

    Returns:
        The p-value (None where no case has an earlier run), the variance of the number by chance, and the mean number
        of other runs.

    """
    others = np.append(reference[:-1], new)
    rows = np.flatnonzero(steady & history.passes[:, reference[-1]])
    n_others = history.known[np.ix_(rows, others)].sum(axis=1)
    told = n_others > 1
    if not told.any():
        return None, 0.0, 1.0
    rows, n_others = rows[told], n_others[told]
    chance = history.fails[np.ix_(rows, others)].sum(axis=1) / n_others
    seen = int(history.fails[rows, new].sum())
    uncertain = chance[chance > 0]
    return chance_of_as_many(uncertain, seen), float(np.sum(chance * (1 - chance))), float(n_others.mean())
