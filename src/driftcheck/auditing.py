"""The audit from files to report. Not named `audit`: `driftcheck.audit` is the function that notebooks import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcheck.baseline import Baseline, read_baseline
from driftcheck.comparison import Comparison
from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model, VectorCache, default_cache_folder, embed, find_model
from driftcheck.embedding.model import PRECISION
from driftcheck.errors import ConfigError
from driftcheck.headline import headline, next_steps
from driftcheck.intake import Paths, Sources, check_declared_slices, read_eval_set, read_production, read_runs
from driftcheck.ledger import Memory, UsedModel, hash_inputs, make_entry
from driftcheck.policy import make_plan, run_checks, verdict
from driftcheck.records import EvalSet, Production
from driftcheck.report import ModelIdentity, Report
from driftcheck.reporting import (
    make_case_frame,
    make_inputs,
    make_latest_run,
    make_scores,
    make_slice_rows,
    make_topic_map,
    make_trace_frame,
    models_seen,
)
from driftcheck.watching import Unwatched, Watcher

if TYPE_CHECKING:
    import pandas as pd


def audit(
    config: Config,
    *,
    eval_set: str | Path | Paths | pd.DataFrame | None = None,
    runs: str | Path | Paths | pd.DataFrame | None = None,
    production: str | Path | Paths | pd.DataFrame | None = None,
    since: float | None = None,
    until: float | None = None,
    as_of: dt.date | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    cache_folder: Path | None = None,
    watcher: Watcher | None = None,
    load_encoder: Callable[[Model], Encoder] | None = None,
    outputs: Sequence[Path] = (),
    topic_map: bool = False,
    record: bool = False,
    command: str = "driftcheck audit",
) -> Report:
    """Compare an eval set, its runs and production, and judge.

    Args:
        config: drift.yaml, by `load_config`; inputs given here replace its own.
        eval_set: files, folders, globs, or a DataFrame, of the cases.
        runs: the same of the eval set's results.
        production: the same of production traces.
        since: start of the window, unix seconds; by default `window` before its end.
        until: end of the window, unix seconds, and of the runs; by default the newest of each.
        as_of: the day on which waivers must hold; today by default.
        select: only these checks (code, name, or the beginning of one).
        ignore: not these.
        sample: sessions to embed, instead of drift.yaml's.
        seed: of clusterings, permutations and draws of rates.
        cache_folder: where vectors are kept; by default the platform's cache folder, and with `load_encoder` nowhere.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.
        outputs: files that will be written: none of them may be an input.
        record: add the audit to the ledger, where drift.yaml keeps one; it is read in any case.
        topic_map: lay cases and traces out on a plane too, which takes some seconds.
        command: how the audit is called again, for the next steps.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used.

    """
    watcher = watcher or Unwatched()
    at = as_of or dt.date.today()
    baseline = _baseline(config)
    memory = Memory(config, at, watcher)
    plans = make_plan(config, as_of=at, select=select, ignore=ignore, is_lasting=memory.knows_slice)
    folder = cache_folder or default_cache_folder()
    # vectors of another encoder under the key of the model would be taken for the model's by every later audit
    vector_folder = cache_folder if load_encoder else folder
    model = find_model(config.settings.model, memory=folder / "models.json", base=config.folder)
    with ExitStack() as stack:
        sources = Sources(config, stack, outputs)
        cases = read_eval_set(sources.find("eval_set", eval_set, required=True), config, watcher)
        results = read_runs(sources.find("runs", runs, required=False), config, cases, watcher)
        traffic = read_production(
            sources.find("production", production, required=True), config, sample, since, until, watcher
        )
    check_declared_slices(config, cases, traffic)
    case_vectors, trace_vectors = _embed(cases, traffic, model, vector_folder, watcher, load_encoder)
    _check_baseline(config, baseline, case_vectors.shape[1])
    subject = memory.subject(
        seed,
        UsedModel(model.name, model.sha256),
        traffic.since,
        traffic.until,
        hash_inputs(cases, results, traffic, until),
    )
    remembered = memory.recall(subject, case_vectors.shape[1])
    named = config.settings.baseline is not None  # what drift.yaml names goes before what is remembered
    earlier = baseline if named else remembered.baseline
    comparison = Comparison(
        eval_set=cases,
        runs=results,
        production=traffic,
        case_vectors=case_vectors,
        trace_vectors=trace_vectors,
        declared_slices=config.settings.slices,
        seed=seed,
        runs_until=until,
        baseline=earlier,
    )
    watcher.stage("Comparing")
    findings = run_checks(plans, comparison)
    word, code = verdict(findings, plans)
    scores = make_scores(comparison)
    rows = make_slice_rows(comparison)
    inputs = make_inputs(comparison)
    report = Report(
        verdict=word,
        exit_code=code,
        sentence=headline(word, findings, scores, {plan.name for plan in plans if plan.required}),
        seed=seed,
        model=ModelIdentity(model.name, model.revision, model.sha256, PRECISION),
        inputs=inputs,
        scores=scores,
        finding_rows=findings,
        slice_rows=rows,
        next_steps=next_steps(findings, rows, inputs, command),
        cases=make_case_frame(comparison),
        traces=make_trace_frame(comparison),
        topic_map=make_topic_map(comparison) if topic_map else None,
        past=earlier.audits,
        owner=config.settings.owner,
        command=command,
    )
    if record and not remembered.is_recorded:
        entry = make_entry(
            report,
            subject,
            at,
            run=make_latest_run(comparison),
            models=models_seen(comparison),
            against="" if named else remembered.against,
            highest=remembered.highest_slice,
        )
        memory.record(entry)
    return report


def _embed(
    cases: EvalSet,
    production: Production,
    model: Model,
    folder: Path | None,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    texts = [*cases.frame["text"].tolist(), *production.sample["text"].tolist()]
    watcher.stage("Embedding")
    with VectorCache(folder) as cache:
        vectors = embed(texts, model, cache, load=load_encoder, progress=watcher.step)
        if cache.warning:
            watcher.warn(cache.warning)
    return vectors[: cases.n_cases], vectors[cases.n_cases :]


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
