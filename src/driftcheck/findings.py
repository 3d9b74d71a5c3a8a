"""What a check measured, and what the policy made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from driftcheck.places import Place


class FindingStatus(StrEnum):
    """What the policy says of a measurement."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    WAIVED = "waived"


class Verdict(StrEnum):
    """The audit in one word."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    BLIND = "blind"


@dataclass(frozen=True)
class Thresholds:
    """Values from which a check warns and fails; None = never."""

    warn: float | None
    fail: float | None


@dataclass(frozen=True)
class Evidence:
    """One row behind a finding: the slice, language, error class or case that it is about."""

    label: str
    """What the row is about, as read by people: a slice's name, a language, an error class."""
    numbers: Mapping[str, float | str | None] = field(default_factory=dict)
    """Columns of the row, in order: header -> value (shares as 0..1)."""
    slice_id: str | None = None
    case_ids: tuple[str, ...] = ()
    trace_ids: tuple[str, ...] = ()
    contribution: float | None = None
    """What the row adds to the check's value, where the value is a sum over rows: a waived slice takes it away."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Texts of cases and traces to hold side by side: header -> text, not made safe; outputs show them only where they
    may show texts."""


@dataclass(frozen=True)
class Measurement:
    """What a check found, before any threshold: the value is badness, 0 = nothing wrong, larger = worse."""

    value: float
    summary: str
    """One plain sentence with the numbers that matter."""
    low: float | None = None
    """95 % interval of the value, where one is known."""
    high: float | None = None
    p_value: float | None = None
    """Probability of so large a value when nothing drifted; None where the check has no test."""
    n: Mapping[str, int] = field(default_factory=dict)
    """Sizes behind the value, by what they count (`cases`, `sessions`, `ratings`)."""
    evidence: tuple[Evidence, ...] = ()
    fix: str = ""
    """What to do next, as a command or one sentence."""
    is_beyond_threshold: bool = False
    """True where no value is 0 by itself (no two readers always agree), so that the interval is held against the
    threshold instead of 0: it has to lie above where the check warns."""
    only_evidence: str = ""
    """Why it is shown and neither warns nor blocks, whatever its value; empty where it may."""
    spread: float = 0.0
    """Standard error of the value where it is about as large as its threshold; 0 where nothing is sampled."""
    noticeable: float | None = None
    """Smallest value that would have been noticed 8 times in 10 at these sizes, in the unit of the check; None where no
    value would. A check says what chance alone leaves room for; judged, it also reaches the threshold."""
    could_have_noticed: str = ""
    """The same in words, beside every pass: "a new topic, from about 6 % of traffic on"."""


@dataclass(frozen=True)
class Finding:
    """A measurement held against its thresholds (or the reason why there is none)."""

    code: str
    name: str
    title: str
    status: FindingStatus
    unit: str
    warn: float | None
    fail: float | None
    measurement: Measurement | None
    """None where the check was skipped."""
    reason: str = ""
    """Why it was skipped, waived, or not held to be significant."""
    place: Place | None = None
    """Where drift.yaml sets the check's thresholds, or the file where it says nothing of it; None without one."""
    manual: str = ""
    """The check's manual, the docstring of its module: outputs that leave the machine take it along."""
    required: bool = False
    """drift.yaml demands that it can be measured: where it cannot, the audit is blind."""

    @property
    def blinds(self) -> bool:
        """Whether it is missing where drift.yaml demands it."""
        return self.required and self.status is FindingStatus.SKIP
