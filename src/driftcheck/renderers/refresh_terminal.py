"""`driftcheck refresh` on the terminal: what is proposed and why, what it takes, what moved; texts masked."""

from __future__ import annotations

from rich.console import Console

from driftcheck.numbers import count, percent
from driftcheck.proposals import Proposal
from driftcheck.refresh_report import RefreshReport
from driftcheck.renderers.refresh_tables import ASCII_BLOCK, BLOCK, tables
from driftcheck.renderers.screen.page import BOLD, Page
from driftcheck.renderers.screen.tables import print_table

SHOWN = 20
"""Proposals shown; the file has all."""


def render(report: RefreshReport, console: Console) -> None:
    """Print the report."""
    page = Page(console)
    page.blank()
    page.prose(report.sentence, indent=0, style=BOLD)
    if report.bill:
        page.prose(report.bill.sentence, indent=0)
    for table in tables(report, block=BLOCK if page.glyphs.parts else ASCII_BLOCK):
        if table.rows:
            print_table(table, page)
        else:
            page.heading(table.title)
            page.prose(table.note)
    if report.proposals:
        page.heading("Proposals", note="personal data masked")
        for proposal in report.proposals[:SHOWN]:
            page.line(("  ", ""), (page.show(proposal.input_text, page.width - 2), BOLD))
            page.line(("    ", ""), (page.show(_said(proposal), page.width - 4), ""))
        if len(report.proposals) > SHOWN:
            page.prose(f"and {count(len(report.proposals) - SHOWN)} more in {report.path}")
        if report.most_masked:
            name, n = report.most_masked
            # logs of a pipeline are read by others: there it stays masked
            shown = f"`{page.show(name, 40)}`" if console.is_terminal else "One name"
            page.prose(f"{shown} is masked in {count(n, 'text')}; names of no person: `not_personal:` in drift.yaml")
    if report.not_measured:
        page.heading("Not measured")
        for what, why in report.not_measured.items():
            page.prose(why, label=[(f"{page.show(what)}: ", BOLD)])
    for warning in report.warnings:
        page.prose(warning, label=[("Warning: ", BOLD)])
    if report.next_step:
        page.heading("What to do next")
        page.prose(report.next_step, style=BOLD)


def _said(proposal: Proposal) -> str:
    rated = "" if proposal.satisfied is None else f"; {percent(proposal.satisfied)} of its ratings good"
    where = f", {proposal.slice_id}" if proposal.slice_id else ""
    return f"{proposal.why}{where}; trace {proposal.trace_id}{rated}"
