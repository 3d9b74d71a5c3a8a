"""The audit from files to report. Not named `audit`: `driftcheck.audit` is the function that notebooks import."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from driftcheck.baseline import Baseline, encode_centroid, read_baseline
from driftcheck.checks.slice_rows import label_of
from driftcheck.comparison import Comparison, measurable
from driftcheck.config import Config, Section
from driftcheck.embedding import Encoder, Model, VectorCache, default_cache_folder, embed, find_model
from driftcheck.embedding.model import PRECISION
from driftcheck.errors import ConfigError, InputError
from driftcheck.findings import (
    DivergenceScore,
    Estimate,
    Inputs,
    ModelIdentity,
    NoveltyScore,
    ProductionInput,
    Report,
    RestatedPassRate,
    RunInput,
    Scores,
    SliceRow,
)
from driftcheck.headline import headline, next_steps
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.inspection import Reading
from driftcheck.loaders.source import Source, find_sources
from driftcheck.policy import make_plan, run_checks, verdict
from driftcheck.production import Gatherer
from driftcheck.records import Case, EvalSet, Kind, LoadReport, Production, Result, Runs, Status, Trace
from driftcheck.stats.intervals import Interval, wilson

if TYPE_CHECKING:
    import pandas as pd

Paths = Sequence[str | Path]


class Watcher(Protocol):
    """Someone who wants to know how far the audit is: the progress bar."""

    def stage(self, text: str) -> None:
        """Tell that a stage begins."""
        ...

    def step(self, done: int, total: int | None) -> None:
        """Tell how far the stage is; the total is None where nobody knows it."""
        ...


class Unwatched:
    """A watcher that does nothing."""

    def stage(self, text: str) -> None:
        """Ignore."""

    def step(self, done: int, total: int | None) -> None:
        """Ignore."""


_TELL_EVERY = 2_000


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
) -> Report:
    """Compare an eval set, its runs and production, and judge.

    Args:
        config: drift.yaml, by `load_config`; inputs given here replace its own.
        eval_set: files, folders, globs, or a DataFrame, of the cases.
        runs: the same of the eval set's results.
        production: the same of production traces.
        since: start of the window, unix seconds; by default `window` before its end.
        until: end of the window, unix seconds; by default the newest timestamp.
        as_of: the day on which waivers must hold; today by default.
        select: only these checks (code, name, or the beginning of one).
        ignore: not these.
        sample: sessions to embed, instead of drift.yaml's.
        seed: of clusterings, permutations and bootstrap.
        cache_folder: where vectors are kept; by default the platform's cache folder.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used.

    """
    watcher = watcher or Unwatched()
    plans = make_plan(config, as_of=as_of or dt.date.today(), select=select, ignore=ignore)
    baseline = _baseline(config)
    folder = cache_folder or default_cache_folder()
    model = find_model(config.settings.model, memory=folder / "models.json", base=config.folder)
    with ExitStack() as stack:
        sources = _Sources(config, stack)
        cases = _read_eval_set(sources.find("eval_set", eval_set, required=True), config, watcher)
        results = _read_runs(sources.find("runs", runs, required=False), config, cases, watcher)
        traffic = _read_production(
            sources.find("production", production, required=True), config, sample, since, until, watcher
        )
    _check_declared_slices(config, cases, traffic)
    case_vectors, trace_vectors = _embed(cases, traffic, model, folder, watcher, load_encoder)
    _check_baseline(config, baseline, case_vectors.shape[1])
    comparison = Comparison(
        eval_set=cases,
        runs=results,
        production=traffic,
        case_vectors=case_vectors,
        trace_vectors=trace_vectors,
        declared_slices=config.settings.slices,
        seed=seed,
        baseline=baseline,
    )
    watcher.stage("Comparing")
    findings = run_checks(plans, comparison)
    word, code = verdict(findings, plans)
    scores = _scores(comparison)
    rows = _slice_rows(comparison)
    inputs = _inputs(comparison)
    return Report(
        verdict=word,
        exit_code=code,
        sentence=headline(word, findings, scores),
        seed=seed,
        model=ModelIdentity(model.name, model.revision, model.sha256, PRECISION),
        inputs=inputs,
        scores=scores,
        finding_rows=findings,
        slice_rows=rows,
        next_steps=next_steps(findings, rows, inputs),
    )


class _Sources:
    """Where the inputs are: options and arguments first, drift.yaml else."""

    def __init__(self, config: Config, stack: ExitStack) -> None:
        self._config = config
        self._stack = stack

    def find(
        self, section: Section, given: str | Path | Paths | pd.DataFrame | None, *, required: bool
    ) -> tuple[Source, ...]:
        import pandas as pd

        if isinstance(given, pd.DataFrame):
            return (self._spooled(section, given),)
        if given is not None:
            return find_sources([given] if isinstance(given, str | Path) else list(given), base=Path())
        declared: tuple[str, ...] = getattr(self._config.settings, section)
        if declared:
            return find_sources(declared, base=self._config.folder)
        if required:
            option = f"--{section.replace('_', '-')}"
            raise ConfigError(
                self._config.where(section),
                f"no {section} to read",
                f"set `{section}:` or {option}; driftcheck init finds it",
            )
        return ()

    def _spooled(self, section: Section, frame: pd.DataFrame) -> Source:
        """Write a frame to a temporary file of JSON lines: frames and files then share every rule of reading."""
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="driftcheck-"))
        path = Path(folder, f"{section}.jsonl")
        frame.to_json(path, orient="records", lines=True, date_format="iso", force_ascii=False)
        return Source(f"{section} (DataFrame)", path, path.stat().st_size)


class _Readings:
    """Reads sources one after another as one kind, and keeps what was understood of each."""

    def __init__(
        self, sources: Sequence[Source], kind: Kind, config: Config, section: Section, watcher: Watcher
    ) -> None:
        self._sources = sources
        self._kind = kind
        self._columns = ColumnMap(getattr(config.settings.columns, section))
        self._watcher = watcher
        self.reports: list[LoadReport] = []

    def records(self) -> Iterator[tuple[Source, Case | Result | Trace]]:
        n = 0
        for source in self._sources:
            self._watcher.stage(f"Reading {source.name}")
            reading = Reading(source, kind=self._kind, columns=self._columns)
            for record in reading.records():
                n += 1
                if n % _TELL_EVERY == 0:
                    self._watcher.step(n, None)
                yield source, record
            self.reports.append(reading.report())


def _read_eval_set(sources: Sequence[Source], config: Config, watcher: Watcher) -> EvalSet:
    readings = _Readings(sources, Kind.EVALSET, config, "eval_set", watcher)
    cases = [record for _, record in readings.records() if isinstance(record, Case)]
    made = make_eval_set(cases, readings.reports, text=config.settings.text, slices=config.settings.slices)
    if made.n_cases == 0:
        raise InputError(sources[0].name, "no case has an input", "driftcheck inspect shows what was understood")
    return made


def _read_runs(sources: Sequence[Source], config: Config, cases: EvalSet, watcher: Watcher) -> Runs | None:
    if not sources:
        return None
    readings = _Readings(sources, Kind.RESULTS, config, "runs", watcher)
    results = [(source.name, record) for source, record in readings.records() if isinstance(record, Result)]
    return make_runs(results, readings.reports, cases)


def _read_production(
    sources: Sequence[Source],
    config: Config,
    sample: int | None,
    since: float | None,
    until: float | None,
    watcher: Watcher,
) -> Production:
    settings = config.settings
    readings = _Readings(sources, Kind.TRACES, config, "production", watcher)
    gatherer = Gatherer(
        size=sample or settings.sample,
        length=settings.window,
        since=since,
        until=until,
        text=settings.text,
        slices=settings.slices,
        declared_rating=(settings.satisfaction.field, settings.satisfaction.good),
    )
    for _, record in readings.records():
        if isinstance(record, Trace):
            gatherer.add(record)
    try:
        production = gatherer.finish(readings.reports)
    except ValueError as problem:
        raise ConfigError(config.where("satisfaction"), f"satisfaction: {problem}") from None
    if production.sample.empty:
        missing = sum(report.n_missing_input for report in readings.reports)
        if missing:
            raise InputError(
                sources[0].name, f"none of {missing:,} traces carries an input text", "was content captured?"
            )
        raise InputError(
            sources[0].name, "no traces in the window", "driftcheck inspect shows the time span; see --since, --until"
        )
    return production


def _check_declared_slices(config: Config, cases: EvalSet, production: Production) -> None:
    known = {*cases.tag_fields, *production.tag_fields, "language"}
    for number, name in enumerate(config.settings.slices):
        if name not in known:
            shown = ", ".join(sorted(known)[:12])
            raise ConfigError(
                config.where("slices", str(number)), f"no column {name!r} in cases or traces", f"there are: {shown}"
            )


def _embed(
    cases: EvalSet,
    production: Production,
    model: Model,
    folder: Path,
    watcher: Watcher,
    load_encoder: Callable[[Model], Encoder] | None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    texts = [*cases.frame["text"].tolist(), *production.sample["text"].tolist()]
    watcher.stage("Embedding")
    with VectorCache(folder) as cache:
        vectors = embed(texts, model, cache, load=load_encoder, progress=watcher.step)
        if cache.warning:
            watcher.stage(cache.warning)
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


def _estimate(interval: Interval | None) -> Estimate | None:
    return None if interval is None else Estimate(interval.value, interval.low, interval.high, interval.n)


def _scores(comparison: Comparison) -> Scores:
    traffic = measurable(lambda: comparison.traffic)
    restated = measurable(lambda: comparison.restated)
    production = comparison.production
    coverage = None
    divergence = None
    novelty = None
    if traffic is not None:
        measured, new = traffic.test.divergence, traffic.novel.novelty
        held = sum(part.n_traces for part in traffic.partition.slices if part.coverage in ("covered", "thin"))
        coverage = wilson(held, len(production.sample))
        divergence = DivergenceScore(
            kl=measured.kl,
            null_mean=measured.null_mean,
            excess=measured.excess,
            low=measured.low,
            high=measured.high,
            p_value=traffic.test.p_value,
        )
        novelty = NoveltyScore(share=new.share, expected=new.expected, excess=new.excess, p_value=new.p_value)
    return Scores(
        pass_rate=_estimate(measurable(lambda: comparison.pass_rate)),
        satisfaction=_estimate(measurable(lambda: comparison.satisfaction)),
        response_rate=comparison.n_rated / production.n_traces if production.n_traces else None,
        gap=_estimate(measurable(lambda: comparison.gap)),
        restated_pass_rate=None
        if restated is None
        else RestatedPassRate(
            value=restated.value,
            low=restated.low,
            high=restated.high,
            worst=restated.worst,
            best=restated.best,
            uncovered_share=restated.uncovered_share,
        ),
        divergence=divergence,
        novelty=novelty,
        coverage=_estimate(coverage),
    )


def _slice_rows(comparison: Comparison) -> tuple[SliceRow, ...]:
    traffic = measurable(lambda: comparison.traffic)
    if traffic is None:
        return ()
    case_ids = comparison.eval_set.frame["case_id"].astype(str).tolist()
    trace_ids = comparison.production.sample["trace_id"].astype(str).tolist()
    texts = comparison.production.sample["text"].tolist()
    restated = measurable(lambda: comparison.restated)
    rows = []
    for index, part in enumerate(traffic.partition.slices):
        satisfaction = comparison.satisfaction_by_slice[index]
        rows.append(
            SliceRow(
                id=part.id,
                name=label_of(part),
                terms=part.terms,
                n_cases=part.n_cases,
                n_traces=part.n_traces,
                share_eval=part.share_eval,
                share_production=part.share_production,
                delta=part.delta,
                low=part.low,
                high=part.high,
                p_adjusted=part.p_adjusted,
                coverage=part.coverage,
                pass_rate=_estimate(comparison.pass_by_slice[index]),
                satisfaction=_estimate(satisfaction),
                response_rate=(satisfaction.n if satisfaction else 0) / part.n_traces if part.n_traces else None,
                restated=float(restated.rate[index]) if restated else None,
                cases_to_add=part.cases_to_add,
                case_ids=tuple(case_ids[row] for row in part.case_rows),
                trace_ids=tuple(trace_ids[row] for row in part.trace_rows),
                under_covered=part.under_covered,
                centroid=encode_centroid(part.centroid),
                example=texts[part.trace_rows[0]] if part.trace_rows else "",
            )
        )
    return tuple(rows)


def _inputs(comparison: Comparison) -> Inputs:
    eval_set, runs, production = comparison.eval_set, comparison.runs, comparison.production
    return Inputs(
        eval_set_path=", ".join(report.path for report in eval_set.reports),
        n_cases=eval_set.n_cases,
        eval_set=eval_set.reports,
        runs=() if runs is None else tuple(_run_inputs(runs)),
        run_reports=() if runs is None else runs.reports,
        n_unjoined=0 if runs is None else runs.n_unjoined,
        production=ProductionInput(
            path=", ".join(report.path for report in production.reports),
            format=", ".join(dict.fromkeys(report.format for report in production.reports)),
            n_traces=production.n_traces,
            n_sessions=production.n_sessions,
            n_embedded=len(production.sample),
            since=production.since,
            until=production.until,
            n_rated=comparison.n_rated,
            n_outside_window=production.n_outside_window,
            satisfaction=production.satisfaction,
            reports=production.reports,
            warnings=production.warnings,
        ),
    )


def _run_inputs(runs: Runs) -> Iterator[RunInput]:
    by_run = dict(iter(runs.frame.groupby("run_id")))
    for run_id in runs.run_ids:
        results = by_run[run_id]
        statuses = results["status"].value_counts()
        time = results["run_time"].min()
        models = results["model"].dropna().unique()
        n_known = [int(statuses.get(status.value, 0)) for status in (Status.PASS, Status.FAIL, Status.ERROR)]
        yield RunInput(
            path=str(results["path"].iloc[0]),
            run_id=run_id,
            time=None if np.isnan(time) else float(time),
            model=", ".join(sorted(map(str, models))) or None,
            n_pass=n_known[0],
            n_fail=n_known[1],
            n_error=n_known[2],
            n_other=len(results) - sum(n_known),
            n_joined=int(results["case_id"].notna().sum()),
        )
