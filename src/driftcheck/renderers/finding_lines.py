"""A finding as plain lines, for outputs that are read in a CI's page: JUnit, SARIF, annotations.

Every line has been through `show`: one line, nothing in it that acts on a terminal or is no XML character. What the
output's own syntax makes of the rest is the output's to escape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from driftcheck.findings import Evidence, Finding, FindingStatus
from driftcheck.renderers.finding_words import evidence_value, sizes_of, subject, thresholds_of, value_of
from driftcheck.renderers.plain import show
from driftcheck.report import Report

MAX_IDS = 20
"""Ids listed of a row, as in the JSON report."""
MAX_ROWS = 30
"""Rows listed of a finding."""
_SUBJECT = 200
_CELL = 120
_ID = 120
_EXAMPLE = 300
_SENTENCE = 600


def label_of(finding: Finding) -> str:
    """What it is called: `DC201 slice-coverage`."""
    return show(f"{finding.code} {finding.name}", _SUBJECT)


def found(finding: Finding) -> str:
    """What was found in a sentence, or why nothing could be."""
    if finding.measurement is None:
        return show(f"Not measured: {finding.reason}", _SENTENCE)
    return show(finding.measurement.summary, _SENTENCE)


def blind(finding: Finding) -> str:
    """That a required check could not be measured, and why."""
    return f"Blind: this check is required. {found(finding)}"


def to_do(finding: Finding) -> str:
    """What to do about it, down to the command that explains it."""
    explained = f"driftcheck explain {show(finding.code, _ID)}"
    if finding.blinds:
        return f"Provide what is missing, or leave the check out of `required:`. See: {explained}"
    fix = show(finding.measurement.fix, _SENTENCE) if finding.measurement else ""
    if not fix:
        return f"see {explained}"
    return f"{fix}{'' if fix[-1] in '.!?' else '.'} See: {explained}"


def numbers_of(finding: Finding, report: Report) -> str:
    """Its value with unit, interval and p, what it was held against, and the sizes behind it."""
    sizes = sizes_of(finding, report)
    said = f"{value_of(finding)}; {thresholds_of(finding)}{f'; {sizes}' if sizes else ''}"
    return show(said, _SENTENCE)


def row_line(row: Evidence, rows: Sequence[Evidence]) -> str:
    """One row of the evidence: `s03 refund delays: eval 1.9 %, traffic 11 %, p <0.001`."""
    values = {header: evidence_value(header, row, rows) for header in row.numbers}
    said = ", ".join(f"{show(header, _CELL)} {show(value, _CELL)}" for header, value in values.items() if value)
    about = show(subject(row), _SUBJECT)
    return f"{about}: {said}" if said else about


def ids_of(row: Evidence) -> Iterator[str]:
    """Ids of cases and traces to look at, a line each kind."""
    for what, ids in (("cases", row.case_ids), ("traces", row.trace_ids)):
        if ids:
            more = f" and {len(ids) - MAX_IDS} more" if len(ids) > MAX_IDS else ""
            yield f"{what}: {', '.join(show(i, _ID) for i in ids[:MAX_IDS])}{more}"


def texts_of(row: Evidence, report: Report) -> Iterator[str]:
    """Texts behind the row, for outputs that may show texts, a line each."""
    if row.texts:
        yield from (f"{show(header, _CELL)}: {show(text, _EXAMPLE)}" for header, text in row.texts.items())
    elif example := _example(row, report):
        yield f"example: {example}"


def _example(row: Evidence, report: Report) -> str:
    """The most central trace of the row's slice, or its first case."""
    for part in report.slice_rows:
        if row.slice_id == part.id and part.example:
            return show(part.example, _EXAMPLE)
    if row.case_ids:
        texts = _texts_of_cases(report)
        return show(texts.get(row.case_ids[0]) or "", _EXAMPLE)
    return ""


def lines_of(finding: Finding, report: Report, *, texts: bool) -> list[str]:
    """All of a finding: what was found, its numbers, its rows with ids, and what to do."""
    lines = [found(finding)]
    if finding.measurement:
        lines.append(numbers_of(finding, report))
        if finding.reason:
            lines.append(show(finding.reason, _SENTENCE))
        if finding.status is FindingStatus.PASS and finding.measurement.could_have_noticed:
            lines.append(f"Could have noticed: {show(finding.measurement.could_have_noticed, _SENTENCE)}")
        rows = finding.measurement.evidence
        for row in rows[:MAX_ROWS]:
            lines.append(f"- {row_line(row, rows)}")
            lines += [f"  {line}" for line in ids_of(row)]
            if texts:
                lines += [f"  {line}" for line in texts_of(row, report)]
        if len(rows) > MAX_ROWS:
            lines.append(f"- and {len(rows) - MAX_ROWS} more rows, in the JSON report")
    if finding.place:
        lines.append(f"Set by: {show(str(finding.place), _SENTENCE)}")
    lines.append(f"What to do: {to_do(finding)}")
    return lines


def _texts_of_cases(report: Report) -> Mapping[str, str]:
    return dict(zip(report.cases["case_id"].tolist(), report.cases["text"].tolist(), strict=True))
