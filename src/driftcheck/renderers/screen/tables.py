"""A table of rows of text on the page."""

from __future__ import annotations

from driftcheck.renderers.screen.page import BOLD, Column, Page
from driftcheck.renderers.table import Table

_LONGEST_NAME = 40
_LEAST_NAME = 12


def print_table(table: Table, page: Page) -> None:
    """Print title, rows and note; where the console is too narrow, names are cut first."""
    page.heading(table.title)
    rows = [
        [((page.show(text), BOLD if number == table.marked else ""),) for text in row]
        for number, row in enumerate(table.rows)
    ]
    plain = [
        Column(((header, BOLD),), "left" if number < table.n_words else "right")
        for number, header in enumerate(table.header)
    ]
    widths = page.widths(plain, rows)
    room = page.width - 2 - sum(widths[1:]) - 2 * (len(widths) - 1)
    longest = max(min(_LONGEST_NAME, room), _LEAST_NAME)
    page.table([Column(plain[0].header, plain[0].align, longest), *plain[1:]], rows)
    if table.note:
        page.prose(table.note)
