"""What power is measured on: read and embedded as the audit does, but for the cases' own vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model, VectorCache, default_cache_folder, embed, find_model
from driftcheck.intake import Paths, Sources, read_eval_set, read_production, read_runs
from driftcheck.records import EvalSet, Production, Runs
from driftcheck.watching import Watcher


@dataclass(frozen=True)
class Inputs:
    """Everything read and embedded."""

    eval_set: EvalSet
    runs: Runs | None
    production: Production
    vectors: NDArray[np.float32]
    """Unit embeddings of the sampled sessions, (n_sample, d)."""
    model: Model


def read_inputs(
    config: Config,
    eval_set: Paths | None,
    runs: Paths | None,
    production: Paths | None,
    since: float | None,
    until: float | None,
    sample: int | None,
    cache_folder: Path | None,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
    outputs: Sequence[Path],
) -> Inputs:
    """Read the inputs and embed the sampled sessions; see `measuring.measure_power` for the arguments."""
    folder = cache_folder or default_cache_folder()
    model = find_model(config.settings.model, memory=folder / "models.json", base=config.folder)
    with ExitStack() as stack:
        sources = Sources(config, stack, outputs)
        cases = read_eval_set(sources.find("eval_set", eval_set, required=True), config, watcher)
        results = read_runs(sources.find("runs", runs, required=False), config, cases, watcher)
        traffic = read_production(
            sources.find("production", production, required=True), config, sample, since, until, watcher
        )
    watcher.stage("Embedding")
    # vectors of another encoder under the key of the model would be taken for the model's by every later audit
    with VectorCache(cache_folder if load_encoder else folder) as cache:
        vectors = embed(traffic.sample["text"].tolist(), model, cache, load=load_encoder, progress=watcher.step)
        if cache.warning:
            watcher.warn(cache.warning)
    return Inputs(cases, results, traffic, vectors, model)
