"""Helicone: JSON lines, JSON with a trailing comma, the CSV with its doubled quotes, pages of the API."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.exports import read_as

from driftcheck.loaders import helicone
from driftcheck.records import Feedback, FeedbackSource

OPENAI = {"choices": [{"message": {"role": "assistant", "content": "30 days", "tool_calls": []}}], "model": "gpt-4o-1"}
ANTHROPIC = {"content": [{"type": "text", "text": "30"}, {"type": "text", "text": "days"}], "role": "assistant"}


def request(**more: Any) -> dict[str, Any]:
    return {
        "request_id": "r1",
        "response_id": "a1",
        "request_created_at": "2026-07-25T17:20:00.000Z",
        "response_created_at": "2026-07-25T17:20:02.000Z",
        "request_body": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Refund?"}]},
        "response_body": OPENAI,
        "request_user_id": "u1",
        "request_properties": {"Helicone-Session-Id": "c1", "plan": "pro", "Environment": "production"},
        "request_model": "gpt-4o",
        "response_status": 200,
        "feedback_rating": True,
        "scores": {},
        **more,
    }


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(request()),
        "[\n" + json.dumps(request()) + ",\n]",
        json.dumps({"data": [request()]}),
        json.dumps([request(request_body=json.dumps(request()["request_body"]), response_body=json.dumps(OPENAI))]),
    ],
    ids=["lines", "trailing comma", "page", "bodies as text"],
)
def test_a_request(tmp_path: Path, text: str) -> None:
    (found,), log = read_as(helicone, tmp_path, text)
    assert (found.trace_id, found.input_text, found.output_text, found.model) == ("r1", "Refund?", "30 days", "gpt-4o")
    assert (found.session_id, found.user_id, found.environment) == ("c1", "u1", "production")
    assert found.timestamp == 1785000000.0
    assert found.tags == {"plan": "pro", "Environment": "production"}
    assert found.feedback == (Feedback("feedback_rating", 1.0, None, FeedbackSource.USER),)
    assert not log.warnings


def test_a_body_of_anthropic(tmp_path: Path) -> None:
    (found,), _ = read_as(helicone, tmp_path, [request(response_body=ANTHROPIC)])
    assert found.output_text == "30\ndays"


def test_the_csv_has_no_answers_and_writes_quotes_four_times(tmp_path: Path) -> None:
    body = '""""{""""messages"""":[{""""role"""":""""user"""",""""content"""":""""Refund?""""}]}""""'
    header = (
        "response_id,response_created_at,response_status,request_created_at,request_body,request_properties,"
        "request_user_id,model,prompt_tokens,completion_tokens,latency,cost\n"
    )
    cells = f'a1,2026-07-25T17:20:02Z,429,2026-07-25T17:20:00Z,"{body}","{{}}",u1,gpt-4o,1,2,3,0.1\n'
    (found,), _ = read_as(helicone, tmp_path, header + cells)
    assert (found.trace_id, found.input_text, found.output_text, found.error) == ("a1", "Refund?", None, "HTTP 429")


def test_without_bodies_it_says_so(tmp_path: Path) -> None:
    (found,), log = read_as(helicone, tmp_path, [request(request_body={}, response_body={}, response_status=-3)])
    assert (found.input_text, found.error) == (None, "Helicone status -3")
    assert any("--include-body" in text for text in log.warnings)


def test_scores_apart_from_thumbs_and_eval_runs_left_out(tmp_path: Path) -> None:
    rows = [
        request(feedback_rating=None, scores={"csat": {"value": 4}, "hallucination": 10}),
        request(request_id="r2", request_properties={"Helicone-Property-Environment": "eval"}),
    ]
    (found,), log = read_as(helicone, tmp_path, rows)
    assert [(given.name, given.value, given.source) for given in found.feedback] == [
        ("csat", 4.0, FeedbackSource.USER),
        ("hallucination", 10.0, FeedbackSource.JUDGE),
    ]
    assert (log.n_skipped, log.n_counted) == (1, 2)
