"""`driftcheck inspect`: what was understood of each file, on the terminal and as JSON."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from driftcheck.numbers import count, days, percent
from driftcheck.records import Case, Kind, LoadReport, Result, Trace
from driftcheck.renderers.json_values import dumps
from driftcheck.renderers.loaded import loaded
from driftcheck.renderers.screen.page import BOLD, INDENT, Page

MAX_TEXT = 200
"""Cells shown of a text on the terminal; the JSON holds all of it."""
_LABEL = 12
_KINDS = {Kind.EVALSET: "eval set", Kind.RESULTS: "results", Kind.TRACES: "traces", Kind.UNKNOWN: "unknown"}


def render(reports: Sequence[LoadReport], console: Console, *, texts: bool = True) -> None:
    """Print a block per file; `texts` shows the first record."""
    page = Page(console)
    for report in reports:
        page.blank()
        _print_file(report, page, texts=texts)


def render_json(reports: Sequence[LoadReport], out: TextIO, *, texts: bool = True) -> None:
    """Print the list of files as JSON, in ASCII where `out` is not UTF-8; the first record is null without `texts`."""
    holds_all = out.encoding is None or codecs.lookup(out.encoding).name == "utf-8"
    out.write(dumps([loaded(report, texts=texts) for report in reports], ascii=not holds_all))


def _print_file(report: LoadReport, page: Page, *, texts: bool) -> None:
    page.prose(report.path, indent=0, style=BOLD)
    sure = f"{report.format}, {percent(report.confidence)} sure: {report.why}"
    _item(page, _KINDS[report.kind], sure if report.kind is not Kind.UNKNOWN else report.why)
    _item(page, "records", _counts(report))
    if report.first_time is not None or report.last_time is not None:
        _item(page, "times", days(report.first_time, report.last_time))
    if report.feedback_fields or report.n_rated:
        _item(page, "ratings", f"{', '.join(report.feedback_fields)}: {count(report.n_rated)} rated")
    if report.tag_fields:
        _item(page, "tags", f"{', '.join(report.tag_fields)} (can be slices)")
    if texts and report.first is not None:
        _item(page, "first", report.first.where)
        for name, text in _first(report.first):
            if text is not None:
                said = page.show(text, MAX_TEXT)
                page.prose(said, label=[(f"{name:<10}", "")], indent=INDENT + _LABEL, to=INDENT + _LABEL + 10)
    for number, skipped in enumerate(report.skipped):
        _item(page, "left out" if number == 0 else "", f"{skipped.where}: {skipped.why}")
    if report.n_skipped > len(report.skipped) > 0:
        _item(page, "", f"and {count(report.n_skipped - len(report.skipped))} more")
    for warning in report.warnings:
        _item(page, "warning", warning)


def _item(page: Page, label: str, text: str) -> None:
    page.prose(text, label=[(f"{label:<{_LABEL}}", BOLD)], to=INDENT + _LABEL)


def _counts(report: LoadReport) -> str:
    parts = [count(report.n_records)]
    if report.n_pass or report.n_fail:
        parts += [f"{count(report.n_pass)} pass", f"{count(report.n_fail)} fail"]
    if report.n_errors:
        parts.append(count(report.n_errors, "error"))
    if report.n_skipped:
        parts.append(f"{count(report.n_skipped)} left out")
    if report.n_missing_input:
        parts.append(f"{count(report.n_missing_input)} without input")
    if report.n_missing_output:
        parts.append(f"{count(report.n_missing_output)} without output")
    if report.n_duplicate_ids:
        parts.append(count(report.n_duplicate_ids, "duplicate id"))
    return ", ".join(parts)


def _first(record: Case | Result | Trace) -> list[tuple[str, str | None]]:
    if isinstance(record, Case):
        return [("id", record.case_id), ("input", record.input_text), ("expected", next(iter(record.expected), None))]
    if isinstance(record, Trace):
        return [("id", record.trace_id), ("input", record.input_text), ("output", record.output_text)]
    return [("case", record.case_id), ("input", record.input_text), ("status", record.status.value)]
