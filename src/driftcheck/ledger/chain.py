"""The chain: every line carries the hash of the line it follows, so that none can be altered or lost unseen.

A line's hash is the sha256 of its exact bytes, without the newline. `previous` is the hash of the line it follows, ""
where there is none. Two branches that both went on from one line are merged by git's `union` driver to a file in which
two lines follow the same one: a history with a fork, and whole. The last line of each branch is followed by nothing
that would vouch for it; so the heads, the hashes of the lines that nothing follows, stand in a file of their own.

A chain finds damage and slips of the hand. Who rewrites every line after the one altered, and the heads too, leaves a
chain that holds: git's history is what tells of it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

MAX_LINE = 1 << 20
"""Longest line, in bytes: fifty slices of a wide model take half of it."""
MAX_KIND = 40

Buffer = Any
"""bytes or mmap: sliced to bytes, with `find`."""

_BEGIN = re.compile(rb'\{"kind":"([a-z][a-z_-]{0,39})","previous":"([0-9a-f]{64}|)"[,}]')
_HASH = re.compile(r"[0-9a-f]{64}|")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger: what the chain needs of it."""

    number: int
    """From 1."""
    kind: str
    previous: str
    """Hash of the line it follows, "" where it follows none."""
    start: int
    """Where it stands in the file, in bytes; `end` is where its newline is."""
    end: int


class Unreadable(ValueError):
    """A line that is no entry of a ledger."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(what)
        self.number = number


def hash_of(line: bytes) -> str:
    """Hash of a line by its bytes, without the newline."""
    return hashlib.sha256(line).hexdigest()


def link(kind: str, previous: str, fields: Mapping[str, Any]) -> bytes:
    """Make a line of fields that follows the line of that hash; without its newline.

    >>> link("audit", "", {"at": "2026-06-01"})
    b'{"kind":"audit","previous":"","at":"2026-06-01"}'

    Raises:
        ValueError: it is longer than MAX_LINE.

    """
    line = orjson.dumps({"kind": kind, "previous": previous, **fields})
    if len(line) > MAX_LINE:
        raise ValueError(f"the entry takes {len(line):,} bytes, and {MAX_LINE:,} are allowed")
    return line


def read_lines(data: Buffer) -> Iterator[Line | Unreadable]:
    """Lines of a ledger, in their order; one that is no entry comes as what is wrong with it. Blank lines are none."""
    start, number, size = 0, 0, len(data)
    while start < size:
        number += 1
        end = data.find(b"\n", start)
        end = size if end < 0 else end
        if end - start > MAX_LINE:
            yield Unreadable(number, f"is longer than {MAX_LINE >> 20} MB")
        elif data[start:end].strip():
            try:
                yield _line(number, data, start, end)
            except Unreadable as problem:
                yield problem
        start = end + 1


def _line(number: int, data: Buffer, start: int, end: int) -> Line:
    found = _BEGIN.match(data, start, end)
    if found:  # as `link` writes it: no need to read all of it
        return Line(number, found[1].decode("ascii"), found[2].decode("ascii"), start, end)
    raw = data[start:end]
    if raw.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        raise Unreadable(number, "is a conflict that git left: keep the lines of both sides, and take out its marks")
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Unreadable(number, "is no JSON") from None
    if not isinstance(fields, dict):
        raise Unreadable(number, "is no JSON object")
    kind, previous = fields.get("kind"), fields.get("previous")
    if not isinstance(kind, str) or not 0 < len(kind) <= MAX_KIND:
        raise Unreadable(number, "has no kind")
    if not isinstance(previous, str) or not _HASH.fullmatch(previous):
        raise Unreadable(number, "does not say which line it follows")
    return Line(number, kind, previous, start, end)


@dataclass(frozen=True)
class Chain:
    """A ledger's lines and how they follow each other."""

    lines: tuple[Line, ...]
    """Each once: git's union driver may keep both copies of one."""
    hashes: tuple[str, ...]
    """Of each of `lines`."""
    unreadable: tuple[Unreadable, ...]
    heads: tuple[str, ...] | None
    """What the file of heads says; None where there is none."""
    n_repeated: int = 0
    """Further copies of lines."""

    @property
    def leaves(self) -> tuple[str, ...]:
        """Hashes of the lines that nothing follows, in the order of the file."""
        followed = {line.previous for line in self.lines}
        return tuple(one for one in self.hashes if one not in followed)

    @property
    def next_heads(self) -> tuple[str, ...]:
        """What the file of heads must say: a head whose line is gone stays, or its loss would be forgotten."""
        known = set(self.hashes)
        return (*self.leaves, *(one for one in dict.fromkeys(self.heads or ()) if one not in known))

    @property
    def problems(self) -> tuple[tuple[int | None, str], ...]:
        """What is broken: line number (None for the file of heads) and what is wrong there, in order of lines."""
        found: list[tuple[int | None, str]] = [(one.number, str(one)) for one in self.unreadable]
        seat = {one: line.number for one, line in zip(self.hashes, self.lines, strict=True)}
        listed = set(self.heads or ())
        lost = {one for one in listed if one not in seat}
        # a leaf that the heads name is as it was: only another may be a line that was altered
        ends = {seat[one] for one in self.leaves if one not in listed}
        before = {line.number: ahead.number for ahead, line in zip(self.lines, self.lines[1:], strict=False)}
        # lines that follow one line lost it together: what is wrong is said once, at the first of them
        orphans: dict[str, list[int]] = {}
        for line in self.lines:
            if line.previous and line.previous not in seat:
                orphans.setdefault(line.previous, []).append(line.number)
            elif line.previous and seat[line.previous] > line.number:
                found.append((line.number, f"stands before line {seat[line.previous]}, which it follows"))
        for first, *others in orphans.values():
            ahead = before.get(first)
            what = (
                f"line {ahead} was altered, or a line after it was taken out"
                if ahead in ends
                else "a line was altered, or taken out"
            )
            too = f", as line{'s' if len(others) > 1 else ''} {', '.join(map(str, others))}" if others else ""
            found.append((first, f"follows a line that is not there{too}: {what}"))
        if lost:
            who = "a last line that is" if len(lost) == 1 else f"{len(lost):,} last lines that are"
            if not self.lines:
                end = "the ledger is empty"
            elif self.lines[-1].number in ends:
                end = f"line {self.lines[-1].number} was altered, or what followed it was taken out"
            else:
                end = "a line was altered, or taken out"
            found.append((None, f"names {who} not there: {end}"))
        if not self.heads and len(self.lines) > 1:
            found.append((None, "names no line: nobody can tell whether the last one is there"))
        return tuple(sorted(found, key=lambda one: (one[0] is None, one[0] or 0)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing and breaks nothing: forks, copies, lines that the heads do not know yet."""
        notes = []
        followers = Counter(line.previous for line in self.lines)
        seat = {one: line.number for one, line in zip(self.hashes, self.lines, strict=True)}
        for previous, n in followers.items():
            if n > 1 and previous in seat:
                notes.append((seat[previous], f"a fork after line {seat[previous]}: {n} branches were merged"))
            elif n > 1 and not previous:
                notes.append((0, f"{n} histories that began apart were merged"))
        if self.n_repeated:
            stands = "1 line stands" if self.n_repeated == 1 else f"{self.n_repeated:,} lines stand"
            notes.append((len(self.lines), f"{stands} here twice, which harms nothing"))
        return tuple(text for _, text in sorted(notes))


def build(data: Buffer, heads: Sequence[str] | None) -> Chain:
    """Read and hash every line of a ledger."""
    lines: list[Line] = []
    hashes: dict[str, None] = {}
    unreadable = []
    n_repeated = 0
    for line in read_lines(data):
        if isinstance(line, Unreadable):
            unreadable.append(line)
            continue
        own = hash_of(data[line.start : line.end])
        if own in hashes:
            n_repeated += 1
            continue
        hashes[own] = None
        lines.append(line)
    return Chain(tuple(lines), tuple(hashes), tuple(unreadable), None if heads is None else tuple(heads), n_repeated)
