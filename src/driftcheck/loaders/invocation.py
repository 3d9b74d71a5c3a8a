"""What was said in a call: the user's text out of the arguments of a traced function.

Spans record whatever a function took and gave back: messages, `{"inputs": {"question": ...}}`,
`{"args": [...], "kwargs": {...}}`, the printed objects of a framework. `said` finds the text in it
and tells a text from a dump that nobody ever said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from driftcheck.loaders.text import (
    TEXT_KEYS,
    answer_text,
    canonical,
    conversation_of,
    is_message,
    messages_of,
    parsed,
    to_text,
)

_WRAPPERS = (
    *(
        "query_bundle",
        "query_str",
        "str_or_query_bundle",
        "user_message",
        "userMessage",
        "user_msg",
    ),
    *("user_prompt", "user_query", "userInput", "chat_input", "input_value", "sys.query"),
    *(
        "inputs",
        "kwargs",
        "args",
        "arguments",
        "data",
        "request",
        "request_data",
        "body",
        "payload",
    ),
    *("params", "state", "instruction", "task"),
)
_ANSWERS = (
    *("answer", "response", "output", "result", "completion", "final_output", "output_text"),
    *("reply", "outputs", "generations", "choices", "candidates", "return_values", "raw"),
)
_PRINTED = re.compile(r"""role=['"](\w+)['"] content=(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
_HISTORIES = ("chat_history", "history", "conversation_history", "previous_messages", "messages")
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Said:
    """The text of an input or output."""

    text: str
    conversation: str | None = None
    """All turns as `role: text` lines; None where there is only the one turn."""
    is_dump: bool = False
    """True where the text is that of an object in which nothing is known to be the user's."""


def said(value: Any) -> Said | None:
    r"""Find what the user said in the arguments of a call; None where there is no text.

    >>> said('{"inputs": {"question": "Refund?"}, "tags": []}').text
    'Refund?'
    >>> said({"args": ["programming"], "kwargs": {}}).text
    'programming'
    >>> said({"city": "Berlin", "days": 3}).is_dump
    True
    >>> said({"input": "Why?", "chat_history": [{"role": "assistant", "content": "No."}]}).conversation
    'assistant: No.\nuser: Why?'
    """
    inner = _unwrapped(value, 0)
    text = to_text(inner)
    if text is None:
        return None
    if messages_of(inner) is not None:
        return Said(text, conversation_of(inner))
    if isinstance(inner, str) and (before := _history(parsed(value))):
        is_told = (messages_of(before) or [("", None)])[-1] == ("user", text)
        return Said(text, conversation_of(before if is_told else [*before, {"role": "user", "content": text}]))
    is_object = isinstance(inner, Mapping) and len(inner) > 1
    return Said(text, None, is_object or (not isinstance(inner, str) and text[:1] in ("{", "[")))


def _history(value: Any) -> list[Any] | None:
    """Turns that stand beside a question, told before it."""
    if not isinstance(value, Mapping):
        return None
    for key in _HISTORIES:
        turns = parsed(value.get(key))
        if isinstance(turns, list) and turns and messages_of(turns) is not None:
            return turns
    return None


def answered(value: Any) -> str | None:
    """Find what was answered in what a call gave back; None where there is no text.

    >>> answered('{"text": "At 8.", "raw": {"id": 1}}'), answered({"result": {"answer": "At 8."}})
    ('At 8.', 'At 8.')
    """
    inner = _answer(value, 0)
    if isinstance(inner, Mapping) and len(inner) > 1 and messages_of(inner) is None:
        return canonical(inner)
    return answer_text(inner)


def _unwrapped(value: Any, depth: int) -> Any:
    value = parsed(value)
    if depth > _DEPTH:
        return value
    if isinstance(value, Mapping) and not is_message(value):
        for key in (*TEXT_KEYS, *_WRAPPERS):
            inner = value.get(key)
            if inner not in (None, "", [], {}, ()):
                return _unwrapped(inner, depth + 1)
    if isinstance(value, list) and value and isinstance(value[0], str):
        printed = [_PRINTED.match(item) for item in value if isinstance(item, str)]
        if all(printed):
            return [{"role": turn[1], "content": _unescaped(turn[2] or turn[3] or "")} for turn in printed if turn]
        return value[0] if len(value) == 1 else value
    if isinstance(value, list) and len(value) == 1 and not messages_of(value):
        return _unwrapped(value[0], depth + 1)
    return value


def _answer(value: Any, depth: int) -> Any:
    value = parsed(value)
    if depth > _DEPTH:
        return value
    if isinstance(value, Mapping) and not is_message(value) and messages_of(value) is None:
        for key in ("text", "content", "message", *_ANSWERS):
            inner = value.get(key)
            if inner not in (None, "", [], {}, ()):
                return _answer(inner, depth + 1)
    if isinstance(value, list) and len(value) == 1 and messages_of(value) is None:
        return _answer(value[0], depth + 1)
    return value


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\'", "'").replace('\\"', '"')
