"""The eval set has not been refreshed from production for long.

What is measured
    Weeks from the last refresh to the day of the audit (`--as-of`, else today). The last refresh is the later of two
    days: that since which `driftcheck accept` took in proposals as many as a twentieth of the set, all rounds together,
    by the ledger, and that by which all but the newest twentieth of the cases were created, by their own dates
    (`created`). One case of yesterday makes no set fresh. Where no refresh is remembered, cases without a date are
    dated by git: when the line on which they start was written (of a CSV, whatever empty cells it got since). The
    report says so. Blocks from the age that `max_age` sets (its `default`), else from 13 weeks; warns from there, or as
    soon as `refresh_every` is over. Weeks; 0 = refreshed today. No interval: nothing is sampled.

Why it matters
    Products, prices and users change from quarter to quarter. Cases of last year tell how the product would have done
    last year, and no score shows that it is about another time.

How to fix it
    `driftcheck refresh` proposes cases from production, `driftcheck accept` takes in what was reviewed. Where the set
    is old on purpose, set `max_age: 52w`, or `checks: {set-age: off}` with the reason beside it.

Source
    Yao et al. (2022), Wild-Time: a benchmark of in-the-wild distribution shift over time, for what time does; Kiela et
    al. (2021), Dynabench: rethinking benchmarking in NLP, for sets that are refreshed in rounds.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.case_days import created, day_of, last_refresh, today, weeks
from driftcheck.checks.case_rows import case_row
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import number, quantity

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC501"
TITLE = "An eval set that was not refreshed for long"
UNIT = "weeks"
DEFAULT = Thresholds(warn=13.0, fail=13.0)
_MONTHS = 6


def measure(comparison: Comparison) -> Measurement:
    """Weeks since the last refresh."""
    at, last = today(comparison), last_refresh(comparison)
    age = weeks(last.day, at)
    due = comparison.upkeep.refresh_every
    cadence = f"; it is to be refreshed every {quantity(due.days / 7, 'weeks')}" if due else ""
    return Measurement(
        value=age,
        n={"cases": comparison.eval_set.n_cases},
        summary=f"The last refresh was on {last.day}, {quantity(age, 'weeks')} before {at} ({last.how}){cadence}.",
        evidence=_by_month(comparison),
        fix="`driftcheck refresh` proposes cases from production, `driftcheck accept` takes in what was reviewed."
        if age > 0
        else "",
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a last refresh {number(value)} weeks ago or earlier"


def _by_month(comparison: Comparison) -> tuple[Evidence, ...]:
    """Cases by the month of their creation, oldest first; the newest months together."""
    times, by_git = created(comparison)
    ids = comparison.eval_set.frame["case_id"].tolist()
    rows = sorted((day_of(times[row]).strftime("%Y-%m"), row) for row in np.flatnonzero(~np.isnan(times)).tolist())
    months = [(month, [row for _, row in some]) for month, some in groupby(rows, key=lambda one: one[0])]
    if len(months) > _MONTHS:
        rest = [row for _, some in months[_MONTHS - 1 :] for row in some]
        months = [*months[: _MONTHS - 1], (f"{months[_MONTHS - 1][0]} and later", sorted(rest))]
    return tuple(
        case_row(
            f"created {month}",
            [ids[row] for row in some],
            len(ids),
            **({"dated": "by git" if by_git[some].all() else None} if by_git.any() else {}),
        )
        for month, some in months
    )
