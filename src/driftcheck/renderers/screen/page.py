"""The page: lines of styled, plain text on a Rich console, never wider than it, never read as markup.

Works on light and dark backgrounds, without colour and in a file: meaning is in words, colour only repeats it, nothing
is dim, yellow is only ever a background, no line has trailing blanks, and where the encoding is not UTF-8 all is ASCII.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rich.console import Console
from rich.text import Text

from driftcheck.renderers.plain import cells, clip, fold, show, unmarked

Span = tuple[str, str]
"""Text and its Rich style ("" for none)."""
Cell = tuple[Span, ...]
"""A table's cell: its lines, top down."""

BOLD = "bold"
INDENT = 2
PROSE = 110
"""Sentences are folded at this many cells, however wide the console: longer lines are hard to read."""
LONGEST = 1_000
"""Cells of a paragraph: a path or a message of a stranger may be a megabyte."""
BADGES = {
    "pass": "bold black on green",
    "warn": "bold black on yellow",
    "fail": "bold white on red",
    "blind": "bold white on blue",
    "skip": "bold",
    "waived": "bold",
}
"""Style of a status or verdict; its word is always printed."""


@dataclass(frozen=True)
class Glyphs:
    """Characters that are drawn with."""

    eval: str
    traffic: str
    """Whole cell of a bar, and below it its parts by eighths."""
    parts: str
    rule: str
    unknown: str
    ellipsis: str
    cut: str


UNICODE = Glyphs(eval="▒", traffic="█", parts="▏▎▍▌▋▊▉", rule="─", unknown="–", ellipsis="…", cut="…")
ASCII = Glyphs(eval="-", traffic="#", parts="", rule="-", unknown="-", ellipsis="...", cut="..")


@dataclass(frozen=True)
class Column:
    """A table's column."""

    header: Cell
    align: Literal["left", "right"] = "left"
    width: int | None = None
    """Most cells it may take; None = as wide as its content."""


class Page:
    """Prints lines on `console`; every text that comes in is shown plain first."""

    def __init__(self, console: Console, places: Mapping[str, str] | None = None) -> None:
        """`places`: where a case stands whose id was made up, by that id."""
        self._console = console
        self._places = places or {}
        self.encoding = console.encoding
        self.width = max(console.width, 20)
        self.glyphs = UNICODE if self.encoding.replace("-", "").startswith("utf") else ASCII

    def show(self, text: str, limit: int | None = None) -> str:
        """`text` as this console can print it, on one line."""
        return show(text, limit, encoding=self.encoding)

    def line(self, *spans: Span) -> None:
        """Print one line of spans; what does not fit, on a very narrow console, is cut and marked."""
        line = Text(end="")
        room = self.width
        for said, style in spans:
            text = unmarked(said, begins_line=not line.plain.strip())
            fits = clip(text, room, self.glyphs.cut)
            line.append(fits, style or None)
            room -= cells(text)
            if room < 0:
                break
        if spans and not (spans[-1][1] and self._console.color_system):
            line.rstrip()  # but a badge keeps its colour to its edge
        self._console.print(line, no_wrap=True, overflow="ignore", crop=False, highlight=False, soft_wrap=True)

    def blank(self) -> None:
        """Print an empty line."""
        self.line()

    def heading(self, title: str, *, note: str = "") -> None:
        """Print a section's title on a rule, after an empty line."""
        self.blank()
        rule = self.glyphs.rule
        note = f", {self.show(note, self.width - cells(title) - 8)}" if note else ""
        tail = rule * (min(self.width, PROSE) - cells(title) - cells(note) - 5)
        self.line((f"{rule * 2} ", ""), (title, BOLD), (note, ""), (f" {tail}" if tail else "", ""))
        self.blank()

    def prose(
        self, text: str, *, label: Iterable[Span] = (), indent: int = INDENT, style: str = "", to: int = 0
    ) -> None:
        """Print a paragraph: `label` stands before its first line, the others start at `indent` (or hang at `to`)."""
        label = list(label)
        start = indent + sum(cells(part) for part, _ in label)
        hang = to or indent
        width = min(self.width, PROSE + hang)
        lines = fold(self.show(text, LONGEST), width - hang, first=max(width - start, 0))
        for number, line in enumerate(lines or [""]):
            if number == 0:
                self.line((" " * indent, ""), *label, (line, style))
            else:
                self.line((" " * hang, ""), (line, style))

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *,
        below: Sequence[Sequence[str]] = (),
        indent: int = INDENT,
        gap: int = 2,
        spaced: bool = False,
    ) -> None:
        """Print rows of cells that may have several lines; columns without a width take what their content needs.

        `below` holds for each row the lines that follow it across all columns (empty ones are left out).
        `spaced` sets rows apart.
        """
        shown = [[self._shown(cell, column.width) for cell, column in zip(row, columns, strict=True)] for row in rows]
        headers = [self._shown(column.header, column.width) for column in columns]
        widths = self.widths(columns, rows)
        fits = indent + sum(widths) + gap * (len(widths) - 1) <= self.width
        gap = gap if fits else 1
        if any(text for header in headers for text, _ in header):
            bold = [tuple((text, BOLD) for text, _ in header) for header in headers]
            self._row(bold, columns, widths, gap, indent)
        for number, row in enumerate(shown):
            if spaced:
                self.blank()
            self._row(row, columns, widths, gap, indent)
            for text in below[number] if below else ():
                if text:
                    self.line((" " * (indent + 2), ""), (self.show(text, self.width - indent - 2), ""))

    def widths(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
        """Count the cells that each column takes, its header counted."""
        everything = [[column.header for column in columns], *rows]
        return [
            max((cells(self.show(text, column.width)) for row in everything for text, _ in row[index]), default=0)
            for index, column in enumerate(columns)
        ]

    def _row(
        self, row: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], gap: int, indent: int
    ) -> None:
        for line in zip_longest(*row, fillvalue=("", "")):
            spans: list[Span] = [(" " * indent, "")]
            for (text, style), column, width in zip(line, columns, widths, strict=True):
                pad = (" " * (width - cells(text)), "")
                spans += [pad, (text, style)] if column.align == "right" else [(text, style), pad]
                spans.append((" " * gap, ""))
            while spans and not spans[-1][0].strip():  # padding at the end may stand out over the edge
                spans.pop()
            self.line(*spans)

    def badge(self, status: str) -> Span:
        """Make the status a word on its colour."""
        return (f" {status.upper()} ", BADGES[status])

    def known(self, text: str | None) -> str:
        """`text`, or the dash that stands for unknown."""
        return text if text is not None else self.glyphs.unknown

    def ids(self, kind: str, ids: Sequence[str], room: int) -> str:
        """List as many ids as `room` cells hold, and how many more there are: `traces 8f3c01…, 91aa77… +12`.

        A case without an id of its own is named by its place, `support.yaml:112`, of which the end is kept.
        """
        if not ids:
            return ""
        longest = 36 if room >= 90 else 12
        text = f"{kind}{'s' if len(ids) > 1 else ''} "
        for number, one in enumerate(ids):
            place = self._places.get(one) if kind == "case" else None
            shown = self.show(place or one)
            if place:
                shown = self._ending(shown, max(longest, 20))
            elif cells(shown) > longest:
                # The start says which, so its end may go; two dots or one, never three, to leave room for it.
                shown = self.show(one, longest - 2).removesuffix(self.glyphs.ellipsis) + self.glyphs.cut
            more = len(ids) - number - 1
            longer = f"{text}{', ' if number else ''}{shown}"
            if cells(longer) + (len(f" +{more}") if more else 0) > room:
                return f"{text} +{more + 1}" if number else self.show(longer, room)
            text = longer
        return text

    def case(self, case_id: str, room: int) -> str:
        """Name a case whole; one longer than `room` is cut in the middle, as ids of one kind begin alike.

        A case without an id of its own is named by its place, of which the end is kept.
        """
        place = self._places.get(case_id)
        if place:
            return self._ending(self.show(place), room)
        return self.middle(case_id, room)

    def middle(self, text: str, room: int) -> str:
        """`text` as this console can print it, cut in its middle to `room` cells: names of one kind begin alike."""
        shown = self.show(text)
        if cells(shown) <= room:
            return shown
        tail = self._ending(shown, room // 2)
        return clip(shown, room - cells(tail), "") + tail

    def _ending(self, shown: str, limit: int) -> str:
        end = shown
        while cells(end) > limit - (0 if end is shown else len(self.glyphs.cut)):
            end = end[1:]
        return shown if end is shown else self.glyphs.cut + end

    def _shown(self, cell: Cell, limit: int | None) -> Cell:
        return tuple((self.show(text, limit), style) for text, style in cell)
