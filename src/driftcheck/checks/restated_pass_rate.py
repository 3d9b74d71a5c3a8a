"""On this week's traffic the pass rate would be lower than reported.

What is measured
    Reported pass rate minus the pass rate post-stratified to production's slices: the rate of each slice, shrunk
    towards its neighbours in the tree where it has few cases, weighted by its share of traffic. Share points; 0 = the
    same, larger = the report flatters. Warns only where the interval lies above 0. The bounds say what the number would
    be if all uncovered traffic failed, or passed, with the sampling error of the rest.

Why it matters
    It is the number that the reported one is taken for.

How to fix it
    Quote the restated rate beside the reported one, and add cases where the table says "uncovered": they are what keeps
    the bounds apart.

Source
    Gelman and Little (1997), Poststratification into many categories using hierarchical logistic regression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import percent, points
from driftcheck.stats.noticeable import above_zero, standard_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC303"
TITLE = "The pass rate on this week's traffic is lower than reported"
UNIT = "points"
DEFAULT = Thresholds(warn=0.03, fail=None)


def measure(comparison: Comparison) -> Measurement:
    """Reported minus restated pass rate."""
    restated, reported = comparison.restated, comparison.pass_rate.value
    unknown = (
        f" {percent(restated.uncovered_share)} of traffic is unknown: "
        f"between {percent(restated.worst_low)} and {percent(restated.best_high)}."
        if restated.uncovered_share > 0
        else ""
    )
    return Measurement(
        value=max(0.0, reported - restated.value),
        low=restated.drop_low,
        high=max(0.0, restated.drop_high),
        n={"cases": round(comparison.pass_rate.n), "sessions": len(comparison.production.sample)},
        summary=(
            f"{percent(reported)} on the eval set; {percent(restated.value)} "
            f"({percent(restated.low)} to {percent(restated.high)}) on this week's traffic.{unknown}"
        ),
        fix="Quote the restated rate beside the reported one; add cases where coverage is missing.",
        spread=standard_error(restated.drop_low, restated.drop_high),
        noticeable=above_zero(restated.drop_low, restated.drop_high),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a pass rate on traffic about {points(value)} lower"
