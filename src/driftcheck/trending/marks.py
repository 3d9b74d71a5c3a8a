"""What changed from row to row: model, prompt, eval set, a refresh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from driftcheck.trend import TrendPoint


def marked(points: Sequence[TrendPoint], further: Sequence[Iterable[str]] = ()) -> tuple[TrendPoint, ...]:
    """Rows with a mark where the model or the prompt of the run is another than in the row before.

    What a run does not say is as it was: a field that goes missing is no change.

    Args:
        points: oldest first.
        further: more marks for each row, such as a refresh; none by default.

    """
    last = {"model": "", "prompt": ""}
    rows = []
    for number, point in enumerate(points):
        marks = list(further[number]) if number < len(further) else []
        for field in last:
            told = getattr(point.run, field) if point.run else ""
            if told and last[field] and told != last[field]:
                marks.append(f"{field} {told}")
            last[field] = told or last[field]
        rows.append(replace(point, marks=(*point.marks, *marks)))
    return tuple(rows)
