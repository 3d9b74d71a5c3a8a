"""The findings: what fails, warns or is waived in full with its evidence; what passes or is skipped in a line."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.findings import Evidence, Finding, FindingStatus, Measurement
from driftcheck.renderers.finding_words import (
    NOTICED,
    evidence_value,
    headers_of,
    sizes_of,
    subject,
    thresholds_of,
    value_of,
)
from driftcheck.renderers.plain import cells
from driftcheck.renderers.screen.page import BOLD, INDENT, Cell, Column, Page
from driftcheck.report import Report

MAX_EVIDENCE = 5
"""Rows of evidence under a finding, unless verbose."""
MAX_NAME = 32
NARROWEST = 14
"""Cells that a row's label must have beside its numbers."""
_LOUD = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.WAIVED)


def print_findings(report: Report, page: Page, *, texts: bool, verbose: bool) -> None:
    """All findings, worst first, as the report orders them."""
    full = [finding for finding in report.finding_rows if finding.status in _LOUD]
    passed = [finding for finding in report.finding_rows if finding.status is FindingStatus.PASS]
    skipped = [finding for finding in report.finding_rows if finding.status is FindingStatus.SKIP]
    if full:
        page.heading("Findings", note="worst first")
    for number_of, finding in enumerate(full):
        if number_of:
            page.blank()
        _print_full(finding, report, page, texts=texts, verbose=verbose)
    if passed:
        page.heading("Passed")
    for number_of, finding in enumerate(passed):
        if verbose:
            if number_of:
                page.blank()
            _print_full(finding, report, page, texts=texts, verbose=True)
        else:
            _print_compact(finding, page, passed)
    if skipped:
        page.heading("Not measured")
    for finding in skipped:
        _print_compact(finding, page, skipped)


def _print_full(finding: Finding, report: Report, page: Page, *, texts: bool, verbose: bool) -> None:
    measured = finding.measurement
    label = [
        (f"{page.show(finding.code)} {page.show(finding.name, MAX_NAME)}", BOLD),
        ("  ", ""),
        page.badge(finding.status),
    ]
    sizes = sizes_of(finding, report)
    said = f"{value_of(finding)}, {thresholds_of(finding)}" if measured else ""
    start = sum(cells(text) for text, _ in label) + 2
    if sizes and start + cells(said) + 5 + cells(sizes) <= page.width:
        # The gap is wider than a space, so it is printed, not folded.
        page.line(*label, (f"  {page.show(said)}     {page.show(sizes)}", ""))
        sizes = ""
    elif start + cells(said) <= page.width:
        page.line(*label, (f"  {page.show(said)}", ""))
    else:
        page.line(*label)
        page.prose(said)
    if sizes:
        page.prose(sizes)
    if measured:
        page.prose(measured.summary, style="")
    if finding.reason:
        page.prose(finding.reason, label=[("Note: ", BOLD)])
    if measured and measured.could_have_noticed:
        page.prose(measured.could_have_noticed, label=[(f"{NOTICED} ", BOLD)])
    if measured and measured.evidence:
        _print_evidence(measured.evidence, page, texts=texts, verbose=verbose)
    _print_ways_out(finding, measured, page)


def _print_ways_out(finding: Finding, measured: Measurement | None, page: Page) -> None:
    more = f"driftcheck explain {page.show(finding.code)}"
    fix = page.show(measured.fix) if measured and finding.status is not FindingStatus.PASS else ""
    if not fix:
        page.prose(more, label=[("More: ", BOLD)])
    elif len("  Fix:    More: ") + cells(fix) + cells(more) <= page.width:
        page.line(("  ", ""), ("Fix: ", BOLD), (f"{fix}   ", ""), ("More: ", BOLD), (more, ""))
    else:
        page.prose(fix, label=[("Fix: ", BOLD)])
        page.prose(more, label=[("More: ", BOLD)])


def _print_compact(finding: Finding, page: Page, group: Sequence[Finding]) -> None:
    widest = max(cells(page.show(other.name, MAX_NAME)) for other in group)
    name = page.show(finding.name, MAX_NAME)
    measured = finding.measurement
    parts = [f"{value_of(finding)}, {thresholds_of(finding)}"] if measured else []
    parts += [finding.reason or "no reason given"] if finding.reason or not measured else []
    start = 2 + cells(page.show(finding.code)) + 1 + widest + 2
    page.prose(
        "; ".join(parts),
        label=[(f"{page.show(finding.code)} ", BOLD), (name + " " * (widest - cells(name) + 2), "")],
        to=start,
    )
    if measured and measured.could_have_noticed:
        page.prose(f"{NOTICED.lower()} {measured.could_have_noticed}", indent=start, to=start + INDENT)


def _print_evidence(evidence: Sequence[Evidence], page: Page, *, texts: bool, verbose: bool) -> None:
    rows = evidence if verbose else evidence[:MAX_EVIDENCE]
    headers = headers_of(rows)
    numbers = [[_cell(header, row, rows, page) for header in headers] for row in rows]
    used = [max(cells(header), *(cells(line[i]) for line in numbers)) + 2 for i, header in enumerate(headers)]
    room = page.width - 4 - sum(used)
    labels = [subject(row) for row in rows]
    widest = max(cells(page.show(label)) for label in labels)
    if headers and room < min(widest, NARROWEST):
        _print_stacked(rows, labels, headers, numbers, page, texts=texts)
        _print_more(len(evidence) - len(rows), page)
        return
    ids = [_ids(row, page, room=10_000) for row in rows]
    beside = room - min(widest, max(room // 2, 24)) - 2
    least = max(26, *(_least("trace", row.trace_ids, page) + 2 + _least("case", row.case_ids, page) for row in rows))
    aside = any(ids) and beside >= least
    label_width = max(min(widest, room - (least + 2 if aside else 0)), 8)
    columns = [
        Column((("", ""),), width=label_width),
        *(Column(((header, BOLD),), "right") for header in headers),
        *([Column((("", ""),), width=room - label_width - 2)] if aside else []),
    ]
    table: list[list[Cell]] = []
    below: list[list[str]] = []
    for row, label, line in zip(rows, labels, numbers, strict=True):
        columns_of_row: list[Cell] = [((label, ""),), *(((text, ""),) for text in line)]
        if aside:
            columns_of_row.append(((_ids(row, page, room=room - label_width - 2), ""),))
        table.append(columns_of_row)
        below.append([*([] if aside else [_ids(row, page, room=page.width - 6)]), *_texts(row, page, texts=texts)])
    page.table(columns, table, below=below, indent=4)
    _print_more(len(evidence) - len(rows), page)


def _print_stacked(
    rows: Sequence[Evidence],
    labels: Sequence[str],
    headers: Sequence[str],
    numbers: Sequence[Sequence[str]],
    page: Page,
    *,
    texts: bool,
) -> None:
    """Print each row over several lines, where a table would leave no room for what the rows are about."""
    for row, label, line in zip(rows, labels, numbers, strict=True):
        page.prose(page.show(label, 3 * page.width), indent=4, to=6)
        page.prose(", ".join(f"{header} {text}" for header, text in zip(headers, line, strict=True)), indent=6)
        ids = _ids(row, page, room=page.width - 6)
        for text in ([ids] if ids else []) + _texts(row, page, texts=texts):
            page.line((" " * 6, ""), (text, ""))


def _texts(row: Evidence, page: Page, *, texts: bool) -> list[str]:
    """Texts of the row, one below the other to be held side by side, a line each."""
    if not texts:
        return []
    lines = []
    for header, text in row.texts.items():
        said = page.show(header, MAX_NAME)
        lines.append(f'{said}: "{page.show(text, page.width - 6 - cells(said) - 4)}"')
    return lines


def _print_more(n: int, page: Page) -> None:
    if n:
        page.prose(f"and {n} more (--verbose shows all)", indent=4)


def _ids(row: Evidence, page: Page, *, room: int) -> str:
    both = bool(row.trace_ids and row.case_ids)
    half = min(max(room // 2, _least("trace", row.trace_ids, page)), room - _least("case", row.case_ids, page) - 2)
    traces = page.ids("trace", row.trace_ids, half if both else room)
    cases = page.ids("case", row.case_ids, room - cells(traces) - 2 if both else room)
    return "; ".join(text for text in (traces, cases) if text)


def _least(kind: str, ids: Sequence[str], page: Page) -> int:
    """Cells that one id takes, and how many more there are."""
    more = len("s +") + len(str(len(ids) - 1)) if len(ids) > 1 else 0
    return cells(page.ids(kind, ids[:1], 80)) + more


def _cell(header: str, row: Evidence, rows: Sequence[Evidence], page: Page) -> str:
    value = evidence_value(header, row, rows)
    return page.show(page.known(value), 24) if isinstance(row.numbers.get(header), str) or value is None else value
