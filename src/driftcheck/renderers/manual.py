"""One check's manual for `driftcheck explain CODE`: its module's docstring, with the four headings set off.

The docstring is the check's sentence, then the sections of SECTIONS, each a heading on a line of its own (with or
without a colon, `*`, `#` or an underline) or at the start of a paragraph with a colon after it. Paragraphs are folded
to the page; indented lines (formulas, commands) and list items keep their lines.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console

from driftcheck.renderers.screen.page import BOLD, Page

SECTIONS = ("What is measured", "Why it matters", "How to fix it", "Source")
_ITEM = re.compile(r"(?:[-*]|\d+\.) ")
_HEADING = re.compile(rf"[#*\s]*({'|'.join(SECTIONS)})s?\s*(?:[*:.]+\s*(.*)|)", re.IGNORECASE)


@dataclass(frozen=True)
class Section:
    """One part of a manual."""

    heading: str
    """One of SECTIONS; empty for the sentence before the first."""
    lines: tuple[str, ...]


def sections(docstring: str) -> tuple[Section, ...]:
    r"""Split a check's docstring into its parts, in their order; the sentence first.

    >>> [(s.heading, s.lines) for s in sections("One sentence.\n\nWhat is measured\n    KL.\n\nSource: a paper.")]
    [('', ('One sentence.',)), ('What is measured', ('KL.',)), ('Source', ('a paper.',))]
    """
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in inspect.cleandoc(docstring).splitlines():
        found = _HEADING.fullmatch(line)
        if found:
            heading = next(name for name in SECTIONS if name.lower() == found[1].lower())
            parts.append((heading, [found[2]] if found[2] else []))
        elif not (re.fullmatch(r"[-=~^]{3,}", line) and not parts[-1][1]):
            parts[-1][1].append(line)
    return tuple(Section(heading, _tidy(lines)) for heading, lines in parts)


class BlockKind(StrEnum):
    """What a block of a section is."""

    PARAGRAPH = "paragraph"
    ITEM = "item"
    LITERAL = "literal"
    """A line that is kept as it is: a formula, a command."""
    BLANK = "blank"


@dataclass(frozen=True)
class Block:
    """A paragraph, a list item or a line of a section."""

    kind: BlockKind
    text: str
    """Folded to one line; a literal with its indentation."""


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    r"""Tell paragraphs, list items and literal lines of a section apart.

    >>> [(block.kind.value, block.text) for block in blocks(["one", "two", "- three", "", "    x = 1"])]
    [('paragraph', 'one two'), ('item', '- three'), ('blank', ''), ('literal', '    x = 1')]
    """
    found: list[Block] = []
    paragraph: list[str] = []

    def flush() -> None:
        if paragraph:
            kind = BlockKind.ITEM if _ITEM.match(paragraph[0]) else BlockKind.PARAGRAPH
            found.append(Block(kind, " ".join(paragraph)))
            paragraph.clear()

    for line in lines:
        if not line.strip():
            flush()
            found.append(Block(BlockKind.BLANK, ""))
        elif line.startswith("    ") or (line.startswith("  ") and not paragraph):
            flush()
            found.append(Block(BlockKind.LITERAL, line))
        else:
            if _ITEM.match(line):
                flush()
            paragraph.append(line.strip())
    flush()
    return tuple(found)


def render(code: str, name: str, title: str, docstring: str, console: Console) -> None:
    """Print the manual of the check `code`."""
    page = Page(console)
    page.blank()
    page.prose(title, label=[(f"{page.show(code)} {page.show(name)}", BOLD), ("  ", "")], indent=0, to=INDENT_OF_TITLE)
    for section in sections(docstring):
        if not section.lines:
            continue
        page.blank()
        if section.heading:
            page.prose(section.heading, indent=0, style=BOLD)
        _print_lines(section.lines, page)


INDENT_OF_TITLE = 2


def _print_lines(lines: tuple[str, ...], page: Page) -> None:
    for block in blocks(lines):
        if block.kind is BlockKind.BLANK:
            page.blank()
        elif block.kind is BlockKind.LITERAL:
            page.prose(block.text, indent=2 + len(block.text) - len(block.text.lstrip()))
        else:
            item = _ITEM.match(block.text)
            page.prose(block.text, to=2 + len(item[0]) if item else 0)


def _tidy(lines: list[str]) -> tuple[str, ...]:
    return tuple(inspect.cleandoc("\n".join(lines)).splitlines())
