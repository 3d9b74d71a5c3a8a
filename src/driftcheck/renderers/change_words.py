"""What has changed since the last audit, the same in every output: each number then and now, and each check's status.

Plain text, not made safe: the output that prints it escapes what it must.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from driftcheck.findings import FindingStatus
from driftcheck.numbers import UNKNOWN, number, percent, points
from driftcheck.report import Report
from driftcheck.scores import Estimate, RestatedPassRate, Scores


@dataclass(frozen=True)
class Change:
    """A headline number then and now: `users`, `86 %`, `81 %`, `-5 points`."""

    name: str
    then: str
    now: str
    difference: str
    """Now minus then; a dash where one of them is not known."""


@dataclass(frozen=True)
class StatusChange:
    """A check that ended otherwise than last time."""

    code: str
    name: str
    then: FindingStatus
    now: FindingStatus


_BADNESS = {
    FindingStatus.PASS: 0,
    FindingStatus.WAIVED: 1,
    FindingStatus.SKIP: 2,
    FindingStatus.WARN: 3,
    FindingStatus.FAIL: 4,
}


@dataclass(frozen=True)
class _Number:
    name: str
    value_of: Callable[[Scores], float | None]
    write: Callable[[float], str]
    write_difference: Callable[[float], str]


def _value(score: Estimate | RestatedPassRate | None) -> float | None:
    return None if score is None else score.value


def _nats(value: float) -> str:
    return f"{number(value)} nats"


_NUMBERS = (
    _Number("eval score", lambda scores: _value(scores.pass_rate), percent, points),
    _Number("users", lambda scores: _value(scores.satisfaction), percent, points),
    _Number("gap", lambda scores: _value(scores.gap), points, points),
    _Number(
        "score on traffic",
        lambda scores: _value(scores.restated_pass_rate),
        percent,
        points,
    ),
    _Number(
        "topics: excess KL(P||Q)", lambda scores: scores.divergence.excess if scores.divergence else None, _nats, _nats
    ),
    _Number("novelty", lambda scores: scores.novelty.share if scores.novelty else None, percent, points),
    _Number("coverage", lambda scores: _value(scores.coverage), percent, points),
)


def changes_of(report: Report) -> tuple[Change, ...]:
    """Each headline number that is known now or was known at the last audit; none without one."""
    if not report.past:
        return ()
    changes = []
    for one in _NUMBERS:
        then, now = one.value_of(report.past[-1].scores), one.value_of(report.scores)
        if then is None and now is None:
            continue
        difference = UNKNOWN
        if then is not None and now is not None:
            difference = _signed(now - then, one.write_difference)
        changes.append(
            Change(
                one.name,
                UNKNOWN if then is None else one.write(then),
                UNKNOWN if now is None else one.write(now),
                difference,
            )
        )
    return tuple(changes)


def status_changes_of(report: Report) -> tuple[StatusChange, ...]:
    """Checks whose status changed since the last audit: newly failing first, then what got worse, then what mended."""
    if not report.past:
        return ()
    before = report.past[-1].findings
    changes = [
        StatusChange(finding.code, finding.name, before[finding.name].status, finding.status)
        for finding in report.finding_rows
        if finding.name in before and before[finding.name].status is not finding.status
    ]

    def urgency(change: StatusChange) -> tuple[bool, bool, int]:
        worse = _BADNESS[change.now] > _BADNESS[change.then]
        return change.now is not FindingStatus.FAIL, not worse, -_BADNESS[change.now]

    return tuple(sorted(changes, key=urgency))


def _signed(difference: float, write: Callable[[float], str]) -> str:
    said = write(difference)
    if said.startswith("0 "):
        return "same"
    return f"+{said}" if difference > 0 and said[0].isdigit() else said
