"""Window, sessions, and the bottom-k hash sample, over a stream of traces of any length.

The sample is the sessions with the smallest `blake2b(session id)`: uniform, the same on every run, independent of the
order of rows, and mergeable across partitions (bottom-k sketch: Cohen & Kaplan 2007, "Summarizing data using bottom-k
sketches"). One trace, again the one with the smallest hash, stands for its session in every test.

The window ends at the newest timestamp, which a stream tells only at its end. So for every day of the data (every hour,
in windows under a week) the sampler keeps what could still be in the sample: a session of an older day only survives
while fewer than k sessions with smaller hashes are known in that day or a newer one. In expectation that is
k * (1 + ln(n / k)) sessions at the most, whatever the order.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from driftcheck.records import Trace

_HOUR = 3_600.0
_DAY = 86_400.0
_WEEK = 7 * _DAY
_NO_TIME = -(1 << 40)  # bucket of traces without a timestamp


def stable_hash(text: str) -> int:
    """First 8 bytes of blake2b as an unsigned integer: the same on every machine and in every year.

    >>> stable_hash("s1") == stable_hash("s1") != stable_hash("s2")
    True
    """
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def stable_session(trace: Trace) -> int:
    """Hash of the session of a trace, of the trace itself where it names none."""
    # the letter tells a session named like a trace from a trace without a session
    return stable_hash(f"s:{trace.session_id}" if trace.session_id else f"t:{trace.trace_id}")


@dataclass(frozen=True)
class Window:
    """The span of time that counts."""

    since: float | None
    """Unix seconds, inclusive; None where no trace carries a time."""
    until: float | None
    """Unix seconds, inclusive."""

    def holds(self, timestamps: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which timestamps lie within; where there is no window, those without a time (all) do."""
        if self.since is None or self.until is None:
            return np.ones(len(timestamps), dtype=bool)
        return (timestamps >= self.since) & (timestamps <= self.until)


@dataclass(frozen=True)
class Sampled:
    """What the sampler kept of a stream."""

    traces: tuple[Trace, ...]
    """One trace per sampled session, in the order of the session hash."""
    rows: NDArray[np.int64]
    """Row number of each of them in the stream, shape (n_sampled,)."""
    ids: NDArray[np.uint64]
    """Hash of the id of every trace of the stream, shape (n,)."""
    sessions: NDArray[np.uint64]
    """Session hash of every trace, shape (n,)."""
    timestamps: NDArray[np.float64]
    """Unix seconds of every trace, NaN where unknown, shape (n,)."""
    in_window: NDArray[np.bool_]
    """Which traces lie in the window, shape (n,)."""
    window: Window
    n_sessions: int
    """Sessions in the window."""
    n_without_time: int
    """Traces without a timestamp in a stream that otherwise has them: left out of the window."""


class Sampler:
    """Takes traces one by one; `finish` gives the sample.

    Args:
        size: sessions to keep (k).
        length: window in seconds, counted back from the newest timestamp or `until`, and rounded to whole UTC days
            (hours, under a week): 28d are the last 28 calendar days.
        since: fixed start of the window (unix seconds), instead of `length`.
        until: fixed end of the window (unix seconds).

    """

    def __init__(self, size: int, length: float, since: float | None = None, until: float | None = None) -> None:
        self._size = size
        self._length = length
        self._bucket = _DAY if since is not None or length >= _WEEK else _HOUR
        self._since = since
        self._until = until
        self._ids = array("Q")
        self._sessions = array("Q")
        self._timestamps = array("d")
        self._newest = -np.inf
        self._any_time = False
        # (bucket of time, session hash) -> (trace hash, text, row, trace): the text breaks the tie of a repeated id
        self._kept: dict[tuple[int, int], tuple[int, str, int, Trace]] = {}
        self._limit = max(4 * size, 1024)
        self._thresholds: dict[int, int] = {}

    def add(self, trace: Trace) -> None:
        """Take one trace that has an id and a text."""
        row = len(self._sessions)
        session = stable_session(trace)
        rank = stable_hash(f"{trace.trace_id}")
        timestamp = trace.timestamp
        self._ids.append(rank)
        self._sessions.append(session)
        self._timestamps.append(np.nan if timestamp is None else timestamp)
        if timestamp is None:
            bucket = _NO_TIME
        else:
            self._any_time = True
            if self._until is not None and timestamp > self._until:
                return
            self._newest = max(self._newest, timestamp)
            if timestamp < self._oldest():
                return
            bucket = int(timestamp // self._bucket)
        if not trace.input_text:
            return
        slot = (bucket, session)
        kept = self._kept.get(slot)
        if kept is not None:
            if (rank, trace.input_text) < kept[:2]:
                self._kept[slot] = (rank, trace.input_text, row, trace)
            return
        if session >= self._thresholds.get(bucket, 1 << 64):
            return
        self._kept[slot] = (rank, trace.input_text, row, trace)
        if len(self._kept) > self._limit:
            self._prune()

    def _oldest(self) -> float:
        """Start of the window as far as the stream has told; buckets lie wholly inside or outside of it."""
        if self._since is not None:
            return self._since
        end = self._until if self._until is not None else self._newest
        return float(np.ceil((end - self._length) / self._bucket) * self._bucket)

    def _prune(self) -> None:
        """Drop what cannot be in the sample any more (see the module's docstring)."""
        oldest = self._oldest()
        by_bucket: dict[int, list[int]] = {}
        for bucket, session in self._kept:
            by_bucket.setdefault(bucket, []).append(session)
        smallest = np.empty(0, dtype=np.uint64)
        threshold = 1 << 64
        self._thresholds = {}
        for bucket in sorted(by_bucket, reverse=True):
            if bucket != _NO_TIME and (bucket + 1) * self._bucket <= oldest:
                threshold = 0
            else:
                here = np.array(by_bucket[bucket], dtype=np.uint64)
                smallest = np.unique(np.concatenate([smallest, here]))[: self._size]
                if len(smallest) == self._size:
                    threshold = int(smallest[-1]) + 1
            self._thresholds[bucket] = threshold
        self._kept = {slot: kept for slot, kept in self._kept.items() if slot[1] < self._thresholds[slot[0]]}
        self._limit = max(self._limit, 2 * len(self._kept))

    def _window(self) -> Window:
        if not self._any_time:
            return Window(None, None)
        until = self._until if self._until is not None else float(self._newest)
        return Window(self._oldest(), until)

    def finish(self) -> Sampled:
        """The sample, and the light columns of every trace."""
        window = self._window()
        timestamps = np.frombuffer(self._timestamps, dtype=np.float64).copy()
        ids = np.frombuffer(self._ids, dtype=np.uint64).copy()
        sessions = np.frombuffer(self._sessions, dtype=np.uint64).copy()
        in_window = window.holds(timestamps)
        best: dict[int, tuple[int, str, int, Trace]] = {}
        for (_, session), candidate in self._kept.items():
            if not in_window[candidate[2]]:
                continue
            known = best.get(session)
            if known is None or candidate[:2] < known[:2]:
                best[session] = candidate
        chosen = sorted(best)[: self._size]
        n_without_time = int(np.isnan(timestamps).sum()) if window.until is not None else 0
        return Sampled(
            traces=tuple(best[session][3] for session in chosen),
            rows=np.array([best[session][2] for session in chosen], dtype=np.int64),
            ids=ids,
            sessions=sessions,
            timestamps=timestamps,
            in_window=in_window,
            window=window,
            n_sessions=len(np.unique(sessions[in_window])),
            n_without_time=n_without_time,
        )


def share_by_session(
    sessions: NDArray[np.uint64], good: NDArray[np.float64], wanted: Sequence[int] | NDArray[np.uint64]
) -> NDArray[np.float64]:
    """Mean of a session's ratings, for the wanted sessions.

    Args:
        sessions: session hash of each rated trace, shape (n_rated,).
        good: 1 satisfied, 0 not, shape (n_rated,).
        wanted: session hashes to look up, shape (m,).

    Returns:
        Shares 0..1, NaN for sessions without a rating, shape (m,).

    """
    wanted = np.asarray(wanted, dtype=np.uint64)
    if len(sessions) == 0:
        return np.full(len(wanted), np.nan)
    keys, inverse = np.unique(sessions, return_inverse=True)
    means = np.bincount(inverse, weights=good) / np.bincount(inverse)
    found = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[found] == wanted, means[found], np.nan)
