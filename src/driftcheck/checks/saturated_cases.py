"""Cases whose outcome no version of the product ever changed.

What is measured
    Share of cases of the latest run, of those that at least 3 versions of model or prompt have tried, whose outcome was
    the same in every run and repeat. Share of cases, 0..1, Wilson interval; 0 = every case told some version from
    another. A history with fewer than 3 versions is not measurable: nothing had a reason to change.

Why it matters
    A case that everything passes costs money and tells nothing; one that nothing passes is often wrong (the answer key,
    the rubric, a tool that is missing). What is left decides every comparison, and may be a handful of cases.

How to fix it
    `driftcheck retire --saturated` takes out what always passes; the few that guard against a known regression stay by
    `guard: true` in their metadata. Read what always fails: correct it or take it out. The smaller set that is
    suggested ranks the runs so far as all cases do; it was chosen on them, so keep the rest in a set that runs now and
    then.

Source
    Lord and Novick (1968), Statistical theories of mental test scores, chapter 15 (item discrimination); Kendall
    (1945), The treatment of ties in ranking problems; Vivek et al. (2024), Anchor points: benchmarking models with much
    fewer examples, for the idea.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.case_rows import MIN_VERSIONS, case_row, require_versions
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, number, percent
from driftcheck.sizes import MIN_CASES
from driftcheck.stats.discrimination import smaller_set
from driftcheck.stats.intervals import wilson
from driftcheck.stats.noticeable import share_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.history import History

CODE = "DC403"
TITLE = "Cases whose outcome never changes"
UNIT = "share of cases"
DEFAULT = Thresholds(warn=0.8, fail=None)
SAME_RANKING = 0.9
"""Kendall's tau-b from which on a smaller set ranks the runs as all cases do."""
_MIN_RANKED = 5
"""Runs without which a ranking says nothing."""


def measure(comparison: Comparison) -> Measurement:
    """Share of cases that never changed."""
    history = comparison.history
    require_versions(history)
    living = history.living
    tried = np.sum(~np.isnan(history.by_version[living]), axis=1)
    old = living[tried >= MIN_VERSIONS]
    if len(old) < min(MIN_CASES, comparison.eval_set.n_cases):
        raise NotMeasurable(
            f"{count(len(old), 'case')} of the latest run were tried by {MIN_VERSIONS} versions: at least {MIN_CASES} "
            "are needed"
        )
    passing, failing = history.always(1.0, old), history.always(0.0, old)
    saturated = wilson(len(passing) + len(failing), len(old))
    smaller = _smaller(history, old)
    rows = [
        case_row("always fail: suspects", history.ids(failing), len(old)),
        case_row("always pass: may retire", history.ids(passing), len(old)),
        *smaller,
    ]
    return Measurement(
        value=saturated.value,
        low=saturated.low,
        high=saturated.high,
        n={"cases": len(old), "versions": history.n_versions, "runs": len(history.runs)},
        summary=(
            f"{count(len(passing), 'case passes', 'cases pass')} and "
            f"{count(len(failing), 'case fails', 'cases fail')} in every run of {history.n_versions} versions: "
            f"{count(len(old) - len(passing) - len(failing), 'case', 'cases')} of {len(old):,} decide every comparison."
        ),
        evidence=tuple(row for row in rows if row.case_ids),
        fix="Read what always fails; `driftcheck retire --saturated` takes out what always passes."
        if saturated.value > 0
        else "",
        spread=share_error(DEFAULT.warn or 0.0, len(old)),
        noticeable=1 / len(old),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"cases that never change, from {percent(value)} on"


def _smaller(history: History, rows: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> list[Evidence]:
    """The smaller set that ranks the runs the same, on the cases and runs that have all outcomes."""
    known = history.known[rows]
    runs = np.flatnonzero(known.mean(axis=0) >= 0.95)
    complete = rows[known[:, runs].all(axis=1)]
    if len(runs) < _MIN_RANKED or len(complete) == 0:
        return []
    found = smaller_set(history.shares[np.ix_(complete, runs)], SAME_RANKING)
    if found is None:
        return []
    label = f"rank {count(len(runs), 'run')} alike, tau {number(found.tau)}"
    return [case_row(label, history.ids(complete[found.rows]), len(rows))]
