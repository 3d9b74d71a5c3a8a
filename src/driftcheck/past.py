"""Earlier audits of the same eval set, as this one is held against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftcheck.findings import FindingStatus, Verdict
from driftcheck.scores import Scores


@dataclass(frozen=True, slots=True)
class PastFinding:
    """What a check found then."""

    status: FindingStatus
    value: float | None
    """In the check's unit; None where it was not measured."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PastAudit:
    """An earlier audit: its headline numbers."""

    name: str
    """What it is called: the end of its window, or the file that it was read from."""
    time: float | None
    """End of its window, unix seconds; None where no trace carried a time."""
    verdict: Verdict
    scores: Scores
    """What was not kept of it is None."""
    findings: Mapping[str, PastFinding] = field(default_factory=dict)
    """By the name of the check."""
    since: float | None = None
    """Start of its window, unix seconds; None where it is not known."""
