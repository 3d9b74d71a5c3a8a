"""All usable traces in the order in which they would become cases.

First, by need, the slices that are under-covered and the parts of others that no case is near; then thin slices below
their share; then all slices by their traffic. Whose turn it is goes by the divisors 1, 3, 5, ... (Sainte-Laguë), so
that every beginning of the list is as good a share as whole cases can be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.comparison import SIMILAR
from driftcheck.proposals import Why
from driftcheck.refreshing.needs import Need, Needs
from driftcheck.refreshing.spreading import Floats, farthest_first, nearness

MOST_OF_A_SLICE = 2_000
"""Traces of a slice that are laid out; of more, the first, which are a uniform sample."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One trace in the ranking."""

    row: int
    """Row of the sample."""
    slice: int | None
    """Index into the partition; None where there are no slices."""
    why: Why


@dataclass(frozen=True, slots=True)
class _Pool:
    """Traces of a slice that wait for their turn."""

    slice: int
    why: Why
    weight: float
    limit: int
    rows: Sequence[int]


class Ranking:
    """Takes traces one after another, none near a case or near another.

    Args:
        vectors: unit embeddings of the sampled sessions, (n_traces, d).
        known: those of the cases and of what is proposed already, (n_known, d).
        usable: traces that may become a case, (n_traces,).
        limit: most traces to rank.

    """

    def __init__(self, vectors: Floats, known: Floats, usable: NDArray[np.bool_], limit: int) -> None:
        self._vectors = vectors
        self._similarity = nearness(vectors, known)
        self.n_near = int((usable & (self._similarity >= SIMILAR)).sum())
        self._free = usable & (self._similarity < SIMILAR)
        self._limit = limit
        self._among = np.ones(len(vectors), dtype=bool)
        self.ranked: list[Ranked] = []

    def by_need(self, needs: Needs, slices: Collection[str]) -> None:
        """Rank by slice; `slices` limits it to these ids, where there are any."""
        chosen = [index for index, need in enumerate(needs.slices) if not slices or need.id in slices]
        self._among = np.isin(needs.slice_of_trace, chosen)

        def here(index: int) -> NDArray[np.bool_]:
            return np.equal(needs.slice_of_trace, index)

        def first(index: int, need: Need) -> _Pool:
            if need.under_covered:
                rows = self._order(here(index) & needs.bare, here(index) & needs.scarce, here(index))
                return _Pool(index, Why.UNCOVERED, need.weight, need.n_first, rows)
            return _Pool(index, Why.UNLIKE, need.weight, need.n_first, self._order(here(index) & needs.bare))

        def thin(index: int, need: Need) -> _Pool:
            rows = self._order(here(index) & needs.scarce, here(index))
            return _Pool(index, Why.THIN, need.thin_weight, need.n_thin, rows)

        def rest(index: int, need: Need) -> _Pool:
            rows = self._order(here(index))
            return _Pool(index, Why.PROPORTIONAL, need.share_production, len(rows), rows)

        for make in (first, thin, rest):
            self._deal(needs, chosen, make)

    @property
    def n_left(self) -> int:
        """Traces that could have been ranked behind the limit."""
        return int((self._free & self._among).sum())

    def by_chance(self) -> None:
        """Rank without slices: the order of the sample, which is that of a hash."""
        for row in range(len(self._vectors)):
            if len(self.ranked) >= self._limit:
                break
            self._take(row, None, Why.PROPORTIONAL)

    def _deal(self, needs: Needs, slices: Sequence[int], make: Callable[[int, Need], _Pool]) -> None:
        left = self._limit - len(self.ranked)
        pools = [make(index, needs.slices[index]) for index in slices] if left > 0 else []
        pools = [pool for pool in pools if pool.weight > 0 and pool.limit > 0]
        at, taken = [0] * len(pools), [0] * len(pools)
        while len(self.ranked) < self._limit:
            waiting = [
                number
                for number, pool in enumerate(pools)
                if taken[number] < pool.limit and at[number] < len(pool.rows)
            ]
            if not waiting:
                break
            turn = max(waiting, key=lambda number: (pools[number].weight / (2 * taken[number] + 1), -number))
            row = pools[turn].rows[at[turn]]
            at[turn] += 1
            taken[turn] += self._take(row, pools[turn].slice, pools[turn].why)

    def _order(self, *groups: NDArray[np.bool_]) -> list[int]:
        """Rows that are free still, farthest first: those of one group after all of the group before."""
        order: list[int] = []
        left = self._free.copy()
        for group in groups:
            rows = np.flatnonzero(group & left)[:MOST_OF_A_SLICE]
            left[rows] = False
            limit = self._limit - len(self.ranked) - len(order)
            if len(rows) and limit > 0:
                there = np.maximum(self._similarity[rows], nearness(self._vectors[rows], self._vectors[order]))
                order += [int(rows[number]) for number in farthest_first(self._vectors[rows], there, limit)]
        return order

    def _take(self, row: int, index: int | None, why: Why) -> bool:
        """Rank a trace, unless one like it came before it in another slice."""
        if not self._free[row]:
            return False
        self._free[row] = False
        alike = self._vectors @ self._vectors[row]
        self._similarity = np.maximum(self._similarity, alike)
        self._free &= alike < SIMILAR
        self.ranked.append(Ranked(row, index, why))
        return True
