"""Reference answers: which part of what a tool calls expected, reference or outputs is an accepted answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftcheck.loaders.record_lists import is_blank
from driftcheck.loaders.text import answer_text, canonical, messages_of, parsed

_NAMES = (
    *("answer", "expected_answer", "expected", "expected_output", "expected_response", "reference", "reference_output"),
    *("ground_truth", "ideal", "target", "label", "output", "response", "result", "text", "content", "message"),
    *("messages", "value"),
)
"""Names of the answer in an object that has several fields; the first one wins."""
_SCORES = ("score", "rating", "grade")


def answers_of(value: Any) -> tuple[str, ...]:
    """Read the accepted answers: a text, a number, any of a list, or the part of an object that is the answer.

    An object without a field named for an answer is one answer as a whole, as JSON. Scores are no answers.

    >>> answers_of({"answer": "Lima", "page": 3}), answers_of('["B", "B."]'), answers_of({"correctness_score": 1})
    (('Lima',), ('B', 'B.'), ())
    """
    read = parsed(value)
    if is_blank(read):
        return ()
    if isinstance(read, Mapping):
        return _of_object(read)
    if isinstance(read, list | tuple):
        if (messages := messages_of(read)) is not None:
            answer = answer_text(read) if messages else None
            return () if answer is None else (answer,)
        return tuple(text for item in read if (text := _text(item)))
    text = _text(value if isinstance(value, str) else read)
    return () if text is None else (text,)


def _of_object(value: Mapping[str, Any]) -> tuple[str, ...]:
    kept = {str(key): item for key, item in value.items() if not is_blank(item) and item not in ([], {})}
    by_name = {key.casefold(): key for key in kept}
    for name in _NAMES:
        if name in by_name:
            return answers_of(kept[by_name[name]])
    if not kept or all(key.casefold().endswith(_SCORES) and _is_number(item) for key, item in kept.items()):
        return ()
    if len(kept) == 1:
        return answers_of(next(iter(kept.values())))
    return (canonical(kept),)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return answer_text(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = canonical(value) if isinstance(value, list) else str(value).strip()
    return text if value is not None and text else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
