"""WildChat, LMSYS-Chat-1M, Chatbot Arena, ShareGPT: one conversation a record, JSON and Parquet."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.exports import read_as

from driftcheck.loaders import chat_conversations


def turns(**more: Any) -> list[dict[str, Any]]:
    said = [("user", "Hallo"), ("assistant", "Guten Tag"), ("user", "Preis?"), ("assistant", "3 Euro")]
    return [{"content": text, "role": role, **more} for role, text in said]


WILDCHAT = {
    **{"conversation_hash": "h1", "model": "gpt-4", "timestamp": "2026-07-25T17:20:00+00:00", "turn": 2},
    **{"conversation": turns(language="German", toxic=False), "language": "German", "country": "Austria"},
    **{"toxic": False, "redacted": True, "hashed_ip": "ip", "openai_moderation": [], "header": {}},
}
LMSYS = {"conversation_id": "l1", "model": "vicuna-13b", "conversation": turns(), "turn": 2, "language": "German"}
ARENA = {
    **{"question_id": "q1", "model_a": "a", "model_b": "b", "winner": "model_a", "conversation_a": turns()},
    **{"conversation_b": turns(), "turn": 2, "language": "German", "tstamp": 1785000000.5},
}
SHAREGPT = {
    "id": "s1_0",
    "conversations": [
        {"from": "human" if turn["role"] == "user" else "gpt", "value": turn["content"]} for turn in turns()
    ],
}


@pytest.mark.parametrize(
    ("record", "trace_id", "time", "model", "language"),
    [
        (WILDCHAT, "h1", 1785000000.0, "gpt-4", "German"),
        (LMSYS, "l1", None, "vicuna-13b", "German"),
        (ARENA, "q1", 1785000000.5, "a", "German"),
        (SHAREGPT, "s1_0", None, None, None),
    ],
    ids=["WildChat", "LMSYS", "Arena", "ShareGPT"],
)
def test_a_conversation(
    tmp_path: Path, record: dict[str, Any], trace_id: str, time: float | None, model: str | None, language: str | None
) -> None:
    for content in (json.dumps([record]), [record]):
        (found,), log = read_as(chat_conversations, tmp_path, content)
        assert (found.trace_id, found.input_text, found.output_text) == (trace_id, "Preis?", "3 Euro")
        assert found.conversation == "user: Hallo\nassistant: Guten Tag\nuser: Preis?\nassistant: 3 Euro"
        assert (found.timestamp, found.model, found.language, found.feedback) == (time, model, language, ())
        assert log.n_counted == 1


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    record = {key: value for key, value in WILDCHAT.items() if key not in ("header", "openai_moderation")}
    parquet.write_table(pyarrow.Table.from_pylist([record]), tmp_path / "train.parquet")
    (found,), _ = read_as(chat_conversations, tmp_path, tmp_path / "train.parquet")
    assert (found.input_text, found.language, found.user_id) == ("Preis?", "German", "ip")
    assert found.tags == {"country": "Austria", "toxic": "false", "redacted": "true"}


def test_a_record_without_turns_is_left_out(tmp_path: Path) -> None:
    found, log = read_as(chat_conversations, tmp_path, [*[SHAREGPT] * 9, {"id": "x", "conversations": []}])
    assert (len(found), log.n_skipped) == (9, 1)
