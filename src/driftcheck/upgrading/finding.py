"""The runs that the command line names, found in files or among the runs of drift.yaml."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from driftcheck.config import Config
from driftcheck.errors import InputError
from driftcheck.history import History, make_history
from driftcheck.intake import Sources, read_runs
from driftcheck.loaders.source import STDIN, Source
from driftcheck.records import EvalSet, Runs
from driftcheck.watching import Watcher

_OLD, _NEW = "old run", "new run"
_SMOKE = 4
"""Runs with fewer than a quarter of the old run's cases say nothing of its noise."""
_LISTED = 8


@dataclass(frozen=True)
class NamedRun:
    """One of the two runs."""

    path: str
    runs: Runs
    run_id: str
    is_past: bool
    """Whether it is one of drift.yaml's runs."""

    @property
    def results(self) -> pd.DataFrame:
        """Its rows, columns of `records.RUNS_COLUMNS`."""
        return self.runs.frame[self.runs.frame["run_id"] == self.run_id]


def find_run(
    text: str, sources: Sources, config: Config, cases: EvalSet, past: Runs | None, watcher: Watcher
) -> NamedRun:
    """The run that a word of the command line means.

    Raises:
        InputError: it is neither a file nor a run, or a file of several runs.

    """
    ends = [len(text), *(place for place, sign in enumerate(text) if sign == "#")]
    for file, run in ((text[:end], text[end + 1 :]) for end in ends):
        if file == STDIN or _is_file(file):
            return _in_file(text, sources.find("runs", file, required=True), run, config, cases, past, watcher)
    if past is not None and text in past.run_ids:
        return NamedRun(text, past, text, is_past=True)
    known = () if past is None else past.run_ids
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
    listed = f"runs: {_listed(known)}" if known else "name its runs by `runs:` in drift.yaml"
    raise InputError(text, "is no file, and no run of drift.yaml", f"did you mean {near[0]}?" if near else listed)


def _is_file(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except OSError:  # longer than any name
        return False


def _in_file(
    text: str,
    found: Sequence[Source],
    wanted: str,
    config: Config,
    cases: EvalSet,
    past: Runs | None,
    watcher: Watcher,
) -> NamedRun:
    runs = read_runs(found, config, cases, watcher)
    ids = () if runs is None else runs.run_ids
    if runs is None or not ids:
        raise InputError(text, "holds no results")
    if wanted and wanted not in ids:
        raise InputError(text, f"holds no run {wanted!r}", f"its runs: {_listed(ids)}")
    if not wanted and len(ids) > 1:
        raise InputError(text, f"holds {len(ids):,} runs", f"name one, {text}#{ids[-1]}; its runs: {_listed(ids)}")
    side = NamedRun(text, runs, wanted or ids[0], is_past=False)
    if past is not None and side.run_id in past.run_ids:
        same = NamedRun(text, past, side.run_id, is_past=True)
        columns = ["own_id", "status", "repeat"]
        if same.results[columns].to_numpy().tolist() == side.results[columns].to_numpy().tolist():
            return same  # the file is one of drift.yaml's: so the runs before it tell of its noise
    return side


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - _LISTED
    return ", ".join(ids[-_LISTED:]) + (f" and {more} older" if more > 0 else "")


def history_of(past: Runs | None, old: NamedRun, new: NamedRun) -> tuple[History, int, int]:
    """The two runs, after those of drift.yaml that came before the old one; and their positions.

    Raises:
        InputError: both are the same run.

    """
    if old.is_past and new.is_past and old.run_id == new.run_id:
        raise InputError(new.path, "is the same run as the old one", "name two runs")
    earlier: list[str] = []
    frames = [old.results.assign(run_id=_OLD), new.results.assign(run_id=_NEW)]
    if past is not None and old.is_past:
        n_cases = past.frame.groupby("run_id")["own_id"].nunique()
        least = int(n_cases[old.run_id]) / _SMOKE
        before = past.run_ids[: past.run_ids.index(old.run_id)]
        earlier = [run for run in before if n_cases[run] >= least and not (new.is_past and run == new.run_id)]
        frames.append(past.frame[past.frame["run_id"].isin(earlier)])
    made = make_history(pd.concat(frames, ignore_index=True), [*earlier, _OLD, _NEW])
    names = {_OLD: old.run_id, _NEW: new.run_id}
    runs = tuple(replace(run, run_id=names.get(run.run_id, run.run_id)) for run in made.runs)
    return History(runs, made.case_ids, made.shares), len(runs) - 2, len(runs) - 1
