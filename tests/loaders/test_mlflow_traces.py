"""MLflow traces: data frames as CSV and JSON, traces of their own, MLflow 2 and 3."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from tests.loaders.exports import read_as

from driftcheck.loaders import mlflow_traces
from driftcheck.records import Feedback, FeedbackSource

SPANS = [
    {
        **{"name": "predict", "parent_id": None, "start_time_unix_nano": 1785000000000000000},
        "attributes": {"mlflow.spanType": '"AGENT"', "mlflow.spanInputs": '{"question": "Refund?"}'},
    },
    {
        **{"name": "chat", "parent_id": "a", "events": []},
        "attributes": {"mlflow.spanType": '"CHAT_MODEL"', "mlflow.spanInputs": '{"model": "gpt-4o"}'},
    },
    {"name": "search", "parent_id": "a", "attributes": {"mlflow.spanType": '"TOOL"'}},
]
ASSESSMENTS = [
    {"assessment_name": "thumbs", "source": {"source_type": "HUMAN"}, "feedback": {"value": True}},
    {"name": "tone", "source": {"source_type": "HUMAN"}, "feedback": {"value": 4}},
    {"name": "relevance", "source": {"source_type": "LLM_JUDGE"}, "feedback": {"value": "yes"}},
    {"name": "answer", "source": {"source_type": "HUMAN"}, "expectation": {"value": "30 days"}},
    {"name": "old", "source": {"source_type": "HUMAN"}, "feedback": {"value": 1}, "valid": False},
]


def row(**more: Any) -> dict[str, Any]:
    return {
        "trace_id": "tr-1",
        "client_request_id": None,
        "request_time": 1785000000000,
        "state": "OK",
        "execution_duration_ms": 900,
        "request": {"messages": [{"role": "user", "content": "Refund?"}]},
        "response": {"output": [{"type": "message", "content": [{"type": "output_text", "text": "30 days"}]}]},
        "request_preview": "Refu...",
        "response_preview": "30 ...",
        "trace_metadata": {"mlflow.trace.user": "u1", "mlflow.trace.session": "c1", "mlflow.source.name": "app.py"},
        "tags": {"mlflow.traceName": "predict", "plan": "pro"},
        "spans": SPANS,
        "assessments": ASSESSMENTS,
        **more,
    }


def test_a_data_frame_as_json(tmp_path: Path) -> None:
    (found,), log = read_as(mlflow_traces, tmp_path, json.dumps([row()]))
    assert (found.trace_id, found.input_text, found.output_text, found.model) == (
        "tr-1",
        "Refund?",
        "30 days",
        "gpt-4o",
    )
    assert (found.session_id, found.user_id, found.timestamp, found.tools) == ("c1", "u1", 1785000000.0, ("search",))
    assert (found.tags, found.error, log.n_counted) == ({"plan": "pro", "name": "predict"}, None, 1)
    assert found.feedback == (
        Feedback("thumbs", 1.0, None, FeedbackSource.USER),
        Feedback("tone", 4.0, None, FeedbackSource.ANNOTATOR),
        Feedback("relevance", 1.0, "yes", FeedbackSource.JUDGE),
    )


def test_a_data_frame_as_csv_holds_json_in_its_cells(tmp_path: Path) -> None:
    cells = {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in row().items()}
    cells["tags"] = json.dumps({"mlflow.traceName": "predict"})
    text = io.StringIO()
    writer = csv.DictWriter(text, cells.keys())
    writer.writeheader()
    writer.writerow(cells)
    (found,), _ = read_as(mlflow_traces, tmp_path, text.getvalue())
    assert (found.input_text, found.output_text, found.session_id) == ("Refund?", "30 days", "c1")
    assert (found.model, len(found.feedback)) == ("gpt-4o", 3)


def test_a_trace_of_its_own(tmp_path: Path) -> None:
    info = {key: value for key, value in row().items() if key not in ("request", "response", "spans")}
    info["request_time"] = "2026-07-25T17:20:00Z"
    (found,), _ = read_as(mlflow_traces, tmp_path, json.dumps({"info": info, "data": {"spans": SPANS}}, indent=1))
    assert (found.input_text, found.output_text, found.timestamp) == ("Refund?", "30 ...", 1785000000.0)


def test_mlflow_2(tmp_path: Path) -> None:
    old = {
        **{"request_id": "q", "timestamp_ms": 1785000000000, "status": "TraceStatus.ERROR", "execution_time_ms": 3},
        **{"request": '{"question": "Refund?"}', "response": None, "request_metadata": {"mlflow.trace.session": "c"}},
        **{"tags": [{"key": "plan", "value": "pro"}]},
        "spans": [{"name": "p", "events": [{"name": "exception", "attributes": {"exception.type": "ValueError"}}]}],
    }
    (found,), _ = read_as(mlflow_traces, tmp_path, [old])
    assert (found.trace_id, found.input_text, found.session_id, found.error) == ("q", "Refund?", "c", "ValueError")
    assert found.tags == {"plan": "pro"}


def test_traces_of_evaluations_are_left_out(tmp_path: Path) -> None:
    found, log = read_as(mlflow_traces, tmp_path, [row(), row(tags={"mlflow.eval.requestId": "e1"})])
    assert (len(found), log.n_skipped, log.n_counted) == (1, 1, 2)
