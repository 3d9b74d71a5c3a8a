"""The eval set passes what users are not satisfied with.

What is measured
    Pass rate of the latest run minus the share of satisfied ratings in the window, with Newcombe's interval (ratings of
    one session count as alike). Share points, -1..1; 0 = the score says what users say, larger = the score flatters.
    Warns only where the interval lies above 0, and fails only where its 99 % interval lies above the threshold of the
    warning.

Why it matters
    The score is a promise about users. When the two part, the score is what is wrong.

How to fix it
    Read blind-slices and slice-coverage first: they say where the gap comes from. Then read badly rated traces of those
    slices and turn them into cases, with a rubric that fails the answer given. Raters select themselves: the two scales
    need not agree at zero, so set `fail:` from a month in which you trusted both.

Source
    Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven
    methods; design effect: Kish (1965), Survey sampling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.slice_rows import since_baseline, slice_evidence
from driftcheck.errors import measurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import date, percent, points
from driftcheck.stats.noticeable import noticeable_gap, standard_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC301"
TITLE = "The score is higher than users are satisfied"
UNIT = "points"
DEFAULT = Thresholds(warn=0.05, fail=0.10)


_ROWS = 5
_LEAST = 0.005


def measure(comparison: Comparison) -> Measurement:
    """Pass rate minus satisfaction; where users are happier than the score, 0."""
    gap, pass_rate, satisfaction = comparison.gap, comparison.pass_rate, comparison.satisfaction
    n_traces = comparison.production.n_traces
    return Measurement(
        value=max(0.0, gap.value),
        low=gap.low,
        high=max(0.0, gap.high),
        n={"cases": round(pass_rate.n), "ratings": comparison.n_rated, "traces": n_traces},
        summary=(
            f"The eval set passes {percent(pass_rate.value)} ({_run(comparison)}), "
            f"users are satisfied with {percent(satisfaction.value)}: {points(gap.value)} apart. "
            f"{percent(comparison.n_rated / n_traces)} of traces are rated, by users who chose to."
        )
        + since_baseline(comparison, "csat-gap", max(0.0, gap.value)),
        evidence=_where_from(comparison) if gap.value > 0 else (),
        fix="Turn badly rated traces of the blind and under-covered slices into cases." if gap.value > 0 else "",
        spread=standard_error(gap.low, gap.high),
        noticeable=noticeable_gap(pass_rate, satisfaction),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a score about {points(value)} above satisfaction"


def _run(comparison: Comparison) -> str:
    """Which run the pass rate is of, and of how many models and prompts it is the mean."""
    latest = comparison.latest_results
    time = latest["run_time"].min()
    name = f"run of {date(time)}" if time == time else f"run {comparison.latest_run}"
    variants = len(latest[["model", "prompt_id"]].drop_duplicates())
    return name if variants == 1 else f"{name}, mean of {variants} models or prompts"


def _where_from(comparison: Comparison) -> tuple[Evidence, ...]:
    """The slices without which the gap would be smaller, and by how much."""
    traffic = measurable(lambda: comparison.traffic)
    if traffic is None:
        return ()
    passed = comparison.pass_of_case
    satisfied = comparison.production.sample["satisfied"].to_numpy(dtype=np.float64)
    of_case, of_trace = traffic.partition.slice_of_case, traffic.partition.slice_of_trace

    def gap_without(index: int | None) -> float:
        cases = passed[(of_case != index) & ~np.isnan(passed)]
        ratings = satisfied[(of_trace != index) & ~np.isnan(satisfied)]
        return float(cases.mean() - ratings.mean()) if len(cases) and len(ratings) else 0.0

    whole = gap_without(None)
    parts = {index: whole - gap_without(index) for index in range(len(traffic.partition.slices))}
    most = sorted((index for index in parts if parts[index] >= _LEAST), key=lambda index: -parts[index])[:_ROWS]
    return slice_evidence(
        comparison,
        most,
        contributions=parts,
        extra={index: {"gap from it": points(parts[index])} for index in most},
    )
