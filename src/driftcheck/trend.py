"""What `driftcheck trend` found: score, divergence and satisfaction over time, and what goes with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from driftcheck.records import Satisfaction
from driftcheck.report import ModelIdentity
from driftcheck.scores import Scores
from driftcheck.stats.rises import RankCorrelation


class Step(StrEnum):
    """What a row of the trend is."""

    WEEK = "week"
    AUDIT = "audit"


@dataclass(frozen=True)
class PointRun:
    """The run that a row's score was read off."""

    run_id: str
    time: float | None
    """Unix seconds."""
    model: str
    """Model or models; empty where the results do not say."""
    prompt: str
    is_own: bool
    """It was made in this row's time; else it is the last one before, whose score still stands."""


@dataclass(frozen=True)
class TrendPoint:
    """One row: a week, or an audit."""

    name: str
    """`2026-W14`, or the last day of the audit's window."""
    since: float | None
    """Unix seconds, inclusive."""
    until: float | None
    n_cases: int
    n_traces: int
    n_sessions: int
    n_embedded: int
    """Sessions whose texts were compared."""
    n_rated: int
    scores: Scores
    run: PointRun | None
    """None where no run had been made yet."""
    marks: tuple[str, ...] = ()
    """What changed since the row before: model, prompt, eval set; a refresh."""
    missing: str = ""
    """Why its traffic could not be compared."""

    @property
    def own_score(self) -> float | None:
        """Pass rate of a run of its own, 0..1; None where the score is carried over from an earlier row."""
        if self.scores.pass_rate is None or self.run is None or not self.run.is_own:
            return None
        return self.scores.pass_rate.value

    @property
    def time(self) -> float:
        """Where it stands on the line of time: its end, unix seconds; 0 where no trace carries a time."""
        return self.until if self.until is not None else 0.0


@dataclass(frozen=True)
class Lagged:
    """Rank correlation of score and satisfaction."""

    lag: int
    """Rows by which the score goes before satisfaction; 0 = the same row."""
    correlation: RankCorrelation
    p_adjusted: float
    """Its p by Holm over all lags."""


@dataclass(frozen=True)
class Reading:
    """One measure at both ends of a rise."""

    first: float
    """Mean of the first rows of the rise."""
    last: float
    """Mean of its last rows."""
    rise: float
    """Slope of Theil and Sen times the span of all rows."""
    p_value: float
    """Mann-Kendall over all rows, one-sided."""


@dataclass(frozen=True)
class JointRise:
    """The score rose while what it should show got worse."""

    since: str
    """Row from which on."""
    until: str
    score: Reading
    """Shares, 0..1."""
    gap: Reading | None
    """Pass rate minus satisfaction, points as 0..1; None where it was not measured or did not rise."""
    divergence: Reading | None
    """Excess KL(P||Q), nats; None where it was not measured or did not rise."""
    p_value: float
    """Of both rises by chance alone."""


@dataclass(frozen=True)
class Onset:
    """Since when traffic differs."""

    name: str | None
    """First row from which on it does; None where it does not at the end."""
    against: str
    """What it differs from, in words."""
    level: float
    """Chance of naming a row before the first that differs."""
    p_values: tuple[float | None, ...]
    """Of each row but the last with those before it being of one population with what they are held against; None
    where it was not told."""


@dataclass(frozen=True)
class Trend:
    """The bench over time: every renderer prints this and nothing else."""

    step: Step
    points: tuple[TrendPoint, ...]
    """Oldest first."""
    correlations: tuple[Lagged, ...]
    """By lag; none where there are too few rows."""
    joint_rise: JointRise | None
    onset: Onset | None
    """Since when traffic differs from the eval set (and the weeks before); None where it could not be told."""
    change: Onset | None
    """Since when traffic differs from its own first weeks, where it differed from the eval set from the start."""
    fall: Onset | None = None
    """Since when users are less satisfied than before; None where it could not be told."""
    above: str | None = None
    """Row since which the gap's interval lies above 0 in every row; None where it does not at the end."""
    not_measured: Mapping[str, str] = field(default_factory=dict)
    """What could not be told, and why."""
    warnings: tuple[str, ...] = ()
    satisfaction: Satisfaction | None = None
    model: ModelIdentity | None = None
    seed: int = 0
    n_recorded: int = 0
    """Weeks that were added to the ledger."""
