"""From readings to rates: thresholds at equal false alarms, shares of alarms with Wilson limits, who is ahead."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.benchmarks.peers.cells import Cell
from tests.benchmarks.peers.readings import Reading

from driftcheck.stats.intervals import Interval, wilson

LEVEL = 0.05
"""Rate of false alarms at which all tools are compared."""


class Standing(StrEnum):
    """Where one rate stands against another."""

    AHEAD = "ahead"
    LEVEL = "level"
    OVERLAP = "behind, intervals overlap"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Found:
    """How well slices meet what was planted, over the draws of some cells."""

    precision: float | None
    """Mean share of the flagged traces that are planted, over the draws in which any is flagged; None without one."""
    recall: float
    """Mean share of the planted traces that are flagged, over all draws: 0 where nothing is flagged."""
    n_flagging: int
    """Draws in which any trace is flagged."""
    n_draws: int


def threshold(null_scores: Sequence[float], level: float = LEVEL) -> float:
    """The score above which a further draw without drift lies with probability `level` at the most.

    The r-th largest of n scores, r = floor(level * (n + 1)): a new score exceeds it with probability r / (n + 1), the
    rule of Monte Carlo tests (Barnard 1963).

    >>> threshold([3.0, 1.0, 2.0, 4.0], level=0.4)
    3.0

    Raises:
        ValueError: there are too few scores for any to be exceeded that seldom.

    """
    rank = math.floor(level * (len(null_scores) + 1) + 1e-9)
    if rank < 1:
        raise ValueError(f"need more than {len(null_scores)} draws without drift for a level of {level}")
    return sorted(null_scores, reverse=True)[rank - 1]


def own_alarms(readings: Iterable[Reading]) -> Interval | None:
    """Share of alarms at the tool's own defaults; None without draws, or where it has no verdict."""
    verdicts = [reading.alarm for reading in readings if reading.alarm is not None]
    return wilson(sum(verdicts), len(verdicts)) if verdicts else None


def equal_alarms(readings: Sequence[Reading], null: Sequence[Reading], level: float = LEVEL) -> Interval | None:
    """Share of alarms at a rate of false alarms of `level`: p <= level where there is a valid p, else by `threshold`.

    None without draws, or where a tool without a p has fewer than 1 / level - 1 draws without drift.
    """
    if not readings:
        return None
    p_values = [reading.p_value for reading in readings if reading.p_value is not None]
    if len(p_values) == len(readings):
        return wilson(sum(p <= level for p in p_values), len(p_values))
    if (len(null) + 1) * level < 1 - 1e-9:
        return None
    limit = threshold([reading.score for reading in null], level)
    return wilson(sum(reading.score > limit for reading in readings), len(readings))


def standing(own: Interval, other: Interval) -> Standing:
    """Where `own` stands against `other`."""
    if own.value > other.value:
        return Standing.AHEAD
    if own.value == other.value:
        return Standing.LEVEL
    return Standing.OVERLAP if own.high >= other.low else Standing.BEHIND


def found(readings: Iterable[Reading], *, top: bool) -> Found | None:
    """Precision and recall by traces of the first slice, or of all flagged; None where the tool names no slices."""
    rows = []
    for reading in readings:
        flagged, hits = (
            (reading.n_top, reading.n_top_planted) if top else (reading.n_flagged, reading.n_flagged_planted)
        )
        if flagged is not None and hits is not None and reading.n_planted:
            rows.append((flagged, hits, reading.n_planted))
    if not rows:
        return None
    shares = [hits / flagged for flagged, hits, _ in rows if flagged]
    return Found(
        precision=sum(shares) / len(shares) if shares else None,
        recall=sum(hits / planted for _, hits, planted in rows) / len(rows),
        n_flagging=len(shares),
        n_draws=len(rows),
    )


def named(readings: Iterable[Reading], *, thin: bool) -> Interval | None:
    """Share of planted intents of 3 % of traffic or more whose slice is called uncovered (or thin); None without."""
    rows = [reading for reading in readings if reading.n_new_intents]
    total = sum(reading.n_new_intents or 0 for reading in rows)
    hits = sum((reading.n_named_thin if thin else reading.n_named_uncovered) or 0 for reading in rows)
    return wilson(hits, total) if total else None


@dataclass(frozen=True)
class Table:
    """All readings, by tool, dataset and cell."""

    rows: tuple[Reading, ...]

    @property
    def tools(self) -> list[str]:
        """Names of the tools that were run, driftcheck first."""
        return sorted(dict.fromkeys(row.tool for row in self.rows), key=lambda tool: tool != "driftcheck")

    def of(self, tool: str, dataset: str, cell: str) -> list[Reading]:
        """Readings of a tool on a cell."""
        return [row for row in self.rows if (row.tool, row.dataset, row.cell) == (tool, dataset, cell)]

    def power(self, tool: str, dataset: str, cell: Cell) -> Interval | None:
        """Share of draws noticed at equal false alarms."""
        return equal_alarms(self.of(tool, dataset, cell.name), self.of(tool, dataset, cell.null))
