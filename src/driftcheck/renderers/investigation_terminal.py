"""`driftcheck investigate` on the terminal: the sentence, what moved, and the traces to read first."""

from __future__ import annotations

from rich.console import Console

from driftcheck.investigation import Investigation
from driftcheck.numbers import p_value
from driftcheck.renderers.investigation_tables import named, tables, why
from driftcheck.renderers.screen.page import BOLD, Page
from driftcheck.renderers.screen.tables import print_table


def render(found: Investigation, console: Console, *, texts: bool) -> None:
    """Print it: `texts` shows what was asked in the traces to read first."""
    page = Page(console)
    page.blank()
    page.prose(found.sentence, indent=0, style=BOLD)
    if found.p_value is not None:
        page.prose(f"p {p_value(found.p_value)} of satisfaction having changed (permutation of sessions)", indent=0)
    for table in tables(found):
        print_table(table, page)
    _print_first(found, page, texts=texts)
    if found.not_measured:
        page.heading("Not measured")
        for what, why in found.not_measured.items():
            page.prose(why, label=[(f"{page.show(what)}: ", BOLD)])
    for warning in found.warnings:
        page.prose(warning, label=[("Warning: ", BOLD)])


def _print_first(found: Investigation, page: Page, *, texts: bool) -> None:
    page.heading("Read these first", note="worst rated and most central in the slices that made it worse")
    if not found.first_traces:
        page.prose("No slice made it worse.")
    names = {row.id: named(row) for row in found.slices}
    last = ""
    for trace in found.first_traces:
        if trace.slice_id != last:
            page.prose(names[trace.slice_id], style=BOLD)
            last = trace.slice_id
        page.prose(why(trace), label=[(page.show(trace.trace_id, 60), ""), ("  ", "")], indent=4, to=6)
        if texts:
            page.line(("      ", ""), (f'"{page.show(trace.text, page.width - 8)}"', ""))
