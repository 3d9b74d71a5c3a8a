"""The top of the report: the verdict in one sentence, then score, users and gap side by side."""

from __future__ import annotations

from driftcheck.findings import FindingStatus, Report
from driftcheck.numbers import (
    bound_of,
    count,
    interval,
    number,
    p_value,
    percent,
    percent_number,
    points,
    points_number,
)
from driftcheck.renderers.screen.page import BOLD, INDENT, Cell, Column, Page
from driftcheck.sizes import ALPHA

GAPS = (4, 2)
"""Blanks between the four columns of scores, on a wide and on a narrow console; below that they stand in a stack."""
_LABEL = 12


def print_verdict(report: Report, page: Page) -> None:
    """Print the verdict's badge and its sentence."""
    page.blank()
    badge = page.badge(report.verdict.value)
    page.prose(report.sentence, label=[badge, ("  ", "")], indent=0, to=len(badge[0]) + 2, style=BOLD)
    page.blank()


def print_tally(report: Report, page: Page) -> None:
    """Print the last line, for those who see the end of a long report first."""
    words = {"fail": "failed", "warn": "warned", "pass": "passed", "waived": "waived", "skip": "not measured"}
    counts = {word: sum(finding.status == status for finding in report.finding_rows) for status, word in words.items()}
    said = [f"{n} {word}" for word, n in counts.items() if n]
    tally = f"{', '.join(said) or 'no checks ran'}; exit code {int(report.exit_code)}"
    page.blank()
    page.prose(tally, label=[page.badge(report.verdict.value), ("  ", "")], indent=0, to=8)


def print_scores(report: Report, page: Page) -> None:
    """Pass rate, satisfaction, gap and restated pass rate in four columns; what could not be measured says why."""
    columns = [
        _column("eval score", *_pass_rate(report)),
        _column("users", *_satisfaction(report)),
        _column("gap", *_gap(report)),
        _column("score on traffic", *_restated(report)),
    ]
    row = [cell for _, cell in columns]
    natural = [Column(((header, BOLD),)) for header, _ in columns]
    needed = INDENT + sum(page.widths(natural, [row]))
    gap = next((gap for gap in GAPS if needed + gap * (len(columns) - 1) <= page.width), None)
    if gap is None:
        for header, ((value, style), *below) in columns:
            page.prose(header, style=BOLD)
            page.prose(
                ", ".join(text for text, _ in below).replace(":,", ":"),
                label=[(f"{value}  ", style)],
                indent=INDENT + 2,
            )
    else:
        page.table(natural, [row], gap=gap)
    page.blank()
    _print_drift(report, page)


def _column(header: str, value: str, *below: str) -> tuple[str, Cell]:
    return header, ((value, BOLD), *((line, "") for line in below))


def _pass_rate(report: Report) -> tuple[str, ...]:
    rate = report.scores.pass_rate
    if rate is None:
        return "not known", "no run read" if not report.inputs.runs else "no scored case"
    return percent(rate.value), f"{interval(rate.low, rate.high, percent_number)} %", count(rate.n, "case")


def _satisfaction(report: Report) -> tuple[str, ...]:
    rate = report.scores.satisfaction
    if rate is None:
        return "not known", "no ratings" if not report.inputs.production.n_rated else "too few ratings"
    response = report.scores.response_rate
    rated = [] if response is None else [f"{percent(response)} rated"]
    return (
        f"{percent(rate.value)} satisfied",
        f"{interval(rate.low, rate.high, percent_number)} %",
        count(rate.n, "rating"),
        *rated,
    )


def _gap(report: Report) -> tuple[str, ...]:
    gap = report.scores.gap
    if gap is None:
        missing = [
            name
            for name, score in {"score": report.scores.pass_rate, "ratings": report.scores.satisfaction}.items()
            if score is None
        ]
        return "not known", f"no {' and no '.join(missing)}" if missing else "not measured"
    side = "score above users" if gap.value >= 0 else "score below users"
    return points(gap.value), interval(gap.low, gap.high, points_number), side


def _restated(report: Report) -> tuple[str, ...]:
    restated = report.scores.restated_pass_rate
    if restated is None:
        return "not known", "needs a scored run" if report.scores.pass_rate is None else "not measured"
    lines = [percent(restated.value), f"{interval(restated.low, restated.high, percent_number)} %"]
    if restated.uncovered_share > 0:
        lines += [
            f"{percent(restated.uncovered_share)} untested:",
            f"{percent_number(restated.worst)} to {percent(restated.best)}",
        ]
    return tuple(lines)


def _print_drift(report: Report, page: Page) -> None:
    for name, value, said in (_topics(report), _novelty(report), _coverage(report)):
        page.prose(said, label=[(f"{name:<{_LABEL}}", ""), (f"{value} ", BOLD)], to=INDENT + _LABEL)


def _topics(report: Report) -> tuple[str, str, str]:
    drift = report.scores.divergence
    if drift is None:
        return "topics", "not known:", _why_not(report, "topic-divergence")
    p = p_value(drift.p_value)
    if drift.excess <= 0 or drift.p_value > ALPHA:
        return "topics", "no drift", f"beyond chance (p {p})"
    ends = interval(drift.low, drift.high, bound_of("nats"))
    return "topics", "moved:", f"excess KL(P||Q) {number(drift.excess)} nats ({ends}), p {p}"


def _novelty(report: Report) -> tuple[str, str, str]:
    novelty = report.scores.novelty
    if novelty is None:
        return "novelty", "not known:", _why_not(report, "novel-traffic")
    more = f"{points(novelty.excess)} more" if novelty.excess > 0 else "no more"
    said = f"of traffic is unlike any case: {more} than chance (p {p_value(novelty.p_value)})"
    return "novelty", percent(novelty.share), said


def _coverage(report: Report) -> tuple[str, str, str]:
    cover = report.scores.coverage
    if cover is None:
        return "coverage", "not known:", _why_not(report, "slice-coverage")
    ends = interval(cover.low, cover.high, percent_number)
    return "coverage", percent(cover.value), f"of traffic ({ends}) is in slices that the eval set covers"


def _why_not(report: Report, check: str) -> str:
    """Say why a score is not known, in the words of the check that measures it."""
    reasons = (f.reason for f in report.finding_rows if f.name == check and f.status is FindingStatus.SKIP)
    return next(reasons, "") or "not measured"
