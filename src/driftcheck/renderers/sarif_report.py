"""The report as SARIF 2.1.0, for code scanning: alerts on the lines of the eval set and of drift.yaml.

A check is a rule, with its manual as help. A finding is a result: one for every row of its evidence that names cases,
at the first of them, and one at the check's key in drift.yaml for the rows that name none. A required check that could
not be measured is a result too: a code host closes alerts that are missing from an upload, and blind is not mended.
Other checks without data are notifications. Waived findings are suppressed with their reason.

Results carry the fingerprint that GitHub tracks alerts by, made of check and slice (or first case) alone: an alert
stays one when lines move and numbers change. GitHub's limits are kept with room to spare: MAX_RESULTS of the 5,000
results that it shows of a run, MAX_RELATED of the 100 locations of a result, messages so short that the file stays
below 10 MB.

OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 plus Errata 01 (2023).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO
from urllib.parse import quote

from driftcheck import __version__
from driftcheck.findings import Finding, FindingStatus, Verdict
from driftcheck.places import Place, place_of
from driftcheck.renderers.finding_lines import (
    found,
    ids_of,
    label_of,
    numbers_of,
    row_line,
    texts_of,
    to_do,
)
from driftcheck.renderers.json_values import Json, dumps, whole
from driftcheck.renderers.plain import show
from driftcheck.renderers.source_root import from_root
from driftcheck.report import Report

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 1_000
MAX_RELATED = 20
"""Further cases of a row that are linked."""
_MESSAGE = 3_000
_LINE = 600
_ROOT = "%SRCROOT%"
_NOWHERE = Place("drift.yaml")
"""Where neither a drift.yaml nor an eval set is in the checkout: GitHub takes no result without a place."""


@dataclass(frozen=True)
class _Result:
    finding: Finding
    key: str
    """What the alert is about, the same from audit to audit."""
    place: Place | None
    related: Sequence[tuple[str, Place]]
    """Further cases: id and place."""
    lines: Sequence[str]


def render(report: Report, out: TextIO, *, texts: bool = False) -> None:
    """Print the report as a SARIF log of one run."""
    results = [result for finding in report.finding_rows for result in _results(finding, report, texts=texts)]
    shown, left_out = results[:MAX_RESULTS], len(results) - MAX_RESULTS
    rules = {finding.code: index for index, finding in reversed(list(enumerate(report.finding_rows)))}
    notifications = [
        _notification(finding, rules) for finding in report.finding_rows if finding.status is FindingStatus.SKIP
    ]
    if left_out > 0:
        text = f"{left_out} further results are left out: code hosts bound what they take. The JSON report has all."
        notifications.append({"level": "warning", "message": {"text": text}})
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": "driftcheck",
                "semanticVersion": __version__,
                "rules": [_rule(finding) for finding in report.finding_rows],
            }
        },
        "automationDetails": {"id": _category(report)},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the checkout."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": report.verdict is not Verdict.BLIND,
                "exitCode": int(report.exit_code),
                "exitCodeDescription": show(report.sentence, _LINE),
                "commandLine": show(report.command, _LINE),
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": [_result(result, rules) for result in shown],
        "properties": _properties(report),
    }
    out.write(dumps({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}))


def _results(finding: Finding, report: Report, *, texts: bool) -> Iterator[_Result]:
    """The results of a finding: none where it passed, or has no data without anybody demanding some."""
    if not (finding.blinds or finding.status in (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.WAIVED)):
        return
    measured = finding.measurement
    said = [found(finding), *([numbers_of(finding, report)] if measured else [])]
    rows = measured.evidence if measured else ()
    places = _places_of_cases(report) if rows else {}
    left: list[str] = []
    for row in rows:
        cases = [(case, places[case]) for case in row.case_ids if case in places]
        lines = [row_line(row, rows), *(f"  {line}" for line in ids_of(row))]
        if texts:
            lines += [f"  {line}" for line in texts_of(row, report)]
        if cases:  # the row first: it is what tells the alerts of one finding apart
            key = row.slice_id or cases[0][0]
            yield _Result(finding, key, cases[0][1], cases[1 : MAX_RELATED + 1], [*lines, *said])
        else:
            left += [f"- {lines[0]}", *lines[1:]]
    if left or not rows:
        place = finding.place if finding.place and from_root(finding.place.path) else _eval_set(report) or _NOWHERE
        yield _Result(finding, "", place, (), [*said, *left])


def _result(result: _Result, rules: Mapping[str, int]) -> dict[str, Json]:
    finding = result.finding
    todo = f"What to do: {to_do(finding)}"
    told = "\n".join([f"{label_of(finding)}: {result.lines[0]}", *result.lines[1:]])
    room = _MESSAGE - len(todo)
    told = told if len(told) <= room else f"{told[:room]}…"
    fingerprint = hashlib.sha256(f"{finding.code}\x00{result.key}".encode("utf-8", "replace")).hexdigest()[:32]
    fields: dict[str, Json] = {
        "ruleId": finding.code,
        "ruleIndex": rules[finding.code],
        "level": _level(finding),
        "message": {"text": _unlinked(f"{told}\n{todo}")},
        "locations": _locations(result.place),
        # the name under which GitHub looks for one; its suffix tells alerts of one hash apart
        "partialFingerprints": {"driftcheck/v1": fingerprint, "primaryLocationLineHash": f"{fingerprint}:1"},
        "properties": _values(finding),
    }
    related = [
        {**location, "id": number, "message": {"text": _unlinked(show(case, _LINE))}}
        for number, (case, place) in enumerate(result.related, start=1)
        for location in _locations(place)
    ]
    if related:
        fields["relatedLocations"] = related
    if finding.status is FindingStatus.WAIVED:
        fields["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": show(finding.reason, _LINE)}
        ]
    return fields


def _rule(finding: Finding) -> dict[str, Json]:
    manual = finding.manual.strip() or finding.title
    summary = show(manual.partition("\n\n")[0], _LINE)
    explained = f"driftcheck explain {show(finding.code, _LINE)}"
    return {
        "id": finding.code,
        "name": show(finding.name, _LINE),
        "shortDescription": {"text": show(finding.title, _LINE)},
        "fullDescription": {"text": summary},
        "help": {
            "text": f"{manual}\n\nThe same on a terminal: {explained}",
            "markdown": f"{_markdown(manual)}\n\nThe same on a terminal: `{explained}`",
        },
        "defaultConfiguration": {
            "level": "error" if finding.fail is not None else "warning" if finding.warn is not None else "note"
        },
        "properties": {
            "tags": ["eval-set", "drift"],
            "unit": show(finding.unit, _LINE),
            "warn": finding.warn,
            "fail": finding.fail,
        },
    }


def _markdown(manual: str) -> str:
    """A manual, our own text, in Markdown: its headings stand alone on a line, what is indented under them does not."""
    lines = []
    for line in manual.splitlines():
        heading = line and not line.startswith(" ") and len(line.split()) <= 4 and line[-1] not in ".:"
        lines.append(f"\n### {line}\n" if heading else line.removeprefix("    "))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _notification(finding: Finding, rules: Mapping[str, int]) -> dict[str, Json]:
    return {
        "level": "error" if finding.blinds else "note",
        "message": {"text": _unlinked(f"{label_of(finding)}: {found(finding)}")},
        "associatedRule": {"id": finding.code, "index": rules[finding.code]},
    }


def _level(finding: Finding) -> str:
    if finding.status is FindingStatus.FAIL or finding.blinds:
        return "error"
    if finding.status is FindingStatus.WAIVED and finding.measurement and finding.fail is not None:
        return "error" if finding.measurement.value >= finding.fail else "warning"
    return "warning"


def _values(finding: Finding) -> dict[str, Json]:
    measured = finding.measurement
    fields: dict[str, Json] = {
        "status": finding.status.value,
        "unit": show(finding.unit, _LINE),
        "warn": finding.warn,
        "fail": finding.fail,
    }
    if measured:
        n: dict[str, Json] = {show(what, _LINE): whole(size) for what, size in measured.n.items()}
        fields |= {
            "value": measured.value,
            "low": measured.low,
            "high": measured.high,
            "p_value": measured.p_value,
            "n": n,
        }
    return fields


def _properties(report: Report) -> dict[str, Json]:
    passed = [finding for finding in report.finding_rows if finding.status is FindingStatus.PASS]
    return {
        "verdict": report.verdict.value,
        "seed": report.seed,
        "model": show(report.model.name, _LINE) if report.model else None,
        "passed": [{"code": finding.code, **_values(finding)} for finding in passed],
    }


def _places_of_cases(report: Report) -> dict[str, Place]:
    """Where the cases stand, those that stand in a file of the checkout."""
    cases = report.cases
    places = {
        case: place_of(where)
        for case, where in zip(cases["case_id"].tolist(), cases["where"].tolist(), strict=True)
        if isinstance(where, str)
    }
    inside = {path: from_root(path) is not None for path in {place.path for place in places.values()}}
    return {case: place for case, place in places.items() if inside[place.path]}


def _eval_set(report: Report) -> Place | None:
    """The eval set's file; None where it is not in the checkout."""
    return next((Place(read.path) for read in report.inputs.eval_set if from_root(read.path) is not None), None)


def _locations(place: Place | None) -> list[dict[str, Json]]:
    path = from_root(place.path) if place else None
    if place is None or path is None:
        return []
    uri = quote(path.encode("utf-8", "replace"), safe="/-._~")
    # code hosts place only what has a line
    region: dict[str, Json] = {"startLine": place.line or 1}
    return [{"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}}]


def _category(report: Report) -> str:
    """What keeps the alerts of two audits in one repository apart: the drift.yaml, or the eval set, that they read."""
    place = next((finding.place for finding in report.finding_rows if finding.place), None) or _eval_set(report)
    path = from_root(place.path) if place else None
    return f"driftcheck/{quote(path.encode('utf-8', 'replace'), safe='/-._~')}/" if path else "driftcheck/"


def _unlinked(text: str) -> str:
    """Take away what SARIF reads in a message: links `[words](where)` and placeholders `{0}`.

    >>> _unlinked("[here](http://evil.example) {0}")
    '[here] (http://evil.example) { 0}'
    """
    return re.sub(r"\{(?=\d+\})", "{ ", text.replace("](", "] ("))
