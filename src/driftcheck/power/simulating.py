"""The draws: which splits are made, in which sizes, and what the gate says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftcheck.power.curves import Curve, Observed, fit_curve
from driftcheck.power.gate import Gate, Outcome
from driftcheck.power.splits import Split, needed_members, new_topic, shifted_mix, undrifted
from driftcheck.power.topics import Topics
from driftcheck.power_report import Drift
from driftcheck.sizes import MIN_CASES, MIN_SESSIONS
from driftcheck.slices.space import TRACES_PER_CASE
from driftcheck.watching import Watcher

LADDER = (50, 100, 200, 300, 500, 1_000)
"""Numbers of cases that are told of, besides the user's own."""
SHARES = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.20)
NATS = (0.02, 0.05, 0.1, 0.2, 0.4)
MOST_SESSIONS = 3_000
"""Sessions of a pseudo production: at twice as many a draw takes twice as long and shows the same."""
ROUNDS = 4
_RATIOS = (5, TRACES_PER_CASE)
_LEAST_WEIGHT = 0.03
"""Of a cell whose outcome the curve takes as known, against 1/4 of one that is open: the curve may be wrong."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Draw:
    """One simulated audit."""

    drift: Drift
    size: float
    """Share of traffic of the new topic, or nats; 0 without drift."""
    n_cases: int
    n_sessions: int
    topic: int | None
    """Index into `Topics.members` of the topic taken out."""
    outcome: Outcome

    @property
    def observed(self) -> Observed:
        """The draw as a curve sees it."""
        return Observed(self.size, self.n_cases, self.n_sessions, self.outcome.significant, bool(self.outcome.failed))


def told_sizes(n_cases: int) -> tuple[int, ...]:
    """Numbers of cases to tell of: the user's own and round ones.

    >>> told_sizes(120)
    (50, 100, 120, 200, 300, 500, 1000)
    """
    return tuple(sorted({*LADDER, max(n_cases, MIN_CASES)}))


def drawn_sizes(n_cases: int, n_pool: int) -> tuple[int, ...]:
    """Numbers of cases to simulate: those that the pool allows, up to twice the user's own, at most five.

    >>> drawn_sizes(120, 10_000), drawn_sizes(300, 500), drawn_sizes(60, 155), drawn_sizes(40, 120)
    ((50, 120, 200, 300), (50, 100, 200), (50,), ())
    """
    own = max(n_cases, MIN_CASES)
    fits = [n for n in told_sizes(n_cases) if n_pool - n >= max(MIN_SESSIONS, n)]
    if n_pool - MIN_CASES >= MIN_SESSIONS and not fits:
        fits = [MIN_CASES]
    # a round number next to the user's own says nothing new, unless the pool is too small for the latter
    apart = [n for n in fits if n == own or own not in fits or not 0.75 <= n / own <= 1.34]
    small = [n for n in apart if n <= max(2 * own, 300)]
    return tuple(small[-5:])


def sessions_used(n_cases: int, n_sessions: int) -> int:
    """Sessions that the tests use of those there are."""
    return min(n_sessions, TRACES_PER_CASE * n_cases)


@dataclass
class Simulation:
    """Draws splits of one production and audits them. Same inputs and seed, same draws."""

    gate: Gate
    topics: Topics
    sizes: tuple[int, ...]
    """Numbers of cases, see `drawn_sizes`."""
    scales: dict[Drift, float]
    """Size at which a drift reaches the thresholds, about: see `curves.fit_curve`."""
    seed: int
    watcher: Watcher

    def run(self, n_draws: int) -> tuple[Draw, ...]:
        """Make all draws: a quarter without drift, half with new topics, a quarter with shifted mixes.

        The first of ROUNDS of those with drift is spread evenly; the others go where the curve so far is least sure
        whether the alarm is raised, since a drift that is always or never noticed tells little of where the edge is.
        """
        self._done, self._total = 0, n_draws
        quarter = n_draws // 4
        parts_of = {Drift.NONE: quarter, Drift.TOPIC: n_draws - 2 * quarter, Drift.MIX: quarter}
        draws: list[Draw] = []
        for drift, sizes in ((Drift.NONE, (0.0,)), (Drift.TOPIC, SHARES), (Drift.MIX, NATS)):
            cells = [(size, n_cases) for n_cases in self.sizes for size in sizes]
            rng = np.random.default_rng([self.seed, 202, list(Drift).index(drift)])
            n = parts_of[drift]
            parts = [n] if drift is Drift.NONE else [len(part) for part in np.array_split(np.arange(n), ROUNDS)]
            own = self._draw_cells(drift, _spread(cells, parts[0], rng), rng)
            for part in parts[1:]:
                curve = fit_curve([draw.observed for draw in own], self.scales[drift])
                own += self._draw_cells(drift, self._open_cells(curve, cells, part, rng), rng)
            draws += own
        return tuple(draws)

    def _open_cells(
        self, curve: Curve, cells: Sequence[tuple[float, int]], n: int, rng: np.random.Generator
    ) -> list[tuple[float, int]]:
        size, n_cases = (np.array(column, dtype=np.float64) for column in zip(*cells, strict=True))
        power = curve.power(size, n_cases, np.minimum(TRACES_PER_CASE * n_cases, MOST_SESSIONS))
        weight = np.maximum(power * (1 - power), _LEAST_WEIGHT)
        return [cells[i] for i in rng.choice(len(cells), n, p=weight / weight.sum())]

    def _draw_cells(self, drift: Drift, cells: Sequence[tuple[float, int]], rng: np.random.Generator) -> list[Draw]:
        draws = []
        for number, (size, n_cases) in enumerate(cells):
            n_sessions = min(_RATIOS[number % len(_RATIOS)] * n_cases, MOST_SESSIONS)
            split, topic = self._split(drift, size, n_cases, max(n_sessions, MIN_SESSIONS), rng)
            if split is not None:
                outcome = self.gate.audit(split, int(rng.integers(2**31)))
                draws.append(Draw(drift, size, n_cases, len(split.sessions), topic, outcome))
            self._done += 1
            self.watcher.step(self._done, self._total)
        return draws

    def _split(
        self, drift: Drift, size: float, n_cases: int, n_sessions: int, rng: np.random.Generator
    ) -> tuple[Split | None, int | None]:
        """Make a split of that kind, with fewer sessions where the pool has too few; None where it has none of it."""
        n_pool = len(self.gate.vectors)
        n_sessions = min(n_sessions, n_pool - n_cases)
        if drift is Drift.NONE:
            return undrifted(n_pool, n_cases, n_sessions, rng), None
        if drift is Drift.TOPIC:
            # rather fewer sessions than a topic so broad that it is several
            n_sessions = min(n_sessions, max(MIN_SESSIONS, n_cases, self.topics.most_sessions(size)))
        for _ in range(_TRIES):
            if drift is Drift.TOPIC:
                topic = self.topics.choose(needed_members(size, n_sessions), rng)
                if topic is not None:
                    members = self.topics.members[topic]
                    split = new_topic(n_pool, members, n_cases, n_sessions, size, rng)
                    if split is not None:
                        return split, topic
            else:
                mix = self.topics.mixes[int(rng.integers(len(self.topics.mixes)))]
                split = shifted_mix(mix, n_cases, n_sessions, size, rng)
                if split is not None and len(split.sessions) >= MIN_SESSIONS:
                    return split, None
            n_sessions = max(MIN_SESSIONS, n_sessions * 2 // 3)
        return None, None


def _spread(cells: Sequence[tuple[float, int]], n: int, rng: np.random.Generator) -> list[tuple[float, int]]:
    """`n` cells, each as often as the others, give or take one."""
    order: list[tuple[float, int]] = []
    while len(order) < n:
        order += [cells[i] for i in rng.permutation(len(cells))]
    return order[:n]
