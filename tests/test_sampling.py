"""The sample is what a sort of everything would give, whatever the order and however little is kept."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcheck.records import Trace
from driftcheck.sampling import Sampled, Sampler, share_by_session, stable_hash

DAY = 86_400.0
START = 1_780_272_000.0  # 2026-06-01T00:00Z


def traces(n: int, seed: int, days: float = 60.0) -> list[Trace]:
    rng = random.Random(seed)
    return [
        Trace(
            trace_id=f"t{i}",
            input_text=f"text {i}",
            where="",
            timestamp=START + rng.random() * days * DAY,
            session_id=f"s{rng.randrange(max(1, n // 2))}" if rng.random() < 0.9 else None,
        )
        for i in range(n)
    ]


def sample_traces(stream: Iterable[Trace], *, size: int, length: float) -> Sampled:
    sampler = Sampler(size, length)
    for trace in stream:
        sampler.add(trace)
    return sampler.finish()


def brute_force(stream: list[Trace], size: int, length: float) -> list[str | None]:
    times = [trace.timestamp for trace in stream if trace.timestamp is not None]
    bucket = DAY if length >= 7 * DAY else 3_600.0
    since = math.ceil((max(times) - length) / bucket) * bucket
    best: dict[int, tuple[int, str | None]] = {}
    for trace in stream:
        if trace.timestamp is None or trace.timestamp < since:
            continue
        session = stable_hash(f"s:{trace.session_id}" if trace.session_id else f"t:{trace.trace_id}")
        candidate = (stable_hash(str(trace.trace_id)), trace.trace_id)
        best[session] = min(best.get(session, candidate), candidate)
    return [best[session][1] for session in sorted(best)[:size]]


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 6_000), size=st.integers(1, 300), days=st.sampled_from([1, 3, 14, 28])
)
def test_equals_sorting_everything(seed: int, n: int, size: int, days: int) -> None:
    stream = traces(n, seed)
    expected = brute_force(stream, size, days * DAY)
    for order in (stream, sorted(stream, key=lambda t: t.timestamp or 0), stream[::-1]):
        sampled = sample_traces(order, size=size, length=days * DAY)
        assert [trace.trace_id for trace in sampled.traces] == expected


def test_keeps_far_less_than_it_sees() -> None:
    sampler = Sampler(500, 28 * DAY)
    for trace in traces(60_000, 1):
        sampler.add(trace)
        assert len(sampler._kept) <= 4 * 500 * (1 + math.log(60_000 / 500))


def test_a_window_is_the_last_calendar_days() -> None:
    newest = START + 30 * DAY + 10_000
    sampled = sample_traces(
        [Trace(trace_id=f"{i}", input_text="x", where="", timestamp=newest - i * DAY / 2) for i in range(80)],
        size=1_000,
        length=28 * DAY,
    )
    assert sampled.window.since == START + 3 * DAY
    assert sampled.window.until == newest
    assert int(sampled.in_window.sum()) == sum(newest - i * DAY / 2 >= START + 3 * DAY for i in range(80))


def test_without_timestamps_everything_counts() -> None:
    sampled = sample_traces([Trace(trace_id=f"{i}", input_text="x", where="") for i in range(10)], size=5, length=DAY)
    assert (sampled.window.since, sampled.n_sessions, len(sampled.traces)) == (None, 10, 5)


def test_traces_without_text_count_but_are_not_sampled() -> None:
    stream = [Trace(trace_id="a", input_text=None, where="", timestamp=START), *traces(3, 1, days=1)]
    sampled = sample_traces(stream, size=10, length=28 * DAY)
    assert "a" not in {trace.trace_id for trace in sampled.traces}
    assert int(sampled.in_window.sum()) == 4


def test_the_sample_is_uniform_over_sessions_not_traces() -> None:
    long_session = [Trace(trace_id=f"l{i}", input_text="x", where="", session_id="long") for i in range(5_000)]
    short = [Trace(trace_id=f"k{i}", input_text="x", where="", session_id=f"k{i}") for i in range(99)]
    sampled = sample_traces([*long_session, *short], size=100, length=DAY)
    assert len(sampled.traces) == 100
    assert sum(trace.session_id == "long" for trace in sampled.traces) == 1


def test_share_by_session_leaves_the_unrated_unknown() -> None:
    shares = share_by_session(np.array([7, 7, 9], dtype=np.uint64), np.array([1.0, 0.0, 1.0]), [9, 8, 7])
    assert shares[0] == 1.0
    assert np.isnan(shares[1])
    assert shares[2] == pytest.approx(0.5)
    assert np.isnan(share_by_session(np.array([], dtype=np.uint64), np.array([]), [1])).all()
