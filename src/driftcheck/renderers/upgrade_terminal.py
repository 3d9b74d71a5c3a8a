"""`driftcheck compare` on the terminal: the verdict, newly failing cases first, then all that became of the others."""

from __future__ import annotations

from rich.console import Console

from driftcheck.numbers import count
from driftcheck.renderers.plain import cells
from driftcheck.renderers.screen.page import BOLD, Page
from driftcheck.renderers.screen.tables import print_table
from driftcheck.renderers.table import Table
from driftcheck.renderers.upgrade_tables import (
    CaseList,
    blind_table,
    came_and_went,
    case_lists,
    complaints,
    runs_table,
    slices_table,
    unsettled_lists,
)
from driftcheck.upgrade_report import UpgradeReport

_WIDE = 100
"""Cells of a line of ids, however wide the console."""
_LINES = 4
"""Lines of ids under a title; files have all."""
_BADGE = {"worse": "fail", "better": "pass", "no difference": "pass"}


def render(report: UpgradeReport, console: Console) -> None:
    """Print the report; at any width, without colour and in a file it says the same."""
    page = Page(console, report.places)
    page.blank()
    page.prose(report.sentence, label=[page.badge(_BADGE[report.verdict]), ("  ", "")], indent=0, style=BOLD)
    page.prose(report.could_have_seen, indent=0)
    for found in case_lists(report):
        _print_cases(found, page)
    blind = blind_table(report)
    if blind:
        _print_table(blind, page)
        for slice_id, traces in complaints(report):
            page.line(("  ", ""), (f"{page.show(slice_id)} {page.ids('trace', traces, page.width - 8)}", ""))
    for table in (slices_table(report), runs_table(report)):
        if table:
            _print_table(table, page)
    for found in (*unsettled_lists(report), *came_and_went(report)):
        if found.ids:
            _print_cases(found, page)
    if report.not_measured:
        page.heading("Not measured")
        for what, why in report.not_measured.items():
            page.prose(why, label=[(f"{page.show(what)}: ", BOLD)])
    for warning in report.warnings:
        page.prose(warning, label=[("Warning: ", BOLD)])


def _print_table(table: Table, page: Page) -> None:
    if table.rows:
        print_table(table, page)
    else:
        page.heading(table.title)
        page.prose(table.note)


def _print_cases(found: CaseList, page: Page) -> None:
    page.heading(f"{found.title}: {count(len(found.ids))}", note=found.advice if found.ids else "")
    if not found.ids:
        page.prose("None.")
        return
    if found.said:
        for one, said in list(zip(found.ids, found.said, strict=True))[: 2 * _LINES]:
            page.prose(said, label=[(page.case(one, page.width - 30), ""), ("  ", "")])
        _more(len(found.ids) - 2 * _LINES, page)
        return
    # one list of ids to a line, as many as it holds
    room = min(page.width, _WIDE) - 2
    left = [page.case(one, room) for one in found.ids]
    for _ in range(_LINES):
        if not left:
            break
        n = 1
        while n < len(left) and cells(", ".join(left[: n + 1])) <= room:
            n += 1
        page.line(("  ", ""), (", ".join(left[:n]), ""))
        left = left[n:]
    _more(len(left), page)


def _more(n: int, page: Page) -> None:
    if n > 0:
        page.prose(f"and {count(n)} more: -o FILE.json or FILE.md has all")
