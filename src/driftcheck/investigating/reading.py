"""Two windows of production and what the eval set has on them, read and embedded as the audit does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model, VectorCache, default_cache_folder, embed, find_model
from driftcheck.errors import InputError
from driftcheck.intake import Paths, Sources, read_eval_set, read_runs, read_windows
from driftcheck.numbers import date
from driftcheck.records import EvalSet, Production, Runs
from driftcheck.sampling import Window
from driftcheck.watching import Watcher
from driftcheck.window_sampling import Wish

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class WindowTraffic:
    """One window: a uniform sample of its sessions, and as many of its rated sessions."""

    production: Production
    """Its sample is uniform: shares are counted on it."""
    vectors: Vectors
    """Unit embeddings of the sample, (n_sample, d)."""
    rated: pd.DataFrame
    """Rated sessions, columns of SAMPLE_COLUMNS, one trace each: satisfaction is taken apart on them."""
    rated_vectors: Vectors
    """Their unit embeddings, (n_rated, d)."""


@dataclass(frozen=True)
class Inputs:
    """Everything read and embedded."""

    baseline: WindowTraffic
    week: WindowTraffic
    eval_set: EvalSet | None
    case_vectors: Vectors
    """(n_cases, d); no rows without an eval set."""
    runs: Runs | None
    model: Model


def read_inputs(
    config: Config,
    eval_set: Paths | None,
    runs: Paths | None,
    production: Paths | None,
    baseline: Window,
    week: Window,
    sample: int | None,
    cache_folder: Path | None,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
    outputs: Sequence[Path],
) -> Inputs:
    """Read both windows in one pass over the export; see `measuring.investigate` for the arguments.

    Raises:
        InputError: a source cannot be read, or a window holds no trace with a text.

    """
    folder = cache_folder or default_cache_folder()
    model = find_model(config.settings.model, memory=folder / "models.json", base=config.folder)
    wishes = [Wish(window, rated_only) for window in (baseline, week) for rated_only in (False, True)]
    with ExitStack() as stack:
        sources = Sources(config, stack, outputs)
        found = sources.find("eval_set", eval_set, required=False)
        cases = read_eval_set(found, config, watcher) if found else None
        found = sources.find("runs", runs, required=False) if cases else ()
        results = read_runs(found, config, cases, watcher) if cases else None
        traffic = sources.find("production", production, required=True)
        windows = read_windows(traffic, config, sample, wishes, watcher)
        for wish, read in zip(wishes, windows, strict=True):
            if not wish.rated_only and read.sample.empty:
                raise InputError(
                    traffic[0].name,
                    f"no traces with a text from {date(wish.window.since)} to {date(wish.window.until)}",
                    "driftcheck inspect shows the time span",
                )
    rated = [read.sample[read.sample["satisfied"].notna()].reset_index(drop=True) for read in windows[1::2]]
    frames = [windows[0].sample, rated[0], windows[2].sample, rated[1]]
    if cases:
        frames.append(cases.frame)
    watcher.stage("Embedding")
    # vectors of another encoder under the key of the model would be taken for the model's by every later audit
    with VectorCache(cache_folder if load_encoder else folder) as cache:
        texts = [text for frame in frames for text in frame["text"].tolist()]
        vectors = embed(texts, model, cache, load=load_encoder, progress=watcher.step)
        if cache.warning:
            watcher.warn(cache.warning)
    parts = np.split(vectors, np.cumsum([len(frame) for frame in frames])[:-1])
    return Inputs(
        baseline=WindowTraffic(windows[0], parts[0], rated[0], parts[1]),
        week=WindowTraffic(windows[2], parts[2], rated[1], parts[3]),
        eval_set=cases,
        case_vectors=parts[4] if cases else np.zeros((0, vectors.shape[1]), np.float32),
        runs=results,
        model=model,
    )
