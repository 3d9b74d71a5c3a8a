"""The report as JUnit XML: a test case per check, for the test page of GitLab, Jenkins, Azure and the like.

A finding that fails is a failure. A check that drift.yaml requires and that could not be measured is an error, JUnit's
word for a test that could not be carried out: nothing was found wrong, and yet a blind audit must not look green. Other
checks without data, and waived findings, are skipped with their reason. A warning passes, as it does not change the
exit code, and is said in the case's system-out.

Elements and attributes are those of the schema that Jenkins publishes (junit-10.xsd). No times: the same report gives
the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO
from xml.etree import ElementTree as ET

from driftcheck import __version__
from driftcheck.findings import Finding, FindingStatus
from driftcheck.numbers import iso
from driftcheck.renderers.finding_lines import blind, found, label_of, lines_of, numbers_of, to_do
from driftcheck.renderers.plain import show
from driftcheck.renderers.score_words import drift_of, scores_of
from driftcheck.report import Report

_FAMILIES = {"1": "traffic", "2": "coverage", "3": "score", "4": "runs", "5": "upkeep"}
"""By the first digit of a check's code."""
_OTHER = "other"
_LIMIT = 1_000


def render(report: Report, out: TextIO, *, texts: bool = False) -> None:
    """Print the report as a suite of tests."""
    cases = [_testcase(finding, report, texts=texts) for finding in report.finding_rows]
    counts = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error", "skipped")}
    totals = {"tests": str(len(cases)), "failures": str(counts["failure"]), "errors": str(counts["error"])}
    suites = ET.Element("testsuites", {"name": "driftcheck", **totals})
    suite = ET.SubElement(suites, "testsuite", {"name": "driftcheck", **totals, "skipped": str(counts["skipped"])})
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", {"name": name, "value": show(value, _LIMIT)})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = show(report.sentence, _LIMIT)
    ET.indent(suites)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(ET.tostring(suites, encoding="unicode"))
    out.write("\n")


def _testcase(finding: Finding, report: Report, *, texts: bool) -> ET.Element:
    family = _FAMILIES.get(finding.code.removeprefix("DC")[:1], _OTHER)
    case = ET.Element("testcase", {"classname": f"driftcheck.{family}", "name": label_of(finding)})
    text = "\n".join(["", *lines_of(finding, report, texts=texts), ""])
    match finding.status:
        case FindingStatus.FAIL:
            message = f"{found(finding)} What to do: {to_do(finding)}"
            ET.SubElement(case, "failure", {"type": "driftcheck.fail", "message": message}).text = text
        case FindingStatus.SKIP if finding.blinds:
            message = blind(finding)
            ET.SubElement(case, "error", {"type": "driftcheck.blind", "message": message}).text = text
        case FindingStatus.SKIP:
            ET.SubElement(case, "skipped", {"type": "driftcheck.skip", "message": found(finding)})
        case FindingStatus.WAIVED:
            message = f"{show(finding.reason, _LIMIT)} ({numbers_of(finding, report)})"
            ET.SubElement(case, "skipped", {"type": "driftcheck.waived", "message": message}).text = text
        case FindingStatus.WARN:
            ET.SubElement(case, "system-out").text = f"\nWARNING{text}"
        case FindingStatus.PASS:
            ET.SubElement(case, "system-out").text = text
    return case


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    """What the audit was made of: verdict, scores, sizes, seed and model."""
    inputs = report.inputs
    yield "verdict", report.verdict.value
    yield "exit_code", str(int(report.exit_code))
    yield "driftcheck", __version__
    yield "seed", str(report.seed)
    if report.model:
        yield "model", report.model.name
        yield "model_revision", report.model.revision or ""
    yield "eval_set", inputs.eval_set_path
    yield "production", inputs.production.path
    yield "n_cases", str(inputs.n_cases)
    yield "n_runs", str(len(inputs.runs))
    yield "n_traces", str(inputs.production.n_traces)
    yield "n_sessions", str(inputs.production.n_sessions)
    yield "n_embedded", str(inputs.production.n_embedded)
    yield "n_ratings", str(inputs.production.n_rated)
    yield "since", iso(inputs.production.since) or "not known"
    yield "until", iso(inputs.production.until) or "not known"
    for score in scores_of(report):
        below = ", ".join(score.below).replace(":,", ":")
        yield score.name, f"{score.value} ({below})" if below else score.value
    for drift in drift_of(report):
        yield drift.name, f"{drift.value} {drift.said}"
