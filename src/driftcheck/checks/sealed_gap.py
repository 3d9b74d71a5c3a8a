"""The tuned cases pass more often than those that nobody tuned against.

What is measured
    Pass rate of the tuned cases minus that of the sealed ones, with Newcombe's interval; share points, 0 where the
    sealed ones pass as often. Of the sealed cases the newest run since they were opened with outcomes of two thirds of
    a sample, as a rerun of what failed is none; of the tuned ones, for each of its models and prompts, the run of the
    same that is nearest to it in time; repeats of a case count once. Warns only where the interval lies above 0, and
    fails only where its 99 % interval lies above the threshold of the warning.

Why it matters
    Every prompt that was kept because it raised the score has learnt a little of the cases. What it learnt of them is
    not there for anybody else, and cases that were never looked at are the only ones that say how much it is.

How to fix it
    Believe the sealed score for the release. Then look for what was fitted to single cases: examples in the prompt that
    resemble them, rules for one answer, a judge that was tuned with them. Where sealed cases were not drawn at random
    (other slices, newer ones), part of the gap is theirs: `driftcheck seal --holdout` draws at random. Seal fresh cases
    before the next release.

Source
    Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven
    methods; Recht et al. (2019), Do ImageNet classifiers generalize to ImageNet?
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.slice_rows import since_baseline
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, date, percent, points
from driftcheck.records import Status
from driftcheck.seals import NOTHING_SEALED
from driftcheck.sizes import MIN_CASES
from driftcheck.stats.intervals import Interval, mean_interval, newcombe_difference
from driftcheck.stats.noticeable import noticeable_gap, standard_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from driftcheck.comparison import Comparison

CODE = "DC405"
TITLE = "Tuned cases pass more often than sealed ones"
UNIT = "points"
DEFAULT = Thresholds(warn=0.05, fail=0.10)
_VERSION = ["model", "prompt_id"]
_NAMED = 3
"""Versions and runs that are named."""
_MOST = 2 / 3
"""Share of a sample that a run of it must have outcomes of: errors take some, a rerun of failures holds too few."""


@dataclass(frozen=True)
class _Pair:
    """The opened run and the runs that it is compared with, of the versions that both have."""

    sealed: pd.DataFrame
    tuned: pd.DataFrame


def measure(comparison: Comparison) -> Measurement:
    """Tuned minus sealed pass rate; where the sealed cases pass more often, 0."""
    pair = _pair(comparison)
    tuned, sealed = _pass_rate(pair.tuned), _pass_rate(pair.sealed)
    if sealed.n < MIN_CASES or tuned.n < MIN_CASES:
        raise NotMeasurable(
            f"{count(sealed.n, 'sealed case')} and {count(tuned.n, 'tuned case')} with an outcome are too few: "
            f"at least {MIN_CASES} of each are needed"
        )
    gap = newcombe_difference(tuned, sealed)
    value = max(0.0, gap.value)
    names = _named(_versions(pair.sealed, _VERSION))
    return Measurement(
        value=value,
        low=min(gap.low, value),
        high=max(0.0, gap.high),
        n={"sealed cases": round(sealed.n), "tuned cases": round(tuned.n)},
        summary=(
            f"Tuned cases pass {percent(tuned.value)} ({_run(pair.tuned)}), sealed ones {percent(sealed.value)} "
            f"({_run(pair.sealed)}): {points(gap.value)} apart{f', with {names}' if names else ''}."
        )
        + since_baseline(comparison, "sealed-gap", value),
        evidence=tuple(_evidence(pair)) if value > 0 else (),
        fix="Believe the sealed score; look for examples and rules in the prompt that fit single cases."
        if value > 0
        else "",
        spread=standard_error(gap.low, gap.high),
        noticeable=noticeable_gap(tuned, sealed),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"tuned cases passing about {points(value)} more often"


def _pair(comparison: Comparison) -> _Pair:
    """The newest opened run, and of each of its models and prompts the tuned run that is nearest to it in time."""
    if comparison.seal is None:
        raise NotMeasurable(NOTHING_SEALED)
    full, runs = comparison.full_runs, comparison.runs
    if runs is None:  # full_runs has said so
        raise NotMeasurable("no results of the eval set: name them by `runs:` in drift.yaml or --runs")
    opened = _scored(runs.sealed)
    if comparison.runs_until is not None:
        opened = opened[~(opened["run_time"] > comparison.runs_until)]
    if opened.empty:
        raise NotMeasurable(
            f"no results of the {count(comparison.seal.n_cases, 'sealed case')}: `driftcheck unseal --release NAME` "
            "opens them once for a release; run them, and put the results under `runs:`"
        )
    newest = _newest(opened, comparison.seal.batches)
    tuned = _scored(runs.frame[runs.frame["run_id"].isin(full)])
    joined = tuned[tuned["case_id"].notna()]
    tuned = joined if len(joined) else tuned
    # what one of the two never says tells nothing apart
    columns = [name for name in _VERSION if newest[name].notna().any() and tuned[name].notna().any()]
    if not columns:
        return _Pair(newest, _nearest(tuned, newest, full))
    both = _versions(newest, columns) & _versions(tuned, columns)
    if not both:
        raise NotMeasurable(
            f"the sealed cases were run with {_named(_versions(newest, columns))}, the tuned ones never: "
            "1 run of the tuned cases with the same is needed"
        )
    # one tuned run may hold some of the versions alone: each has a run of its own beside it
    rows = {
        row
        for one in both
        for row in _nearest(_of(tuned, columns, {one}), _of(newest, columns, {one}), full).index.tolist()
    }
    return _Pair(_of(newest, columns, both), tuned[tuned.index.isin(rows)])


def _newest(opened: pd.DataFrame, batches: Mapping[int, int]) -> pd.DataFrame:
    """Results of the newest run that tried most of a sample, of this sample alone; `batches` by number of the seal."""
    times = opened.groupby("run_id")["run_time"].min().fillna(-np.inf)
    most, of = 0, 1
    for run in sorted(times.index, key=lambda run: (times[run], run), reverse=True):
        own = opened[opened["run_id"] == run]
        tried = {int(batch): int(n) for batch, n in own.groupby("batch")["own_id"].nunique().items()}
        whole = [batch for batch, n in tried.items() if n >= _MOST * batches.get(batch, 0)]
        if whole:
            of_these: pd.DataFrame = own[own["batch"].isin(whole)]
            return of_these
        for batch, n in tried.items():
            most, of = max((most, of), (n, batches[batch]), key=lambda pair: pair[0] / pair[1])
    raise NotMeasurable(
        f"no run has outcomes of enough opened cases: {most} of {of} at the most, two thirds of them are needed"
    )


def _nearest(tuned: pd.DataFrame, sealed: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Results of the tuned run that is nearest in time, of those that tried half as many cases as any at least."""
    moment = sealed["run_time"].min()
    tried = tuned.groupby("run_id")["own_id"].nunique()
    away = (tuned.groupby("run_id")["run_time"].min() - moment).abs().fillna(np.inf)
    enough = [run for run in away.index if 2 * tried[run] >= tried.max()]
    nearest = min(enough, key=lambda run: (away[run], -order.index(run)))
    found: pd.DataFrame = tuned[tuned["run_id"] == nearest]
    return found


def _scored(results: pd.DataFrame) -> pd.DataFrame:
    return results[results["status"].isin([Status.PASS.value, Status.FAIL.value])]


def _pairs(results: pd.DataFrame, columns: list[str]) -> list[tuple[str, ...]]:
    named = results[columns].astype(object).where(results[columns].notna(), "")
    return [tuple(map(str, pair)) for pair in named.itertuples(index=False)]


def _versions(results: pd.DataFrame, columns: list[str]) -> set[tuple[str, ...]]:
    """Models and prompts of the results."""
    return set(_pairs(results, columns))


def _of(results: pd.DataFrame, columns: list[str], versions: set[tuple[str, ...]]) -> pd.DataFrame:
    return results[[pair in versions for pair in _pairs(results, columns)]]


def _outcomes(results: pd.DataFrame) -> pd.Series[float]:
    """Share of passes of each case, over its repeats, models and prompts."""
    passed = (results["status"] == Status.PASS.value).astype(float)
    return passed.groupby(results["case_id"].fillna(results["own_id"])).mean()


def _pass_rate(results: pd.DataFrame) -> Interval:
    values = _outcomes(results).to_numpy(dtype=np.float64)
    return replace(mean_interval(values), n=float(len(values)))


def _run(results: pd.DataFrame) -> str:
    time, n = results["run_time"].max(), results["run_id"].nunique()
    if n > 1:
        return count(n, "run") + (f" until {date(time)}" if time == time else "")
    time = results["run_time"].min()
    return f"run of {date(time)}" if time == time else f"run {results['run_id'].iloc[0]}"


def _named(versions: set[tuple[str, ...]]) -> str:
    return "; ".join(sorted({", ".join(filter(None, one)) for one in versions} - {""})[:_NAMED])


def _evidence(pair: _Pair) -> list[Evidence]:
    rows = []
    for label, results in (("tuned", pair.tuned), ("sealed", pair.sealed)):
        values = _outcomes(results)
        rows.append(
            Evidence(
                label=label,
                numbers={
                    "cases": len(values),
                    "pass rate": float(values.mean()),
                    "run": ", ".join(map(str, results["run_id"].unique()[:_NAMED])),
                },
            )
        )
    return rows
