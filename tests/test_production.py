"""A stream of traces becomes Production: windows, sessions, ratings, errors."""

from __future__ import annotations

import numpy as np
import pytest

from driftcheck.config import TextChoice
from driftcheck.production import MAX_ERROR_CLASSES, Gatherer
from driftcheck.records import Feedback, FeedbackSource, Production, Trace
from driftcheck.sampling import Sampler

DAY = 86_400.0
START = 1_780_272_000.0


def trace(number: int, **more: object) -> Trace:
    given = {"trace_id": f"t{number}", "input_text": f"text {number}", "where": "", "timestamp": START + number * 60}
    return Trace(**{**given, **more})  # type: ignore[arg-type]  # test shorthand


def gathered(
    *traces: Trace,
    size: int = 1_000,
    since: float | None = None,
    until: float | None = None,
    declared_rating: tuple[str | None, str | None] = (None, None),
) -> Production:
    sampler = Sampler(size, 28 * DAY, since, until)
    gatherer = Gatherer(sampler, text=TextChoice.LAST_TURN, slices=(), declared_rating=declared_rating)
    for one in traces:
        gatherer.add(one)
    (production,) = gatherer.finish(())
    return production


def rated(value: float) -> tuple[Feedback, ...]:
    return (Feedback("csat", value, source=FeedbackSource.USER),)


def test_a_rating_of_the_session_reaches_the_trace_that_stands_for_it() -> None:
    traces = [trace(n, session_id="s") for n in range(6)] + [trace(6, session_id="s", feedback=rated(1.0))]
    production = gathered(*traces, *(trace(n, feedback=rated(5.0)) for n in range(7, 47)))
    assert len(production.sample) == 41
    by_session = production.sample.set_index("trace_id")["satisfied"]
    stands = by_session[[name for name in by_session.index if int(name[1:]) < 7]]
    assert stands.tolist() == [0.0]
    assert production.traffic["satisfied"].notna().sum() == 41


def test_unrated_is_unknown_never_bad() -> None:
    production = gathered(*(trace(n, feedback=rated(5.0) if n % 4 == 0 else ()) for n in range(200)))
    satisfied = production.traffic["satisfied"]
    assert satisfied.notna().sum() == 50
    assert satisfied.mean() == 1.0
    assert np.isnan(production.sample["satisfied"]).sum() == 150


def test_traces_outside_the_window_are_counted_and_left_out() -> None:
    old = [trace(n, timestamp=START - 60 * DAY) for n in range(5)]
    undated = [trace(100 + n, timestamp=None) for n in range(3)]
    production = gathered(*old, *undated, *(trace(200 + n) for n in range(10)))
    assert (production.n_traces, production.n_sessions, production.n_outside_window) == (10, 10, 8)
    assert any("3 traces carry no timestamp" in warning for warning in production.warnings)


def test_a_fixed_window_holds_both_its_ends() -> None:
    production = gathered(*(trace(n) for n in range(10)), since=START + 120, until=START + 300)
    assert sorted(production.sample["trace_id"]) == ["t2", "t3", "t4", "t5"]
    assert (production.since, production.until) == (START + 120, START + 300)


def test_overlapping_exports_count_a_trace_once() -> None:
    production = gathered(*(trace(n) for n in range(10)), *(trace(n) for n in range(5, 12)))
    assert production.n_traces == 12
    assert any("5 traces repeat the id" in warning for warning in production.warnings)


def test_traces_without_id_are_told_apart_even_when_they_say_the_same() -> None:
    production = gathered(*(trace(n, trace_id=None, input_text="hello", timestamp=START) for n in range(5)))
    assert production.n_traces == 5
    assert production.sample["trace_id"].is_unique


def test_errors_are_classes_and_the_order_of_rows_changes_nothing() -> None:
    traces = [
        trace(n, error=f"Timeout: after {n} s" if n % 3 == 0 else None, session_id=f"s{n % 7}") for n in range(60)
    ]
    forward, backward = gathered(*traces), gathered(*traces[::-1])
    assert forward.traffic.equals(backward.traffic)
    assert forward.sample.equals(backward.sample)
    assert forward.traffic["error"].value_counts()["Timeout"] == 20


def test_a_rule_that_cannot_be_followed_is_said() -> None:
    with pytest.raises(ValueError, match="csta"):
        gathered(*(trace(n, feedback=rated(5.0)) for n in range(40)), declared_rating=("csta", None))


@pytest.mark.parametrize("rated_first", [True, False])
def test_of_a_trace_exported_twice_the_rated_one_counts(rated_first: bool) -> None:
    plain = [trace(n) for n in range(40)]
    with_rating = [trace(n, feedback=rated(5.0)) for n in range(40)]
    production = gathered(*(with_rating + plain if rated_first else plain + with_rating))
    assert production.n_traces == 40
    assert production.traffic["satisfied"].notna().sum() == 40


def test_a_copy_outside_the_window_takes_nothing_from_the_one_inside() -> None:
    production = gathered(*(trace(n, timestamp=START - 90 * DAY) for n in range(5)), *(trace(n) for n in range(10)))
    assert (production.n_traces, len(production.sample)) == (10, 10)


def test_a_window_that_ends_before_the_data_holds_nothing() -> None:
    production = gathered(
        *(trace(n) for n in range(5)), *(trace(9 + n, timestamp=None) for n in range(5)), until=START - DAY
    )
    assert production.n_traces == 0


def test_traces_without_id_cost_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Gatherer] = []
    monkeypatch.setattr(Gatherer, "finish", lambda self, reports: (made.append(self),))
    gathered(*(trace(n, trace_id=None, input_text="long " * 1_000) for n in range(5)))
    assert len(made[0]._made) == 5
    assert all(isinstance(key, int) for key in made[0]._made)


def test_errors_that_are_all_different_stay_bounded_whatever_their_order() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"{a}{b}" for a in letters for b in letters] * 2
    traces = [trace(n, error=f"E{name}: x") for n, name in enumerate(names)]
    forward, backward = gathered(*traces, size=2_000), gathered(*traces[::-1], size=2_000)
    assert forward.traffic.equals(backward.traffic)
    assert forward.sample.equals(backward.sample)
    counts = forward.traffic["error"].value_counts()
    assert set(counts[counts > 0]) == {2, len(names) - 2 * MAX_ERROR_CLASSES}
    assert counts["other"] == len(names) - 2 * MAX_ERROR_CLASSES
    assert set(forward.sample["error"]) == set(counts.index[counts > 0])
    assert "other" not in gathered(*traces[:20]).traffic["error"].cat.categories
