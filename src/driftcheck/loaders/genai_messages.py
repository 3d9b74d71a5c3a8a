"""Messages of a model call as spans hold them: flattened into attributes, or written as events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftcheck.loaders.text import parsed

_EVENT_ROLES = {
    "gen_ai.user.message": "user",
    "gen_ai.system.message": "system",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a span says happened within it."""

    name: str
    attributes: Mapping[str, Any]


def flat(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Write nested objects as dotted keys; lists stay values, nulls are dropped.

    >>> flat({"llm": {"model_name": "m"}, "input.value": "hi", "output": None})
    {'llm.model_name': 'm', 'input.value': 'hi'}
    """
    if not any(isinstance(value, Mapping) or value is None for value in attributes.values()):
        return dict(attributes)
    return dict(_flattened(attributes, "", 0))


def _flattened(value: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner and depth < 8:
            yield from _flattened(inner, f"{prefix}{key}.", depth + 1)
        elif inner is not None:
            yield f"{prefix}{key}", inner


def gathered(attributes: Mapping[str, Any], prefix: str) -> list[Any] | None:
    """Put a list together that was flattened to `prefix.0.role`, `prefix.0.content`, ...

    >>> gathered({"p.0.role": "user", "p.0.content": "Hi", "p.1.role": "ai"}, "p")
    [{'role': 'user', 'content': 'Hi'}, {'role': 'ai'}]
    """
    whole = parsed(attributes.get(prefix))
    if isinstance(whole, list):
        return whole
    root: dict[str, Any] = {}
    start = len(prefix) + 1
    for key, value in attributes.items():
        if not key.startswith(prefix + ".") or not key[start : start + 1].isdigit():
            continue
        at = root
        *path, last = key[start:].split(".")
        for part in path:
            inner = at.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            at = inner
        else:
            at[last] = value
    return _listed(root) if root else None


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(inner) for key, inner in value.items()}


def plain_message(message: Any) -> Any:
    """Take the prefixes off an OpenInference message.

    >>> plain_message({"message.role": "user", "message.content": "Hi"})
    {'role': 'user', 'content': 'Hi'}
    """
    if not isinstance(message, Mapping):
        return message
    inner = message.get("message", message)
    if not isinstance(inner, Mapping):
        return message
    plain = {str(key).removeprefix("message."): value for key, value in inner.items()}
    contents = plain.pop("contents", None)
    if isinstance(contents, list) and not plain.get("content"):
        plain["content"] = [_plain_part(part) for part in contents]
    if "role" in plain:  # OpenLLMetry writes parts as JSON into the content
        content = parsed(plain.get("content"))
        plain["content"] = content if isinstance(content, list) else plain.get("content")
    return plain


def _plain_part(part: Any) -> Any:
    if not isinstance(part, Mapping):
        return part
    inner = part.get("message_content", part)
    if not isinstance(inner, Mapping):
        return part
    return {str(key).removeprefix("message_content."): value for key, value in inner.items()}


def messages_in_events(
    events: Sequence[Event], attributes: Mapping[str, Any]
) -> tuple[list[Any] | None, list[Any] | None]:
    """Messages asked and answered that stand in events, older conventions included."""
    asked: list[Any] = []
    answers: list[Any] = []
    logged = parsed(attributes.get("events"))  # Logfire writes the events into an attribute
    inner = [event for event in logged if isinstance(event, Mapping)] if isinstance(logged, list) else []
    for event in (*events, *(Event(str(e.get("event.name") or ""), e) for e in inner)):
        body = parsed(event.attributes.get("body")) or event.attributes
        body = flat(body) if isinstance(body, Mapping) else {"content": body}
        if event.name in _EVENT_ROLES:
            content = body.get("content", body.get("gen_ai.event.content"))
            if content is not None:
                asked.append({"role": body.get("role") or _EVENT_ROLES[event.name], "content": content})
        elif event.name == "gen_ai.choice":
            message = parsed(body.get("message"))
            answers.append(
                message
                if isinstance(message, Mapping)
                else {"role": "assistant", "content": body.get("message.content", body.get("content", message))}
            )
        elif event.name == "gen_ai.content.prompt":
            asked += _as_list(event.attributes.get("gen_ai.prompt"))
        elif event.name == "gen_ai.content.completion":
            answers += _as_list(event.attributes.get("gen_ai.completion"))
        else:
            asked += _as_list(event.attributes.get("gen_ai.input.messages"))
            answers += _as_list(event.attributes.get("gen_ai.output.messages"))
    return asked or None, answers or None


def _as_list(value: Any) -> list[Any]:
    value = parsed(value)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    return [value if isinstance(value, Mapping) else {"role": "user", "content": value}]
