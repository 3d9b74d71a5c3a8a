"""What the checks of traffic notice: simulated audits, the curves through them, and what is read off these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from driftcheck.policy import Plan
from driftcheck.power.curves import Curve, fit_curve
from driftcheck.power.gate import Gate
from driftcheck.power.simulating import NATS, SHARES, Draw, Simulation, drawn_sizes, sessions_used, told_sizes
from driftcheck.power.topics import Topics, grow_topics
from driftcheck.power.wishes import curve_points, needed_for_topic, smallest_noticed
from driftcheck.power_report import Drift, ExampleTopic, Noticed, PowerCell, TrafficPower
from driftcheck.scores import Estimate
from driftcheck.slices.names import name_slices
from driftcheck.stats.intervals import wilson
from driftcheck.watching import Watcher

LARGEST_SHARE = 0.6
"""Largest share of a new topic, and largest shift in nats, that is looked for."""
LARGEST_NATS = 2.0
_SMALLEST = 0.002
_N_POINTS = 41
_N_EXAMPLES = 8
_TEXTS_FOR_NAMES = 200


def measure_traffic_power(
    gate: Gate, texts: Sequence[str], n_cases: int, *, n_draws: int, wish: float | None, seed: int, watcher: Watcher
) -> TrafficPower:
    """Simulate audits of one production and read off what they notice.

    Args:
        gate: the checks, and the vectors of the sessions of production.
        texts: of these sessions, for the names of topics.
        n_cases: cases of the user's eval set; its drift from production plays no part.
        n_draws: simulated audits.
        wish: share of traffic of the new topic that ought to be noticed.
        seed: of everything random.
        watcher: told how far it is.

    """
    n_sessions = len(texts)
    sizes = drawn_sizes(n_cases, n_sessions)
    watcher.stage("Growing topics")
    topics = grow_topics(gate.vectors, seed)
    watcher.stage("Simulating audits")
    scales = {
        Drift.TOPIC: _scale(gate.plans, "slice-coverage", 0.03),
        Drift.MIX: _scale(gate.plans, "topic-divergence", 0.1),
    }
    draws = Simulation(gate, topics, sizes, scales, seed, watcher).run(n_draws)
    checks = tuple(plan.name for plan in gate.plans)
    curves = {
        drift: fit_curve([draw.observed for draw in draws if draw.drift is drift], scale)
        for drift, scale in scales.items()
    }
    none = [draw for draw in draws if draw.drift is Drift.NONE]
    limits = {Drift.TOPIC: (_SMALLEST, LARGEST_SHARE), Drift.MIX: (_SMALLEST, LARGEST_NATS)}
    noticed = [
        _noticed(drift, n, sessions_used(n, n_sessions), curves[drift], draws, limits[drift], seed)
        for drift in scales
        for n in told_sizes(n_cases)
    ]
    return TrafficPower(
        checks=checks,
        n_pool=n_sessions,
        false_alarms=_alarms(none),
        false_alarms_by_check=_by_check(none, checks),
        cells=_cells(draws, curves, checks),
        noticed=tuple(noticed),
        wish=needed_for_topic(curves[Drift.TOPIC], wish, n_sessions, (sizes[0], sizes[-1]), seed)
        if wish and any(draw.drift is Drift.TOPIC for draw in draws)
        else None,
        topics=_examples(draws, topics, texts),
    )


def _scale(plans: Sequence[Plan], name: str, default: float) -> float:
    """The threshold of a check, where a curve has its bend; the default where the check is off or fails at once."""
    return next((plan.thresholds.fail for plan in plans if plan.name == name and plan.thresholds.fail), default)


def _alarms(draws: Sequence[Draw]) -> Estimate:
    rate = wilson(sum(bool(draw.outcome.failed) for draw in draws), len(draws))
    return Estimate(rate.value, rate.low, rate.high, rate.n)


def _by_check(draws: Sequence[Draw], checks: Sequence[str]) -> dict[str, int]:
    return {name: sum(name in draw.outcome.failed for draw in draws) for name in checks}


def _cells(draws: Sequence[Draw], curves: Mapping[Drift, Curve], checks: Sequence[str]) -> tuple[PowerCell, ...]:
    cells = []
    for drift, n_cases, size in dict.fromkeys(
        sorted(
            ((draw.drift, draw.n_cases, draw.size) for draw in draws),
            key=lambda key: (list(Drift).index(key[0]), *key[1:]),
        )
    ):
        own = [draw for draw in draws if (draw.drift, draw.n_cases, draw.size) == (drift, n_cases, size)]
        sessions = float(np.mean([draw.n_sessions for draw in own]))
        fitted = (
            float(np.mean(curves[drift].power(size, n_cases, [draw.n_sessions for draw in own])))
            if drift in curves
            else None
        )
        cells.append(PowerCell(drift, size, n_cases, sessions, len(own), _alarms(own), _by_check(own, checks), fitted))
    return tuple(cells)


def _noticed(
    drift: Drift,
    n_cases: int,
    n_sessions: int,
    curve: Curve,
    draws: Sequence[Draw],
    limits: tuple[float, float],
    seed: int,
) -> Noticed:
    planted = SHARES if drift is Drift.TOPIC else NATS
    fitted = [draw for draw in draws if draw.drift is drift]
    if not fitted:  # the curve is then what other products showed, and nothing of this one
        return Noticed(drift, n_cases, n_sessions, None, None, None, 0, 0, extrapolated=True, curve=())
    smallest = smallest_noticed(curve, n_cases, n_sessions, limits, seed)
    sizes = [draw.n_cases for draw in fitted]
    inside = min(sizes) <= n_cases <= max(sizes) and (smallest.size is None or smallest.size <= planted[-1])
    return Noticed(
        drift=drift,
        n_cases=n_cases,
        n_sessions=n_sessions,
        size=smallest.size,
        low=smallest.low,
        high=smallest.high,
        n_draws=sizes.count(n_cases),
        n_draws_fitted=len(fitted),
        extrapolated=not inside,
        curve=curve_points(curve, n_cases, n_sessions, np.geomspace(planted[0], planted[-1], _N_POINTS), seed),
    )


def _examples(draws: Sequence[Draw], topics: Topics, texts: Sequence[str]) -> tuple[ExampleTopic, ...]:
    """The topics taken out most often, named by the words that set them apart."""
    drawn = Counter(draw.topic for draw in draws if draw.topic is not None)
    alarms = Counter(draw.topic for draw in draws if draw.topic is not None and draw.outcome.failed)
    most = sorted(drawn, key=lambda topic: (-drawn[topic], topic))[:_N_EXAMPLES]
    names = name_slices([[texts[row] for row in topics.members[topic][:_TEXTS_FOR_NAMES]] for topic in most])
    return tuple(
        ExampleTopic(
            # without terms of its own a topic is named by a text, which may not leave the terminal
            name=name.name if name.terms else f"topic {number}",
            share=len(topics.members[topic]) / len(texts),
            n_sessions=len(topics.members[topic]),
            n_draws=drawn[topic],
            n_alarms=alarms[topic],
        )
        for number, (topic, name) in enumerate(zip(most, names, strict=True), start=1)
    )
