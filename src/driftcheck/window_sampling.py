"""Several windows of one stream at once, each with its own sample: one pass for many weeks.

The sample of a window is the one that `Sampler` would take with that window fixed: the sessions with the smallest
hashes, and of each the trace with the smallest hash.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.bottom_sample import BottomSample
from driftcheck.sampling import Sampled, Window, stable_hash, stable_session

if TYPE_CHECKING:
    from driftcheck.records import Trace


@dataclass(frozen=True)
class Wish:
    """A sample that is wanted."""

    window: Window
    """Both ends known."""
    rated_only: bool = False
    """Of the sessions with a rated trace alone, which then stands for its session: where few users rate, a sample of
    all sessions holds too few ratings to tell slices apart."""


class WindowSampler:
    """Takes traces one by one; `finish` gives a sample for each wish.

    Args:
        size: sessions to keep of each (k).
        wishes: windows, which may overlap.

    """

    def __init__(self, size: int, wishes: Sequence[Wish]) -> None:
        self._wishes = tuple(wishes)
        self._ids = array("Q")
        self._sessions = array("Q")
        self._timestamps = array("d")
        self._samples = tuple(BottomSample(size) for _ in self._wishes)

    def add(self, trace: Trace) -> None:
        """Take one trace that has an id and a text."""
        row = len(self._sessions)
        session = stable_session(trace)
        rank = stable_hash(f"{trace.trace_id}")
        timestamp = trace.timestamp
        self._ids.append(rank)
        self._sessions.append(session)
        self._timestamps.append(np.nan if timestamp is None else timestamp)
        if timestamp is None or not trace.input_text:
            return
        for wish, sample in zip(self._wishes, self._samples, strict=True):
            since, until = wish.window.since, wish.window.until
            if since is None or until is None or not since <= timestamp <= until:
                continue
            if trace.feedback or not wish.rated_only:
                sample.offer(session, (rank, trace.input_text, row, trace))

    def finish(self) -> tuple[Sampled, ...]:
        """The samples, in the order of the wishes, each with the light columns of every trace of the stream."""
        timestamps = np.frombuffer(self._timestamps, dtype=np.float64).copy()
        ids = np.frombuffer(self._ids, dtype=np.uint64).copy()
        sessions = np.frombuffer(self._sessions, dtype=np.uint64).copy()
        n_without_time = int(np.isnan(timestamps).sum())
        found = []
        for wish, sample in zip(self._wishes, self._samples, strict=True):
            in_window = wish.window.holds(timestamps)
            chosen = sample.chosen()
            found.append(
                Sampled(
                    traces=tuple(trace for *_, trace in chosen),
                    rows=np.array([row for *_, row, _ in chosen], dtype=np.int64),
                    ids=ids,
                    sessions=sessions,
                    timestamps=timestamps,
                    in_window=in_window,
                    window=wish.window,
                    n_sessions=len(np.unique(sessions[in_window])),
                    n_without_time=n_without_time,
                )
            )
        return tuple(found)
