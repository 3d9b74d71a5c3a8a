"""Spans of one's own logging: start and end events, details, lists of spans, the OpenAI Agents SDK."""

from pathlib import Path
from typing import Any

from tests.loaders.exports import read_as

from driftcheck.loaders import span_logs

START, END = "2026-08-10T12:00:00Z", "2026-08-10T12:00:02Z"
SECONDS = 1786363200.0


def logged(event: str, span_id: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    end = END if event == "end" else None
    times = {"start_time": START, "end_time": end}
    return {
        **{"event": event, "timestamp": START},
        "span": {"span_id": span_id, "trace_id": "t1", "parent_id": parent, "name": span_id, **times, **more},
    }


def test_a_span_is_logged_when_it_starts_and_when_it_ends(tmp_path: Path) -> None:
    said = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Refund?"}]
    lines = [
        logged("start", "agent", kind="agent", status="ok", attributes={}),
        logged("start", "call", "agent", kind="llm", attributes={}),
        logged("end", "call", "agent", kind="llm", attributes={"llm.request.messages": said, "llm.request.model": "m"}),
        logged("end", "agent", kind="agent", status="error", attributes={"output": "30 days"}),
    ]
    (found,), log = read_as(span_logs, tmp_path, lines)
    assert (found.trace_id, found.input_text, found.output_text, found.model) == ("t1", "Refund?", "30 days", "m")
    assert (found.timestamp, found.error) == (SECONDS, "error")
    assert log.n_counted == 4


def test_a_span_that_never_ended_was_asked(tmp_path: Path) -> None:
    (found,), _ = read_as(span_logs, tmp_path, [logged("start", "chat", input="Refund?")])
    assert (found.input_text, found.output_text) == ("Refund?", None)


def test_text_in_details(tmp_path: Path) -> None:
    lines = [
        {"trace_id": "t1", "span": "retrieve", "latency_ms": 5, "details": {"query": "Refund?", "top_k": 3}},
        {"trace_id": "t1", "span": "answer", "latency_ms": 9, "details": {"prompt": "You are", "answer": "30 days"}},
        {"trace_id": "t2", "span": "retrieve", "latency_ms": 5, "details": {"query": "Why?", "top_k": 3}},
    ]
    found, log = read_as(span_logs, tmp_path, lines)
    assert [(one.trace_id, one.input_text, one.output_text) for one in found] == [
        ("t1", "Refund?", "30 days"),
        ("t2", "Why?", None),
    ]
    assert log.n_counted == 3


def test_a_whole_span_in_the_details_of_a_log_line(tmp_path: Path) -> None:
    span = {"trace_id": "t1", "span_id": "a", "name": "chat", "attributes": {"input": "Refund?", "output": "30 days"}}
    (found,), _ = read_as(span_logs, tmp_path, [{"timestamp": START, "level": "info", "details": span}])
    assert (found.trace_id, found.input_text, found.output_text) == ("t1", "Refund?", "30 days")
    assert found.timestamp == SECONDS


def test_a_list_of_spans_a_line(tmp_path: Path) -> None:
    spans = [
        {"name": "route", "start_time": SECONDS, "input": "Refund?", "output": "30 days", "metadata": {"plan": "pro"}},
        {"name": "llm_call", "start_time": SECONDS, "metadata": {"model": "m"}},
    ]
    (found,), _ = read_as(span_logs, tmp_path, [{"trace_id": "t1", "session_id": "c1", "spans": spans}])
    assert (found.input_text, found.output_text, found.model) == ("Refund?", "30 days", "m")
    assert (found.session_id, found.tags["name"]) == ("c1", "route")


def test_openai_agents_sdk(tmp_path: Path) -> None:
    shared = {"object": "trace.span", "trace_id": "trace_1", "started_at": START, "ended_at": END, "error": None}
    said = [{"role": "user", "content": "Refund?"}]
    answer = [{"role": "assistant", "content": "30 days"}]
    generation = {"type": "generation", "input": said, "output": answer, "model": "gpt-4o"}
    tool = {"type": "function", "name": "search", "input": "{}", "output": "x"}
    lines = [
        {"object": "trace", "id": "trace_1", "workflow_name": "Support", "group_id": "c1", "metadata": {"plan": "pro"}},
        {**shared, "id": "s1", "parent_id": "s0", "span_data": generation},
        {**shared, "id": "s2", "parent_id": "s0", "span_data": tool},
        {**shared, "id": "s0", "parent_id": None, "span_data": {"type": "agent", "name": "Triage"}},
    ]
    (found,), log = read_as(span_logs, tmp_path, lines)
    assert (found.trace_id, found.input_text, found.output_text, found.model) == (
        "trace_1",
        "Refund?",
        "30 days",
        "gpt-4o",
    )
    assert (found.session_id, found.tools, found.tags["plan"]) == ("c1", ("search",), "pro")
    assert log.n_counted == 4
