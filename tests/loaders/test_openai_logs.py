"""OpenAI: output of batches, stored completions, responses, requests beside responses."""

import json
from pathlib import Path
from typing import Any

from tests.loaders.exports import read_as

from driftcheck.loaders import openai_logs
from driftcheck.records import Feedback, FeedbackSource

MESSAGES = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Refund?"}]
COMPLETION = {
    **{"id": "chatcmpl-1", "object": "chat.completion", "created": 1785000000, "model": "gpt-4o-2024"},
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "30 days"}, "finish_reason": "stop"}],
}
RESPONSE = {
    **{"id": "resp_1", "object": "response", "created_at": 1785000000, "model": "gpt-4o", "status": "completed"},
    "output": [
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "name": "search", "arguments": "{}"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "30 days"}]},
    ],
}


def answer(number: int = 1, **more: Any) -> dict[str, Any]:
    response = {"status_code": 200, "request_id": "q", "body": COMPLETION}
    return {"id": f"batch_req_{number}", "custom_id": f"c{number}", "response": response, "error": None, **more}


def question(number: int = 1) -> dict[str, Any]:
    body = {"model": "gpt-4o", "messages": MESSAGES, "metadata": {"topic": "billing"}}
    return {"custom_id": f"c{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}


def test_output_of_a_batch_has_no_questions_and_says_so(tmp_path: Path) -> None:
    (found,), log = read_as(openai_logs, tmp_path, [answer()])
    assert (found.trace_id, found.input_text, found.output_text) == ("batch_req_1", None, "30 days")
    assert (found.model, found.timestamp) == ("gpt-4o-2024", 1785000000.0)
    assert any("input file: name that too" in text for text in log.warnings)


def test_input_before_output_is_joined_by_custom_id(tmp_path: Path) -> None:
    failed = answer(2, response={"status_code": 429, "body": {"error": {"code": "rate_limit"}}})
    lines = [question(1), question(2), question(3), failed, answer()]
    found, log = read_as(openai_logs, tmp_path, lines)
    assert [(trace.input_text, trace.output_text, trace.error) for trace in found] == [
        ("Refund?", None, "rate_limit"),
        ("Refund?", "30 days", None),
        ("Refund?", None, None),
    ]
    assert found[1].tags == {"topic": "billing"}
    assert found[1].conversation == "system: Be kind\nuser: Refund?"
    assert log.n_counted == 5


def test_stored_completions(tmp_path: Path) -> None:
    stored = COMPLETION | {"metadata": {"session_id": "c", "plan": "pro", "thumbs": "up"}, "messages": MESSAGES}
    (found,), log = read_as(openai_logs, tmp_path, json.dumps({"object": "list", "data": [stored]}))
    assert (found.trace_id, found.input_text, found.output_text) == ("chatcmpl-1", "Refund?", "30 days")
    assert (found.session_id, found.tags) == ("c", {"plan": "pro"})
    assert found.feedback == (Feedback("thumbs", 1.0, "up", FeedbackSource.USER),)
    assert not log.warnings


def test_responses(tmp_path: Path) -> None:
    (found,), _ = read_as(openai_logs, tmp_path, [RESPONSE | {"input": "Refund?"}])
    assert (found.input_text, found.output_text, found.tools) == ("Refund?", "30 days", ("search",))


def test_requests_beside_responses(tmp_path: Path) -> None:
    line = {"time": "2026-07-25T17:20:00Z", "request": {"model": "m", "input": MESSAGES}, "response": RESPONSE}
    (found,), _ = read_as(openai_logs, tmp_path, [line | {"user_id": "u", "csat": 4}])
    assert (found.input_text, found.output_text, found.user_id) == ("Refund?", "30 days", "u")
    assert (found.timestamp, [given.value for given in found.feedback]) == (1785000000.0, [4.0])


def test_eval_runs_are_left_out(tmp_path: Path) -> None:
    found, log = read_as(openai_logs, tmp_path, [COMPLETION, COMPLETION | {"metadata": {"eval_run_id": "e"}}])
    assert (len(found), log.n_skipped) == (1, 1)
