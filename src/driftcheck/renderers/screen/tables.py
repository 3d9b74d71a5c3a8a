"""A table of rows of text on the page."""

from __future__ import annotations

from driftcheck.renderers.screen.page import BOLD, Cell, Column, Page
from driftcheck.renderers.table import Table

_LONGEST_NAME = 40
_LEAST_NAME = 8


def print_table(table: Table, page: Page) -> None:
    """Print title, rows and note; where the console is too narrow, words are cut, never a number."""
    page.heading(table.title)
    rows: list[list[Cell]] = [
        [((page.show(text), BOLD if number == table.marked else ""),) for text in row]
        for number, row in enumerate(table.rows)
    ]
    plain = [
        Column(((header, BOLD),), "left" if number < table.n_words else "right")
        for number, header in enumerate(table.header)
    ]
    widths = page.widths(plain, rows)
    n_cut = max(table.n_words, 1)
    room = page.width - 2 - sum(widths[n_cut:]) - 2 * (len(widths) - 1)
    widths[0] = min(widths[0], _LONGEST_NAME)
    shared = _shared(widths[:n_cut], room)
    words = [Column(column.header, column.align, width) for column, width in zip(plain, shared, strict=False)]
    for row in rows:  # a slice's name says most at its beginning, the ids of runs and models at their ends
        for number, width in enumerate(shared[1:], start=1):
            row[number] = tuple((page.middle(text, width), style) for text, style in row[number])
    page.table([*words, *plain[n_cut:]], rows)
    if table.note:
        page.prose(table.note)


def _shared(widths: list[int], room: int) -> list[int]:
    """Widths of columns that share the room: the widest are cut, all to one width, the others keep theirs."""
    longest = max(widths)
    while longest > _LEAST_NAME and sum(min(width, longest) for width in widths) > room:
        longest -= 1
    return [min(width, longest) for width in widths]
