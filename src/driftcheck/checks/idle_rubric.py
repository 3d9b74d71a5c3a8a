"""Rubric items that never fail, or say what another says.

What is measured
    Items (metrics, assertions, scorers) of the last 5 runs that tried enough of the eval set, each with verdicts on at
    least 60 cases. An item is idle where none of its verdicts is a failure: with n cases at most 3/n of answers fail it
    (rule of three; 5 % at 60). Or where it agrees with an item before it by phi, over the cases of the latest run: the
    lower limit of phi is 0.8 or more, and each of the two failed and held 5 times. The first of two alike, as declared
    in drift.yaml and else by name, is not counted. Share of items, 0..1; 0 = each has failed, in its own way. The items
    are all there are, no sample of others: there is no interval. Fewer than 2 items are not measurable.

Why it matters
    An item that nothing fails costs a judge's call on each answer and lifts every score by the same; two that always
    agree count one thing twice. What is left decides, and may be a single item of ten. Some items ought never to
    fail: a guard against a rare catastrophe is idle by design. It warns only where half of the items are.

How to fix it
    Merge items that agree. Sharpen what everything meets, or give it cases that provoke it: a guard that was never
    tested guards nothing. What stays as it is for a reason: say so in its `text` under `rubric:` in drift.yaml; where
    most of a rubric is such guards, raise the threshold or set `checks: {idle-rubric: off}`.

Source
    Hanley and Lippman-Hand (1983), If nothing goes wrong, is everything all right?, JAMA 249, 1743, for the rule of
    three; Yule (1912) for phi; Landis and Koch (1977) call agreement from 0.8 on almost perfect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, interval, number, percent
from driftcheck.stats.agreement import Agreement
from driftcheck.stats.phi import phi

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    import pandas as pd

    from driftcheck.comparison import Comparison
    from driftcheck.stats.intervals import Interval

CODE = "DC506"
TITLE = "Rubric items that tell nothing"
UNIT = "share of rubric items"
DEFAULT = Thresholds(warn=0.5, fail=None)
LAST_RUNS = 5
MIN_CASES = 60
"""Cases with a verdict on an item below which that nothing failed says little: up to 5 % of answers may fail it."""
MIN_ITEMS = 2
MIN_EACH = 5
"""Cases that must fail an item, and meet it, before its agreement with another is told."""
SAME = 0.8
"""Lower limit of phi from which on two items say the same."""
_MAX_CASES = 5
_MAX_LABEL = 80


@dataclass(frozen=True)
class _Item:
    """One item with verdicts on enough cases."""

    name: str
    n_cases: int
    n_results: int
    n_failed: int
    """Results that failed it."""
    owner: str | None


def measure(comparison: Comparison) -> Measurement:
    """Share of rubric items that are idle."""
    runs = comparison.full_runs[-LAST_RUNS:]
    rubric = comparison.runs.rubric if comparison.runs is not None else None
    if rubric is None or rubric.empty:
        raise NotMeasurable(
            f"the results tell no rubric items apart: at least {MIN_ITEMS} named metrics, assertions or scorers with "
            f"verdicts on {MIN_CASES} cases are needed"
        )
    verdicts = rubric[rubric["run_id"].isin(runs)]
    items, n_short = _items(comparison, verdicts)
    if len(items) < MIN_ITEMS:
        raise NotMeasurable(
            f"{count(len(items), 'rubric item has', 'rubric items have')} verdicts on {MIN_CASES} cases: at least "
            f"{MIN_ITEMS} such items are needed"
        )
    silent = [item for item in items if not item.n_failed]
    failing = [item for item in items if item.n_failed]
    latest = verdicts[verdicts["run_id"] == _latest(runs, verdicts)]
    alike = _alike(failing, latest)
    n_idle = len(silent) + len(alike)
    return Measurement(
        value=n_idle / len(items),
        n={
            "items": len(items),
            "results": max(item.n_results for item in items),
            "cases": max(item.n_cases for item in items),
            "runs": int(verdicts["run_id"].nunique()),
        },
        summary=_summary(comparison, items, silent, len(alike), n_short),
        evidence=(*(_silent_row(item) for item in silent), *(_alike_row(*one, latest) for one in alike)),
        fix="Merge the items that agree; sharpen what nothing fails, or add cases that provoke it." if n_idle else "",
        noticeable=1 / len(items),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"idle rubric items, from {percent(value)} of them on"


def _items(comparison: Comparison, verdicts: pd.DataFrame) -> tuple[list[_Item], int]:
    """Items with enough cases, as declared and then by name; and how many have too few."""
    by_item = verdicts.groupby("item")
    n_cases, n_results, n_met = by_item["own_id"].nunique(), by_item.size(), by_item["met"].sum()
    declared = {entry.name.casefold(): (rank, entry) for rank, entry in enumerate(comparison.upkeep.rubric)}
    found = []
    for name in n_cases.index:
        rank, entry = declared.get(str(name).casefold(), (len(declared), None))
        n_failed = int(n_results[name] - n_met[name])
        owner = entry.owner or comparison.upkeep.owner if entry else None
        item = _Item(str(name), int(n_cases[name]), int(n_results[name]), n_failed, owner)
        found.append((rank, item))
    enough = [item for _, item in sorted(found, key=lambda one: (one[0], one[1].name)) if item.n_cases >= MIN_CASES]
    return enough, len(found) - len(enough)


def _latest(runs: Sequence[str], verdicts: pd.DataFrame) -> str:
    """The newest of the runs that tells items apart."""
    told = set(verdicts["run_id"])
    return next(run for run in reversed(runs) if run in told)


def _alike(items: Sequence[_Item], latest: pd.DataFrame) -> list[tuple[_Item, _Item, Interval]]:
    """Items that say what one before them says: (item, the one before, phi)."""
    names = [item.name for item in items]
    # repeats, models and prompts of a case are no evidence of their own: a case meets what most of its results do
    by_case = latest.groupby(["own_id", "item"])["met"].mean().unstack().reindex(columns=names).to_numpy()
    known = ~np.isnan(by_case)
    met, failed = known & (by_case > 0.5), known & (by_case <= 0.5)
    both, neither, only_first, only_second = (
        left.T.astype(np.int64) @ right.astype(np.int64)
        for left, right in ((met, met), (failed, failed), (met, failed), (failed, met))
    )
    kept: list[int] = []
    found = []
    for at, item in enumerate(items):
        for earlier in kept:
            table = Agreement(
                both_good=int(both[earlier, at]),
                only_first=int(only_first[earlier, at]),
                only_second=int(only_second[earlier, at]),
                both_bad=int(neither[earlier, at]),
            )
            if _can_tell(table) and (agreement := phi(table)).low >= SAME:
                found.append((item, items[earlier], agreement))
                break
        else:
            kept.append(at)
    return found


def _can_tell(table: Agreement) -> bool:
    bad = (table.both_bad + table.only_first, table.both_bad + table.only_second)
    return table.n >= MIN_CASES and min(*bad, *(table.n - n for n in bad)) >= MIN_EACH


def _summary(comparison: Comparison, items: Sequence[_Item], silent: Sequence[_Item], n_alike: int, short: int) -> str:
    said = f"Each of {count(len(items), 'rubric item')} failed on some answer, and no two say the same."
    if silent or n_alike:
        said = f"Of {count(len(items), 'rubric item')}, {count(len(silent))} failed on no answer"
        if silent:
            at_most = percent(3 / min(item.n_cases for item in silent))
            said += f" (at most {at_most} of answers fail {'it' if len(silent) == 1 else 'any of them'})"
        said += f", and {count(n_alike, 'says', 'say')} what another says."
    if short:
        said += f" {count(short, 'item has', 'items have')} verdicts on fewer than {MIN_CASES} cases and are left out."
    known = {str(name).casefold() for name in comparison.runs.rubric["item"].unique()} if comparison.runs else set()
    unseen = sum(entry.name.casefold() not in known for entry in comparison.upkeep.rubric)
    if unseen:
        said += f" {count(unseen, 'declared item is', 'declared items are')} in no result."
    return said


def _silent_row(item: _Item) -> Evidence:
    return Evidence(
        label=_label(item),
        numbers={
            "why": "never fails",
            "cases": item.n_cases,
            "failed": 0.0,
            "at most": 3 / item.n_cases,
            "owner": item.owner,
        },
    )


def _alike_row(item: _Item, other: _Item, agreement: Interval, latest: pd.DataFrame) -> Evidence:
    of_item = latest[(latest["item"] == item.name) & (latest["met"] == 0)]
    cases = sorted(set(of_item["case_id"].dropna().astype(str)))
    return Evidence(
        label=_label(item),
        numbers={
            "why": f"as {_label(other)}",
            "cases": item.n_cases,
            "failed": item.n_failed / item.n_results,
            "phi": f"{number(agreement.value)} ({interval(agreement.low, agreement.high, number)})",
            "owner": item.owner,
        },
        case_ids=tuple(cases[:_MAX_CASES]),
    )


def _label(item: _Item) -> str:
    return item.name if len(item.name) <= _MAX_LABEL else f"{item.name[: _MAX_LABEL - 1]}…"
