"""One run against the one before: what broke, what was mended, and what only flickers.

A case is *flaky* here when, over the earlier runs of the old version and the new run together, both of its outcomes
occurred more than once and in more than a tenth of the runs. The rule treats the old and the new run alike, so that
leaving flaky cases out makes neither direction likelier: "it had never failed before" would not do, since a case that
fails by chance does so for a first time. Yet a case that failed in an outage long ago is flaky too: so where there are
flaky cases, all are tested as well, and the smaller of the two p-values counts double. A case with repeats may move
without changing: where any does, the test of all cases goes by shares of passes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from driftcheck.history import History, RunPoint
from driftcheck.run_noise import LEVEL, against_noise, is_steady, noticeable_change, provided_worse, smallest_of
from driftcheck.stats.intervals import Interval, holm, mean_interval
from driftcheck.stats.paired import (
    mcnemar_p_value,
    paired_difference,
    paired_mean_difference,
    sign_flip_p_value,
    smallest_paired_change,
)

_MOVE = 0.5
"""Share of a case's repeats that must change for the case to have changed."""
_FEWEST_NEW = 10
"""Cases without an earlier run below which McNemar on them is out of reach of a gate, were they all to fail."""


@dataclass(frozen=True, slots=True)
class FlakyCase:
    """A case that changed as it does without any change."""

    case_id: str
    n_passes: int
    """Runs that it passed, of the old version and the new run."""
    n_runs: int
    fails_now: bool


@dataclass(frozen=True, slots=True)
class MovedCase:
    """A case that passes more or fewer of its repeats, and has not changed for it."""

    case_id: str
    old: float
    """Share of repeats that it passed in the old run."""
    new: float


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
    moved: tuple[MovedCase, ...]
    """Moved by a part of their repeats, those that lost most first."""
    came: tuple[str, ...]
    went: tuple[str, ...]
    old_rate: Interval
    """Pass rate of the old run on the cases in both."""
    new_rate: Interval
    change: Interval
    """Pass rate of the new run minus the old one's, flaky cases held still unless `counts_all`."""
    counts_all: bool
    """Whether `change` is of all cases: where they have repeats, or where flaky cases alone make the difference."""
    spread: float
    """Standard error of the change where nothing changed."""
    p_mcnemar: float
    """One-sided exact McNemar on the cases that are not flaky."""
    p_all: float | None
    """The same on all cases, by their shares of passes; None where it is the same test."""
    p_worse: float
    """That the new run is worse: of the two the smaller, doubled where there are two."""
    p_better: float
    """That it is better."""
    p_noise: float | None
    """Chance of as many newly failing cases, given how often each fails in the other runs; None without others."""
    p_gate: float
    """The p-value that a gate holds against `ALPHA`.

    With earlier runs of the old version at hand, that of as many newly failing cases by chance, provided the run is
    worse, not only different (McNemar at LEVEL); without them McNemar's own. Cases that came since are tested by
    themselves, as are all cases beside those that are not flaky: the smallest p-value, times their number.
    """
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
    def is_worse(self) -> bool:
        """Whether the new run is worse at LEVEL."""
        return self.p_worse <= LEVEL


def compare_runs(history: History, old: int, new: int) -> Upgrade:
    """Compare run `new` with run `old` (positions), against the noise of the runs before `old`.

    The earlier run need not be the one before; runs between them are not looked at.
    """
    moves = history.moves(old, new)
    reference = history.reference(old)
    runs = np.append(reference, new)
    n_known = history.known[:, runs].sum(axis=1)
    n_passes = history.passes[:, runs].sum(axis=1)
    both = history.known[:, old] & history.known[:, new]
    steady = is_steady(n_known, n_passes)
    difference = np.where(both, history.shares[:, new] - history.shares[:, old], 0.0).round(9)
    counts = steady & (np.abs(difference) >= _MOVE)
    worse, better = (rows[counts[rows]] for rows in (moves.newly_failing, moves.newly_passing))
    changed = np.sort(np.concatenate([moves.newly_failing, moves.newly_passing]))
    flaky = changed[~steady[changed]]
    partly = np.setdiff1d(np.flatnonzero(difference), np.concatenate([worse, better, flaky]))
    n = moves.n

    has_repeats = bool(np.any((difference % 1) != 0))
    # whether there are two tests must not hang on how they come out: flaky cases count whether or not they changed
    has_flaky = bool(np.any(both & ~steady))
    p_mcnemar, p_mended = mcnemar_p_value(len(worse), len(better)), mcnemar_p_value(len(better), len(worse))
    p_worse, p_better, p_all = [p_mcnemar], [p_mended], None
    if has_repeats or has_flaky:
        p_all = sign_flip_p_value(difference[both])
        p_worse.append(p_all)
        p_better.append(sign_flip_p_value(-difference[both]))
    only_all = min(*p_worse[1:], *p_better[1:], 1.0, 1.0) <= LEVEL / 2 < min(p_mcnemar, p_mended)
    counts_all = has_repeats or only_all
    counted = difference[both] if counts_all else np.concatenate([-np.ones(len(worse)), np.ones(len(better))])

    noise = against_noise(history, reference, new, steady & both)
    gates = [provided_worse(p_mcnemar, noise)]
    new_cases = both & ~history.known[:, reference[:-1]].any(axis=1)
    if noise is not None and new_cases.sum() >= _FEWEST_NEW:
        gates.append(mcnemar_p_value(int(new_cases[worse].sum()), int(new_cases[better].sum())))
    if p_all is not None and has_flaky:
        gates.append(provided_worse(p_all, against_noise(history, reference, new, both)))
    if p_all is not None and has_repeats:
        gates.append(p_all)

    # between two runs a case that fails k of n runs changes with chance 2 k (n - k) / (n (n - 1)) in either direction
    habit = 2 * n_passes * (n_known - n_passes) / np.maximum(n_known * (n_known - 1), 1)
    told = both & ~new_cases  # with the two runs alone a case's change would be its habit
    flips = 2 * len(better) / max(n, 1) if noise is None else float(habit[steady & told].sum() / told.sum())
    return Upgrade(
        old=history.runs[old],
        new=history.runs[new],
        n=n,
        newly_failing=history.ids(worse),
        newly_passing=history.ids(better),
        still_failing=history.ids(moves.still_failing),
        flaky=tuple(
            FlakyCase(history.case_ids[row], int(n_passes[row]), int(n_known[row]), bool(history.fails[row, new]))
            for row in flaky
        ),
        moved=tuple(
            MovedCase(history.case_ids[row], float(history.shares[row, old]), float(history.shares[row, new]))
            for row in partly[np.argsort(difference[partly], kind="stable")]
        ),
        came=history.ids(moves.came),
        went=history.ids(moves.went),
        old_rate=mean_interval(history.shares[both, old]),
        new_rate=mean_interval(history.shares[both, new]),
        change=paired_mean_difference(counted) if counts_all else paired_difference(len(worse), len(better), n),
        counts_all=counts_all,
        spread=math.sqrt(float(counted @ counted)) / max(n, 1),
        p_mcnemar=p_mcnemar,
        p_all=p_all,
        p_worse=smallest_of(p_worse),
        p_better=smallest_of(p_better),
        p_noise=noise.p_value if noise else None,
        p_gate=smallest_of(gates),
        n_reference=len(reference),
        smallest=smallest_paired_change(flips, n, LEVEL / len(p_worse)),
        noticeable=noticeable_change(flips, n, noise, len(gates)),
    )


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
