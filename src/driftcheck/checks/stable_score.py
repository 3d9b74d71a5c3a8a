"""The score stands still while the product changes.

What is measured
    Weeks, up to the latest run, in which the mean pass rates of the versions of model or prompt lie within 2 points of
    one another, each held against the latest version on the cases that both have. Counted only where there were at
    least 3 versions (2 changes), and the latest run is neither better nor worse than the one before (exact McNemar,
    flaky cases apart); 0 = the score moves. With it: how many cases ever changed, how many cases of the most telling
    kind they are worth (sum of 4 p (1 - p) over cases, p the share of versions that pass), and the smallest change
    between two runs that exact McNemar would find 8 times in 10 (0.05, one-sided).

Why it matters
    A score that no change of the product moves says nothing of the next one. Runs of one version may well agree, so a
    history without changes of version is not measurable here, and a run that does not name its version has the last.

How to fix it
    Add cases that the current version fails: from badly rated traces, from slices that are thin. Retire what every
    version passes (saturated-cases). Name model or prompt in the results, so that changes are seen.

Source
    Items that all pass tell nobody apart: Lord and Novick (1968), Statistical theories of mental test scores,
    chapter 15; power of McNemar's test: Connor (1987), Sample size for testing differences in proportions for the
    paired-sample design.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcheck.checks.case_rows import MIN_VERSIONS, case_row, require_versions, run_name, version_name
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, date, interval, number, percent, points, points_number
from driftcheck.sizes import ALPHA, MIN_CASES
from driftcheck.stats.discrimination import effective_cases
from driftcheck.stats.intervals import wilson
from driftcheck.stats.paired import smallest_paired_change
from driftcheck.upgrade import compare_runs

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.history import History

CODE = "DC401"
TITLE = "The score stands still while the product changes"
UNIT = "weeks"
DEFAULT = Thresholds(warn=13, fail=None)
BAND = 0.02
"""Largest difference between the scores of two versions that still counts as standing still."""
_LEVEL = 0.05
_WEEK = 7 * 86_400.0


def measure(comparison: Comparison) -> Measurement:
    """Weeks without movement across changes of version."""
    history = comparison.history
    require_versions(history)
    first, spread = (history.n_versions - 1, 0.0) if _just_moved(history) else _still(history)
    start = next((run for run in history.runs if run.version >= first and run.time is not None), None)
    end = next((run for run in reversed(history.runs) if run.time is not None), None)
    if start is None or end is None or start.time is None or end.time is None:
        raise NotMeasurable(f"none of {count(len(history.runs), 'run')} carries a time: weeks cannot be counted")
    n_versions = history.n_versions - first
    stands = n_versions >= MIN_VERSIONS
    weeks = (end.time - start.time) / _WEEK if stands else 0.0
    n = len(history.living)
    return Measurement(
        value=weeks,
        n={"cases": n, "runs": len(history.runs), "versions": history.n_versions},
        summary=(
            f"The scores of {n_versions} versions lie within {points(spread)} of one another since {date(start.time)}."
            if stands
            else "The score moves with the product."
        )
        + " "
        + _what_moves(history),
        evidence=_versions(history, first if stands else max(0, history.n_versions - MIN_VERSIONS)),
        fix="Add cases that the current version fails, from badly rated traces; retire saturated ones."
        if stands
        else "",
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a score that stands still for {number(value)} weeks"


def _just_moved(history: History) -> bool:
    """Whether the latest run differs from the one before by more than chance: the mean of its version may hide it."""
    upgrade = compare_runs(history, len(history.runs) - 2, len(history.runs) - 1)
    return min(upgrade.p_gate, upgrade.p_better) <= ALPHA


def _still(history: History) -> tuple[int, float]:
    """The earliest version since which all lie within the band, and how far apart they are."""
    latest = history.n_versions - 1
    shares = history.by_version[history.living]
    low = high = spread = 0.0
    for version in range(latest - 1, -1, -1):
        both = ~np.isnan(shares[:, version]) & ~np.isnan(shares[:, latest])
        if both.sum() < min(MIN_CASES, len(shares)):
            return version + 1, spread
        difference = float(np.mean(shares[both, version] - shares[both, latest]))
        low, high = min(low, difference), max(high, difference)
        if high - low > BAND:
            return version + 1, spread
        spread = high - low
    return 0, spread


def _what_moves(history: History) -> str:
    """How many cases are alive, and what the score can still tell apart."""
    living = history.living
    known, passes = history.known[living], history.passes[living]
    alive = np.any(passes & known, axis=1) & np.any(~passes & known, axis=1)
    shares = history.by_version[living]
    # half of a version's runs is a pass, as everywhere: np.round would take it to the even number, a failure
    passed = np.where(np.isnan(shares), np.nan, shares >= 0.5)
    worth = effective_cases(np.nan_to_num(np.nanmean(passed, axis=1), nan=0.0))
    said = (
        f"Of {count(len(living), 'case')} {count(float(alive.sum()))} ever changed, worth {number(round(worth, 1))} of "
        "the most telling kind."
    )
    same = np.flatnonzero(np.diff(history.versions) == 0)
    why = "without any change" if len(same) else "from one version to the next"
    n_changed, n_pairs = _changes(history, same if len(same) else np.arange(len(history.runs) - 1))
    if n_pairs == 0:
        return said
    noise = wilson(n_changed / n_pairs * len(living), len(living))
    smallest = [smallest_paired_change(share, len(living), _LEVEL) for share in (noise.low, noise.value, noise.high)]
    if None in smallest:
        return f"{said} No change of the score would show: too few cases."
    low, middle, high = (value or 0.0 for value in smallest)
    return (
        f"{said} Between two runs it would show a change of {points(middle)} ({interval(low, high, points_number)}): "
        f"{percent(noise.value)} of cases flip {why}."
    )


def _changes(history: History, same: NDArray[np.intp]) -> tuple[int, int]:
    """Cases that changed from these runs to the next ones, and all pairs of outcomes there."""
    both = history.known[:, same] & history.known[:, same + 1]
    return int(np.sum(both & (history.passes[:, same] != history.passes[:, same + 1]))), int(both.sum())


def _versions(history: History, first: int) -> tuple[Evidence, ...]:
    """The versions of the time without movement, latest first, and the cases that each changed."""
    shares = history.by_version
    rows = []
    for version in range(history.n_versions - 1, first - 1, -1):
        runs = np.flatnonzero(history.versions == version)
        known = ~np.isnan(shares[:, version])
        before = shares[:, version - 1] if version else shares[:, version]
        changed = history.ids(
            np.flatnonzero(known & ~np.isnan(before) & ((shares[:, version] >= 0.5) != (before >= 0.5)))
        )
        row = case_row(version_name(history.runs[runs[0]]), changed, int(known.sum()))
        rows.append(
            Evidence(
                label=row.label,
                numbers={
                    "since": run_name(history.runs[runs[0]]).removeprefix("run of ").removeprefix("run "),
                    "runs": len(runs),
                    "pass": float(np.mean(shares[known, version])),
                    "cases that changed": len(changed),
                },
                case_ids=row.case_ids,
            )
        )
    return tuple(rows)
