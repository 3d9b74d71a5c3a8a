"""Part of production is unlike any case of the eval set.

What is measured
    Share of sampled sessions whose nearest case is farther than 95 % of cases are from their own nearest other case,
    minus the same share when it is permuted who is a case (about 5 %). Distances in the pooled principal components of
    the embeddings. Share of traffic, 0..1; 0 = no more than chance. Fails only with p <= 0.005 as well.

Why it matters
    Nothing in the eval set says how the product does on such traffic: its pass rate is unknown, not merely imprecise.

How to fix it
    Read the traces listed, decide which of them the product should handle, and add cases for those.

Source
    Permutation test of a nearest-neighbour statistic: Henze (1988), A multivariate two-sample test based on the number
    of nearest neighbor type coincidences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.slice_rows import label_of
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import percent, points
from driftcheck.stats.noticeable import novel_share

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC102"
TITLE = "Traffic that no case resembles"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.03, fail=0.05)
_FARTHEST = 10


def measure(comparison: Comparison) -> Measurement:
    """Excess share of traffic beyond the novelty threshold."""
    novel = comparison.traffic.novel
    score = novel.novelty
    partition = comparison.traffic.partition
    ids = comparison.production.sample["trace_id"]
    rows = []
    where = np.bincount(partition.slice_of_trace[novel.is_novel], minlength=len(partition.slices))
    totals = np.bincount(partition.slice_of_trace, minlength=len(partition.slices))
    for index in np.argsort(-where, kind="stable")[:5]:
        if where[index] < 2 or where[index] <= 2 * score.expected * totals[index]:
            continue
        members = np.flatnonzero(novel.is_novel & (partition.slice_of_trace == index))
        farthest = members[np.argsort(-novel.distance[members], kind="stable")][:_FARTHEST]
        part = partition.slices[index]
        rows.append(
            Evidence(
                label=label_of(part),
                numbers={"novel": where[index] / len(ids), "of the slice": where[index] / totals[index]},
                slice_id=part.id,
                trace_ids=tuple(str(ids.iloc[row]) for row in farthest[:5]),
            )
        )
    more = f"{points(score.excess)} more than" if score.excess > 0 else "no more than"
    return Measurement(
        value=max(0.0, score.excess),
        low=score.low,
        high=max(0.0, score.high),
        p_value=score.p_value,
        n={"cases": score.n_cases, "sessions": score.n_traces},
        summary=(
            f"{percent(score.share)} of traffic is unlike any case: {more} "
            f"the {percent(score.expected)} of chance alone."
        ),
        evidence=tuple(rows),
        fix="Read the traces listed; add cases for those that the product should handle.",
        spread=score.null_spread,
        noticeable=novel_share(score.null_spread),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"traffic unlike any case, from about {percent(value)} of it on"
