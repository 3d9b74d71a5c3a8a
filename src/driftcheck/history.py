"""Runs over time: which case passed when, under which version of the product, and which cases came and went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.records import Status

REFERENCE_RUNS = 20
"""Runs before one that are looked at for its noise: older ones were of another product, whatever they say."""


@dataclass(frozen=True, slots=True)
class RunPoint:
    """One run of the eval set on the line of time."""

    run_id: str
    time: float | None
    """Unix seconds, UTC; None where unknown."""
    model: str | None
    """Model or models, joined by a comma; None where the results do not say."""
    prompt: str | None
    """Prompt or prompts, joined by a comma; None where the results do not say."""
    version: int
    """Number of the version, from 0 on: it counts changes of model or prompt; unknown means unchanged."""
    is_version_known: bool
    """Whether the results name a model or prompt."""

    @property
    def name(self) -> str:
        """Model and prompt as people read them; empty where neither is known."""
        return ", ".join(part for part in (self.model, self.prompt) if part)


@dataclass(frozen=True)
class Moves:
    """What became of each case from one run to another, as rows of the history."""

    newly_failing: NDArray[np.intp]
    newly_passing: NDArray[np.intp]
    still_failing: NDArray[np.intp]
    still_passing: NDArray[np.intp]
    came: NDArray[np.intp]
    """Outcome in the later run only."""
    went: NDArray[np.intp]
    """Outcome in the earlier run only."""

    @property
    def n(self) -> int:
        """Cases with an outcome in both runs."""
        return sum(map(len, (self.newly_failing, self.newly_passing, self.still_failing, self.still_passing)))


@dataclass(frozen=True)
class History:
    """Outcomes of cases over runs."""

    runs: tuple[RunPoint, ...]
    """Oldest first."""
    case_ids: tuple[str, ...]
    """Sorted; of the eval set where results were joined to it, else the results' own."""
    shares: NDArray[np.float64]
    """Share of passes over repeats, models and prompts of the run, NaN without an outcome, (n_cases, n_runs)."""

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether the case has an outcome in the run, (n_cases, n_runs)."""
        return ~np.isnan(self.shares)

    @cached_property
    def passes(self) -> NDArray[np.bool_]:
        """Whether the case passes at least half of its repeats in the run; False where unknown, (n_cases, n_runs)."""
        return np.nan_to_num(self.shares, nan=0.0) >= 0.5

    @cached_property
    def fails(self) -> NDArray[np.bool_]:
        """Whether it has an outcome and does not pass, (n_cases, n_runs)."""
        return self.known & ~self.passes

    @cached_property
    def versions(self) -> NDArray[np.intp]:
        """Version of each run, from 0 on, (n_runs,)."""
        return np.array([run.version for run in self.runs], dtype=np.intp)

    @property
    def n_versions(self) -> int:
        """Versions one after the other; a version that comes back counts again."""
        return int(self.versions[-1]) + 1 if self.runs else 0

    @cached_property
    def living(self) -> NDArray[np.intp]:
        """Rows of the cases that the latest run has: the others went."""
        return np.flatnonzero(self.known[:, -1]) if self.runs else np.empty(0, dtype=np.intp)

    def ids(self, rows: Iterable[int]) -> tuple[str, ...]:
        """Ids of cases by their rows."""
        return tuple(self.case_ids[row] for row in rows)

    def always(self, share: float, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Of `rows` those whose every outcome is `share`: 1 passes, 0 fails."""
        return rows[np.all((self.shares[rows] == share) | ~self.known[rows], axis=1)]

    def moves(self, old: int, new: int) -> Moves:
        """What became of each case from run `old` to run `new` (positions)."""
        both = self.known[:, old] & self.known[:, new]
        was, now = self.passes[:, old], self.passes[:, new]
        return Moves(
            newly_failing=np.flatnonzero(both & was & ~now),
            newly_passing=np.flatnonzero(both & ~was & now),
            still_failing=np.flatnonzero(both & ~was & ~now),
            still_passing=np.flatnonzero(both & was & now),
            came=np.flatnonzero(self.known[:, new] & ~self.known[:, old]),
            went=np.flatnonzero(self.known[:, old] & ~self.known[:, new]),
        )

    def reference(self, old: int) -> NDArray[np.intp]:
        """Run `old` and those before it of the same version: what the product does when nothing changes."""
        first = max(0, old + 1 - REFERENCE_RUNS)
        return np.array([run for run in range(first, old + 1) if self.versions[run] == self.versions[old]], np.intp)

    @cached_property
    def by_version(self) -> NDArray[np.float64]:
        """Share of a version's runs that the case passes, NaN where none has it, (n_cases, n_versions)."""
        member = np.equal.outer(self.versions, np.arange(self.n_versions)).astype(np.float64)
        n = self.known.astype(np.float64) @ member
        passed = np.nan_to_num(self.shares, nan=0.0) @ member
        return np.where(n > 0, passed / np.maximum(n, 1.0), np.nan)


def make_history(results: pd.DataFrame, run_ids: Sequence[str]) -> History:
    """Put results into a history.

    Args:
        results: columns of `records.RUNS_COLUMNS`; errors, skipped and unscored results are no outcomes.
        run_ids: the runs to take, oldest first.

    Returns:
        Cases by the eval set's id; where no result of these runs was joined to a case, by the results' own.

    """
    frame = results[results["run_id"].isin(run_ids)]
    number = {run: position for position, run in enumerate(run_ids)}
    runs = _points(frame, run_ids)
    scored = frame[frame["status"].isin([Status.PASS.value, Status.FAIL.value])]
    joined = scored[scored["case_id"].notna()]
    # a result of no case says nothing of this eval set; where none joins, the runs are all there is
    counted, key = (joined, "case_id") if len(joined) else (scored, "own_id")
    cases, ids = pd.factorize(counted[key], sort=True)
    columns = counted["run_id"].map(number).to_numpy(dtype=np.intp)
    shape = (len(ids), len(run_ids))
    cell = cases * shape[1] + columns
    n = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    passed = np.bincount(
        cell, weights=(counted["status"] == Status.PASS.value).to_numpy(dtype=np.float64), minlength=n.size
    ).reshape(shape)
    shares = np.where(n > 0, passed / np.maximum(n, 1), np.nan)
    return History(runs=runs, case_ids=tuple(str(one) for one in ids), shares=shares)


def _points(frame: pd.DataFrame, run_ids: Sequence[str]) -> tuple[RunPoint, ...]:
    models, prompts = _named(frame, "model"), _named(frame, "prompt_id")
    times = frame.groupby("run_id")["run_time"].min()
    points: list[RunPoint] = []
    last: dict[str, str] = {}
    version = 0
    for run in run_ids:
        told = {"model": models.get(run), "prompt": prompts.get(run)}
        seen = {name: value for name, value in told.items() if value is not None}
        # what a run does not say is as it was: a field that goes missing is no new version
        if any(last.get(name, value) != value for name, value in seen.items()):
            version += 1
        last.update(seen)
        time = float(times.get(run, np.nan))
        points.append(
            RunPoint(
                run_id=run,
                time=None if np.isnan(time) else time,
                model=told["model"],
                prompt=told["prompt"],
                version=version,
                is_version_known=bool(seen),
            )
        )
    return tuple(points)


def _named(frame: pd.DataFrame, column: str) -> dict[str, str]:
    """Values of a column by run, in one order, joined."""
    pairs = frame.loc[frame[column].notna(), ["run_id", column]].drop_duplicates()
    pairs = pairs.sort_values(["run_id", column], kind="stable")
    return {str(run): ", ".join(map(str, values)) for run, values in pairs.groupby("run_id")[column]}
