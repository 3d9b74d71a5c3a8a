"""The eval set passes what users are not satisfied with.

What is measured
    Pass rate of the latest run minus the share of satisfied ratings in the window, with Newcombe's interval (ratings of
    one session count as alike). Share points, -1..1; 0 = the score says what users say, larger = the score flatters.
    Fails only where the interval lies above 0.

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

from driftcheck.checks.slice_rows import since_baseline
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import percent, points

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC301"
TITLE = "The score is higher than users are satisfied"
UNIT = "points"
DEFAULT = Thresholds(warn=0.05, fail=0.10)


def measure(comparison: Comparison) -> Measurement:
    """Pass rate minus satisfaction; where users are happier than the score, 0."""
    gap, pass_rate, satisfaction = comparison.gap, comparison.pass_rate, comparison.satisfaction
    n_traces = comparison.production.n_traces
    return Measurement(
        value=max(0.0, gap.value),
        low=gap.low,
        high=gap.high,
        n={"cases": round(pass_rate.n), "ratings": comparison.n_rated, "traces": n_traces},
        summary=(
            f"The eval set passes {percent(pass_rate.value)}, users are satisfied with {percent(satisfaction.value)}: "
            f"{points(gap.value)} apart. {percent(comparison.n_rated / n_traces)} of traces are rated, "
            f"by users who chose to."
        )
        + since_baseline(comparison, "csat-gap", max(0.0, gap.value)),
        fix="Turn badly rated traces of the blind and under-covered slices into cases." if gap.value > 0 else "",
    )
