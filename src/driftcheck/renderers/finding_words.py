"""What is said of a finding, the same in every output: its value with interval, its thresholds, its sizes, its rows.

Plain text, not made safe: the output that prints it escapes what it must.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

from driftcheck.findings import Evidence, Finding, FindingStatus
from driftcheck.numbers import (
    bound_of,
    count,
    interval,
    number,
    p_value,
    percent,
    points_number,
    quantity,
    threshold,
)
from driftcheck.report import Report

NOTICED = "Could have noticed:"
_OWNER = "the eval set's owner"
_MOVERS = {
    "DC1": "the eval set's owner",
    "DC2": "the eval set's owner",
    "DC3": "the eval set's owner, with those who hear from users",
    "DC4": "those who tune against the eval set",
    "DC5": "the eval set's owner",
}
"""Who can change what the checks of a family measure."""
_NOT_SHARES = (
    "nats",
    "kl",
    "weeks",
    "days",
    "tokens",
    "kappa",
    "score",
    "ratio",
    "distance",
    "stars",
    "mean",
    "median",
)
_DIFFERENCES = ("delta", "gap", "change", "difference")


def value_of(finding: Finding) -> str:
    """Its value with unit, interval and p: `18 % of traffic (95 % CI 15-21, p <0.001)`."""
    measured = finding.measurement
    if measured is None:
        return "not measured"
    said = quantity(measured.value, finding.unit)
    brackets = []
    if measured.low is not None and measured.high is not None:
        brackets.append(f"95 % CI {interval(measured.low, measured.high, bound_of(finding.unit))}")
    if measured.p_value is not None:
        brackets.append(f"p {p_value(measured.p_value)}")
    return f"{said} ({', '.join(brackets)})" if brackets else said


def thresholds_of(finding: Finding) -> str:
    """The thresholds it was held against; of a finding that failed only the one it crossed."""
    warns = "" if finding.warn is None else f"warns at {threshold(finding.warn, finding.unit)}"
    fails = "" if finding.fail is None else f"fails at {threshold(finding.fail, finding.unit)}"
    if finding.status is FindingStatus.FAIL and fails:
        return fails
    return ", ".join(text for text in (warns, fails) if text) or "no threshold"


def sizes_of(finding: Finding, report: Report) -> str:
    """Sizes behind its value: `412 cases, 10,000 of 183,204 sessions`; empty where it has none."""
    sizes = dict(finding.measurement.n) if finding.measurement else {}
    if 0 < sizes.get("sessions", 0) == report.inputs.production.n_embedded:
        sizes.setdefault("of sessions", report.inputs.production.n_sessions)
    parts = []
    for what, n in sizes.items():
        whole = sizes.get(f"of {what}", n)
        noun = what.removesuffix("s") if whole == 1 else what
        if not what.startswith("of "):
            parts.append(f"{count(n)}{f' of {count(whole)}' if whole != n else ''} {noun}")
    return ", ".join(parts)


def mover_of(finding: Finding, owner: str | None = None) -> str:
    """Whose move the next step is, by the family of the check; `owner` is who drift.yaml says answers for the set."""
    mover = _MOVERS.get(finding.code[:3], _OWNER)
    return mover.replace(_OWNER, f"{owner} ({_OWNER})") if owner else mover


def subject(row: Evidence) -> str:
    """What the row is about; a slice with the id by which commands and other findings name it."""
    return row.label if row.slice_id in (None, row.label) else f"{row.slice_id} {row.label}"


def headers_of(evidence: Sequence[Evidence]) -> list[str]:
    """Headers of all rows together, in their order."""
    return list(dict.fromkeys(header for row in evidence for header in row.numbers))


def text_headers_of(evidence: Sequence[Evidence]) -> list[str]:
    """Headers of the texts of all rows together, in their order."""
    return list(dict.fromkeys(header for row in evidence for header in row.texts))


def evidence_value(header: str, row: Evidence, rows: Sequence[Evidence]) -> str | None:
    """Write a number of the evidence: an integer is a count, p is p, a share in 0..1 per cent; None where unknown."""
    value = row.numbers.get(header)
    if value is None or isinstance(value, str):
        return value or None
    words = header.lower().replace("_", " ").split()
    if words[:1] == ["p"]:
        return p_value(value)
    if isinstance(value, Integral):  # numpy's too
        return count(float(value))
    if any(word in _DIFFERENCES for word in words):
        return points_number(value)
    column = [other for r in rows if isinstance(other := r.numbers.get(header), float)]
    if any(abs(other) > 1 for other in column) or any(word in _NOT_SHARES for word in words):
        return number(value)
    return percent(value)
