"""LiteLLM: rows of the spend logs, standard logging payloads, calls that are no conversation."""

import json
from pathlib import Path
from typing import Any

from tests.loaders.exports import read_as

from driftcheck.loaders import litellm

MESSAGES = [{"role": "user", "content": "Refund?"}]
RESPONSE = {"choices": [{"message": {"role": "assistant", "content": "30 days"}}]}


def row(**more: Any) -> dict[str, Any]:
    return {
        "request_id": "r1",
        "call_type": "acompletion",
        "startTime": "2026-07-25 17:20:00.000000",
        "endTime": "2026-07-25 17:20:02.000000",
        "model": "azure/gpt-4o",
        "model_group": "support",
        "user": "key-owner",
        "end_user": "u1",
        "session_id": "c1",
        "spend": 0.01,
        "metadata": json.dumps({"user_api_key": "hash", "status": "success", "spend_logs_metadata": {"plan": "pro"}}),
        "request_tags": '["topic:billing", "User-Agent: python"]',
        "messages": json.dumps(MESSAGES),
        "response": json.dumps(RESPONSE),
        "proxy_server_request": "{}",
        "status": "success",
        "cache_hit": "None",
        **more,
    }


def test_a_row_of_the_spend_logs(tmp_path: Path) -> None:
    (found,), log = read_as(litellm, tmp_path, [row()])
    assert (found.trace_id, found.input_text, found.output_text, found.model) == ("r1", "Refund?", "30 days", "support")
    assert (found.session_id, found.user_id, found.timestamp, found.error) == ("c1", "u1", 1785000000.0, None)
    assert found.tags == {"plan": "pro", "topic": "billing"}
    assert not log.warnings


def test_csv_and_pages(tmp_path: Path) -> None:
    cells = {key: str(value).replace('"', '""') for key, value in row().items()}
    text = ",".join(cells) + "\n" + ",".join(f'"{cell}"' for cell in cells.values()) + "\n"
    for content in (text, json.dumps({"data": [row()], "total": 1, "page": 1})):
        (found,), _ = read_as(litellm, tmp_path, content)
        assert (found.input_text, found.output_text) == ("Refund?", "30 days")


def test_the_request_of_the_proxy_stands_in_for_messages(tmp_path: Path) -> None:
    asked = json.dumps({"body": {"model": "m", "messages": MESSAGES}})
    (found,), _ = read_as(litellm, tmp_path, [row(messages="{}", proxy_server_request=asked)])
    assert found.input_text == "Refund?"


def test_texts_that_were_not_stored(tmp_path: Path) -> None:
    (found,), log = read_as(litellm, tmp_path, [row(messages="{}", response="{}")])
    assert (found.input_text, found.output_text) == (None, None)
    assert any("store_prompts_in_spend_logs" in text for text in log.warnings)


def test_a_standard_logging_payload_that_failed(tmp_path: Path) -> None:
    payload = {
        **{"id": "p1", "trace_id": "t", "call_type": "acompletion", "stream": False, "response_cost": 0.1},
        **{"status": "failure", "startTime": 1785000000.0, "endTime": 1785000001.0, "model": "gpt-4o"},
        **{"messages": MESSAGES, "response": None, "error_str": "slow", "hidden_params": {}, "end_user": "u1"},
        **{"error_information": {"error_class": "RateLimitError"}, "metadata": {"user_api_key_hash": "h"}},
        "request_tags": [],
    }
    (found,), _ = read_as(litellm, tmp_path, json.dumps(payload))
    assert (found.trace_id, found.input_text, found.error) == ("p1", "Refund?", "RateLimitError")


def test_embeddings_and_eval_runs_are_left_out(tmp_path: Path) -> None:
    rows = [row(), row(call_type="aembedding"), row(request_tags='["eval"]'), row(model_group="gpt", messages=MESSAGES)]
    found, log = read_as(litellm, tmp_path, rows)
    assert (len(found), log.n_skipped, log.n_counted) == (2, 2, 4)
    assert "is a call of aembedding, no conversation" in [skipped.why for skipped in log.skipped]
