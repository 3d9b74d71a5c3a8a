"""`driftcheck power` on the terminal: the sentences first, then the tables behind them."""

from __future__ import annotations

from rich.console import Console

from driftcheck.power_report import PowerReport
from driftcheck.renderers.power_tables import tables
from driftcheck.renderers.screen.page import BOLD, Page
from driftcheck.renderers.screen.tables import print_table


def render(report: PowerReport, console: Console) -> None:
    """Print the report; at any width, without colour and in a file it says the same."""
    page = Page(console)
    page.blank()
    for number, sentence in enumerate(report.sentences):
        page.prose(sentence, indent=0, style=BOLD if number == 0 else "")
    for table in tables(report):
        print_table(table, page)
    for reason, what in ((report.traffic_reason, "traffic"), (report.gap_reason, "score against users")):
        if reason:
            page.blank()
            page.prose(f"Not measured, {what}: {reason}.")
    if report.notes:
        page.blank()
        for note in report.notes:
            page.prose(note)
