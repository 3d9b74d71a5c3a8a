"""Every week of a stream: each sample is the one that the week would have alone, and stray dates do no harm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from driftcheck.records import Trace
from driftcheck.sampling import Sampler, Window
from driftcheck.week_sampling import MAX_WEEKS, WEEK, WeekSampler, week_name, week_number, week_window

MONDAY = 1_793_577_600.0  # 2026-11-02


def stream(n: int, seed: int) -> list[Trace]:
    rng = np.random.default_rng(seed)
    return [
        Trace(
            f"t{number}",
            f"text {number}" if number % 17 else None,
            "f:1",
            session_id=f"s{rng.integers(n // 2)}",
            timestamp=MONDAY + rng.uniform(0, 5) * WEEK if number % 11 else None,
        )
        for number in range(n)
    ]


def test_weeks_begin_on_monday_in_utc() -> None:
    window = week_window(week_number(MONDAY + 3 * 86_400))
    assert window.since == MONDAY
    assert window.until == pytest.approx(MONDAY + WEEK, abs=1e-3)
    assert window.until < MONDAY + WEEK
    assert week_name(MONDAY) == "2026-W45"
    assert week_number(MONDAY - 1) == week_number(MONDAY) - 1


@pytest.mark.parametrize("size", [10, 60, 5_000])
def test_each_week_has_the_sample_it_would_have_alone(size: int) -> None:
    traces = stream(1_500, seed=0)
    sampler = WeekSampler(size, Window(None, None))
    for trace in traces:
        sampler.add(trace)
    weeks = sampler.finish()
    assert len(weeks) == 5
    for sampled in weeks:
        alone = Sampler(size, 0, since=sampled.window.since, until=sampled.window.until)
        for trace in traces:
            alone.add(trace)
        expected = alone.finish()
        assert sampled.traces == expected.traces
        assert np.array_equal(sampled.rows, expected.rows)
        assert np.array_equal(sampled.in_window, expected.in_window)
        assert sampled.n_sessions == expected.n_sessions


def test_the_order_of_the_stream_does_not_matter() -> None:
    traces = stream(900, seed=1)
    samples = []
    for order in (traces, traces[::-1]):
        sampler = WeekSampler(40, Window(MONDAY + WEEK, MONDAY + 4 * WEEK), 2)
        for trace in order:
            sampler.add(trace)
        samples.append([sampled.traces for sampled in sampler.finish()])
    assert samples[0] == samples[1]
    assert len(samples[0]) == 2


def test_an_empty_week_between_others_is_a_week() -> None:
    sampler = WeekSampler(10, Window(None, None))
    for number, week in enumerate((0, 3)):
        sampler.add(Trace(f"t{number}", "text", "f:1", timestamp=MONDAY + week * WEEK))
    assert [len(sampled.traces) for sampled in sampler.finish()] == [1, 0, 0, 1]


def test_stray_dates_make_no_thousand_weeks() -> None:
    sampler = WeekSampler(10, Window(None, None))
    trace = Trace("t", "text", "f:1", timestamp=0.0)
    for number, timestamp in enumerate((0.0, MONDAY, 1e30, -5.0, 3e11)):
        sampler.add(replace(trace, trace_id=f"t{number}", timestamp=timestamp))
    weeks = sampler.finish()
    assert len(weeks) <= MAX_WEEKS
    assert [kept.trace_id for sampled in weeks for kept in sampled.traces] == ["t1"]
    assert WeekSampler(10, Window(None, None)).finish() == ()
