"""A document under a limit of characters: lines are left out from the least important end, and it says how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driftcheck.numbers import count

GITHUB_LIMIT = 65_000
"""UTF-16 code units, a little under the 65,536 characters that GitHub takes for a comment or the text of a pull
request: whether it counts characters, code units or 4-byte characters (262,144 bytes), this many are taken, and there
is room for a line that an action adds."""

MAX_LINES = 400
"""Lines of a part that are worth writing: of more there would be no 160 characters for each."""


@dataclass(frozen=True)
class Block:
    """A part of the document: what must stand, then lines that may be cut from the end."""

    rank: int
    """0 = most important; what has the highest is cut first."""
    head: tuple[str, ...]
    lines: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    noun: str = "line"
    """What one of the lines is, to say how many are left out."""
    n_unwritten: int = 0
    """Further lines, which were not even written: there would be no room for them."""

    def text(self, n: int) -> str:
        """The part with its first `n` lines; the note stands apart, or a table would take it for a row."""
        missing = len(self.lines) - n + self.n_unwritten
        note = ("", f"_{left_out(missing, self.noun)}_") if missing else ()
        return "\n".join((*self.head, *self.lines[:n], *note, *self.tail))


def left_out(n: int, noun: str) -> str:
    """Say that `n` of them are not here, and why."""
    return f"{count(n)} more {noun if n == 1 else noun + 's'} left out to stay under the size of a GitHub comment."


def size(text: str) -> int:
    """UTF-16 code units, which are never fewer than characters.

    >>> size("aé漢"), size("😀")
    (3, 2)
    """
    return len(text.encode("utf-16-le")) // 2


def fit(blocks: Sequence[Block], limit: int = GITHUB_LIMIT) -> str:
    """Put the parts together, in their order, in at most `limit` UTF-16 code units."""
    order = sorted(range(len(blocks)), key=lambda index: blocks[index].rank)  # stable: of equals the first one first
    kept = dict.fromkeys(order, 0)
    room = limit - size("\n".join(blocks[index].text(0) + "\n" for index in order))
    dropped = 0
    closing = size(f"\n{_sections(len(blocks))}\n")
    while room < (closing if dropped else 0) and kept:
        index = max(kept, key=lambda index: (blocks[index].rank, index))
        room += size(blocks[index].text(0)) + 2
        del kept[index]
        dropped += 1
    room -= closing if dropped else 0
    for index in kept:
        kept[index], room = _grow(blocks[index], room)
    parts = [blocks[index].text(kept[index]) for index in sorted(kept)]
    return "\n\n".join([*parts, _sections(dropped)] if dropped else parts) + "\n"


def _grow(block: Block, room: int) -> tuple[int, int]:
    """How many of its lines fit into `room`, and the room that is left."""
    least = size(block.text(0))
    whole = size(block.text(len(block.lines))) - least
    if whole <= room:
        return len(block.lines), room - whole
    n = used = 0
    for line in block.lines:
        # the note may grow by nothing: its number only gets smaller
        if used + size(line) + 1 > room:
            break
        used += size(line) + 1
        n += 1
    return n, room - used


def _sections(n: int) -> str:
    return f"_{left_out(n, 'section')}_"
