"""Comparisons made from small worlds, without files: what a check sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tests.fakes import EVEN, NEW_TOPIC, draw, word_vector

from driftcheck.baseline import Baseline
from driftcheck.comparison import Comparison
from driftcheck.config import TextChoice
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.production import Gatherer
from driftcheck.records import Case, Feedback, FeedbackSource, Result, Status, Trace


def vectors(texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    made = np.stack([np.mean([word_vector(word) for word in text.split()], axis=0) for text in texts])
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def make_comparison(
    *,
    seed: int = 0,
    n_cases: int = 160,
    n_traces: int = 800,
    new_share: float = 0.0,
    bad_topic: str | None = None,
    failing_topic: str | None = None,
    rated: float = 0.5,
    error_share: float = 0.0,
    foreign_share: float = 0.0,
    longer: int = 1,
    dead_topic_cases: int = 0,
    repeat_cases: int = 0,
    with_runs: bool = True,
    shuffle: int | None = None,
    before: dict[str, float] | None = None,
    slices: tuple[str, ...] = ("topic",),
) -> Comparison:
    """Make a world with drift planted as said; with no argument nothing has drifted."""
    rng = np.random.default_rng(seed)
    drawn = draw(rng, n_cases, EVEN)
    drawn += [
        ("dead", " ".join(rng.choice(["fax", "telegram", "pager", "modem", "dialup", "floppy"], 4, replace=False)))
        for _ in range(dead_topic_cases)
    ]
    drawn += drawn[:repeat_cases]
    cases = [
        Case(case_id=f"c{i:04d}", input_text=text, where=f"e:{i}", tags={"topic": topic}, language="en")
        for i, (topic, text) in enumerate(drawn)
    ]
    results = [
        (
            "run.json",
            Result(
                run_id="r",
                case_id=case.case_id,
                input_text=None,
                status=Status.FAIL if topic == failing_topic or rng.random() < 0.07 else Status.PASS,
                where="r:1",
            ),
        )
        for case, (topic, _) in zip(cases, drawn, strict=True)
    ]
    mix = {**dict.fromkeys(EVEN, 1 - new_share), NEW_TOPIC: new_share * len(EVEN)}
    traces = []
    for i, (topic, text) in enumerate(draw(rng, n_traces, mix)):
        good = rng.random() < (0.15 if topic in (bad_topic, failing_topic) else 0.95)
        feedback = (Feedback("csat", 5.0 if good else 1.0, source=FeedbackSource.USER),) if rng.random() < rated else ()
        traces.append(
            Trace(
                trace_id=f"t{i}",
                input_text=" ".join([text] * longer),
                where=f"t:{i}",
                timestamp=1_780_272_000.0 + i * 1_000,
                error="ToolTimeout: no answer" if rng.random() < error_share else None,
                language="es" if rng.random() < foreign_share else "en",
                tags={"topic": topic if topic in EVEN else "new"},
                feedback=feedback,
            )
        )
    if shuffle is not None:
        order = np.random.default_rng(shuffle)
        for rows in (cases, results, traces):
            order.shuffle(rows)  # type: ignore[arg-type]  # a list of records is shuffled in place
    eval_set = make_eval_set(cases, (), text=TextChoice.LAST_TURN, slices=slices)
    gatherer = Gatherer(
        size=10_000,
        length=28 * 86_400,
        since=None,
        until=None,
        text=TextChoice.LAST_TURN,
        slices=slices,
        declared_rating=(None, None),
    )
    for trace in traces:
        gatherer.add(trace)
    production = gatherer.finish(())
    return Comparison(
        eval_set=eval_set,
        runs=make_runs(results, (), eval_set) if with_runs else None,
        production=production,
        case_vectors=vectors(eval_set.frame["text"].tolist()),
        trace_vectors=vectors(production.sample["text"].tolist()),
        declared_slices=slices,
        seed=0,
        runs_until=None,
        baseline=Baseline(values=before or {}),
    )
