"""Cases ask about what production no longer asks.

What is measured
    Share of cases in slices of which production has significantly less than the eval set, and under a quarter of the
    eval set's share. As in slice-coverage the trees together must first say that there is such a slice (p <= 0.005);
    then those count whose own family-wise p is at most 0.025. Share of cases, 0..1; 0 = every case has living traffic.

Why it matters
    Dead cases cost money in every run and hold the score steady while the living ones move.

How to fix it
    `driftcheck retire --dead` takes out the cases listed; the few that guard against a known regression stay by
    `guard: true` in their metadata.

Source
    Slice scan: Kulldorff (1997), A spatial scan statistic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.slice_rows import slice_evidence
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import percent
from driftcheck.sizes import ALPHA
from driftcheck.stats.noticeable import dead_topic_share, share_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC202"
TITLE = "Cases in slices that production no longer has"
UNIT = "share of cases"
DEFAULT = Thresholds(warn=0.05, fail=None)


def measure(comparison: Comparison) -> Measurement:
    """Share of cases in dead slices."""
    test, partition = comparison.traffic.test, comparison.traffic.partition
    dead = [index for index, part in enumerate(partition.slices) if part.dead]
    share = comparison.case_share(dead)
    return Measurement(
        value=share.value,
        low=share.low if dead else 0.0,
        high=share.high,
        n={"cases": comparison.eval_set.n_cases, "sessions": len(comparison.production.sample)},
        summary=(
            f"{percent(share.value)} of cases ask about what production hardly asks any more."
            if dead
            else "Every slice of the eval set has living traffic."
        ),
        evidence=slice_evidence(
            comparison, dead, contributions={index: partition.slices[index].share_eval for index in dead}
        ),
        fix="`driftcheck retire --dead` takes them out, but for what `guard: true` marks." if dead else "",
        spread=share_error(DEFAULT.warn or 0.0, comparison.eval_set.n_cases),
        noticeable=dead_topic_share(float(np.quantile(test.null_maxima_over, 1 - ALPHA)), test.n_cases, test.n_traces),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a topic that died out, from about {percent(value)} of cases on"
