"""Text of inputs and outputs: what users and models said, out of messages, parts and JSON inside JSON."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MAX_TEXT = 100_000
"""Characters kept of one text."""
TEXT_KEYS = (
    "input",
    "question",
    "query",
    "prompt",
    "message",
    "text",
    "content",
    "user_input",
    "messages",
    "contents",
)
_MESSAGE_LISTS = ("messages", "conversation", "conversations", "turns", "contents", "history", "chat_history")
_USER = frozenset({"user", "human", "customer", "enduser", "end_user", "prompter", "client", "visitor", "inbound"})
_ASSISTANT = frozenset({"assistant", "ai", "gpt", "bot", "model", "chatbot", "agent", "chatgpt", "bard", "outbound"})
_ROLES = {"human": "user", "prompter": "user", "gpt": "assistant", "ai": "assistant", "bot": "assistant"}
_LC_ROLES = {"Human": "user", "AI": "assistant", "System": "system", "Tool": "tool", "Function": "tool"}
_ITEMS = frozenset(
    [
        *("function_call", "function_call_output", "reasoning", "item_reference", "computer_call_output", "mcp_call"),
        *("computer_call", "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call"),
        *("custom_tool_call", "custom_tool_call_output", "local_shell_call", "local_shell_call_output"),
    ]
)
"""Items of OpenAI's Responses that stand among messages and say nothing."""
_DEPTH = 6
_ODD = frozenset(["", "{", "[", '"', " ", "\t", "\n", "\r", "\f", "\v", "\x1c", "\x1d", "\x1e", "\x1f"])
"""First characters of texts that may be JSON or blank."""


def to_text(value: Any) -> str | None:
    r"""Reduce an input or output to its text: of messages, the last user turn; None where there is no text.

    A text that is itself JSON is read, up to twice. Texts longer than MAX_TEXT are cut.

    >>> to_text([{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, {"role": "assistant"}])
    'Hi'
    >>> to_text('"\\"Say hi\\""')
    'Say hi'
    """
    # most texts need no reading and no cleaning, and a call to find that out would cost as much again
    if type(value) is str and value[:1] not in _ODD and len(value) <= MAX_TEXT and value.isascii():
        return value
    if value is None:
        return None
    return _clean(_text(value, _last_user, 0))


def answer_text(value: Any) -> str | None:
    """Reduce an output to its text: of messages, the last assistant turn.

    >>> answer_text([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}])
    'Yes?'
    """
    # most texts need no reading and no cleaning, and a call to find that out would cost as much again
    if type(value) is str and value[:1] not in _ODD and len(value) <= MAX_TEXT and value.isascii():
        return value
    if value is None:
        return None
    return _clean(_text(value, _last_assistant, 0))


def texts_of(values: Iterable[Any], read: Callable[[Any], str | None] = to_text) -> list[str | None]:
    """Read a column of inputs, or by `answer_text` of outputs, without a call for the texts that need no reading.

    >>> texts_of(["Hi", {"query": "Hello"}, None])
    ['Hi', 'Hello', None]
    """
    return [
        value
        if type(value) is str and value[:1] not in _ODD and len(value) <= MAX_TEXT and value.isascii()
        else read(value)
        for value in values
    ]


def conversation_of(value: Any) -> str | None:
    r"""Write all turns of a message list as `role: text` lines; None where there is at most one turn.

    >>> conversation_of([{"role": "user", "content": "Hi"}, {"from": "gpt", "value": "Yes?"}])
    'user: Hi\nassistant: Yes?'
    """
    messages = messages_of(value)
    if messages is None:
        return None
    lines = [f"{role or 'user'}: {text}" for role, text in messages if text]
    return _clean("\n".join(lines)) if len(lines) > 1 else None


def messages_of(value: Any) -> list[tuple[str, str | None]] | None:
    """Find the message list in a value, as (role, text); None where there is none."""
    value = parsed(value)
    if isinstance(value, Mapping):
        if is_message(value):
            return [(role_of(value), _content(value, 0))]
        for key in (*_MESSAGE_LISTS, *TEXT_KEYS):
            if isinstance(inner := parsed(value.get(key)), list) and (found := messages_of(inner)):
                return found
        return None
    if isinstance(value, list):
        while len(value) == 1 and isinstance(value[0], list):  # LangChain nests the list of one batch
            value = value[0]
        if value and all(isinstance(item, Mapping) for item in value):
            told = [item for item in value if item.get("type") not in _ITEMS or "content" in item]
            if told and all(map(is_message, told)):
                return [(role_of(item), _content(item, 0)) for item in told]
    return None


def is_message(value: Mapping[str, Any]) -> bool:
    """Tell whether an object is one turn: a role or an author, and content."""
    if "role" in value or "author" in value:
        return "content" in value or "parts" in value or "text" in value or "tool_calls" in value
    if "from" in value:
        return "value" in value
    if value.get("lc") == 1 and "kwargs" in value:
        return True
    kind = value.get("type")
    return isinstance(kind, str) and "content" in value and kind in ("human", "ai", "system", "tool", "user")


def role_of(message: Mapping[str, Any]) -> str:
    """Name who speaks: user, assistant, system, tool, or what the message itself says."""
    if message.get("lc") == 1:
        name = str((message.get("id") or [""])[-1])
        return next((role for prefix, role in _LC_ROLES.items() if name.startswith(prefix)), name)
    role = message.get("role") or message.get("from") or message.get("author") or message.get("type") or ""
    if isinstance(role, Mapping):  # ChatGPT's own export: {"author": {"role": "user"}}
        role = role.get("role") or ""
    name = str(role).strip().casefold()
    return "user" if name in _USER else "assistant" if name in _ASSISTANT else _ROLES.get(name, name)


def parsed(value: Any) -> Any:
    """Read a text that holds JSON (or the repr of a Python list or dict), up to twice; else return it as it is.

    >>> parsed('["a", "b"]'), parsed("['a']"), parsed("[link](x)")
    (['a', 'b'], ['a'], '[link](x)')
    """
    for _ in range(2):
        if not isinstance(value, str) or not value:
            break
        text = value.strip() if value[0].isspace() else value
        if text[:1] not in ("{", "[", '"'):
            break
        read = _read_literal(text)
        if read is None:
            break
        value = read
    return value


def _read_literal(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except ValueError:
        pass
    except RecursionError:
        return None
    if text[0] == '"' or text.rstrip()[-1:] not in ("}", "]") or len(text) > MAX_TEXT * 10:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


Choice = Callable[[list[tuple[str, str | None]]], str | None]


def _text(value: Any, choose: Choice, depth: int) -> str | None:
    if isinstance(value, str):
        if value[:1] in ("{", "[", '"', " ", "\n"):
            read = parsed(value)
            return value if isinstance(read, str | int | float) and read == value else _text(read, choose, depth + 1)
        return value
    if value is None or depth > _DEPTH:
        return None
    if isinstance(value, bool | int | float):
        return None if value != value else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return _text_of_object(value, choose, depth)
    if isinstance(value, list | tuple):
        return _text_of_list(list(value), choose, depth)
    return str(value)


def _text_of_object(value: Mapping[str, Any], choose: Choice, depth: int) -> str | None:
    if is_message(value):
        return _content(value, depth + 1)
    for key in TEXT_KEYS:
        if value.get(key) not in (None, "", [], {}):
            return _text(value[key], choose, depth + 1)
    if (found := messages_of(value)) is not None:
        return choose(found)
    texts = [item for item in value.values() if isinstance(item, str) and item]
    if len(texts) == 1:
        return _text(texts[0], choose, depth + 1)
    return canonical(value) if value else None


def _text_of_list(value: list[Any], choose: Choice, depth: int) -> str | None:
    if not value:
        return None
    messages = messages_of(value)
    if messages is not None:
        return choose(messages)
    if any(isinstance(item, Mapping) for item in value):
        return _parts(value, depth) or canonical(value)
    if all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return canonical(value)


def _last_user(messages: list[tuple[str, str | None]]) -> str | None:
    users = [text for role, text in messages if role == "user" and text]
    if users:
        return users[-1]
    others = [text for role, text in messages if role not in ("assistant", "tool") and text]
    return others[-1] if others else None


def _last_assistant(messages: list[tuple[str, str | None]]) -> str | None:
    answers = [text for role, text in messages if role == "assistant" and text]
    return answers[-1] if answers else next((text for _, text in reversed(messages) if text), None)


def _content(message: Mapping[str, Any], depth: int) -> str | None:
    if message.get("lc") == 1 and isinstance(message.get("kwargs"), Mapping):
        message = message["kwargs"]
    for key in ("content", "value", "parts", "text"):
        content = message.get(key)
        if isinstance(content, str):
            return content or None
        if isinstance(content, list):
            return _parts(content, depth) or None
        if isinstance(content, Mapping):  # ChatGPT's own export: {"content": {"parts": [...]}}
            inner = content.get("parts")
            return _parts(inner, depth) if isinstance(inner, list) else _text(content, _last_user, depth + 1)
    return None


def _parts(parts: Iterable[Any], depth: int) -> str:
    """Join the texts of a list of parts; a picture or another medium leaves `[image]`."""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping):
            texts.append(_part(part, depth) or "")
    return "\n".join(text for text in texts if text)


def _part(part: Mapping[str, Any], depth: int) -> str | None:
    for key in ("text", "content", "input_text", "value"):
        text = part.get(key)
        if isinstance(text, str):
            return text
        if isinstance(text, Mapping) and isinstance(text.get("value"), str):
            return str(text["value"])
        if isinstance(text, list) and depth < _DEPTH:
            return _parts(text, depth + 1)
    kind = str(part.get("type") or "")
    for medium in ("image", "audio", "video", "file", "document"):
        if medium in kind or f"{medium}_url" in part or medium in part:
            return f"[{medium}]"
    return None


def canonical(value: Any) -> str:
    """Write a value as JSON with sorted keys, so that equal values give equal texts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _clean(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # a lone surrogate, which no UTF-8 output can hold
            text = text.encode("utf-8", "replace").decode()
    return text
