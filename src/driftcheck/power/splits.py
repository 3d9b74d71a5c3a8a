"""Pseudo eval sets and pseudo productions, drawn from one production without replacement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.power.topics import Rows
from driftcheck.stats.divergence import kl_divergence


@dataclass(frozen=True, slots=True)
class Split:
    """Sessions that play the eval set, and others that play production; none plays both."""

    cases: Rows
    """Rows of the pool, (n_cases,)."""
    sessions: Rows
    """Rows of the pool, (n_sessions,), in random order: the first ones are a uniform sample."""


def undrifted(n_pool: int, n_cases: int, n_sessions: int, rng: np.random.Generator) -> Split:
    """Two random samples of one production.

    Raises
    ------
    ValueError
        If the pool has fewer sessions than the two need.

    """
    if n_cases + n_sessions > n_pool:
        raise ValueError(f"{n_cases} + {n_sessions} sessions of {n_pool}")
    order = rng.permutation(n_pool)
    return Split(order[:n_cases], order[n_cases : n_cases + n_sessions])


def needed_members(share: float, n_sessions: int) -> float:
    """Sessions that a topic needs to be `share` of `n_sessions` in nearly every draw."""
    mean = share * n_sessions
    return mean + 2 * math.sqrt(mean)


def new_topic(
    n_pool: int, members: Rows, n_cases: int, n_sessions: int, share: float, rng: np.random.Generator
) -> Split | None:
    """An eval set without a topic, and a production of which it is `share`, give or take what chance does in a week.

    None where the pool has too few sessions of the topic or of the rest.
    """
    n_new = int(rng.binomial(n_sessions, share))
    others = rng.permutation(np.setdiff1d(np.arange(n_pool), members, assume_unique=True))
    n_old = n_sessions - n_new
    if n_new > len(members) or n_cases + n_old > len(others):
        return None
    new = rng.choice(members, n_new, replace=False)
    sessions = rng.permutation(np.concatenate([new, others[n_cases : n_cases + n_old]]))
    return Split(others[:n_cases], sessions)


def shifted_mix(
    topic_of: NDArray[np.int32], n_cases: int, n_sessions: int, nats: float, rng: np.random.Generator
) -> Split | None:
    """An eval set with production's mix of topics, and a production whose mix lies `nats` away, KL(P||Q).

    Fewer sessions than asked for where the pool has too few of a topic that has grown; None where so few are left that
    nothing could be said of them.

    Parameters
    ----------
    topic_of : array (n_pool,)
        Topic of each session.
    n_cases, n_sessions : int
        Sizes wanted.
    nats : float
        KL(P||Q) over the topics.
    rng : numpy.random.Generator
        Source of randomness.

    """
    order = rng.permutation(len(topic_of))
    cases, rest = order[:n_cases], order[n_cases:]
    n_topics = int(topic_of.max()) + 1
    q = np.bincount(topic_of, minlength=n_topics) / len(topic_of)
    p = tilted(q, nats, rng)
    if p is None:
        return None
    there = np.bincount(topic_of[rest], minlength=n_topics)
    # a share that chance makes larger than planned must still be there
    fits = int(np.min(there[p > 0] / p[p > 0]) * 0.9)
    n_sessions = min(n_sessions, fits)
    wanted = np.minimum(rng.multinomial(n_sessions, p), there)
    chosen = [
        rest[topic_of[rest] == topic][:n] for topic, n in enumerate(wanted.tolist())
    ]  # `rest` is in random order already
    return Split(cases, rng.permutation(np.concatenate(chosen)))


def tilted(q: NDArray[np.float64], nats: float, rng: np.random.Generator) -> NDArray[np.float64] | None:
    """Tilt a mix exponentially, p proportional to q exp(t w), w standard normal, so that KL(p||q) is `nats`.

    None where no tilt of the weights drawn gets as far: KL tends to -log q of the topic with the largest weight.

    >>> q = np.full(10, 0.1)
    >>> p = tilted(q, 0.2, np.random.default_rng(0))
    >>> round(float(kl_divergence(p, q, pseudo_count=0)), 6)
    0.2
    """
    weights = rng.standard_normal(len(q))

    def mix(strength: float) -> NDArray[np.float64]:
        raw = q * np.exp(strength * (weights - weights.max()))
        return np.asarray(raw / raw.sum(), dtype=np.float64)

    def distance(strength: float) -> float:
        return float(kl_divergence(mix(strength), q, pseudo_count=0))

    low, high = 0.0, 1.0
    while distance(high) < nats:
        low, high = high, 2 * high
        if high > 64:
            return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if distance(middle) < nats else (low, middle)
    return mix(high)
