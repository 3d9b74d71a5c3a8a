"""Several windows of one stream: each sample is the one that the window would have alone, whatever the order."""

from __future__ import annotations

import numpy as np
import pytest

from driftcheck.records import Feedback, FeedbackSource, Trace
from driftcheck.sampling import Sampler, Window
from driftcheck.window_sampling import WindowSampler, Wish

START = 1_780_272_000.0
DAY = 86_400.0
WEEKS = tuple(Window(START + week * 7 * DAY, START + (week + 1) * 7 * DAY - 1) for week in range(4))


def stream(n: int, seed: int) -> list[Trace]:
    rng = np.random.default_rng(seed)
    rated = (Feedback("csat", 4.0, source=FeedbackSource.USER),)
    return [
        Trace(
            f"t{number}",
            f"text {number}" if number % 17 else None,
            "f:1",
            session_id=f"s{rng.integers(n // 2)}",
            timestamp=START + rng.uniform(0, 28) * DAY if number % 11 else None,
            feedback=rated if number % 5 == 0 else (),
        )
        for number in range(n)
    ]


@pytest.mark.parametrize("size", [10, 60, 5_000])
def test_each_window_has_the_sample_it_would_have_alone(size: int) -> None:
    traces = stream(1_500, seed=0)
    many = WindowSampler(size, [Wish(window) for window in WEEKS])
    for trace in traces:
        many.add(trace)
    for window, sampled in zip(WEEKS, many.finish(), strict=True):
        alone = Sampler(size, 0, since=window.since, until=window.until)
        for trace in traces:
            alone.add(trace)
        expected = alone.finish()
        assert sampled.traces == expected.traces
        assert np.array_equal(sampled.rows, expected.rows)
        assert np.array_equal(sampled.in_window, expected.in_window)
        assert sampled.n_sessions == expected.n_sessions
        assert sampled.window == expected.window


def test_the_order_of_the_stream_does_not_matter() -> None:
    traces = stream(900, seed=1)
    samples = []
    for order in (traces, traces[::-1]):
        sampler = WindowSampler(40, [Wish(WEEKS[0]), Wish(WEEKS[1], rated_only=True)])
        for trace in order:
            sampler.add(trace)
        samples.append([sampled.traces for sampled in sampler.finish()])
    assert samples[0] == samples[1]


def test_a_sample_of_rated_sessions_holds_rated_traces_alone() -> None:
    sampler = WindowSampler(5_000, [Wish(WEEKS[2]), Wish(WEEKS[2], rated_only=True)])
    traces = stream(1_500, seed=2)
    for trace in traces:
        sampler.add(trace)
    everything, rated = sampler.finish()
    assert all(trace.feedback for trace in rated.traces)
    since, until = WEEKS[2].since, WEEKS[2].until
    sessions = {
        trace.session_id
        for trace in traces
        if trace.feedback and trace.input_text and trace.timestamp and since <= trace.timestamp <= until
    }
    assert {trace.session_id for trace in rated.traces} == sessions
    assert len(everything.traces) > len(rated.traces) > 30


def test_an_empty_window_has_an_empty_sample() -> None:
    sampler = WindowSampler(10, [Wish(Window(0.0, 1.0))])
    for trace in stream(20, seed=3):
        sampler.add(trace)
    (sampled,) = sampler.finish()
    assert sampled.traces == ()
    assert sampled.n_sessions == 0
