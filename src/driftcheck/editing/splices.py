"""Splices: the few places at which a text changes, so that all else of it stays as it is, byte by byte."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Splice:
    """What `text[start:end]` becomes; where both are the same, something is put between."""

    start: int
    end: int
    new: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, from `start` to before `end`."""

    start: int
    end: int


_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Make all changes of a text at once; positions are those in the text as it was.

    What is put in at the same place comes in the order of the splices.

    >>> spliced("abcd", [Splice(3, 3, "-"), Splice(1, 2, "B"), Splice(1, 1, "+")])
    'a+Bc-d'
    """
    pieces = []
    at = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        if splice.start < at:
            raise ValueError("two splices overlap")
        pieces += [text[at : splice.start], splice.new]
        at = splice.end
    return "".join([*pieces, text[at:]])


def line_spans(text: str) -> list[Span]:
    r"""List the lines of a text, each with its line end.

    >>> [text for text in map(lambda one: "a\n\nb"[one.start : one.end], line_spans("a\n\nb"))]
    ['a\n', '\n', 'b']
    """
    return [Span(*found.span()) for found in _LINE.finditer(text)]


def lines_at(text: str, starts: Iterable[int]) -> list[int]:
    r"""Tell the lines, from 1, of positions in ascending order.

    >>> lines_at("a\nb\n\nc", [0, 2, 5])
    [1, 2, 4]
    """
    lines = []
    at, line = 0, 1
    for start in starts:
        line += text.count("\n", at, start)
        at = start
        lines.append(line)
    return lines


def line_start(text: str, at: int) -> int:
    """Where the line that holds `at` begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line that holds `at` ends, before its line end."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end


def next_line(text: str, at: int) -> int:
    """Where the line behind the one that holds `at` begins."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def eol_of(text: str, at: int = 0) -> str:
    """Line end of the line that holds `at`; where that has none, of the first line, and else a line feed."""
    for start in (at, 0):
        end = text.find("\n", start)
        if end >= 0:
            return "\r\n" if text[end - 1 : end] == "\r" else "\n"
    return "\n"


def list_splices(
    items: Sequence[Span], inside: Span, gone: Collection[int], new: Sequence[str], *, gap: str, ends: tuple[str, str]
) -> list[Splice]:
    """Take items out of a bracketed list and put new ones at its end.

    Args:
        items: the items (members, of an object), in order.
        inside: what is between the brackets.
        gone: which items to take out.
        new: texts of new items.
        gap: white space behind a comma between two items.
        ends: what stands before the first and behind the last item, where a list gets its first items.

    """
    kept = [number for number in range(len(items)) if number not in gone]
    if not kept:
        if not gone and not new:
            return []
        lead, tail = ends
        return [Splice(inside.start, inside.end, f"{lead}{f',{gap}'.join(new)}{tail}" if new else "")]
    last = kept[-1]
    splices = [Splice(items[last].end, items[last].end, "".join(f",{gap}{one}" for one in new))] if new else []
    if last + 1 < len(items):
        splices.append(Splice(items[last].end, items[-1].end))
    return splices + [Splice(items[one].start, items[one + 1].start) for one in gone if one < last]


def row_splices(text: str, rows: Sequence[Span], gone: Collection[int], new: Sequence[str]) -> list[Splice]:
    """Take whole lines out of a text, and put new ones behind the last of what is kept and is not blank.

    Args:
        text: the text.
        rows: lines that belong together, each with its line end, in order; together they are the whole text.
        gone: which rows to take out.
        new: new rows, without line ends.

    """
    splices = []
    whole = frozenset(gone)
    if whole and not text.endswith("\n") and len(rows) - 1 in whole:
        first = len(rows) - 1
        while first and first - 1 in whole:
            first -= 1
        splices.append(Splice(_end_of(text, rows[first - 1]) if first else 0, len(text)))  # with the line end before
        splices += [Splice(rows[number].start, rows[number].end) for number in whole if number < first]
    else:
        splices = [Splice(rows[number].start, rows[number].end) for number in whole]
    if new:
        said = [row for number, row in enumerate(rows) if number not in whole and text[row.start : row.end].strip()]
        if said:
            at = _end_of(text, said[-1])
            eol = eol_of(text, at)
            splices.append(Splice(at, at, "".join(eol + row for row in new)))
        else:
            eol = eol_of(text)
            splices.append(Splice(0, 0, eol.join(new) + (eol if text.endswith("\n") or not text else "")))
    return splices


def _end_of(text: str, row: Span) -> int:
    """Where a row ends, before its line end."""
    end = row.end - text.endswith("\n", row.start, row.end)
    return end - 1 if end > row.start and text[end - 1] == "\r" else end
