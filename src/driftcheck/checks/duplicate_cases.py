"""Cases repeat each other.

What is measured
    Share of cases that could go without a question being lost: cases linked by a cosine of their embeddings of 0.95 or
    more form groups, and all but one of each group are counted. Share of cases, 0..1; 0 = no two cases are alike.

Why it matters
    Repeated cases weigh double in the score and make it look more certain than it is.

How to fix it
    `driftcheck retire --duplicates` keeps the case of each group that has most outcomes. Where two are alike on
    purpose, `guard: true` in their metadata keeps both.

Source
    Single-linkage groups at a fixed similarity: Lee et al. (2022), Deduplicating training data makes language models
    better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, percent

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC503"
TITLE = "Cases that repeat each other"
UNIT = "share of cases"
DEFAULT = Thresholds(warn=0.05, fail=None)
_GROUPS = 6


def measure(comparison: Comparison) -> Measurement:
    """Share of cases that are near-duplicates of another."""
    n = comparison.eval_set.n_cases
    if n < 2:
        raise NotMeasurable(f"{count(n, 'case')}: at least 2 are needed")
    group = comparison.group_of_case
    n_groups = int(group.max()) + 1
    redundant = (n - n_groups) / n
    sizes = np.bincount(group)
    ids, texts = comparison.eval_set.frame["case_id"], comparison.eval_set.frame["text"]
    evidence = []
    for number in np.argsort(-sizes, kind="stable")[:_GROUPS]:
        members = np.flatnonzero(group == number)
        if len(members) > 1:
            evidence.append(
                Evidence(
                    label=str(ids.iloc[members[0]]),
                    numbers={
                        "cases": len(members),
                        "same text": (len({texts.iloc[row] for row in members}) == 1 and "yes") or "no",
                    },
                    case_ids=tuple(str(ids.iloc[row]) for row in members[:5]),
                )
            )
    return Measurement(
        value=redundant,
        n={"cases": n},
        summary=f"{count(n - n_groups, 'case')} of {n:,} ({percent(redundant)}) only repeat another case.",
        evidence=tuple(evidence),
        fix="`driftcheck retire --duplicates` keeps the best case of each group." if n_groups < n else "",
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"repeated cases, from {percent(value)} of cases on"
