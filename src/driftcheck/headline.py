"""The verdict in one sentence for someone who reads nothing else, and what to run next."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from driftcheck.findings import Finding, FindingStatus, Verdict
from driftcheck.numbers import count, percent, points
from driftcheck.report import Inputs, SliceRow
from driftcheck.scores import Scores


def headline(verdict: Verdict, findings: Sequence[Finding], scores: Scores, required: Collection[str]) -> str:
    """Say in one sentence what the verdict means for the release.

    Args:
        verdict: of the audit.
        findings: every one of them.
        scores: the headline numbers.
        required: names of the checks that must be measurable.

    """
    status = {finding.name: finding.status for finding in findings}
    if verdict is Verdict.BLIND:
        skipped = [f for f in findings if f.status is FindingStatus.SKIP and f.name in required]
        return f"This audit is blind: {'; '.join(dict.fromkeys(finding.reason for finding in skipped))}."
    blocking = [finding for finding in findings if finding.status is FindingStatus.FAIL]
    if [finding.name for finding in blocking] == ["regressions"]:  # the eval set does its work: the product is worse
        return f"This release breaks what worked: {_clause(blocking[0], scores)}."
    if blocking:
        lead = (
            f"The {percent(scores.pass_rate.value)} on this eval set cannot be trusted for a release"
            if scores.pass_rate
            else "This eval set cannot be trusted for a release"
        )
        return f"{lead}: {_listed([_clause(finding, scores) for finding in blocking])}."
    traffic = {
        FindingStatus.PASS: "This eval set looks like its traffic",
        FindingStatus.WARN: "This eval set is drifting from its traffic, not yet enough to block",
        FindingStatus.WAIVED: "This eval set does not look like its traffic, which is waived",
        FindingStatus.SKIP: "This eval set could not be compared with its traffic",
    }
    parts = [traffic.get(status.get("topic-divergence", FindingStatus.FAIL), "Nothing that was checked blocks")]
    gap = status.get("csat-gap")
    if scores.gap and scores.satisfaction and gap is FindingStatus.PASS:
        rate = percent(scores.satisfaction.value)
        happier = scores.gap.high < 0
        parts.append(
            f"users are happier ({rate}) than the score says"
            if happier
            else f"users are about as satisfied ({rate}) as the score says"
        )
    elif scores.satisfaction and gap in (FindingStatus.WARN, FindingStatus.WAIVED):
        parts.append(f"users are less satisfied ({percent(scores.satisfaction.value)}) than the score says")
    warnings = sum(finding.status is FindingStatus.WARN for finding in findings)
    waived = sum(finding.status is FindingStatus.WAIVED for finding in findings)
    tail = f"; {count(warnings, 'warning')} worth reading" if warnings else ""
    held = f" ({count(waived, 'finding')} waived)" if waived else ""
    return f"{', and '.join(parts)}{tail}{held}."


def _clause(finding: Finding, scores: Scores) -> str:
    value = finding.measurement.value if finding.measurement else 0.0
    match finding.name:
        case "slice-coverage":
            return f"{percent(value)} of traffic is in slices it hardly covers"
        case "csat-gap" if scores.satisfaction:
            return f"users are satisfied with only {percent(scores.satisfaction.value)}"
        case "blind-slices":
            return f"{percent(value)} of traffic passes its tests and disappoints its users"
        case "novel-traffic":
            return f"traffic unlike any case is {points(value)} above chance"
        case "regressions":
            return f"newly failing cases outnumber newly passing ones by {percent(value)} of all"
        case "topic-divergence":
            return "the mix of topics has moved"
        case "sealed-gap":
            return f"cases that people tune against pass {points(value)} more often than sealed ones"
        case "set-age":
            return f"it was last refreshed {count(round(value), 'week')} ago"
        case "seal-integrity":
            return "its seal does not hold"
        case _:
            return finding.title[0].lower() + finding.title[1:]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _refresh(command: str) -> str:
    """The refresh of what an audit was called with; what it selects of the checks is nothing to a refresh."""
    words = shlex.split(command)
    kept = [
        word for before, word in zip(["", *words], words, strict=False) if not {before, word} & {"--select", "--ignore"}
    ]
    return shlex.join(["driftcheck", "refresh", *kept[2:]])


def next_steps(
    findings: Sequence[Finding], slices: Sequence[SliceRow], inputs: Inputs, command: str
) -> tuple[str, ...]:
    """Commands to run next, the most useful first; `command` is how this audit was called."""
    steps = [
        f"driftcheck explain {finding.code}"
        for finding in findings
        if finding.status in (FindingStatus.FAIL, FindingStatus.WARN)
    ][:4]
    if any(row.under_covered for row in slices):
        steps.insert(0, f"{_refresh(command)}   # proposes the cases that are missing, and prices them")
    if inputs.n_unjoined:
        steps.append(f"driftcheck inspect {shlex.quote(inputs.runs[-1].path)}   # why results did not find their case")
    return tuple(steps)
