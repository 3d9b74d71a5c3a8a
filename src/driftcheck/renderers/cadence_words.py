"""When the next refresh is due, and whose move it is, in one sentence: the same in every output.

Plain text, not made safe: the output that prints it escapes what it must.
"""

from __future__ import annotations

import datetime as dt

from driftcheck.numbers import count
from driftcheck.report import Report

_WEEK = dt.timedelta(weeks=1)


def cadence_of(report: Report) -> str:
    """Say it where drift.yaml sets a cadence, or proposals wait; empty where neither is."""
    cadence = report.cadence
    if cadence is None or not (cadence.refresh_every or cadence.proposed):
        return ""
    mover = cadence.whose_move or cadence.owner or "its owner"
    due = ""
    if cadence.refresh_every is None:
        due = "no cadence is set by `refresh_every:`"
    elif cadence.next_refresh is None:
        due = f"due every {_length(cadence.refresh_every)}, and nothing tells when the last one was"
    else:
        since = f"every {_length(cadence.refresh_every)}, the last on {cadence.refreshed}"
        due = f"due on {cadence.next_refresh} ({since})"
        if cadence.overdue_days:
            due = f"overdue by {count(cadence.overdue_days, 'day')}, {due}"
    if cadence.proposed:
        return f"{due}; proposals of {cadence.proposed} wait for review by `driftcheck accept`: the move of {mover}."
    if cadence.whose_move is None:
        return f"{due}: nobody's move before that day, then that of {mover}."
    return f"{due}: the move of {mover}, by `driftcheck refresh`."


def _length(length: dt.timedelta) -> str:
    if length % _WEEK == dt.timedelta(0):
        return count(length // _WEEK, "week")
    return count(length.days, "day") if length.days else count(length.seconds // 3600, "hour")
