"""What `driftcheck investigate` found: satisfaction's change taken apart, what moved in traffic, what to read first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from driftcheck.records import LoadReport, Satisfaction
from driftcheck.report import ModelIdentity
from driftcheck.scores import Estimate


class Movement(StrEnum):
    """How a share of traffic moved between the two windows."""

    APPEARED = "appeared"
    GREW = "grew"
    STEADY = "steady"
    SHRANK = "shrank"
    VANISHED = "vanished"


@dataclass(frozen=True)
class Span:
    """One of the two windows as it was read."""

    name: str
    """As it was asked for: `2026-W45`, `2026-11-02 to 2026-11-08`."""
    since: float
    """Unix seconds, inclusive."""
    until: float
    """Unix seconds, inclusive."""
    n_traces: int
    n_sessions: int
    n_embedded: int
    """Sessions of the uniform sample that shares are counted on."""
    n_rated: int
    """Rated sessions that satisfaction is taken apart on."""


@dataclass(frozen=True)
class Difference:
    """After minus before, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Parts:
    """The two parts of satisfaction's change with their 95 % intervals, and what of the mix may be within slices."""

    mix: Difference
    within: Difference
    mix_of_unrated: float
    """Part of the mix that comes from slices without a rating in one of the windows: all of theirs counts as mix."""


@dataclass(frozen=True)
class SliceChange:
    """A slice of the traffic of both windows together. Shares and rates are 0..1."""

    id: str
    name: str
    terms: tuple[str, ...]
    movement: Movement
    n_before: int
    """Sampled sessions."""
    n_after: int
    share_before: float
    share_after: float
    share_change: Difference
    p_adjusted: float
    """Of its share having moved, family-wise over all slices."""
    satisfaction_before: Estimate | None
    """None where nobody rated."""
    satisfaction_after: Estimate | None
    mix: float | None
    """What its changed share of ratings did to satisfaction, 0..1; None without ratings in both windows."""
    within: float | None
    """What its changed satisfaction did."""
    n_cases: int | None
    """Cases of the eval set in it; None without an eval set."""
    pass_rate: Estimate | None
    """Of these cases in the latest run."""
    case_ids: tuple[str, ...]
    """Nearest to its traffic first."""
    trace_ids: tuple[str, ...]
    """Traces to read, worst rated first, then most central."""

    @property
    def effect(self) -> float | None:
        """What it did to satisfaction in all: negative = it made the week worse."""
        return None if self.mix is None or self.within is None else self.mix + self.within


@dataclass(frozen=True)
class Mover:
    """A value of a field whose share of traffic moved: an error class, a model, a language, a length."""

    field: str
    """`error`, `model`, `language`, `length`, or a declared slice column."""
    value: str
    movement: Movement
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    share_change: Difference
    p_adjusted: float
    """Fisher's exact test, Holm over all values of all fields."""
    satisfaction_after: Estimate | None
    """Of its rated sessions in the week."""


@dataclass(frozen=True)
class FirstTrace:
    """A trace to read, and why."""

    trace_id: str
    slice_id: str
    satisfied: float | None
    """Share of its session's ratings that are good; None where unrated."""
    nearest_case: str | None
    """Case of the eval set that is most like it; None without an eval set."""
    similarity: float | None
    """Cosine to that case."""
    text: str
    """What was embedded (terminal only, unless `--text`)."""


@dataclass(frozen=True)
class Investigation:
    """A week held against a baseline: every renderer prints this and nothing else."""

    sentence: str
    week: Span
    baseline: Span
    before: Estimate | None
    """Satisfaction of the baseline's rated sessions; None without ratings."""
    after: Estimate | None
    """Of the week's."""
    change: Difference | None
    p_value: float | None
    """Of satisfaction having changed at all, two-sided."""
    mix: float | None
    """Part of the change that comes from what people asked; `mix + within` is the change, exactly."""
    within: float | None
    """Part that comes from how well they were served."""
    parts: Parts | None
    """How sure the two parts are; None without them."""
    slices: tuple[SliceChange, ...]
    """Worst effect on satisfaction first; without ratings, most grown first."""
    movers: tuple[Mover, ...]
    """Significant ones, largest change of share first."""
    n_compared: int
    """Values of fields that were compared, significant or not."""
    first_traces: tuple[FirstTrace, ...]
    not_measured: Mapping[str, str] = field(default_factory=dict)
    """Parts that could not be measured, and why."""
    warnings: tuple[str, ...] = ()
    satisfaction: Satisfaction | None = None
    reports: tuple[LoadReport, ...] = ()
    model: ModelIdentity | None = None
    seed: int = 0
