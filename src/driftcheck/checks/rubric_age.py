"""Nobody has read for long what answers are judged by.

What is measured
    Weeks since each item of the rubric was reviewed: metrics, scorers and assertions, declared in drift.yaml under
    `rubric:` with the day on which a person last read them (`reviewed`). The value is that of the oldest item. An item
    that was never reviewed is as old as the first run that judged by it, else as the oldest run or case that is dated.
    Items that only the runs know are listed, and have no age. Weeks; 0 = all were reviewed today. No interval: nothing
    is sampled.

Why it matters
    A rubric is a policy in prose. Policies, tone and law change, and a judge holds new answers against the old text
    without saying so: the score stays where it is while it measures another thing.

How to fix it
    Read the items listed, change or confirm them, and set `reviewed:` to the day; declare the ones that only runs know.

Source
    Shankar et al. (2024), Who validates the validators?, for criteria that drift while answers are graded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.case_days import created, day_of, today, weeks
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, number, quantity

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.config import RubricEntry

CODE = "DC505"
TITLE = "Rubric items that nobody reviewed for long"
UNIT = "weeks"
DEFAULT = Thresholds(warn=26.0, fail=None)
NOBODY = "nobody"
_LISTED = 8


def measure(comparison: Comparison) -> Measurement:
    """Weeks since the longest unread item was reviewed."""
    at, upkeep = today(comparison), comparison.upkeep
    undeclared = sorted(_items_of_runs(comparison) - {entry.name for entry in upkeep.rubric})
    if not upkeep.rubric:
        named = f": the runs name {', '.join(undeclared[:_LISTED])}" if undeclared else ""
        raise NotMeasurable(
            f"0 rubric items are declared by `rubric:` in drift.yaml{named}; give name, reviewed, owner"
        )
    aged = [(entry, *_since(comparison, entry)) for entry in upkeep.rubric]
    ages = {entry.name: weeks(day, at) for entry, day, _ in aged if day is not None}
    if not ages:
        raise NotMeasurable(
            f"{count(len(aged), 'rubric item')} without `reviewed`, and no run or case with a date to count from"
        )
    oldest = max(ages, key=lambda name: (ages[name], name))
    never = sum(entry.reviewed is None for entry in upkeep.rubric)
    notes = [f"{count(never, 'item was', 'items were')} never reviewed"] if never else []
    if undeclared:
        notes.append(
            f"{count(len(undeclared), 'item')} of the runs {'is' if len(undeclared) == 1 else 'are'} undeclared"
        )
    return Measurement(
        value=ages[oldest],
        n={"items": len(aged)},
        summary=(
            f"{oldest} is the longest unread of {count(len(aged), 'rubric item')}, {quantity(ages[oldest], 'weeks')}"
            f"{'; ' if notes else ''}{'; '.join(notes)}."
        ),
        evidence=(
            *_rows(aged, ages, upkeep.owner),
            *(Evidence(item, {"reviewed": "undeclared"}) for item in undeclared),
        ),
        fix="Read the items listed, and set their `reviewed:` in drift.yaml to the day." if ages[oldest] > 0 else "",
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"an item that nobody reviewed for {number(value)} weeks"


def _items_of_runs(comparison: Comparison) -> set[str]:
    return set() if comparison.runs is None else set(comparison.runs.rubric["item"].dropna().astype(str))


def _since(comparison: Comparison, entry: RubricEntry) -> tuple[dt.date | None, str]:
    """Day from which an item's age counts, and what it is the day of."""
    if entry.reviewed is not None:
        return entry.reviewed, entry.reviewed.isoformat()
    runs = comparison.runs
    if runs is not None:
        judged = runs.rubric.loc[runs.rubric["item"] == entry.name, "run_id"]
        of_runs = runs.frame["run_time"]
        for times, said in ((of_runs[runs.frame["run_id"].isin(judged)], "in runs since"), (of_runs, "runs since")):
            if times.notna().any():
                day = day_of(float(times.min()))
                return day, f"never, {said} {day}"
    born, _ = created(comparison)
    if np.isnan(born).all():
        return None, "never"
    day = day_of(float(np.nanmin(born)))
    return day, f"never, cases since {day}"


def _rows(
    aged: Sequence[tuple[RubricEntry, dt.date | None, str]], ages: dict[str, float], owner: str | None
) -> list[Evidence]:
    """The items, longest unread first."""
    order = sorted(aged, key=lambda one: (-ages.get(one[0].name, np.inf), one[0].name))
    return [
        Evidence(
            label=entry.name,
            numbers={
                "reviewed": said,
                "weeks": ages.get(entry.name),
                "owner": entry.owner or owner or NOBODY,
            },
        )
        for entry, _, said in order
    ]
