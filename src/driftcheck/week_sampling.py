"""Every week of a stream, each with its own sample, where nobody knows beforehand which weeks there are."""

from __future__ import annotations

import datetime as dt
import math
from array import array
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.bottom_sample import BottomSample
from driftcheck.sampling import Sampled, Window, stable_hash, stable_session

if TYPE_CHECKING:
    from driftcheck.records import Trace

WEEK = 7 * 86_400.0
MAX_WEEKS = 260
"""Weeks that are kept at the most, the newest: five years. A stray date makes a thousand years of empty ones."""
_MONDAY = 4 * 86_400.0
_LAST = 1e-6
_NO_WEEK = -(1 << 40)
_END_OF_CALENDAR = 253_370_764_800.0  # year 9999


def week_number(seconds: float) -> int:
    """Number of the ISO week (Monday to Sunday, UTC) that holds a moment; the first Monday of 1970 begins week 0.

    >>> week_number(4 * 86_400.0), week_number(4 * 86_400.0 - 1)
    (0, -1)
    """
    return math.floor((seconds - _MONDAY) / WEEK)


def week_window(number: int) -> Window:
    """The week of that number: from Monday 0:00 to the last microsecond of Sunday, UTC."""
    start = _MONDAY + number * WEEK
    return Window(start, start + WEEK - _LAST)


def week_name(seconds: float) -> str:
    """ISO 8601 name of the week that holds a moment.

    >>> week_name(1_793_577_600.0)
    '2026-W45'
    """
    year, week, _ = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)).isocalendar()
    return f"{year}-W{week:02d}"


class WeekSampler:
    """Takes traces one by one; `finish` gives a sample for each ISO week from the first with traces to the last.

    A week's sample is the one that `Sampler` would take with that window fixed: the sessions with the smallest hashes,
    and of each the trace with the smallest hash.

    Args:
        size: sessions to keep of each week.
        window: traces outside of it belong to no week; None at an end leaves it open.
        n_weeks: newest weeks to keep, at most MAX_WEEKS.

    """

    def __init__(self, size: int, window: Window, n_weeks: int | None = None) -> None:
        self._size = size
        self._window = window
        self._n_weeks = min(n_weeks or MAX_WEEKS, MAX_WEEKS)
        self._ids = array("Q")
        self._sessions = array("Q")
        self._timestamps = array("d")
        self._weeks = array("q")
        self._samples: dict[int, BottomSample] = {}

    def add(self, trace: Trace) -> None:
        """Take one trace that has an id and a text."""
        row = len(self._sessions)
        session = stable_session(trace)
        rank = stable_hash(f"{trace.trace_id}")
        timestamp = trace.timestamp
        week = _NO_WEEK if timestamp is None or not self._holds(timestamp) else week_number(timestamp)
        self._ids.append(rank)
        self._sessions.append(session)
        self._timestamps.append(np.nan if timestamp is None else timestamp)
        self._weeks.append(week)
        if week == _NO_WEEK:
            return
        if week not in self._samples:
            self._open(week)
        if trace.input_text and week in self._samples:
            self._samples[week].offer(session, (rank, trace.input_text, row, trace))

    def _holds(self, timestamp: float) -> bool:
        since, until = self._window.since, self._window.until
        in_calendar = 0 <= timestamp < _END_OF_CALENDAR
        return in_calendar and (since is None or since <= timestamp) and (until is None or timestamp <= until)

    def _open(self, week: int) -> None:
        """Begin a week, and forget those that are too old by now."""
        if self._samples and week <= max(self._samples) - self._n_weeks:
            return
        self._samples[week] = BottomSample(self._size)
        for old in [old for old in self._samples if old <= max(self._samples) - self._n_weeks]:
            del self._samples[old]

    def finish(self) -> tuple[Sampled, ...]:
        """The samples, oldest week first, each with the light columns of every trace of the stream.

        A week between two others that holds nothing has an empty sample.
        """
        timestamps = np.frombuffer(self._timestamps, dtype=np.float64).copy()
        ids = np.frombuffer(self._ids, dtype=np.uint64).copy()
        sessions = np.frombuffer(self._sessions, dtype=np.uint64).copy()
        weeks = np.frombuffer(self._weeks, dtype=np.int64).copy()
        n_without_time = int(np.isnan(timestamps).sum())
        found = []
        for week in range(min(self._samples), max(self._samples) + 1) if self._samples else ():
            in_window = weeks == week
            chosen = self._samples[week].chosen() if week in self._samples else []
            found.append(
                Sampled(
                    traces=tuple(trace for *_, trace in chosen),
                    rows=np.array([row for *_, row, _ in chosen], dtype=np.int64),
                    ids=ids,
                    sessions=sessions,
                    timestamps=timestamps,
                    in_window=in_window,
                    window=week_window(week),
                    n_sessions=len(np.unique(sessions[in_window])),
                    n_without_time=n_without_time,
                )
            )
        return tuple(found)
