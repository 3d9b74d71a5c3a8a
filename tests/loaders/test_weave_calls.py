"""W&B Weave: calls as JSON and CSV, references, reactions, evaluations left out."""

import json
from pathlib import Path
from typing import Any

from tests.loaders.exports import read_as

from driftcheck.loaders import weave_calls
from driftcheck.records import Feedback, FeedbackSource

OP = "weave:///acme/support/op/{}:x7f"


def call(**more: Any) -> dict[str, Any]:
    return {
        "id": "c1",
        "project_id": "acme/support",
        "op_name": OP.format("answer"),
        "display_name": None,
        "trace_id": "t1",
        "parent_id": None,
        "thread_id": "s1",
        "started_at": "2026-07-25T17:20:00Z",
        "ended_at": "2026-07-25T17:20:02Z",
        "exception": None,
        "inputs": {"self": "weave:///acme/support/object/Bot:1", "question": "Refund?"},
        "output": {"answer": "30 days"},
        "attributes": {"env": "production", "plan": "pro", "weave": {"client_version": "0.52"}},
        "summary": {"usage": {}, "weave": {"status": "success", "latency_ms": 2000}},
        "wb_user_id": "u1",
        **more,
    }


MODEL = call(
    **{"id": "c2", "parent_id": "c1", "op_name": OP.format("openai.chat.completions.create"), "wb_user_id": None},
    **{"inputs": {"messages": [{"role": "user", "content": "inner"}], "model": "gpt-4o"}, "attributes": {}},
    **{"output": {"choices": [{"message": {"content": "x"}}]}, "summary": {"usage": {"gpt-4o-2024": {"requests": 1}}}},
)


def test_calls_are_rolled_up(tmp_path: Path) -> None:
    (found,), log = read_as(weave_calls, tmp_path, [MODEL, call()])
    assert (found.trace_id, found.input_text, found.output_text, found.model) == (
        "t1",
        "Refund?",
        "30 days",
        "gpt-4o-2024",
    )
    assert (found.session_id, found.user_id, found.environment, found.timestamp) == (
        "s1",
        "u1",
        "production",
        1785000000,
    )
    assert (found.tags, log.n_counted) == ({"env": "production", "plan": "pro", "name": "answer"}, 2)


def test_the_csv_spreads_inputs_over_columns(tmp_path: Path) -> None:
    text = (
        "id,op_name,trace_id,parent_id,started_at,exception,inputs.self,inputs.question,output.answer\n"
        "c1,weave:///a/b/op/answer:1,t1,,2026-07-25T17:20:00Z,,weave:///a/b/object/Bot:1,Refund?,30 days\n"
    )
    (found,), _ = read_as(weave_calls, tmp_path, text)
    assert (found.input_text, found.output_text, found.error) == ("Refund?", "30 days", None)


def test_references_are_no_text_and_exceptions_are_errors(tmp_path: Path) -> None:
    failed = call(inputs={"example": "weave:///a/b/object/Row:1"}, output=None, exception="TimeoutError: slow")
    (found,), _ = read_as(weave_calls, tmp_path, json.dumps({"calls": [failed]}))
    assert (found.input_text, found.output_text, found.error) == (None, None, "TimeoutError: slow")


def test_reactions_annotations_and_scorers(tmp_path: Path) -> None:
    given = [
        {"feedback_type": "wandb.reaction.1", "payload": {"emoji": "👎"}},
        {"feedback_type": "wandb.note.1", "payload": {"note": "odd"}},
        {"feedback_type": "wandb.annotation.tone", "payload": {"value": 4}},
        {"feedback_type": "wandb.runnable.Accuracy", "payload": {"output": {"score": 0.5}}},
    ]
    (found,), _ = read_as(weave_calls, tmp_path, [call(summary={"weave": {"feedback": given}})])
    assert found.feedback == (
        Feedback("reaction", 0.0, "👎", FeedbackSource.USER),
        Feedback("tone", 4.0, None, FeedbackSource.ANNOTATOR),
        Feedback("Accuracy", 0.5, None, FeedbackSource.JUDGE),
    )


def test_evaluations_are_left_out_whole(tmp_path: Path) -> None:
    inner = call(id="e2", trace_id="t2", parent_id="e1", op_name=OP.format("Evaluation.predict_and_score"))
    found, log = read_as(weave_calls, tmp_path, [call(), call(id="e1", trace_id="t2"), inner])
    assert ([trace.trace_id for trace in found], log.n_skipped) == (["t1"], 1)
