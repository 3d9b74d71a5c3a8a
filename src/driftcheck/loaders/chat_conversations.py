"""Conversations of chat services, as public data sets of them are laid out: WildChat, LMSYS, Arena, ShareGPT.

Recognised by `conversation_hash` or `conversation_id` beside `conversation` (WildChat, LMSYS-Chat-1M), by
`conversation_a` (Chatbot Arena; the first of the two is read), and by `conversations` of `from` and `value`
(ShareGPT); JSON, lines or Parquet.

One conversation is one interaction: its last user turn, all its turns, its last answer. Languages are names
(English), as WildChat and LMSYS write them. There is no feedback: an Arena winner compares two models and rates
neither.

How to get it: the Parquet files of the data set on its page; your own chat service written in this layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import comments_in
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.feedback import is_feedback_name, read_feedback
from driftcheck.loaders.leaked_runs import EvalRuns, mark_in
from driftcheck.loaders.text import answer_text, conversation_of, is_message, parsed, role_of, to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import text_at
from driftcheck.loaders.trace_tags import tags_of
from driftcheck.records import Kind, Trace

FORMAT = "chat-conversations"
KIND = Kind.TRACES

_TURNS = ("conversation", "conversation_a", "conversations")
_IDS = ("conversation_hash", "conversation_id", "question_id", "id")
_TIMES = ("timestamp", "tstamp", "created_at", "create_time", "time", "date")
_TAGS = ("country", "state", "toxic", "redacted", "winner", "judge", "anony", "topic", "category", "source", "channel")
_CASE = frozenset(["expected", "reference", "ideal", "target", "ground_truth", "expected_output", "rubric"])


def sniff(doc: Document) -> Match | None:
    """Recognise rows of conversations."""
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED, Shape.PARQUET, Shape.CSV):
        return None
    heads = doc.head if isinstance(doc.head, list) else [doc.head]
    rows = [row for row in heads if isinstance(row, Mapping)]
    whys = [why for why in map(_why, rows) if why]
    if not whys or len(whys) < 0.8 * len(rows):
        return None
    return Match(0.88, whys[0])


def _why(row: Mapping[str, Any]) -> str | None:
    if _CASE & row.keys():
        return None
    for key in _TURNS:
        turns = _messages(row.get(key))
        if not turns:
            continue
        if key == "conversation_a":
            return "conversation_a of two models (Chatbot Arena)"
        if key == "conversation" and row.keys() & {"conversation_hash", "conversation_id"}:
            return "conversation beside its id (WildChat, LMSYS)"
        if key == "conversations" and any("from" in turn for turn in turns):
            return "conversations of from and value (ShareGPT)"
    return None


def _messages(value: Any) -> list[Mapping[str, Any]]:
    turns = parsed(value)
    if not isinstance(turns, list) or not turns:
        return []
    messages = [turn for turn in turns if isinstance(turn, Mapping) and is_message(turn)]
    return messages if len(messages) == len(turns) else []


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per conversation."""
    runs = EvalRuns(log)
    for where, row in doc.records(log):
        log.counted(1)
        key = next((key for key in _TURNS if isinstance(row, Mapping) and _messages(row.get(key))), None)
        if key is None:
            log.skip(where, "has no conversation")
            continue
        trace = _trace(where, row, _messages(row[key]))
        if not runs.leaves_out(trace, mark_in(row, parsed(row.get("metadata")))):
            yield trace
    runs.tell()


def _trace(where: str, row: Mapping[str, Any], turns: list[Mapping[str, Any]]) -> Trace:
    said_by_user = [turn for turn in turns if role_of(turn) == "user"]
    answers = [turn for turn in turns if role_of(turn) == "assistant"]
    times = (parse_timestamp(place.get(key)) for place in (row, *turns) for key in _TIMES)
    ratings = (read_feedback(name, value) for name, value in row.items() if is_feedback_name(str(name)))
    first = said_by_user[0] if said_by_user else {}
    metadata = parsed(row.get("metadata"))
    tags = {key: row[key] for key in _TAGS if row.get(key) is not None}
    return Trace(
        trace_id=text_at(row, *_IDS),
        input_text=to_text(said_by_user[-1:] or None),
        where=where,
        timestamp=next((time for time in times if time is not None), None),
        user_id=text_at(row, "hashed_ip", "user_id", "user"),
        conversation=conversation_of(turns),
        output_text=answer_text(answers[-1:] or None),
        model=text_at(row, "model", "model_a", "model_name"),
        language=text_at(row, "language", "lang") or text_at(first, "language"),
        tags=tags_of({**(metadata if isinstance(metadata, Mapping) else {}), **tags}),
        feedback=tuple(rating for rating in ratings if rating is not None),
        comments=comments_in(row),
        environment=text_at(row, "environment"),
    )
