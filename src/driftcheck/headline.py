"""The verdict in one sentence for someone who reads nothing else, and what to run next."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.findings import Finding, FindingStatus, Inputs, Scores, SliceRow, Verdict
from driftcheck.numbers import count, percent


def headline(verdict: Verdict, findings: Sequence[Finding], scores: Scores) -> str:
    """Say in one sentence what the verdict means for the release."""
    by_name = {finding.name: finding for finding in findings}
    if verdict is Verdict.BLIND:
        reasons = "; ".join(
            dict.fromkeys(finding.reason for finding in findings if finding.status is FindingStatus.SKIP)
        )
        return f"This audit is blind: {reasons}."
    blocking = [finding for finding in findings if finding.status is FindingStatus.FAIL]
    if blocking:
        lead = (
            f"The {percent(scores.pass_rate.value)} on this eval set cannot be trusted for a release"
            if scores.pass_rate
            else "This eval set cannot be trusted for a release"
        )
        parts = [text for finding in blocking if (text := _clause(finding, scores))]
        return f"{lead}: {_listed(parts)}." if parts else f"{lead}: {blocking[0].title.lower()}."
    waived = sum(finding.status is FindingStatus.WAIVED for finding in findings)
    held = f" ({count(waived, 'finding')} waived)" if waived else ""
    like = "looks like its traffic" if by_name.get("topic-divergence") else "passes the checks selected"
    agree = ""
    if scores.gap and scores.satisfaction and "csat-gap" in by_name:
        agree = f", and users are about as satisfied ({percent(scores.satisfaction.value)}) as the score says"
    warnings = sum(finding.status is FindingStatus.WARN for finding in findings)
    tail = f"; {count(warnings, 'warning')} worth reading" if warnings else ""
    return f"This eval set {like}{agree}{tail}{held}."


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
            return f"{percent(value)} of traffic is unlike any case"
        case "topic-divergence":
            return "the mix of topics has moved"
        case _:
            return finding.title[0].lower() + finding.title[1:]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def next_steps(findings: Sequence[Finding], slices: Sequence[SliceRow], inputs: Inputs) -> tuple[str, ...]:
    """Commands to run next, the most useful first."""
    steps = [
        f"driftcheck explain {finding.code}"
        for finding in findings
        if finding.status in (FindingStatus.FAIL, FindingStatus.WARN)
    ][:4]
    if any(row.under_covered for row in slices):
        steps.insert(0, "driftcheck audit -o report.json --text   # every slice with its cases and traces")
    if inputs.n_unjoined:
        steps.append("driftcheck inspect RUNS   # why results did not find their case")
    return tuple(steps)
