"""Exceptions stand in drift.yaml whose time is over.

What is measured
    Number of `waivers:` in drift.yaml whose last day (`until`) is before the day of the audit. The day after it, the
    finding that a waiver covered counts again; what is left is a line that looks as if it still held. Waivers; 0 = each
    one holds. No interval: every waiver is looked at.

Why it matters
    An exception is a promise with a date: by then the cause is gone, or somebody decides anew. One that runs out unseen
    was never decided on, and the next reader takes it for a rule.

How to fix it
    Ask its owner. `driftcheck waive CHECK --until DATE --owner NAME --reason TEXT` decides anew; else take it out.

Source
    NIST SP 800-37 Rev. 2 (2018), Risk management framework, for authorizations that end on a date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.checks.case_days import today
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, quantity

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC510"
TITLE = "Waivers whose time is over"
UNIT = "waivers"
DEFAULT = Thresholds(warn=1.0, fail=None)


def measure(comparison: Comparison) -> Measurement:
    """Number of waivers past their last day."""
    at = today(comparison)
    waivers = comparison.upkeep.waivers
    over = sorted((one for one in waivers if one.until < at), key=lambda one: (one.until, one.check, one.slice or ""))
    said = count(len(over), "waiver ran out", "waivers ran out")
    return Measurement(
        value=float(len(over)),
        n={"waivers": len(waivers)},
        summary=(
            f"{said} before {at}: "
            + ", ".join(f"{one.check}{f' of {one.slice}' if one.slice else ''} ({one.by})" for one in over[:4])
            + (", ..." if len(over) > 4 else "")
            + "."
            if over
            else f"{count(len(waivers), 'waiver holds', 'waivers hold')} on {at}."
        ),
        evidence=tuple(
            Evidence(
                label=one.check,
                numbers={
                    "slice": one.slice,
                    "until": one.until.isoformat(),
                    "days over": (at - one.until).days,
                    "owner": one.by,
                    "reason": one.reason,
                },
            )
            for one in over
        ),
        fix="Decide anew by `driftcheck waive CHECK --until DATE --owner NAME --reason TEXT`, or take the line out."
        if over
        else "",
        noticeable=0.0,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"{quantity(value, UNIT)} past the last day"
