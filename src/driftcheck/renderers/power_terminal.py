"""`driftcheck power` on the terminal: the sentences first, then the tables behind them."""

from __future__ import annotations

from rich.console import Console

from driftcheck.power_report import PowerReport
from driftcheck.renderers.power_tables import Table, tables
from driftcheck.renderers.screen.page import BOLD, Column, Page

_LONGEST_NAME = 40


def render(report: PowerReport, console: Console) -> None:
    """Print the report; at any width, without colour and in a file it says the same."""
    page = Page(console)
    page.blank()
    for number, sentence in enumerate(report.sentences):
        page.prose(sentence, indent=0, style=BOLD if number == 0 else "")
    for table in tables(report):
        _print_table(table, page)
    for reason, what in ((report.traffic_reason, "traffic"), (report.gap_reason, "score against users")):
        if reason:
            page.blank()
            page.prose(f"Not measured, {what}: {reason}.")
    if report.notes:
        page.blank()
        for note in report.notes:
            page.prose(note)


def _print_table(table: Table, page: Page) -> None:
    page.heading(table.title)
    named = table.header[0] == "topic"
    columns = [
        Column(((header, BOLD),), "left" if named and number == 0 else "right", _LONGEST_NAME if number == 0 else None)
        for number, header in enumerate(table.header)
    ]
    rows = [
        [((text, BOLD if number == table.marked else ""),) for text in row] for number, row in enumerate(table.rows)
    ]
    page.table(columns, rows)
    page.prose(table.note)
