"""Traffic goes through slices whose pass rate is hardly known.

What is measured
    Share of sampled sessions in slices that hold too few cases for a pass rate to be known to +-10 points (Wilson
    interval at an assumed 90 %: 37 cases), and that are not already counted as under-covered. Share of traffic, 0..1.

Why it matters
    A score over all slices can be precise while no slice is: a slice can halve unnoticed.

How to fix it
    Spend the next cases on the thin slices with the most traffic; small slices may stay thin on purpose.

Source
    Wilson (1927), Probable inference, the law of succession, and statistical inference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.checks.slice_rows import slice_evidence
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import count, percent
from driftcheck.stats.intervals import wilson

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC203"
TITLE = "Slices whose pass rate is hardly known"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.50, fail=None)
_ROWS = 5


def measure(comparison: Comparison) -> Measurement:
    """Share of traffic in thin slices."""
    partition = comparison.traffic.partition
    thin = [index for index, part in enumerate(partition.slices) if part.coverage == "thin"]
    n = len(comparison.production.sample)
    share = wilson(sum(partition.slices[index].n_traces for index in thin), n)
    most = sorted(thin, key=lambda index: -partition.slices[index].share_production)[:_ROWS]
    return Measurement(
        value=share.value,
        low=share.low,
        high=share.high,
        n={"cases": comparison.eval_set.n_cases, "sessions": n},
        summary=(
            f"{percent(share.value)} of traffic is in {count(len(thin), 'slice')} "
            "whose pass rate is not known to +-10 points."
        ),
        evidence=slice_evidence(
            comparison,
            most,
            extra={
                index: {"cases": partition.slices[index].n_cases, "to know": partition.slices[index].cases_to_know}
                for index in most
            },
        ),
        fix="Spend the next cases on the thin slices with the most traffic." if thin else "",
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"thin slices that hold {percent(value)} of traffic or more"
