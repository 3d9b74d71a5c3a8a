"""A judge and people do not call the same answers good.

What is measured
    1 - Cohen's kappa of a judge's score and people's label of the same answer, both read as good or bad; of several
    judges that of the one whose interval ends lowest. 0 = they always agree, 1 = as often as by chance, more = less
    often. Reviewers' labels come before users' ratings, a label under the judge's own name before all; one trace of a
    session counts, one result of a case. Warns only where the interval (95 %, Bonferroni over the judges) lies above
    the threshold. A judge needs 30 answers, of which people call at least 5 good and 5 bad; a judge of one aspect
    (tone, toxicity) counts only against labels under its own name.

Why it matters
    The judge's pass rate steers releases. Where it passes what people reject, the score can rise while answers get
    worse. A lenient judge shows in the two shares of good, a blind one in the bad that it passes.

How to fix it
    Read the traces that the judge calls good and people bad first. Then mend the judge's prompt (rubric, examples of
    bad answers), or take another model, and hold it against labels that the new prompt was not written on. Where
    only users rated, let reviewers label 100 traces: users rate the whole, of their own choice. Kappa falls as one
    label gets rare though as many answers are judged alike; raw agreement stands beside it. The threshold, kappa
    0.6, is the border of "substantial" of Landis and Koch, which they call arbitrary; McHugh calls 0.6 to 0.79
    moderate, and too little where a wrong verdict does harm: set `warn: 0.2` there.

Source
    Cohen (1960), A coefficient of agreement for nominal scales; Fleiss, Cohen and Everitt (1969) for the interval;
    Landis and Koch (1977) and McHugh (2012) for the threshold; Byrt, Bishop and Carlin (1993) for rare labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.judge_rows import JudgedBy, judged_by
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, interval, number, percent
from driftcheck.stats.agreement import Agreement, kappa, kappa_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.stats.intervals import Interval

CODE = "DC305"
TITLE = "A judge that people disagree with"
UNIT = "1 - kappa"
DEFAULT = Thresholds(warn=0.4, fail=None)
MIN_PAIRS = 30
MIN_EACH = 5
"""Sessions that people call good, and bad: with fewer of either, kappa hangs on single labels."""
_PARADOX = 0.2
"""Kappa that much below what it would be with half good and half bad: rare labels are said to be the reason."""


@dataclass(frozen=True)
class _Judged:
    """One judge held against people."""

    by: JudgedBy
    table: Agreement
    kappa: Interval


def measure(comparison: Comparison) -> Measurement:
    """1 - kappa of the judge that is most surely bad."""
    found = judged_by(comparison, MIN_PAIRS)
    tables = [(by, _table(by)) for by in found]
    told = [(by, table) for by, table in tables if min(table.n_second_bad, table.n - table.n_second_bad) >= MIN_EACH]
    n_counted = sum(by.judge.is_alike for by, _ in told)
    if not n_counted:
        by, table = max(tables, key=lambda pair: (pair[0].judge.is_alike, pair[1].n))
        bad = table.n_second_bad
        raise NotMeasurable(
            f"{by.people_field} calls {count(table.n - bad)} good and {count(bad)} bad of what {by.name} scored: at "
            f"least {MIN_EACH} of each are needed"
        )
    judges = [_Judged(by, table, kappa(table, 1 - 0.05 / n_counted)) for by, table in told]
    # those that count first, the most surely bad of them first: a low kappa of a few answers hides no other judge
    judges.sort(key=lambda one: (not one.by.judge.is_alike, one.kappa.high, one.kappa.value, one.by.name))
    worst = judges[0]
    return Measurement(
        value=1 - worst.kappa.value,
        low=1 - worst.kappa.high,
        high=1 - worst.kappa.low,
        n={f"{worst.by.what}s": worst.table.n, "judges": n_counted},
        summary=_summary(worst),
        evidence=tuple(row for one in judges for row in _rows(one)),
        fix="Read the answers that the judge calls good and people bad, and mend its prompt by them."
        if worst.table.only_first
        else "Read the answers that the judge calls bad and people good, and mend its prompt by them.",
        spread=kappa_error(worst.table, 1 - (DEFAULT.warn or 0.0)),
        is_beyond_threshold=True,
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a judge whose kappa is {number(1 - value)} or lower"


def _table(by: JudgedBy) -> Agreement:
    judge = by.frame["verdict"].to_numpy(dtype=np.float64) == 1
    people = by.frame["people"].to_numpy(dtype=np.float64) == 1
    return Agreement(
        both_good=int(np.sum(judge & people)),
        only_first=int(np.sum(judge & ~people)),
        only_second=int(np.sum(~judge & people)),
        both_bad=int(np.sum(~judge & ~people)),
    )


def _summary(one: _Judged) -> str:
    table = one.table
    said = (
        f"{one.by.name} agrees with {one.by.people_field} by kappa {number(one.kappa.value)} "
        f"({interval(one.kappa.low, one.kappa.high, number)}): on {percent(table.raw)} of answers. It calls "
        f"{percent(table.first_good)} good, people {percent(table.second_good)}; of {count(table.n_second_bad)} that "
        f"people call bad it passes {count(table.only_first)}."
    )
    if one.kappa.high < 0:
        return f"{said} It says the opposite of people: is high really {_end(one)} there?"
    if table.adjusted - one.kappa.value >= _PARADOX:
        rare = "bad" if table.second_good > 0.5 else "good"
        said += f" Few answers are {rare}, which lowers kappa: at half and half it would be {number(table.adjusted)}."
    return said


def _end(one: _Judged) -> str:
    return "bad" if (one.by.judge.good or "").startswith(("<", "== 0", "== -1")) else "good"


def _rows(one: _Judged) -> tuple[Evidence, ...]:
    """The judge, and the two ways to disagree with traces to read; they are a sample by hash where there are more."""
    by, table, frame = one.by, one.table, one.by.frame
    rows = [
        by.row(
            # the people in the label: a column of them would take the room of the labels below
            f"{by.name} ({'good is' if by.judge.is_alike else 'not counted:'} {_said_of(by)}), {by.people}",
            {
                "pairs": table.n,
                "kappa": one.kappa.value,
                "kappa CI": interval(one.kappa.low, one.kappa.high, number),
                "agree": table.raw,
            },
        )
    ]
    for label, verdict, n in (
        ("good to the judge, bad to people", 1.0, table.only_first),
        ("bad to the judge, good to people", 0.0, table.only_second),
    ):
        if n and by.judge.is_alike:
            ids = frame.loc[(frame["verdict"] == verdict) & (frame["people"] == 1 - verdict), "trace_id"]
            rows.append(by.row(label, {"pairs": n}, ids))
    return tuple(rows)


def _said_of(by: JudgedBy) -> str:
    """What counts as good to it, or why it does not count."""
    return f"{by.judge.good}" if by.judge.is_alike else "one aspect"
