"""DeepEval traces: spans by kind, the trace's own texts first, metrics as judges, test runs left out."""

import json
from pathlib import Path
from typing import Any

from tests.loaders.exports import read_as

from driftcheck.loaders import deepeval_traces
from driftcheck.records import Feedback, FeedbackSource

TIMES = {"startTime": "2026-08-10T12:00:00.000Z", "endTime": "2026-08-10T12:00:02.000Z"}
START = 1786363200.0


def span(uuid: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"uuid": uuid, "name": kind, "status": "SUCCESS", "type": kind, **TIMES, **more}


def trace(**more: Any) -> dict[str, Any]:
    lists = {"baseSpans": [], "agentSpans": [], "llmSpans": [], "retrieverSpans": [], "toolSpans": []}
    return {"uuid": "t1", **lists, **TIMES, "environment": "production", "status": "SUCCESS", **more}


def test_the_trace_tells_its_input_and_its_spans_the_rest(tmp_path: Path) -> None:
    whole = trace(
        name="support",
        threadId="c1",
        userId="u1",
        tags=["beta"],
        metadata={"plan": "pro", "locale": "de"},
        input={"query": "Refund?"},
        output="30 days",
        agentSpans=[span("a", "agent", input={"query": "Refund?"}, output="30 days")],
        llmSpans=[span("b", "llm", parentUuid="a", input={"context": "Docs"}, output="So", model="gpt-4o")],
        toolSpans=[span("c", "tool", parentUuid="a", input={"id": 1}, output="x")],
    )
    (found,), log = read_as(deepeval_traces, tmp_path, json.dumps(whole))
    assert (found.trace_id, found.input_text, found.output_text, found.timestamp) == ("t1", "Refund?", "30 days", START)
    assert (found.session_id, found.user_id, found.model, found.language) == ("c1", "u1", "gpt-4o", "de")
    assert found.tools == ("tool",)
    assert found.tags == {"name": "support", "plan": "pro", "locale": "de", "tags": "beta"}
    assert (found.error, log.n_counted) == (None, 1)


def test_a_trace_without_text_is_told_by_its_outermost_span(tmp_path: Path) -> None:
    whole = trace(
        baseSpans=[span("a", "base", input="Refund?", output="30 days")],
        llmSpans=[span("b", "llm", parentUuid="a", input="A long prompt", output="So")],
    )
    (found,), _ = read_as(deepeval_traces, tmp_path, json.dumps({"traces": [whole]}))
    assert (found.input_text, found.output_text) == ("Refund?", "30 days")


def test_metrics_are_judges_and_annotations_are_people(tmp_path: Path) -> None:
    whole = trace(
        input="Refund?",
        metricsData=[{"name": "Answer Relevancy", "score": 0.9, "success": True}],
        annotations=[{"name": "user_rating", "rating": 4}, {"type": "expert", "rating": 1}],
    )
    (found,), _ = read_as(deepeval_traces, tmp_path, [whole, whole][:1])
    assert found.feedback == (
        Feedback("Answer Relevancy", 0.9, None, FeedbackSource.JUDGE),
        Feedback("user_rating", 4.0, None, FeedbackSource.USER),
        Feedback("expert", 1.0, None, FeedbackSource.ANNOTATOR),
    )


def test_error_of_the_trace(tmp_path: Path) -> None:
    failed = trace(input="Refund?", status="ERRORED", llmSpans=[span("b", "llm", status="ERRORED", error="timeout")])
    (found,), _ = read_as(deepeval_traces, tmp_path, [failed])
    assert found.error == "error"
    recovered = trace(input="Refund?", output="Yes", llmSpans=[span("b", "llm", status="ERRORED", error="timeout")])
    (found,), _ = read_as(deepeval_traces, tmp_path, [recovered])
    assert found.error is None


def test_test_runs_are_left_out(tmp_path: Path) -> None:
    testing = trace(input="Refund?", environment="testing")
    linked = trace(input="Refund?", testRunId="r1")
    found, log = read_as(deepeval_traces, tmp_path, [testing, linked, trace(uuid="t2", input="Why?")])
    assert [one.trace_id for one in found] == ["t2"]
    assert (log.n_eval_runs, log.n_counted) == (2, 3)
    assert set(log.eval_runs) == {"environment testing: 1", "testRunId: 1"}
