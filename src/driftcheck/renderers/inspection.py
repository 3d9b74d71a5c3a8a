"""`driftcheck inspect`: what was understood of each file, on the terminal and as JSON."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from driftcheck.numbers import count, days, percent
from driftcheck.records import Case, FeedbackField, FeedbackSource, Kind, LoadReport, Result, Trace
from driftcheck.renderers.json_values import dumps
from driftcheck.renderers.loaded import inspected
from driftcheck.renderers.screen.page import BOLD, INDENT, Page

MAX_TEXT = 200
"""Cells shown of a text on the terminal; the JSON holds all of it."""
MAX_LATER_TEXT = 80
"""Cells shown of the texts of the second and third record."""
_LABEL = 12
_NAMED = 10
_RECORD = INDENT + _LABEL + _NAMED
_KINDS = {Kind.EVALSET: "eval set", Kind.RESULTS: "results", Kind.TRACES: "traces", Kind.UNKNOWN: "unknown"}
_MADE = {Kind.EVALSET: "case", Kind.RESULTS: "result", Kind.TRACES: "interaction"}
_GIVEN = {
    FeedbackSource.USER: "by users",
    FeedbackSource.ANNOTATOR: "by reviewers",
    FeedbackSource.JUDGE: "by a judge",
    FeedbackSource.UNKNOWN: "by nobody knows whom",
}
_TO_DO = "name its columns in drift.yaml, such as columns: {production: {input: <column>}}; or give --format NAME"


def render(reports: Sequence[LoadReport], console: Console, *, texts: bool = True) -> None:
    """Print a block per file; `texts` shows the first records."""
    page = Page(console)
    for report in reports:
        page.blank()
        _print_file(report, page, texts=texts)


def render_json(reports: Sequence[LoadReport], out: TextIO, *, texts: bool = True) -> None:
    """Print the list of files as JSON, in ASCII where `out` is not UTF-8; without `texts` no record is in it."""
    holds_all = out.encoding is None or codecs.lookup(out.encoding).name == "utf-8"
    out.write(dumps([inspected(report, texts=texts) for report in reports], ascii=not holds_all))


def _print_file(report: LoadReport, page: Page, *, texts: bool) -> None:
    page.prose(report.path, indent=0, style=BOLD)
    sure = f"{report.format}, {percent(report.confidence)} sure: {report.why}"
    _item(page, _KINDS[report.kind], sure if report.kind is not Kind.UNKNOWN else report.why)
    if report.runner_up:
        name, confidence = report.runner_up
        _item(page, "else", f"{name}, {percent(confidence)} sure; --format {name} reads it so")
    if report.nearest:
        for number, near in enumerate(report.nearest):
            lacks = f"lacks {', '.join(near.lacks)}" if near.lacks else "lacks nothing by name, but is built otherwise"
            has = f"has {', '.join(near.has)}; " if near.has else ""
            _item(page, "near to" if number == 0 else "", f"{near.format}: {has}{lacks}")
    if report.kind is Kind.UNKNOWN:
        _item(page, "to do", _TO_DO)
    _item(page, "records", _counts(report))
    if report.first_time is not None or report.last_time is not None:
        _item(page, "times", days(report.first_time, report.last_time))
    _print_ratings(report, page)
    if report.tag_fields:
        counted = [
            f"{field} ({count(report.tag_counts[field], 'value')})" if field in report.tag_counts else field
            for field in report.tag_fields
        ]
        _item(page, "tags", f"{', '.join(counted)}: can be slices")
    if texts:
        for number, record in enumerate(report.examples or ([report.first] if report.first else [])):
            _item(page, "first" if number == 0 else "", record.where)
            for name, text in _first(record):
                if text is not None and (number == 0 or name == "input"):
                    said = page.show(text, MAX_TEXT if number == 0 else MAX_LATER_TEXT)
                    page.prose(said, label=[(f"{name:<{_NAMED}}", "")], indent=INDENT + _LABEL, to=_RECORD)
    for number, skipped in enumerate(report.skipped):
        _item(page, "left out" if number == 0 else "", f"{skipped.where}: {skipped.why}")
    if report.n_skipped > len(report.skipped) > 0:
        _item(page, "", f"and {count(report.n_skipped - len(report.skipped))} more")
    for warning in report.warnings:
        _item(page, "warning", warning)


def _print_ratings(report: LoadReport, page: Page) -> None:
    if report.feedback_fields or report.n_rated:
        _item(page, "ratings", f"{', '.join(report.feedback_fields)}: {count(report.n_rated)} rated")
    for field in report.feedback:
        _item(page, "", f"{field.name}: {_read_as(field)}")
    chosen = next((field for field in report.feedback if field.is_satisfaction), None)
    undecided = [field for field in report.feedback if field.scale is None and field.declare]
    if chosen:
        _item(page, "", f"{chosen.name} is read as satisfaction; to change it, in drift.yaml: {chosen.declare}")
    elif undecided:
        _item(page, "", f"none is read as satisfaction; to say which, in drift.yaml: {undecided[0].declare}")


def _read_as(field: FeedbackField) -> str:
    if field.source is FeedbackSource.JUDGE:
        return f"{count(field.n, 'score')} {_GIVEN[field.source]}, {field.seen}; never satisfaction"
    said = f"{count(field.n, 'rating')} {_GIVEN[field.source]}, "
    if field.scale is None:
        said += f"on no known scale (seen are {field.seen})"
    else:
        share = "" if field.share_good is None else f" ({percent(field.share_good)} are)"
        said += f"{field.scale}, {field.direction}, satisfied is {field.good}{share}"
    return "; ".join((said, *field.doubts))


def _item(page: Page, label: str, text: str) -> None:
    page.prose(text, label=[(f"{label:<{_LABEL}}", BOLD)], to=INDENT + _LABEL)


def _counts(report: LoadReport) -> str:
    parts = [count(report.n_records)]
    if report.n_read is not None:
        parts[0] += f" read as {count(report.n_read, _MADE.get(report.kind, 'record'))}"
    if report.n_pass or report.n_fail:
        parts += [f"{count(report.n_pass)} pass", f"{count(report.n_fail)} fail"]
    if report.n_errors:
        parts.append(count(report.n_errors, "error"))
    if report.n_skipped:
        parts.append(f"{count(report.n_skipped)} left out")
    if report.n_missing_input:
        parts.append(f"{count(report.n_missing_input)} without input")
    if report.n_missing_output:
        lacking = "an expected answer" if report.kind is Kind.EVALSET else "output"
        parts.append(f"{count(report.n_missing_output)} without {lacking}")
    if report.n_duplicate_ids:
        parts.append(count(report.n_duplicate_ids, "duplicate id"))
    return ", ".join(parts)


def _first(record: Case | Result | Trace) -> list[tuple[str, str | None]]:
    if isinstance(record, Case):
        return [("id", record.case_id), ("input", record.input_text), ("expected", next(iter(record.expected), None))]
    if isinstance(record, Trace):
        return [("id", record.trace_id), ("input", record.input_text), ("output", record.output_text)]
    return [("case", record.case_id), ("input", record.input_text), ("status", record.status.value)]
