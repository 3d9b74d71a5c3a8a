"""What the variables of a promptfoo test say: its input, its language, an id, the same in configs and results.

A config and the results of its runs meet here: both sides choose the input text and the id by these rules, so
that a result finds its case.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from driftcheck.loaders.text import conversation_of, to_text

INPUT_NAMES = (
    "question",
    "user_question",
    "query",
    "user_query",
    "prompt",
    "user_prompt",
    "input",
    "user_input",
    "message",
    "user_message",
    "utterance",
    "problem",
    "instruction",
    "instructions",
    "text",
    "body",
    "content",
    "topic",
)
"""Names of the variable that is the input, where a test has several; the first one wins."""

ANSWER_NAMES = (
    "expected",
    "expected_answer",
    "expected_output",
    "expected_response",
    "reference",
    "reference_answer",
    "ground_truth",
    "ideal",
    "answer",
    "answer_key",
    "target",
    "label",
    "expected_behavior",
    "expected_behaviour",
    "rubric",
)
"""Names of variables that hold the accepted answer, or a rubric, and are no part of the input."""

_LANGUAGE_NAMES = (
    "lang",
    "locale",
    "user_language",
    "input_language",
    "source_language",
    "speaking_language",
)
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_RUNTIME_NAMES = {"sessionid", "evaluationid"}
_REFERENCE = re.compile(r"\{\{-?\s*([A-Za-z_][\w.]*)\s*-?\}\}")
_OUTPUT = re.compile(r"(^|_)(output|response|answer|completion|reply)s?$")
"""Variables that hold what was answered before: a prompt of such a one alone only hands it to the assertions."""
_NO_INPUT = re.compile(r"(^|_)(id|uuid|index)$|^expected_")
"""Variables that name a test, or say more of what is expected."""
_ROW_NUMBER = re.compile(r"Row #\d+")
_BLOB = re.compile(r"(?:data:(?P<type>[\w.+-]+)/[\w.+-]+;base64,)?(?P<data>[A-Za-z0-9+/_-]{800})")
_PICTURES = ("/9j/", "iVBOR", "R0lGOD", "UklGR")
"""How JPEG, PNG, GIF and WebP begin in base64."""
_CONVERSATION = "_conversation"
_ID_NAMES = ("id", "case_id", "caseid", "test_id", "testid")
_MAX_TAG = 200
"""Longest text in characters that can be a tag: what is longer is prose."""


def fill_in(text: str, variables: Mapping[str, Any]) -> str:
    """Replace the plain references `{{name}}` of a template; filters and logic stay as they are.

    >>> fill_in("Refund for {{ item }}?", {"item": "a lamp"})
    'Refund for a lamp?'
    """

    def value_of(match: re.Match[str]) -> str:
        value: Any = variables
        for part in match[1].split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        filled = None if value is None else to_text(value)
        return match[0] if filled is None else filled

    return _REFERENCE.sub(value_of, text) if "{{" in text else text


def input_of(
    variables: Mapping[str, Any], *, used: Collection[str] = (), own: Collection[str] = ()
) -> tuple[str | None, str | None]:
    r"""Choose the input among the variables of a test: its text, and its conversation where it has turns.

    One variable is the input. Of several, the one that bears the first of INPUT_NAMES; else all of them, as
    `name: value` lines in the order of their names (the CSV that promptfoo writes has them in that order).
    `used` names the variables that the prompts fill in, where that is known: others are for assertions. `own` names
    those that the test itself sets, which come before what all tests share.

    >>> input_of({"language": "French", "body": "Hello"})
    ('Hello', None)
    >>> input_of({"tone": "calm", "city": "Lima"})
    ('city: Lima\ntone: calm', None)
    >>> input_of({"code": "SQL", "city": "Lima"}, used={"city"})
    ('Lima', None)
    """
    asked = _asked(variables, used)
    if not asked:
        turns = _turns(variables.get(_CONVERSATION))
        return (to_text(turns), conversation_of(turns)) if turns else (None, None)
    of_test = {name: value for name, value in asked.items() if name in own} or asked
    chosen = _by_name(of_test) or _by_name(asked)
    if chosen is None and len(of_test) == 1:
        chosen = next(iter(of_test))
    if chosen is not None:
        value = _readable(asked[chosen])
        if isinstance(value, str):
            value = fill_in(value, variables)
        return to_text(value), conversation_of(value)
    lines = [f"{name}: {text}" for name in sorted(of_test) if (text := to_text(_readable(of_test[name])))]
    return fill_in("\n".join(lines), variables) or None, None


def vars_id(variables: Mapping[str, Any]) -> str | None:
    """Make an id from all variables of a test, where its input text alone may not tell it from others.

    None for a single plain variable: there the input text is enough.
    """
    texts = {name: _canonical(value) for name, value in variables.items() if _counts(name, value)}
    if len(texts) < 2 and not any(text.startswith("file://") or _BLOB.match(text) for text in texts.values()):
        return None
    return "vars-" + hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()[:12]


def written_description(description: Any) -> str | None:
    """Return the description a person gave; `Row #3` is promptfoo's own and moves with the rows."""
    if not isinstance(description, str) or not description.strip():
        return None
    text = description.strip()
    return None if _ROW_NUMBER.fullmatch(text) else text


def metadata_id(metadata: Mapping[str, Any]) -> str | None:
    """Return the case id that the metadata of a test holds."""
    by_name = {str(name).lower().replace("-", "_"): value for name, value in metadata.items()}
    found = (by_name.get(name) for name in _ID_NAMES)
    return next((str(value) for value in found if isinstance(value, str | int) and value != ""), None)


def language_of(metadata: Mapping[str, Any], variables: Mapping[str, Any]) -> str | None:
    """Return the declared language of the input.

    A variable `language` is nearly always the language to translate into, so it counts only as a code.
    """
    for name in ("language", "lang", "locale"):
        value = metadata.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    by_name = {_normal(name): value for name, value in variables.items()}
    for name in _LANGUAGE_NAMES:
        value = by_name.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    code = by_name.get("language")
    return code if isinstance(code, str) and _LANGUAGE_CODE.fullmatch(code) else None


def tags_of(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata that can be slices: short scalars, and lists of them joined by commas."""
    tags: dict[str, str] = {}
    for name, value in metadata.items():
        items = value if isinstance(value, list) else [value]
        if items and all(isinstance(item, str | int | float) for item in items):
            text = ", ".join(_scalar(item) for item in items).strip()
            if text and len(text) <= _MAX_TAG:
                tags[str(name)] = text
    return tags


def answers_in(variables: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the accepted answers that stand among the variables."""
    by_name = {_normal(name): value for name, value in variables.items()}
    value = next((by_name[name] for name in ANSWER_NAMES if name in by_name), None)
    values = value if isinstance(value, list) else [value]
    return tuple(text for item in values if item is not None and (text := to_text(item)))


def _by_name(variables: Mapping[str, Any]) -> str | None:
    by_name = {_normal(name): name for name in reversed(list(variables))}
    return next((by_name[name] for name in INPUT_NAMES if name in by_name), None)


def _asked(variables: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    counted = {name: value for name, value in variables.items() if _counts(name, value)}
    asked_for = {name: value for name, value in counted.items() if name in used and not _OUTPUT.search(_normal(name))}
    counted = asked_for or counted
    asked = {
        name: value
        for name, value in counted.items()
        if _normal(name) not in ANSWER_NAMES and not _NO_INPUT.search(_normal(name))
    }
    return asked or counted


def _readable(value: Any) -> Any:
    """Replace base64 data, which says nothing as text, by `[image]` or `[data]`."""
    match = _BLOB.match(value) if isinstance(value, str) else None
    if match is None:
        return value
    return f"[{match['type'] or ('image' if match['data'].startswith(_PICTURES) else 'data')}]"


def _counts(name: str, value: Any) -> bool:
    return not (name.startswith("_") or _normal(name).replace("_", "") in _RUNTIME_NAMES or value in (None, ""))


@lru_cache(1000)  # a column's name comes with every row
def _normal(name: str) -> str:
    """Write `userQuestion` and `User Question` as `user_question`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).replace(" ", "_").replace("-", "_").lower()


def _canonical(value: Any) -> str:
    if isinstance(value, str):
        text = value.strip()
        if not text.startswith(("{", "[")):
            return text
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _scalar(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _turns(value: Any) -> list[dict[str, Any]]:
    """Read promptfoo's `_conversation`, a list of `{input, output}`, as messages."""
    turns: list[dict[str, Any]] = []
    for turn in value if isinstance(value, list) else ():
        if isinstance(turn, Mapping):
            said: Iterable[tuple[str, Any]] = (("user", turn.get("input")), ("assistant", turn.get("output")))
            turns += [{"role": role, "content": text} for role, text in said if text]
    return turns
