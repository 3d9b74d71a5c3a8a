"""How much each slice needs cases: its traffic, how uncovered that is, and how dissatisfied its users are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.checks.slice_rows import label_of
from driftcheck.comparison import Comparison
from driftcheck.proposals import Proposal
from driftcheck.refresh_report import SliceNeed
from driftcheck.refreshing.spreading import Floats, local_ratio
from driftcheck.scores import Estimate
from driftcheck.slices.partition import Coverage
from driftcheck.stats.intervals import Interval

PRIOR_RATINGS = 10.0
"""Rated sessions at the overall rate that each slice is given: a slice of few ratings is hardly told from the rest."""
HARDLY_NEARBY = 0.4
"""Share of the cases due near a trace, up to which hardly any are there: 2 of 6, by chance at one trace in 16."""


@dataclass(frozen=True)
class Need:
    """One slice, and what it needs."""

    id: str
    name: str
    coverage: Coverage
    under_covered: bool
    n_cases: int
    n_pending: int
    """Proposed before, and neither accepted nor thrown away."""
    share_eval: float
    share_production: float
    short: float
    """How far its share of the set lies below its share of traffic: 0 at parity, 1 without a case."""
    unlike: float
    """Share of its traffic that has no case nearby, 0..1."""
    satisfaction: Interval | None
    """None where nobody rated."""
    dissatisfaction: float
    """Share of bad ratings, shrunk to that of all; 1 where nobody rated anything."""
    n_short: int
    """Cases until its share of the set is its share of traffic."""
    n_unlike: int
    """Cases until the traffic without one nearby has its share of the set."""

    n_unknown: int
    """Cases that are missing beyond those until its pass rate is known to +-10 points."""

    @property
    def weight(self) -> float:
        """Traffic times uncovered times dissatisfaction; where nothing is under-covered, of traffic without a case."""
        return self.share_production * (self.short if self.under_covered else self.unlike) * self.dissatisfaction

    @property
    def n_first(self) -> int:
        """Cases that it gets by that weight."""
        return self.n_short if self.under_covered else self.n_unlike

    @property
    def thin_weight(self) -> float:
        """The same where its pass rate stays hardly known.

        Uncovered then is how far a thin slice lies below its share, though not by more than chance, or what an
        under-covered one lacks still to be known.
        """
        if self.under_covered:
            uncovered = self.n_unknown / max(self.n_cases + self.n_pending + self.n_short + self.n_unknown, 1)
        else:
            uncovered = self.short if self.coverage == "thin" else 0.0
        return self.share_production * uncovered * self.dissatisfaction

    @property
    def n_thin(self) -> int:
        """Cases that it gets by that weight."""
        return self.n_unknown if self.under_covered else self.n_short


@dataclass(frozen=True)
class Needs:
    """Every slice, and what lies around every trace."""

    slices: tuple[Need, ...]
    """In the order of the partition."""
    slice_of_trace: NDArray[np.int32]
    """(n_traces,)."""
    bare: NDArray[np.bool_]
    """Traces that have none of the cases due near them, (n_traces,)."""
    scarce: NDArray[np.bool_]
    """Traces that have none or hardly any, (n_traces,)."""


def find_needs(comparison: Comparison, pending: Floats, trace_ids: Sequence[str | None] = ()) -> Needs:
    """What each slice needs.

    Args:
        comparison: the set against production.
        pending: cases that are proposed already, (n_pending, d): they count as if they were accepted.
        trace_ids: what each of them was taken from, where that is known.

    Raises:
        NotMeasurable: too few cases or sessions for slices.

    """
    partition = comparison.traffic.partition
    n_slices, n_traces = len(partition.slices), len(partition.slice_of_trace)
    waiting = np.bincount(_slices_of(comparison, pending, trace_ids), minlength=n_slices)
    n_set = comparison.eval_set.n_cases + len(pending)
    ratio = local_ratio(comparison.trace_vectors, np.concatenate([comparison.case_vectors, pending]))
    bare = ratio == 0
    dissatisfaction = _dissatisfaction(comparison)
    found = []
    for index, part in enumerate(partition.slices):
        n_bare = int(bare[partition.slice_of_trace == index].sum())
        n_cases, share = part.n_cases + int(waiting[index]), part.share_production
        n_short = max(0, part.cases_to_add - int(waiting[index])) if part.under_covered else _due(share, n_set, n_cases)
        found.append(
            Need(
                id=part.id,
                name=label_of(part),
                coverage=part.coverage,
                under_covered=part.under_covered,
                n_cases=part.n_cases,
                n_pending=int(waiting[index]),
                share_eval=part.share_eval,
                share_production=share,
                short=max(0.0, 1 - n_cases / n_set / share) if share else 0.0,
                unlike=n_bare / max(part.n_traces, 1),
                satisfaction=comparison.satisfaction_by_slice[index],
                dissatisfaction=float(dissatisfaction[index]),
                n_short=n_short,
                n_unlike=_due(n_bare / n_traces, n_set, 0),
                n_unknown=max(0, part.cases_to_know - int(waiting[index]) - n_short),
            )
        )
    return Needs(tuple(found), partition.slice_of_trace, bare=bare, scarce=ratio <= HARDLY_NEARBY)


def _slices_of(comparison: Comparison, pending: Floats, trace_ids: Sequence[str | None]) -> NDArray[np.int64]:
    """Slice of each pending case: that of its trace, or of the trace most like it, (n_pending,)."""
    slice_of_trace = comparison.traffic.partition.slice_of_trace
    row_of = {str(one): row for row, one in enumerate(comparison.production.sample["trace_id"])} if trace_ids else {}
    rows = [row_of.get(one) if one is not None else None for one in trace_ids or [None] * len(pending)]
    found = [
        int(np.argmax(comparison.trace_vectors @ vector)) if row is None else row
        for row, vector in zip(rows, pending, strict=True)
    ]
    return slice_of_trace[found].astype(np.int64) if found else np.zeros(0, dtype=np.int64)


def _due(share: float, n_set: int, n_cases: int) -> int:
    """Cases until `n_cases` are `share` of the set that has them."""
    return max(0, math.ceil((share * n_set - n_cases) / max(1 - share, 0.01) - 1e-9))


def _dissatisfaction(comparison: Comparison) -> NDArray[np.float64]:
    """Share of bad ratings by slice, shrunk to the overall one; 1 everywhere where nobody rated, (n_slices,)."""
    by_slice = comparison.satisfaction_by_slice
    n = np.array([one.n if one else 0.0 for one in by_slice])
    bad = np.array([(1 - one.value) * one.n if one else 0.0 for one in by_slice])
    if not n.sum():
        return np.ones(len(by_slice))
    # Jeffreys' half keeps a product without a single bad rating from needing nothing at all
    overall = (bad.sum() + 0.5) / (n.sum() + 1)
    return np.asarray((bad + PRIOR_RATINGS * overall) / (n + PRIOR_RATINGS))


def told(needs: Needs, proposals: Sequence[Proposal]) -> tuple[SliceNeed, ...]:
    """Needs as they are told, the most needy slice first."""
    n_proposed = Counter(proposal.slice_id for proposal in proposals)

    def row(need: Need) -> SliceNeed:
        rated = need.satisfaction
        return SliceNeed(
            id=need.id,
            name=need.name,
            coverage=need.coverage,
            n_cases=need.n_cases,
            n_pending=need.n_pending,
            share_eval=need.share_eval,
            share_production=need.share_production,
            uncovered=need.short if need.under_covered else max(need.unlike, need.short * (need.coverage == "thin")),
            satisfaction=Estimate(rated.value, rated.low, rated.high, rated.n) if rated else None,
            need=max(need.weight, need.thin_weight),
            n_proposed=n_proposed[need.id],
        )

    first = sorted(
        needs.slices,
        key=lambda need: (not need.under_covered, -max(need.weight, need.thin_weight), -need.share_production, need.id),
    )
    return tuple(row(need) for need in first)
