"""The sessions with the smallest hashes of one window, kept while a stream goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from driftcheck.records import Trace

Candidate: TypeAlias = "tuple[int, str, int, Trace]"
"""Trace hash, text, row in the stream, trace: the text breaks the tie of a repeated id."""


class BottomSample:
    """Bottom-k sample of a window whose both ends are known; `sampling.Sampler` is for those that the stream tells.

    At most 2k sessions are held: with more, those that cannot be in the sample any more are dropped.

    Args:
        size: sessions to keep (k).

    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[int, Candidate] = {}
        self._threshold = 1 << 64

    def offer(self, session: int, candidate: Candidate) -> None:
        """Take a trace of a session; of each the one with the smallest hash stays."""
        if session >= self._threshold:
            return
        known = self._kept.get(session)
        if known is None or candidate[:2] < known[:2]:
            self._kept[session] = candidate
        if len(self._kept) > 2 * self._size:
            chosen = sorted(self._kept)[: self._size]
            self._threshold = chosen[-1] + 1
            self._kept = {session: self._kept[session] for session in chosen}

    def chosen(self) -> list[Candidate]:
        """The sample, in the order of the session hash."""
        return [self._kept[session] for session in sorted(self._kept)[: self._size]]
