"""One check's manual for `driftcheck explain CODE`: its module's docstring, with the four headings set off.

The docstring is the check's sentence, then the sections of SECTIONS, each a heading on a line of its own (with or
without a colon, `*`, `#` or an underline) or at the start of a paragraph with a colon after it. Paragraphs are folded
to the page; indented lines (formulas, commands) and list items keep their lines.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from rich.console import Console

from driftcheck.renderers.screen.page import BOLD, Page

SECTIONS = ("What is measured", "Why it matters", "How to fix it", "Source")
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
    paragraph: list[str] = []

    def flush() -> None:
        if paragraph:
            item = re.match(r"(?:[-*]|\d+\.) ", paragraph[0])
            page.prose(" ".join(paragraph), to=2 + len(item[0]) if item else 0)
            paragraph.clear()

    for line in lines:
        if not line.strip():
            flush()
            page.blank()
        elif line.startswith("    ") or (line.startswith("  ") and not paragraph):
            flush()
            page.prose(line, indent=2 + len(line) - len(line.lstrip()))
        else:
            if re.match(r"(?:[-*]|\d+\.) ", line):
                flush()
            paragraph.append(line.strip())
    flush()


def _tidy(lines: list[str]) -> tuple[str, ...]:
    return tuple(inspect.cleandoc("\n".join(lines)).splitlines())
