"""What `driftcheck power` found, carried to every output: false alarms, what is noticed from which size on, wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from driftcheck.report import ModelIdentity
from driftcheck.scores import Estimate

NOTICED = 0.8
"""Share of audits in which a drift has to raise the alarm for it to be called noticed (Cohen 1988)."""


class Drift(StrEnum):
    """What was planted."""

    NONE = "none"
    TOPIC = "topic"
    MIX = "mix"


@dataclass(frozen=True)
class PowerCell:
    """The draws of one kind, size of drift and size of eval set."""

    drift: Drift
    size: float
    """Share of traffic of a new topic, or nats of a mix shift; 0 without drift."""
    n_cases: int
    n_sessions: float
    """Sessions of pseudo production, mean over the draws."""
    n_draws: int
    alarms: Estimate
    """Share of draws in which any blocking check failed, Wilson interval; `n` counts the draws."""
    alarms_by_check: Mapping[str, int]
    """Draws in which each of the blocking checks failed."""
    fitted: float | None
    """What the curve says of the same cell; None without drift."""


@dataclass(frozen=True)
class CurvePoint:
    """A point of a fitted curve."""

    size: float
    power: float
    """Share of audits with an alarm, 0..1."""
    low: float
    high: float


@dataclass(frozen=True)
class Noticed:
    """From which size on a drift is noticed with a number of cases."""

    drift: Drift
    n_cases: int
    n_sessions: int
    """Sessions that the tests would use at that number of cases."""
    size: float | None
    """Smallest size with an alarm in NOTICED of audits; None where none looked for is, or without draws."""
    low: float | None
    """95 % interval of `size`."""
    high: float | None
    """None where the interval has no end."""
    n_draws: int
    """Draws at this number of cases; the curve borrows from those at others."""
    n_draws_fitted: int
    """Draws behind the curve."""
    extrapolated: bool
    """True where the number of cases lies outside of those that were drawn."""
    curve: tuple[CurvePoint, ...]
    """Empty without draws."""


@dataclass(frozen=True)
class TopicWish:
    """What it takes to notice a new topic."""

    share: float
    """Share of traffic of the topic."""
    n_cases: int | None
    """Smallest number of cases with which it is noticed; None where no number will do."""
    low: int | None
    high: int | None
    """95 % interval of `n_cases`; None where it has no end."""
    n_sessions: int | None
    """Sessions needed at that number of cases."""
    more_sessions: bool
    """True where the sessions there are would not do, with any number of cases."""
    extrapolated: bool


@dataclass(frozen=True)
class ExampleTopic:
    """A topic that was taken out."""

    name: str
    """Terms that set it apart."""
    share: float
    """Share of the sample."""
    n_sessions: int
    n_draws: int
    n_alarms: int


@dataclass(frozen=True)
class TrafficPower:
    """What the checks of traffic notice."""

    checks: tuple[str, ...]
    """Names of the checks whose failure is an alarm."""
    n_pool: int
    """Sessions from which the splits were drawn."""
    false_alarms: Estimate
    """Share of undrifted splits with an alarm, over all sizes."""
    false_alarms_by_check: Mapping[str, int]
    cells: tuple[PowerCell, ...]
    noticed: tuple[Noticed, ...]
    """New topics, then mix shifts, by number of cases."""
    wish: TopicWish | None
    """None where none was made, or no draw had a new topic."""
    topics: tuple[ExampleTopic, ...]
    """Topics that were taken out most often."""


@dataclass(frozen=True)
class GapCell:
    """How often a gap is noticed with a number of ratings."""

    gap: float
    """Pass rate minus satisfaction, as it truly is."""
    n_ratings: int
    power: float
    """Exact, 0..1."""


@dataclass(frozen=True)
class GapNeed:
    """What it takes to notice a gap."""

    gap: float
    power: float
    """With the cases and ratings there are."""
    n_ratings: int | None
    """Ratings needed with the cases there are; None where no number will do."""
    n_cases: int | None
    """Cases needed with the ratings there are; None where no number will do."""


@dataclass(frozen=True)
class GapPower:
    """What the comparison of score and users notices."""

    fail: float
    """Gap from which the check fails at the earliest."""
    pass_rate: float
    n_cases: int
    """Cases with an outcome."""
    n_ratings: int
    design_effect: float
    """Ratings that say as much as one independent one, 1 or more."""
    smallest: float | None
    """Smallest gap that is noticed; None where none up to the pass rate is."""
    cells: tuple[GapCell, ...]
    needs: tuple[GapNeed, ...]


@dataclass(frozen=True)
class PowerReport:
    """The whole."""

    seed: int
    model: ModelIdentity
    eval_set: str
    production: str
    n_cases: int
    n_sessions: int
    """Sessions of production that were sampled."""
    n_draws: int
    """Simulated audits."""
    traffic: TrafficPower | None
    traffic_reason: str
    """Why there is none; empty where there is."""
    gap: GapPower | None
    gap_reason: str
    sentences: tuple[str, ...]
    """The answers in words, most important first."""
    notes: tuple[str, ...]
    """What to know of how they were found."""
