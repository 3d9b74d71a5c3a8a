"""Slices of traffic are under-covered by the eval set.

What is measured
    Share of sampled sessions in slices of which production has significantly more than the eval set, and at least 1.5
    times its share. Signed root of the log-likelihood ratio per node of the slice trees. First the trees together must
    say that there is such a slice (the largest of each tree, combined by Fisher's sum: permutation p <= 0.005); then
    those count whose own p, adjusted for all nodes of all trees by the maximum under permuted labels, is at most 0.025.
    Share of traffic, 0..1; 0 = no slice is short by more than chance. Its change since the last
    audit in the ledger, or since the `baseline:` of drift.yaml, is told too.

Why it matters
    The pass rate hardly counts what is hardly in the eval set: users of such a slice can all be unhappy unseen.

How to fix it
    `driftcheck refresh --slice ID` proposes cases from these slices; the slice table says how many are missing.

Source
    Slice scan: Kulldorff (1997), A spatial scan statistic; family-wise p: Westfall and Young (1993), Resampling-based
    multiple testing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.slice_rows import label_of, since_baseline, slice_evidence
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import count, percent
from driftcheck.sizes import ALPHA
from driftcheck.stats.noticeable import new_topic_share, share_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC201"
TITLE = "Slices of traffic that the eval set under-covers"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.01, fail=0.03)


def measure(comparison: Comparison) -> Measurement:
    """Share of traffic in under-covered slices."""
    test, partition = comparison.traffic.test, comparison.traffic.partition
    short = [index for index, part in enumerate(partition.slices) if part.under_covered]
    n = len(comparison.production.sample)
    share = comparison.traffic_share(short)
    worst = max(short, key=lambda index: partition.slices[index].share_production, default=None)
    lead = f", the largest {label_of(partition.slices[worst])!r}" if worst is not None else ""
    cases = sum(partition.slices[index].cases_to_add for index in short)
    ids = " ".join(f"--slice {partition.slices[index].id}" for index in short)
    return Measurement(
        value=share.value,
        low=share.low,
        high=share.high,
        p_value=test.scan_p_value if short else None,
        n={"cases": comparison.eval_set.n_cases, "sessions": n},
        summary=(
            f"{percent(share.value)} of traffic is in {count(len(short), 'slice')} "
            f"of which the eval set has too few cases{lead}."
            if short
            else "No slice of traffic is short of cases by more than chance."
        )
        + since_baseline(comparison, "slice-coverage", share.value),
        evidence=slice_evidence(
            comparison,
            short,
            contributions={index: partition.slices[index].share_production for index in short},
            extra={index: {"add": f"{partition.slices[index].cases_to_add} cases"} for index in short},
        ),
        fix=f"`driftcheck refresh {ids}` proposes the {count(cases, 'case')} that are missing." if short else "",
        spread=share_error(DEFAULT.warn or 0.0, n),
        noticeable=new_topic_share(float(np.quantile(test.null_maxima_under, 1 - ALPHA)), test.n_cases, test.n_traces),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a new topic, from about {percent(value)} of traffic on"
