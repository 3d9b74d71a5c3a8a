"""Nobody answers for the eval set, or for parts of it.

What is measured
    Number of things without an owner: the eval set (`owner:` in drift.yaml), each waiver whose `owner` is blank, and
    each slice that `owners:` gives an owner and that exists no more. The set's owner answers for cases and rubric items
    that name none of their own; where it has none, each declared rubric item counts too, and each case where at least
    half of the cases name one. Things; 0 = everything has an owner. No interval: everything is looked at. Without a
    drift.yaml it is not measurable.

Why it matters
    A finding that is everybody's is nobody's. Sets go stale where nobody is asked, not where nobody knows how.

How to fix it
    Set `owner:` in drift.yaml, to a team rather than a person who may leave; name who answers for each waiver; take
    slices that are gone out of `owners:`.

Source
    Ownership as a field of its own: Gebru et al. (2021), Datasheets for datasets, section on maintenance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.checks.case_days import today
from driftcheck.checks.case_rows import case_row
from driftcheck.errors import NotMeasurable, measurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, quantity

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC509"
TITLE = "Things that nobody answers for"
UNIT = "things"
DEFAULT = Thresholds(warn=1.0, fail=None)
_CUSTOM = 0.5
"""Share of cases with an owner from which on the others lack one."""


def measure(comparison: Comparison) -> Measurement:
    """Number of things without an owner."""
    today(comparison)
    upkeep, frame, n = comparison.upkeep, comparison.eval_set.frame, comparison.eval_set.n_cases
    if not upkeep.is_declared:
        raise NotMeasurable("there is no drift.yaml, in which 1 `owner:` would name who answers for the eval set")
    rows: list[Evidence] = []
    if _is_blank(upkeep.owner):
        rows.append(Evidence("the eval set", {"things": 1, "how": "`owner:` in drift.yaml"}))
        bare = frame.loc[frame["owner"].isna(), "case_id"].tolist()
        if 0 < len(bare) <= (1 - _CUSTOM) * n:
            rows.append(case_row("cases, of which most have one", bare, n, things=len(bare)))
        rows += [
            Evidence(f"rubric item {entry.name}", {"things": 1, "how": "`owner:` beside it"})
            for entry in upkeep.rubric
            if _is_blank(entry.owner)
        ]
    rows += [
        Evidence(
            f"waiver of {one.check}{f' in {one.slice}' if one.slice else ''}",
            {"things": 1, "how": "`owner:` beside it, or `driftcheck waive`"},
        )
        for one in upkeep.waivers
        if _is_blank(one.owner)
    ]
    traffic = measurable(lambda: comparison.traffic) if upkeep.owners else None
    gone = [] if traffic is None else sorted(set(upkeep.owners) - {part.id for part in traffic.partition.slices})
    rows += [
        Evidence(f"slice {one}, which is gone", {"things": 1, "how": f"`owners:` names {upkeep.owners[one]}"})
        for one in gone
    ]
    value = sum(int(row.numbers["things"] or 0) for row in rows)
    blind = "; slices could not be told, so `owners:` was not looked at" if upkeep.owners and traffic is None else ""
    return Measurement(
        value=float(value),
        n={"cases": n},
        summary=(
            f"{count(value, 'thing has', 'things have')} no owner: {', '.join(row.label for row in rows[:4])}"
            f"{', ...' if len(rows) > 4 else ''}{blind}."
            if rows
            else f"Everything that is declared has an owner{blind}."
        ),
        evidence=tuple(rows),
        fix="Name an owner of each in drift.yaml; the set's owner answers for its cases and rubric." if rows else "",
        noticeable=0.0,
    )


def _is_blank(owner: str | None) -> bool:
    return not (owner or "").strip()


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"{quantity(value, UNIT)} without an owner"
