"""What a command compares, read from files or frames, embedded, and held against what is remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcheck.baseline import Baseline, read_baseline
from driftcheck.comparison import Comparison
from driftcheck.complaints import choose_texts
from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model, VectorCache, default_cache_folder, embed, find_model
from driftcheck.errors import ConfigError
from driftcheck.intake import Paths, Sources, check_declared_slices, read_eval_set, read_production, read_runs
from driftcheck.keeping import read_upkeep
from driftcheck.leak_search import search_leaks
from driftcheck.ledger import Memory, UsedModel, hash_inputs
from driftcheck.ledger.entries import Subject
from driftcheck.ledger.recall import Recollection
from driftcheck.seal_file import read_closed
from driftcheck.watching import Watcher

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Gathered:
    """A comparison, and what it was made with."""

    comparison: Comparison
    model: Model
    subject: Subject
    """What is compared, as the ledger calls it."""
    remembered: Recollection
    """What the ledger says to it."""
    is_named: bool
    """Whether drift.yaml names the earlier audit: that goes before what is remembered."""


def gather(
    config: Config,
    memory: Memory,
    *,
    eval_set: str | Path | Paths | pd.DataFrame | None,
    runs: str | Path | Paths | pd.DataFrame | None,
    production: str | Path | Paths | pd.DataFrame | None,
    since: float | None,
    until: float | None,
    sample: int | None,
    seed: int,
    cache_folder: Path | None,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
    outputs: Sequence[Path],
) -> Gathered:
    """Read, embed and lay side by side; see `auditing.audit` for the arguments.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used.

    """
    baseline = _baseline(config)
    folder = cache_folder or default_cache_folder()
    model = find_model(config.settings.model, memory=folder / "models.json", base=config.folder)
    with ExitStack() as stack:
        sources = Sources(config, stack, outputs)
        cases = read_eval_set(sources.find("eval_set", eval_set, required=True), config, watcher)
        results = read_runs(sources.find("runs", runs, required=False), config, cases, watcher)
        traffic = read_production(
            sources.find("production", production, required=True), config, sample, since, until, watcher
        )
    check_declared_slices(config, cases, traffic)
    judged = results.rubric["item"].unique() if results else ()
    beside = choose_texts(traffic.sample, judged, config.settings.rubric)
    texts = [*cases.frame["text"].tolist(), *traffic.sample["text"].tolist()]
    vectors = embed_texts([*texts, *(beside.texts if beside else ())], model, cache_folder, watcher, load_encoder)
    case_vectors, trace_vectors, rest = np.split(vectors, [cases.n_cases, len(texts)])
    _check_baseline(config, baseline, case_vectors.shape[1])
    subject = memory.subject(
        seed,
        UsedModel(model.name, model.sha256),
        traffic.since,
        traffic.until,
        hash_inputs(cases, results, traffic, until),
    )
    remembered = memory.recall(subject, case_vectors.shape[1])
    is_named = config.settings.baseline is not None
    closed = read_closed(config)
    comparison = Comparison(
        eval_set=cases,
        runs=results,
        production=traffic,
        case_vectors=case_vectors,
        trace_vectors=trace_vectors,
        declared_slices=config.settings.slices,
        seed=seed,
        runs_until=until,
        baseline=replace(baseline, refreshed=remembered.baseline.refreshed) if is_named else remembered.baseline,
        upkeep=read_upkeep(config, memory.at, cases),
        seal=search_leaks(closed, config, cases) if closed else None,
        complaints=beside.embedded(rest) if beside else None,
    )
    return Gathered(comparison, model, subject, remembered, is_named)


def embed_texts(
    texts: Sequence[str],
    model: Model,
    cache_folder: Path | None,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
) -> NDArray[np.float32]:
    """Unit embeddings of texts, kept for later audits, (n, d); texts come at least one."""
    # vectors of another encoder under the key of the model would be taken for the model's by every later audit
    folder = cache_folder if load_encoder else cache_folder or default_cache_folder()
    watcher.stage("Embedding")
    with VectorCache(folder) as cache:
        vectors = embed(texts, model, cache, load=load_encoder, progress=watcher.step)
        if cache.warning:
            watcher.warn(cache.warning)
    return vectors


def _baseline(config: Config) -> Baseline:
    """Read the earlier report that drift.yaml names."""
    if config.settings.baseline is None:
        return Baseline()
    path = config.folder / config.settings.baseline
    where = config.where("baseline")
    try:
        return read_baseline(path)
    except OSError as problem:
        raise ConfigError(where, f"baseline {path.name} cannot be read: {problem.strerror}") from None
    except ValueError:
        raise ConfigError(where, f"baseline {path.name} is no JSON report of driftcheck", "make one with -o") from None


def _check_baseline(config: Config, baseline: Baseline, width: int) -> None:
    if any(len(centroid) != width for centroid in baseline.centroids.values()):
        raise ConfigError(
            config.where("baseline"), "the baseline was made with another model", "make it anew, or name that model"
        )
