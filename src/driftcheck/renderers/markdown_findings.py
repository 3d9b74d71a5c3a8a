"""The findings in Markdown: what fails, warns or is waived in full, its rows folded; all else in folded tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcheck.findings import Evidence, Finding, FindingStatus, Verdict
from driftcheck.numbers import UNKNOWN, count
from driftcheck.renderers.finding_words import (
    NOTICED,
    evidence_value,
    headers_of,
    sizes_of,
    subject,
    text_headers_of,
    thresholds_of,
    value_of,
)
from driftcheck.renderers.markdown_fit import MAX_LINES, Block
from driftcheck.renderers.markdown_text import MAX_NAME, as_command, code, folded, html_code, listed, prose, row, table
from driftcheck.report import Report

MAX_IDS = 3
"""Ids in a cell; the JSON report has more, `--export` all."""
MAX_TEXT = 200
SIGNS = {"pass": "✅", "warn": "⚠️", "fail": "❌", "blind": "🙈", "skip": "➖", "waived": "⏸️"}
"""Beside the word, never instead of it."""
_WORDS = {"warn": "warning", "fail": "failed", "waived": "waived"}
_LOUD = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.WAIVED)


def finding_blocks(report: Report, *, texts: bool) -> Iterator[Block]:
    """What fails, warns or is waived, worst first."""
    loud = [finding for finding in report.finding_rows if finding.status in _LOUD]
    if loud:
        yield Block(0, ("### Findings, worst first",))
    for number, finding in enumerate(loud):
        # every finding is told before any of them shows its rows
        yield Block(4, *_told(finding, report), noun="sentence")
        if finding.measurement and finding.measurement.evidence:
            yield _evidence(finding, report, rank=10 + number, texts=texts)


def _told(finding: Finding, report: Report) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a finding says: the line that must stand, and its paragraphs."""
    measured = finding.measurement
    status = finding.status
    head = f"#### {SIGNS[status]} {finding.code} {code(finding.name, MAX_NAME)}: {_WORDS[status]}"
    said = []
    if measured:
        sizes = sizes_of(finding, report)
        said.append(f"**{prose(value_of(finding), 200)}**, {prose(thresholds_of(finding), 200)}")
        said[0] += f"; {prose(sizes, 200)}" if sizes else ""
        said.append(prose(measured.summary))
    if finding.reason:
        said.append(f"**Note:** {prose(finding.reason)}")
    if measured and measured.could_have_noticed:
        said.append(f"**{NOTICED}** {prose(measured.could_have_noticed)}")
    manual = f"manual: {code(f'driftcheck explain {finding.code}')}"
    fix = prose(as_command(measured.fix)) if measured and measured.fix else ""
    said.append(f"**What to do:** {fix} ({manual})" if fix else f"**What to do:** {manual}")
    return (head,), tuple(f"\n{paragraph}" for paragraph in said)


def _evidence(finding: Finding, report: Report, *, rank: int, texts: bool) -> Block:
    evidence = finding.measurement.evidence if finding.measurement else ()
    rows = evidence[:MAX_LINES]
    headers = headers_of(rows)
    said = text_headers_of(rows) if texts else []
    by_kind = {
        "cases": [listed(one.case_ids, report.inputs.places, MAX_IDS) for one in rows],
        "traces": [listed(one.trace_ids, {}, MAX_IDS) for one in rows],
    }
    ids = {kind: cells for kind, cells in by_kind.items() if any(cell != UNKNOWN for cell in cells)}
    first = "slice" if any(row.slice_id for row in rows) else "what"
    lines = [
        row(
            [
                code(subject(one), MAX_NAME),
                *(_number(header, one, rows) for header in headers),
                *(code(one.texts[header], MAX_TEXT) if header in one.texts else UNKNOWN for header in said),
                *(cells[index] for cells in ids.values()),
            ]
        )
        for index, one in enumerate(rows)
    ]
    title = f"Evidence for {html_code(finding.code)}: {count(len(evidence), 'row')}"
    start, end = folded(title)
    top = table([first, *(prose(header, 40) for header in (*headers, *said)), *ids], right=range(1, 1 + len(headers)))
    return Block(rank, (*start, *top), tuple(lines), end, noun="row", n_unwritten=len(evidence) - len(rows))


def _number(header: str, one: Evidence, rows: Sequence[Evidence]) -> str:
    value = evidence_value(header, one, rows)
    if value is None:
        return UNKNOWN
    return prose(value, 60) if isinstance(one.numbers.get(header), str) else value


def quiet_blocks(report: Report) -> Iterator[Block]:
    """What passed and what could not be measured, folded."""
    passed = [finding for finding in report.finding_rows if finding.status is FindingStatus.PASS]
    skipped = [finding for finding in report.finding_rows if finding.status is FindingStatus.SKIP]
    if passed:
        start, end = folded(f"{SIGNS['pass']} Passed: {count(len(passed), 'check')}")
        lines = tuple(
            row(
                [
                    f"{finding.code} {code(finding.name, MAX_NAME)}",
                    prose(value_of(finding), 200),
                    prose(thresholds_of(finding), 200),
                    prose(sizes_of(finding, report), 200),
                    prose(finding.measurement.could_have_noticed if finding.measurement else "", 200),
                ]
            )
            for finding in passed
        )
        top = table(["check", "value", "threshold", "n", NOTICED.removesuffix(":").lower()])
        yield Block(30, (*start, *top), lines, end, noun="check")
    if skipped:
        lines = tuple(
            row([f"{finding.code} {code(finding.name, MAX_NAME)}", prose(finding.reason or "no reason given")])
            for finding in skipped
        )
        blind = report.verdict is Verdict.BLIND
        start, end = folded(f"{SIGNS['skip']} Not measured: {count(len(skipped), 'check')}", shut=not blind)
        yield Block(2 if blind else 31, (*start, *table(["check", "why"])), lines, end, noun="check")
