"""The findings as GitHub's workflow commands: they show as annotations on the run and on the lines they name.

Printed to standard output of a step (`-o github:-`), or to a file that a step prints. Escaped as GitHub's own toolkit
does it (`core/src/command.ts` of actions/toolkit); besides, data are one line each and hold no `##[`, the runner's
older form of a command, so that nothing in them can begin one.

GitHub shows the first ten of a kind of a step. The worst come first, and the tenth says what is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from driftcheck.findings import Finding, FindingStatus, Verdict
from driftcheck.renderers.finding_lines import blind, found, label_of, numbers_of, row_line, to_do
from driftcheck.renderers.plain import show
from driftcheck.renderers.source_root import from_root
from driftcheck.report import Report

MAX_SHOWN = 10
"""Annotations of a kind that GitHub shows of a step."""
_ROWS = 5
_LIMIT = 4_000
"""Characters of a message; GitHub cuts at 64 KiB."""


def render(report: Report, out: TextIO, *, texts: bool = False) -> None:  # noqa: ARG001 - annotations carry no texts
    """Print an annotation per finding: errors where it fails or is blind, warnings, notices of other blind checks."""
    findings = report.finding_rows
    blinding = [finding for finding in findings if finding.blinds]
    is_blind = report.verdict is Verdict.BLIND  # the step fails by them: its annotations must not look harmless
    kinds = {
        "error": [*(f for f in findings if f.status is FindingStatus.FAIL), *(blinding if is_blind else ())],
        "notice": [] if is_blind else blinding,
        "warning": [finding for finding in findings if finding.status is FindingStatus.WARN],
    }
    for kind, of_kind in kinds.items():
        shown = of_kind[:MAX_SHOWN]
        for number, finding in enumerate(shown, start=1):
            left_out = of_kind[MAX_SHOWN:] if number == MAX_SHOWN else []
            out.write(_command(kind, finding, report, left_out))


def _command(kind: str, finding: Finding, report: Report, left_out: Sequence[Finding]) -> str:
    lines = [found(finding)]
    if finding.blinds:
        lines[0] = blind(finding)
    if finding.measurement:
        rows = finding.measurement.evidence
        lines.append(numbers_of(finding, report))
        lines += [f"- {row_line(row, rows)}" for row in rows[:_ROWS]]
        if len(rows) > _ROWS:
            lines.append(f"- and {len(rows) - _ROWS} more")
    lines.append(f"What to do: {to_do(finding)}")
    message = "\n".join(lines)
    if len(message) > _LIMIT:
        message = f"{message[:_LIMIT]}…"
    if left_out:  # after the cut: it must be seen
        names = show(", ".join(label_of(other) for other in left_out), _LIMIT)
        message += f"\nGitHub shows {MAX_SHOWN} of a kind; left out here: {names}"
    properties = {}
    path = from_root(finding.place.path) if finding.place else None
    if finding.place and path is not None:
        properties["file"] = show(path)
        if finding.place.line is not None:
            properties["line"] = str(finding.place.line)
    properties["title"] = label_of(finding)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    r"""Escape a message; line breaks are ours, as `show` left none in the data.

    >>> _data("50 % of\nall: a, b ##[group]")
    '50 %25 of%0Aall: a, b # #[group]'
    """
    unmarked = text.replace("##[", "# #[")
    return unmarked.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property.

    >>> _property("C:/a,b.yaml")
    'C%3A/a%2Cb.yaml'
    """
    return _data(text).replace(":", "%3A").replace(",", "%2C")
