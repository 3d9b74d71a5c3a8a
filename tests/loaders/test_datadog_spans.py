"""Datadog LLM Observability: pages of the export API, spans a line, payloads of SDKs."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.exports import read_as

from driftcheck.loaders import datadog_spans
from driftcheck.records import Feedback, FeedbackSource


def span(**more: Any) -> dict[str, Any]:
    attributes = {
        **{"trace_id": "t1", "span_id": "s1", "parent_id": "undefined", "name": "support", "span_kind": "agent"},
        **{"ml_app": "bot", "session_id": "c1", "start_ns": 1785000000000000000, "duration": 2_000_000_000},
        **{"status": "ok", "tags": ["env:production", "team:cards", "user_id:u1", "language:python"]},
        **{"input": {"value": "Refund?"}, "output": {"value": "30 days"}, "metadata": {"plan": "pro"}},
        "evaluation": {"toxicity": {"value": 0.1}, "user_rating": {"value": 5}},
    }
    return {"id": "x", "type": "span", "attributes": {**attributes, **more}}


MODEL = span(
    **{"span_id": "s2", "parent_id": "s1", "span_kind": "llm", "evaluation": {}, "model_name": "gpt-4o"},
    **{"input": {"messages": [{"role": "user", "content": "inner"}]}, "output": {"messages": [{"content": "x"}]}},
)


@pytest.mark.parametrize("wrap", [lambda spans: json.dumps({"data": spans, "meta": {}}), lambda spans: spans])
def test_spans_are_rolled_up(tmp_path: Path, wrap: Any) -> None:
    (found,), log = read_as(datadog_spans, tmp_path, wrap([MODEL, span()]))
    assert (found.trace_id, found.input_text, found.output_text, found.model) == ("t1", "Refund?", "30 days", "gpt-4o")
    assert (found.session_id, found.user_id, found.environment, found.timestamp) == (
        "c1",
        "u1",
        "production",
        1785000000,
    )
    assert (found.tags, log.n_counted) == ({"plan": "pro", "team": "cards", "name": "support"}, 2)
    assert found.feedback == (
        Feedback("toxicity", 0.1, None, FeedbackSource.JUDGE),
        Feedback("user_rating", 5.0, None, FeedbackSource.USER),
    )


def test_a_payload_of_an_sdk(tmp_path: Path) -> None:
    sent = {
        **{"parent_id": "undefined", "trace_id": "t1", "span_id": "s1", "name": "support", "status": "error"},
        **{"start_ns": 1785000000000000000, "duration": 1},
        "meta": {"kind": "agent", "input": {"value": "Refund?"}, "error": {"type": "Timeout"}},
    }
    payload = {"data": {"type": "span", "attributes": {"ml_app": "bot", "tags": ["env:production"], "spans": [sent]}}}
    (found,), _ = read_as(datadog_spans, tmp_path, json.dumps(payload))
    assert (found.input_text, found.error, found.environment) == ("Refund?", "Timeout", "production")


def test_spans_of_experiments_are_left_out(tmp_path: Path) -> None:
    found, log = read_as(datadog_spans, tmp_path, [span(), span(trace_id="t2", tags=["experiment_id:e"])])
    assert (len(found), log.n_skipped) == (1, 1)
