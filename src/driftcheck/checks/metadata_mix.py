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
from driftcheck.stats.noticeable import share_error

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
        n_tests = len(comparison.declared_slices)
        found.append((label_mix(cases, traces, seed=comparison.seed, n_tests=n_tests), name))
    if not found:
        raise NotMeasurable(
            f"too few records carry {', '.join(short)}: "
            f"at least {MIN_CASES} cases and {MIN_SESSIONS} sessions are needed"
        )
    mix, name = min(found, key=lambda column: (column[0].p_value, column[0].chance - column[0].value))
    return Measurement(
        value=mix.value,
        p_value=min(1.0, mix.p_value * len(found)),
        n={"cases": mix.n_cases, "sessions": mix.n_traces, "columns": len(found)},
        summary=f"{name} differs most: {percent(mix.value)} of traffic (by chance alone {percent(mix.chance)}).",
        evidence=mix.rows,
        fix=f"Add cases for the values of {name} that are short.",
        spread=share_error(DEFAULT.warn or 0.0, mix.n_cases, mix.n_traces),
        noticeable=mix.noticeable,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a new slice value, from about {percent(value)} of traffic on"
