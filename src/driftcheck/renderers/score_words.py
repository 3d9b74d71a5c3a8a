"""The headline numbers in words, the same in every output: score, users and gap, then what drifted.

Plain text, not made safe: the output that prints it escapes what it must.
"""

from __future__ import annotations

from dataclasses import dataclass

from driftcheck.findings import FindingStatus
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
from driftcheck.report import Report
from driftcheck.sizes import ALPHA

NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Score:
    """A headline number: `eval score`, `95 %`, then interval, n and what else stands below it."""

    name: str
    value: str
    below: tuple[str, ...]
    """Interval, n and more; where the number is not known, why."""

    @property
    def is_known(self) -> bool:
        """Whether it could be measured."""
        return self.value != NOT_KNOWN


@dataclass(frozen=True)
class Drift:
    """A line on how far traffic has moved: `novelty`, `5.6 %`, `of traffic is unlike any case: ...`."""

    name: str
    value: str
    said: str
    check: str
    """Name of the check that measures it."""
    interval: str = ""
    """95 % interval with its unit; empty where there is none."""


def scores_of(report: Report) -> tuple[Score, ...]:
    """Pass rate, satisfaction, gap and restated pass rate; what could not be measured says why."""
    named = {
        "eval score": _pass_rate(report),
        "users": _satisfaction(report),
        "gap": _gap(report),
        "score on traffic": _restated(report),
    }
    return tuple(Score(name, value, tuple(below)) for name, (value, *below) in named.items())


def drift_of(report: Report) -> tuple[Drift, ...]:
    """How topics moved, how much traffic is novel, how much is covered; what could not be measured says why."""
    return _topics(report), _novelty(report), _coverage(report)


def tally_of(report: Report) -> str:
    """How many checks ended how, and the exit code: `3 failed, 2 warned, 8 passed; exit code 1`."""
    words = {"fail": "failed", "warn": "warned", "pass": "passed", "waived": "waived", "skip": "not measured"}
    counts = {word: sum(finding.status == status for finding in report.finding_rows) for status, word in words.items()}
    said = [f"{n} {word}" for word, n in counts.items() if n]
    return f"{', '.join(said) or 'no checks ran'}; exit code {int(report.exit_code)}"


def _pass_rate(report: Report) -> tuple[str, ...]:
    rate = report.scores.pass_rate
    if rate is None:
        return NOT_KNOWN, "no run read" if not report.inputs.runs else "no scored case"
    return percent(rate.value), f"{interval(rate.low, rate.high, percent_number)} %", count(rate.n, "case")


def _satisfaction(report: Report) -> tuple[str, ...]:
    rate = report.scores.satisfaction
    if rate is None:
        return NOT_KNOWN, "no ratings" if not report.inputs.production.n_rated else "too few ratings"
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
        return NOT_KNOWN, f"no {' and no '.join(missing)}" if missing else "not measured"
    side = "score above users" if gap.value >= 0 else "score below users"
    return points(gap.value), interval(gap.low, gap.high, points_number), side


def _restated(report: Report) -> tuple[str, ...]:
    restated = report.scores.restated_pass_rate
    if restated is None:
        return NOT_KNOWN, "needs a scored run" if report.scores.pass_rate is None else "not measured"
    lines = [percent(restated.value), f"{interval(restated.low, restated.high, percent_number)} %"]
    if restated.uncovered_share > 0:
        lines += [
            f"{percent(restated.uncovered_share)} untested:",
            f"{percent_number(restated.worst)} to {percent(restated.best)}",
        ]
    return tuple(lines)


def _topics(report: Report) -> Drift:
    drift, check = report.scores.divergence, "topic-divergence"
    if drift is None:
        return Drift("topics", "not known:", why_not(report, check), check)
    p = p_value(drift.p_value)
    ends = interval(drift.low, drift.high, bound_of("nats"))
    if drift.excess <= 0 or drift.p_value > ALPHA:
        return Drift("topics", "no drift", f"beyond chance (p {p})", check, f"{ends} nats")
    said = f"excess KL(P||Q) {number(drift.excess)} nats ({ends}), p {p}"
    return Drift("topics", "moved:", said, check, f"{ends} nats")


def _novelty(report: Report) -> Drift:
    novelty, check = report.scores.novelty, "novel-traffic"
    if novelty is None:
        return Drift("novelty", "not known:", why_not(report, check), check)
    more = f"{points(novelty.excess)} more" if novelty.excess > 0 else "no more"
    said = f"of traffic is unlike any case: {more} than chance (p {p_value(novelty.p_value)})"
    return Drift("novelty", percent(novelty.share), said, check)


def _coverage(report: Report) -> Drift:
    cover, check = report.scores.coverage, "slice-coverage"
    if cover is None:
        return Drift("coverage", "not known:", why_not(report, check), check)
    ends = interval(cover.low, cover.high, percent_number)
    said = f"of traffic ({ends}) is in slices that the eval set covers"
    return Drift("coverage", percent(cover.value), said, check, f"{ends} %")


def why_not(report: Report, check: str) -> str:
    """Why a number is not known, in the words of the check that measures it."""
    reasons = (f.reason for f in report.finding_rows if f.name == check and f.status is FindingStatus.SKIP)
    return next(reasons, "") or "not measured"
