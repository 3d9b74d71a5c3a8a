"""The headline numbers of an audit, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or rate with its 95 % interval."""

    value: float
    low: float
    high: float
    n: float
    """Observations behind the value (sessions, cases, ratings), for rates."""


@dataclass(frozen=True, slots=True)
class RestatedPassRate:
    """Pass rate post-stratified to this week's traffic."""

    value: float
    low: float
    high: float
    worst: float
    """If every uncovered slice failed: lower 95 % limit."""
    best: float
    """If every uncovered slice passed: upper 95 % limit."""
    uncovered_share: float


@dataclass(frozen=True, slots=True)
class DivergenceScore:
    """KL(P||Q) in nats over topic slices, and what of it is more than chance."""

    kl: float
    null_mean: float
    excess: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class NoveltyScore:
    """Share of traffic farther from its nearest case than 95 % of cases are from each other."""

    share: float
    expected: float
    excess: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Scores:
    """The headline numbers; None where one could not be measured."""

    pass_rate: Estimate | None
    satisfaction: Estimate | None
    response_rate: float | None
    """Share of production traces that were rated."""
    gap: Estimate | None
    """Pass rate minus satisfaction."""
    restated_pass_rate: RestatedPassRate | None
    divergence: DivergenceScore | None
    novelty: NoveltyScore | None
    coverage: Estimate | None
    """Share of traffic in slices that the eval set covers or holds at least some cases of."""
