"""`driftcheck trend` on the terminal: what it says, then sparklines, the rows, and what goes with what."""

from __future__ import annotations

from rich.console import Console

from driftcheck.renderers.screen.page import BOLD, Page
from driftcheck.renderers.screen.tables import print_table
from driftcheck.renderers.trend_tables import ASCII_BLOCKS, BLOCKS, tables
from driftcheck.renderers.trend_words import sentences
from driftcheck.trend import Trend


def render(trend: Trend, console: Console) -> None:
    """Print it."""
    page = Page(console)
    page.blank()
    for sentence in sentences(trend):
        page.prose(sentence, indent=0, style=BOLD)
    for table in tables(trend, blocks=BLOCKS if page.glyphs.parts else ASCII_BLOCKS):
        print_table(table, page)
    if trend.not_measured:
        page.heading("Not measured")
        for what, why in trend.not_measured.items():
            page.prose(why, label=[(f"{page.show(what)}: ", BOLD)])
    for warning in trend.warnings:
        page.prose(warning, label=[("Warning: ", BOLD)])
