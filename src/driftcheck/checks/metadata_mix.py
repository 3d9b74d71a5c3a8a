"""A declared slice column has another mix in production than in the eval set.

What is measured
    Total variation distance of a column's values (`slices:` in drift.yaml), production against the eval set; of several
    columns the one with the smallest p counts. Share of traffic, 0..1; 0 = same mix. The permutation p is multiplied by
    the number of columns (Bonferroni); warns only with p <= 0.005 as well. Records without a value are left out.

Why it matters
    Declared slices (intent, tier, channel) are the ones a team has promised somebody to look after.

How to fix it
    Add cases for the values that are short.

Source
    Total variation distance: Levin, Peres and Wilmer (2009), Markov chains and mixing times, chapter 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.checks.mix import label_mix
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import count, percent
from driftcheck.records import SLICE_PREFIX
from driftcheck.sizes import MIN_CASES, MIN_SESSIONS

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC106"
TITLE = "Declared slices have another mix in production"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.15, fail=None)


def measure(comparison: Comparison) -> Measurement:
    """Largest total variation over the declared columns."""
    if not comparison.declared_slices:
        raise NotMeasurable("no slice columns declared: name metadata columns by `slices:` in drift.yaml")
    found = []
    short = []
    for name in comparison.declared_slices:
        cases = comparison.eval_set.frame[f"{SLICE_PREFIX}{name}"].dropna().astype(str).tolist()
        traces = comparison.production.sample[f"{SLICE_PREFIX}{name}"].dropna().astype(str).tolist()
        if len(cases) < MIN_CASES or len(traces) < MIN_SESSIONS:
            short.append(f"{name} ({count(len(cases), 'case')}, {count(len(traces), 'session')})")
            continue
        found.append((*label_mix(cases, traces, seed=comparison.seed), name, len(cases), len(traces)))
    if not found:
        raise NotMeasurable(
            f"too few records carry {', '.join(short)}: "
            f"at least {MIN_CASES} cases and {MIN_SESSIONS} sessions are needed"
        )
    value, chance, p, rows, name, n_cases, n_traces = min(found, key=lambda column: (column[2], column[1] - column[0]))
    return Measurement(
        value=value,
        p_value=min(1.0, p * len(found)),
        n={"cases": n_cases, "sessions": n_traces, "columns": len(found)},
        summary=f"{name} differs most: {percent(value)} of traffic (by chance alone {percent(chance)}).",
        evidence=rows,
        fix=f"Add cases for the values of {name} that are short.",
    )
