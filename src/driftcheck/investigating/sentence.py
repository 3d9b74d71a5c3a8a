"""The investigation in one sentence, for someone who reads nothing else."""

from __future__ import annotations

from dataclasses import replace

from driftcheck.investigating.slices import RATINGS_PER_SLICE
from driftcheck.investigation import Investigation, Movement, SliceChange
from driftcheck.numbers import percent, points

_LEVEL = 0.05
_MOST = 0.5
"""Share of the change above which named slices are called most of it."""
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
    ordered = [row for row in found.slices if (row.effect or 0.0) * sign > 0]
    ordered.sort(key=lambda row: -(row.effect or 0.0) * sign)
    worst = [row for row in ordered if _is_rated(row)][:_NAMED]
    named = " and ".join(f"{_quoted(row)} ({points(row.effect or 0.0)})" for row in worst)
    share = sum(row.effect or 0.0 for row in worst) / found.change.value if found.change.value else 0.0
    told = f"the largest {'part is' if len(worst) == 1 else 'parts are'} in"
    if share > _MOST:
        told = "most of it in"
    elif worst != ordered[: len(worst)]:
        told = f"of slices with enough ratings, {told}"
    parts = f"{points(found.within)} from within slices, {points(found.mix)} from a changed mix"
    return f"Satisfaction {verb} from {ends}: {parts}" + (f"; {told} {named}." if named else ".")


def _is_rated(row: SliceChange) -> bool:
    """Whether its part is more than noise: both windows rated it, or one did and its share moved beyond chance."""
    rates = (row.satisfaction_before, row.satisfaction_after)
    enough = [rate is not None and rate.n >= RATINGS_PER_SLICE for rate in rates]
    return all(enough) or (any(enough) and row.movement is not Movement.STEADY)


def _quoted(row: SliceChange) -> str:
    """Its name, whose commas would run into the sentence's."""
    return f'"{row.name}"'


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
    return f"{_quoted(row)} {verb} ({percent(row.share_before)} to {percent(row.share_after)} of traffic)"
