"""From a comparison to what the report says of it: headline numbers, slices, inputs, and all cases and traces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.baseline import encode_centroid
from driftcheck.checks.case_days import last_refresh
from driftcheck.checks.slice_rows import label_of
from driftcheck.comparison import Comparison
from driftcheck.errors import measurable
from driftcheck.ledger.entries import LatestRun
from driftcheck.members import CASE_COLUMNS, TRACE_COLUMNS, TopicMap, make_members
from driftcheck.records import SLICE_PREFIX, Runs, Status
from driftcheck.report import Cadence, Inputs, ProductionInput, RunInput, SliceRow
from driftcheck.scores import DivergenceScore, Estimate, NoveltyScore, RestatedPassRate, Scores
from driftcheck.slices.projection import project
from driftcheck.stats.intervals import Interval


def _estimate(interval: Interval | None) -> Estimate | None:
    return None if interval is None else Estimate(interval.value, interval.low, interval.high, interval.n)


def make_scores(comparison: Comparison) -> Scores:
    """Headline numbers, None where one cannot be measured."""
    traffic = measurable(lambda: comparison.traffic)
    restated = measurable(lambda: comparison.restated)
    production = comparison.production
    satisfaction = _estimate(measurable(lambda: comparison.satisfaction))
    if satisfaction:  # the interval's n is what is left of the ratings once those of one session count as alike
        satisfaction = replace(satisfaction, n=comparison.n_rated)
    coverage = None
    divergence = None
    novelty = None
    if traffic is not None:
        measured, new = traffic.test.divergence, traffic.novel.novelty
        coverage = comparison.coverage
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
        satisfaction=satisfaction,
        response_rate=comparison.n_rated / production.n_traces if production.n_traces else None,
        gap=_estimate(measurable(lambda: comparison.gap)),
        restated_pass_rate=None
        if restated is None
        else RestatedPassRate(
            value=restated.value,
            low=restated.low,
            high=restated.high,
            worst=restated.worst_low,
            best=restated.best_high,
            uncovered_share=restated.uncovered_share,
        ),
        divergence=divergence,
        novelty=novelty,
        coverage=_estimate(coverage),
    )


def make_slice_rows(comparison: Comparison) -> tuple[SliceRow, ...]:
    """Slices as the report shows them, most traffic first; none where there is too little data."""
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
        delta = comparison.share_difference(index)
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
                low=delta.low,
                high=delta.high,
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
                cases_to_know=part.cases_to_know,
            )
        )
    return tuple(rows)


def make_inputs(comparison: Comparison) -> Inputs:
    """What was read."""
    eval_set, runs, production = comparison.eval_set, comparison.runs, comparison.production
    nameless = eval_set.frame[eval_set.frame["own_id"].isna()]
    times = production.traffic["timestamp"].dropna()
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
            first_time=None if times.empty else float(times.min()),
            last_time=None if times.empty else float(times.max()),
        ),
        places=dict(zip(nameless["case_id"].tolist(), nameless["where"].tolist(), strict=True)),
    )


NO_OWNER = "the eval set's owner (`owner:` in drift.yaml names nobody)"


def make_cadence(comparison: Comparison) -> Cadence | None:
    """Who keeps the eval set fresh; None where no day is taken as today."""
    upkeep, at = comparison.upkeep, comparison.upkeep.as_of
    if at is None:
        return None
    last = measurable(lambda: last_refresh(comparison))
    refreshed = None if last is None else last.day
    due = refreshed + upkeep.refresh_every if refreshed and upkeep.refresh_every else None
    waits = upkeep.proposed if upkeep.proposed and upkeep.proposed > (upkeep.accepted or upkeep.proposed.min) else None
    is_late = upkeep.refresh_every is not None and (due is None or at >= due)
    return Cadence(
        owner=upkeep.owner,
        refreshed=refreshed,
        refresh_every=upkeep.refresh_every,
        next_refresh=due,
        overdue_days=None if due is None else max(0, (at - due).days),
        proposed=waits,
        whose_move=(upkeep.owner or NO_OWNER) if waits or is_late else None,
    )


def make_latest_run(comparison: Comparison) -> LatestRun | None:
    """The run that the score was read off; None where no run counts."""
    run_id = measurable(lambda: comparison.latest_run)
    if run_id is None:
        return None
    results = comparison.latest_results
    time = float(results["run_time"].min())
    return LatestRun(
        run_id=run_id,
        time=time if np.isfinite(time) else None,
        models=tuple(sorted(results["model"].dropna().unique())),
        prompts=tuple(sorted(results["prompt_id"].dropna().unique())),
        n_results=len(results),
    )


def models_seen(comparison: Comparison) -> tuple[str, ...]:
    """Models of the sampled traces, most traces first, then by name."""
    n = comparison.production.sample["model"].value_counts().sort_index()
    return tuple(n.sort_values(ascending=False, kind="stable").index)


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
            n_joined=int(results["case_id"].nunique()),
        )


def make_case_frame(comparison: Comparison) -> pd.DataFrame:
    """Every case, columns of CASE_COLUMNS; what needs slices is null where there is too little data for them."""
    frame = comparison.eval_set.frame
    ids = frame["case_id"].tolist()
    n = len(ids)
    traffic = measurable(lambda: comparison.traffic)
    slice_of = None if traffic is None else traffic.partition.slice_of_case
    _, first, group = np.unique(comparison.group_of_case, return_index=True, return_inverse=True)
    return make_members(
        CASE_COLUMNS,
        {
            "case_id": ids,
            **_slice_columns(comparison, slice_of, n),
            "passed": comparison.pass_of_case,
            "language": comparison.case_languages.tolist(),
            "nearest_other_case": [ids[row] for row in traffic.novel.nearest_other_case] if traffic else [None] * n,
            "nearest_other_distance": traffic.novel.case_distance if traffic else [np.nan] * n,
            "near_duplicate_of": [None if one == row else ids[one] for row, one in enumerate(first[group])],
            "where": frame["where"],
            "text": frame["text"],
            **_declared_slices(frame),
        },
    )


def make_trace_frame(comparison: Comparison) -> pd.DataFrame:
    """Every sampled trace, columns of TRACE_COLUMNS; what needs slices is null as in `make_case_frame`."""
    frame = comparison.production.sample
    n = len(frame)
    case_ids = comparison.eval_set.frame["case_id"].tolist()
    traffic = measurable(lambda: comparison.traffic)
    slice_of = None if traffic is None else traffic.partition.slice_of_trace
    return make_members(
        TRACE_COLUMNS,
        {
            "trace_id": frame["trace_id"],
            "session": [f"{session:016x}" for session in frame["session"].tolist()],
            "timestamp": frame["timestamp"],
            **_slice_columns(comparison, slice_of, n),
            "coverage_distance": traffic.novel.distance if traffic else [np.nan] * n,
            "nearest_case": [case_ids[row] for row in traffic.novel.nearest_case] if traffic else [None] * n,
            "novel": traffic.novel.is_novel if traffic else [None] * n,
            "satisfied": frame["satisfied"],
            "language": comparison.trace_languages.tolist(),
            "model": frame["model"],
            "error": _shown(frame["error"].tolist()),
            "text": frame["text"],
            **_declared_slices(frame),
        },
    )


def make_topic_map(comparison: Comparison) -> TopicMap | None:
    """Lay cases and traces out on a plane; None where there is too little data for slices."""
    traffic = measurable(lambda: comparison.traffic)
    return None if traffic is None else TopicMap(*project(traffic.space, seed=comparison.seed))


def _slice_columns(
    comparison: Comparison, slice_of: NDArray[np.int32] | None, n: int
) -> dict[str, Sequence[str | None]]:
    """Id and name of the slice of each of n cases or traces."""
    if slice_of is None:
        return {"slice_id": [None] * n, "slice_name": [None] * n}
    slices = comparison.traffic.partition.slices
    return {
        "slice_id": [slices[index].id for index in slice_of],
        "slice_name": [label_of(slices[index]) for index in slice_of],
    }


def _shown(errors: Sequence[object]) -> list[str | None]:
    """Classes of errors without personal data."""
    from driftcheck.masking.classes import shown_error

    return [shown_error(one) if isinstance(one, str) else None for one in errors]


def _declared_slices(frame: pd.DataFrame) -> dict[str, pd.Series[str]]:
    return {name: frame[name] for name in frame.columns if name.startswith(SLICE_PREFIX)}
