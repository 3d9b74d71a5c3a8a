"""Every past week of an export audited from the same files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from driftcheck.baseline import Baseline
from driftcheck.comparison import Comparison
from driftcheck.config import Config
from driftcheck.embedding import Encoder, Model
from driftcheck.embedding.model import PRECISION
from driftcheck.errors import NotMeasurable, measurable
from driftcheck.intake import Paths
from driftcheck.numbers import count
from driftcheck.report import ModelIdentity
from driftcheck.reporting import make_scores
from driftcheck.sampling import Window
from driftcheck.sizes import MIN_CASES, MIN_SESSIONS
from driftcheck.trend import PointRun, Step, Trend, TrendPoint
from driftcheck.trending.marks import marked
from driftcheck.trending.onsets import find_fall, find_onsets
from driftcheck.trending.reading import Inputs, WeekTraffic, read_inputs
from driftcheck.trending.recording import Recorder
from driftcheck.trending.telling import above_since, correlate, rise_together, why_no_correlation
from driftcheck.watching import Unwatched, Watcher
from driftcheck.week_sampling import MAX_WEEKS, week_name

SESSIONS_A_WEEK = 1_000
"""Sessions to embed of each week: the eval set's own noise outweighs what more would tell, and a year has 52 weeks."""


def backfill(
    config: Config,
    *,
    eval_set: Paths | None = None,
    runs: Paths | None = None,
    production: Paths | None = None,
    since: float | None = None,
    until: float | None = None,
    n_weeks: int | None = None,
    sample: int | None = None,
    seed: int = 0,
    record: bool = False,
    today: dt.date | None = None,
    cache_folder: Path | None = None,
    watcher: Watcher | None = None,
    load_encoder: Callable[[Model], Encoder] | None = None,
    outputs: Sequence[Path] = (),
) -> Trend:
    """Audit every week of an export with the eval set as it is and the runs up to that week.

    Args:
        config: drift.yaml, by `load_config`; inputs given here replace its own.
        eval_set: files, folders or globs of the cases.
        runs: the same of the eval set's results.
        production: the same of production traces.
        since: traces before it are left out, unix seconds.
        until: traces after it are left out, unix seconds.
        n_weeks: newest weeks to take; all by default.
        sample: sessions to embed of each week.
        seed: of clusterings and permutations.
        record: add weeks that are over to the ledger, each as the audit that could have been made at its end.
        today: the day on which waivers must hold; today by default.
        cache_folder: where vectors are kept; by default the platform's cache folder, and with `load_encoder` nowhere.
        watcher: told how far it is.
        load_encoder: makes the encoder, where it is not to be sentence-transformers.
        outputs: files that will be written: none of them may be an input.

    Raises:
        DriftcheckError: an input, the configuration or the model cannot be used, or nothing carries a time.

    """
    watcher = watcher or Unwatched()
    inputs = read_inputs(
        config,
        eval_set,
        runs,
        production,
        Window(since, until),
        n_weeks,
        sample or SESSIONS_A_WEEK,
        cache_folder,
        watcher,
        load_encoder,
        outputs,
    )
    recorder = Recorder(config, inputs.model, seed, today or dt.date.today(), watcher) if record else None
    watcher.stage("Comparing each week")
    points = []
    for number, week in enumerate(inputs.weeks):
        watcher.step(number, len(inputs.weeks))
        comparison = _comparison(inputs, week, config, seed)
        points.append(_point(comparison))
        if recorder and len(week.vectors) and (week.production.until or 0.0) < inputs.last_trace:
            recorder.record(comparison)
    watcher.stage("Telling since when traffic differs")
    onset, change = find_onsets(inputs.case_vectors, [week.vectors for week in inputs.weeks], points, seed)
    correlations = correlate(points, seed)
    newest = inputs.weeks[-1].production
    not_measured = {}
    if not correlations:
        not_measured["score against satisfaction"] = why_no_correlation(points)
    if onset is None:
        not_measured["since when traffic differs"] = (
            f"no week has {MIN_SESSIONS} sessions with text, or there are fewer than {MIN_CASES} cases"
        )
    return Trend(
        step=Step.WEEK,
        points=marked(points),
        correlations=correlations,
        joint_rise=rise_together(points),
        onset=onset,
        change=change,
        fall=find_fall([week.production.traffic for week in inputs.weeks], points, seed),
        above=above_since(points),
        not_measured=not_measured,
        warnings=(*newest.warnings, *_warnings(inputs, n_weeks)),
        satisfaction=newest.satisfaction,
        model=ModelIdentity(inputs.model.name, inputs.model.revision, inputs.model.sha256, PRECISION),
        seed=seed,
        n_recorded=recorder.n_recorded if recorder else 0,
    )


def _warnings(inputs: Inputs, n_weeks: int | None) -> list[str]:
    said = []
    if inputs.n_undated_runs:
        said.append(f"{count(inputs.n_undated_runs, 'run carries', 'runs carry')} no time and belong to no week")
    if len(inputs.weeks) == MAX_WEEKS and n_weeks is None:
        said.append(f"only the newest {MAX_WEEKS} weeks are told: --until leaves out what is dated too late")
    return said


def _comparison(inputs: Inputs, week: WeekTraffic, config: Config, seed: int) -> Comparison:
    return Comparison(
        eval_set=inputs.eval_set,
        runs=inputs.runs,
        production=week.production,
        case_vectors=inputs.case_vectors,
        trace_vectors=week.vectors,
        declared_slices=config.settings.slices,
        seed=seed,
        runs_until=week.production.until,
        baseline=Baseline(),
    )


def _point(comparison: Comparison) -> TrendPoint:
    production = comparison.production
    missing = ""
    try:
        _ = comparison.traffic
    except NotMeasurable as problem:
        missing = problem.reason if production.n_traces else "no traces"
    return TrendPoint(
        name=week_name(production.since or 0.0),
        since=production.since,
        until=production.until,
        n_cases=comparison.eval_set.n_cases,
        n_traces=production.n_traces,
        n_sessions=production.n_sessions,
        n_embedded=len(production.sample),
        n_rated=comparison.n_rated,
        scores=make_scores(comparison),
        run=_run(comparison),
        missing=missing,
    )


def _run(comparison: Comparison) -> PointRun | None:
    run_id = measurable(lambda: comparison.latest_run)
    if run_id is None:
        return None
    results = comparison.latest_results
    time = float(results["run_time"].min())
    return PointRun(
        run_id=run_id,
        time=time,
        model=", ".join(sorted(results["model"].dropna().astype(str).unique())),
        prompt=", ".join(sorted(results["prompt_id"].dropna().astype(str).unique())),
        is_own=time >= (comparison.production.since or 0.0),
    )
