"""The investigation in one sentence, for someone who reads nothing else."""

from __future__ import annotations

from dataclasses import replace

from driftcheck.investigation import Investigation, Movement, SliceChange
from driftcheck.numbers import percent, points

_LEVEL = 0.05
_NAMED = 2
"""Slices named."""


def say(found: Investigation) -> Investigation:
    """Put its sentence into an investigation."""
    return replace(found, sentence=_satisfaction(found) or _traffic(found))


def _satisfaction(found: Investigation) -> str:
    if found.change is None or found.after is None or found.before is None or found.p_value is None:
        return ""
    ends = f"{percent(found.before.value)} to {percent(found.after.value)}"
    if found.p_value > _LEVEL:
        return f"Satisfaction did not change beyond chance ({ends}); {_moved(found)}."
    if found.mix is None or found.within is None:
        return f"Satisfaction moved from {ends}."
    verb = "fell" if found.change.value < 0 else "rose"
    sign = -1 if found.change.value < 0 else 1
    worst = [row for row in found.slices if (row.effect or 0.0) * sign > 0]
    worst.sort(key=lambda row: -(row.effect or 0.0) * sign)
    named = " and ".join(f"{row.name} ({points(row.effect or 0.0)})" for row in worst[:_NAMED])
    parts = f"{points(found.within)} from within slices, {points(found.mix)} from a changed mix"
    return f"Satisfaction {verb} from {ends}: {parts}" + (f"; most of it in {named}." if named else ".")


def _traffic(found: Investigation) -> str:
    return f"Nobody rated both windows; {_moved(found)}."


def _moved(found: Investigation) -> str:
    """What moved in traffic."""
    grown = [row for row in found.slices if row.movement in (Movement.APPEARED, Movement.GREW)]
    grown.sort(key=lambda row: -row.share_change.value)
    if not grown:
        return "no slice of traffic grew beyond chance"
    return "; ".join(_growth(row) for row in grown[:_NAMED])


def _growth(row: SliceChange) -> str:
    verb = "is new" if row.movement is Movement.APPEARED else "grew"
    return f"{row.name} {verb} ({percent(row.share_before)} to {percent(row.share_after)} of traffic)"
