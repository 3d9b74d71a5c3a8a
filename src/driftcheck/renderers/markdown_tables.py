"""A table of rows of text in Markdown."""

from __future__ import annotations

import re

from driftcheck.renderers.markdown_text import prose, row
from driftcheck.renderers.markdown_text import table as head
from driftcheck.renderers.table import Table

_NUMBERS = re.compile(r"(?:[-+<>]?\d[\d.,]*(?: %)?|[ ()/–-]| to )+")
"""Numbers and intervals mean nothing to Markdown inside a table, where a sign begins no list."""


def table_lines(table: Table) -> list[str]:
    """Title, rows and note as lines; what comes from files is shown literally."""
    lines = [f"### {prose(table.title)}", ""]
    if table.rows:
        lines += head([prose(text) for text in table.header], right=range(table.n_words, len(table.header)))
        for number, fields in enumerate(table.rows):
            cells = [text if _NUMBERS.fullmatch(text) else prose(text) for text in fields]
            lines.append(row([f"**{cell}**" if cell else "" for cell in cells] if number == table.marked else cells))
        lines.append("")
    return [*lines, prose(table.note), ""] if table.note else lines
