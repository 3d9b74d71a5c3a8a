"""Bodies of requests to model providers and of their answers: OpenAI (chat, completions, responses), Anthropic, Gemini.

Proxies and gateways log them as they are; what the user said and what was answered is found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.invocation import Said, answered, said
from driftcheck.loaders.text import answer_text, is_message, parsed
from driftcheck.loaders.trace_fields import object_of

_ASKED = ("messages", "input", "contents", "prompt", "inputText", "message", "query")
_ANSWERS = ("choices", "output", "candidates", "content", "generations", "completion", "output_text", "message", "text")


def asked(body: Any) -> Said | None:
    """Find what the user said in the body of a request; None where there is no text.

    >>> asked({"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]}).text
    'Hi'
    """
    read = parsed(body)
    if not isinstance(read, Mapping):
        return said(read)
    for key in _ASKED:
        value = parsed(read.get(key))
        if value in (None, "", [], {}):
            continue
        if isinstance(value, list):  # the items of a Responses request are messages, calls and their results
            messages = [item for item in value if isinstance(item, Mapping) and is_message(item)]
            value = messages or value
        return said(value)
    return None


def replied(body: Any) -> str | None:
    """Find what was answered in the body of a response; None where there is no text, as in a mere call of a tool.

    >>> replied({"choices": [{"message": {"role": "assistant", "content": "Yes"}}]})
    'Yes'
    >>> replied({"output": [{"type": "reasoning"}, {"type": "message", "content": [{"text": "Yes"}]}]})
    'Yes'
    """
    read = parsed(body)
    if not isinstance(read, Mapping):
        return answer_text(read)
    for key in _ANSWERS:
        value = parsed(read.get(key))
        if value in (None, "", [], {}):
            continue
        if isinstance(value, str):
            return answer_text(value)
        if key == "content":
            return _item_text({"content": value})
        items = [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else [value]
        return next(filter(None, map(_item_text, reversed(items) if key == "output" else items)), None)
    return None


def _item_text(item: Mapping[str, Any]) -> str | None:
    if item.get("type") in ("function_call", "tool_use", "reasoning", "thinking", "tool_call", "web_search_call"):
        return None
    inner = item.get("message", item.get("content", item.get("text", item.get("parts"))))
    if isinstance(inner, Mapping):
        inner = inner.get("content", inner.get("parts", inner.get("text")))
    if isinstance(inner, list):
        texts = [part.get("text") if isinstance(part, Mapping) else part for part in inner]
        return answer_text("\n".join(text for text in texts if isinstance(text, str) and text) or None)
    return answered(inner)


def model_of(*bodies: Any) -> str | None:
    """Name the model: the one that answered before the one that was asked for."""
    for body in bodies:
        model = object_of(body).get("model") or object_of(body).get("modelVersion")
        if isinstance(model, str) and model.strip():
            return model.strip()
    return None


def tools_of(body: Any) -> tuple[str, ...]:
    """Name the tools that a response calls."""
    return tuple(dict.fromkeys(_tools(parsed(body), 0)))


def _tools(value: Any, depth: int) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _tools(item, depth + 1)
    elif isinstance(value, Mapping):
        function = value.get("function")
        if isinstance(function, Mapping) and isinstance(function.get("name"), str) and "arguments" in function:
            yield function["name"]
        elif value.get("type") in ("function_call", "tool_use") and isinstance(value.get("name"), str):
            yield value["name"]
        for key in ("choices", "message", "tool_calls", "output", "content"):
            inner = value.get(key)
            if isinstance(inner, list | Mapping):
                yield from _tools(inner, depth + 1)
