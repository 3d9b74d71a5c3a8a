"""A diff on the screen: its indentation stays, and what the file holds can do nothing to the terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from driftcheck.numbers import count
from driftcheck.renderers.plain import clip, show, unmarked

_PARTS = re.compile(r"([-+ ]?)([ \t]*)(.*)", re.DOTALL)
_STYLES = {"-": "red", "+": "green", "@": "cyan"}
_N_HEADER = 2
_WIDEST = 2_000
"""Cells of a line that are shown."""
_MOST = 2_000
"""Lines that are shown."""


@dataclass(frozen=True)
class DiffLine:
    """One line, and the style that says what it is."""

    text: str
    style: str


def diff_lines(diff: str, *, encoding: str = "utf-8") -> list[DiffLine]:
    r"""Lay out a unified diff.

    >>> [line.text for line in diff_lines("--- a\n+++ a\n@@ -1 +1 @@\n-  x\x1b[2J\n+  y\n")]
    ['--- a', '+++ a', '@@ -1 +1 @@', '-  x\\x1b[2J', '+  y']
    """
    lines = diff.split("\n")
    lines = lines[:-1] if lines and not lines[-1] else lines
    shown = [
        DiffLine(_plain(line, encoding), "bold" if number < _N_HEADER else _STYLES.get(line[:1], ""))
        for number, line in enumerate(lines[:_MOST])
    ]
    if len(lines) > _MOST:
        shown.append(DiffLine(f"... {count(len(lines) - _MOST, 'line')} more are not shown", ""))
    return shown


def _plain(line: str, encoding: str) -> str:
    found = _PARTS.fullmatch(line)
    mark, blanks, rest = found.groups() if found else ("", "", line)
    text = mark + blanks.replace("\t", "    ") + show(rest, encoding=encoding)
    return unmarked(clip(text, _WIDEST, "..."), begins_line=True)
