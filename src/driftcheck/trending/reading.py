"""Every week of an export, the eval set and its runs: read in one pass and embedded at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model, VectorCache, default_cache_folder, embed, find_model
from driftcheck.errors import InputError
from driftcheck.intake import Paths, Sources, check_declared_slices, read_eval_set, read_runs, read_weeks
from driftcheck.records import EvalSet, Production, Runs
from driftcheck.sampling import Window
from driftcheck.watching import Watcher

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class WeekTraffic:
    """One week of production."""

    production: Production
    """Its sample may be empty."""
    vectors: Vectors
    """Unit embeddings of the sample, (n_sample, d)."""


@dataclass(frozen=True)
class Inputs:
    """Everything read and embedded."""

    eval_set: EvalSet
    case_vectors: Vectors
    """(n_cases, d)."""
    runs: Runs | None
    """Those with a time: a run that has none belongs to no week."""
    n_undated_runs: int
    weeks: tuple[WeekTraffic, ...]
    """Oldest first, none left out between the first and the last."""
    last_trace: float
    """Time of the newest trace."""
    model: Model


def read_inputs(
    config: Config,
    eval_set: Paths | None,
    runs: Paths | None,
    production: Paths | None,
    window: Window,
    n_weeks: int | None,
    sample: int,
    cache_folder: Path | None,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
    outputs: Sequence[Path],
) -> Inputs:
    """Read every week in one pass over the export; see `backfilling.backfill` for the arguments.

    Raises:
        InputError: a source cannot be read, or no trace carries a time within the window.

    """
    folder = cache_folder or default_cache_folder()
    model = find_model(config.settings.model, memory=folder / "models.json", base=config.folder)
    with ExitStack() as stack:
        sources = Sources(config, stack, outputs)
        cases = read_eval_set(sources.find("eval_set", eval_set, required=True), config, watcher)
        results = read_runs(sources.find("runs", runs, required=False), config, cases, watcher)
        traffic = sources.find("production", production, required=True)
        read = read_weeks(traffic, config, sample, window, n_weeks, watcher)
    if not read:
        raise InputError(
            traffic[0].name, "no trace carries a time in the window", "driftcheck inspect shows the time span"
        )
    check_declared_slices(config, cases, read[-1])
    watcher.stage("Embedding")
    # vectors of another encoder under the key of the model would be taken for the model's by every later audit
    with VectorCache(cache_folder if load_encoder else folder) as cache:
        frames = [cases.frame, *(week.sample for week in read)]
        texts = [text for frame in frames for text in frame["text"].tolist()]
        vectors = embed(texts, model, cache, load=load_encoder, progress=watcher.step)
        if cache.warning:
            watcher.warn(cache.warning)
    parts = np.split(vectors, np.cumsum([len(frame) for frame in frames])[:-1])
    dated, n_undated = _dated(results)
    return Inputs(
        eval_set=cases,
        case_vectors=parts[0],
        runs=dated,
        n_undated_runs=n_undated,
        weeks=tuple(WeekTraffic(week, part) for week, part in zip(read, parts[1:], strict=True)),
        last_trace=float(read[-1].traffic["timestamp"].max()),
        model=model,
    )


def _dated(runs: Runs | None) -> tuple[Runs | None, int]:
    """The runs that carry a time, and how many carry none."""
    if runs is None:
        return None, 0
    frame = runs.frame[runs.frame["run_time"].notna()]
    known = set(frame["run_id"])
    ids = tuple(run for run in runs.run_ids if run in known)
    return replace(runs, frame=frame, run_ids=ids), len(runs.run_ids) - len(ids)
