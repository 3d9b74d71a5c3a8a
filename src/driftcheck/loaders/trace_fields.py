"""Fields of production records: ids, texts and objects as tools write them, with what stands for nothing left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from driftcheck.loaders.feedback import is_course, is_outcome
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import parsed, to_text
from driftcheck.records import Status

_NO_ERROR = frozenset({"", "false", "none", "null", "nan", "0", "no", "ok", "200", "success", "completed", "{}", "[]"})
_MAX_ERROR = 200
_CODE = re.compile(r"\d{3}(\.0)?")
_NOTHING = frozenset(["", "null", "none", "nan", "undefined", "nat"])


def id_of(value: Any) -> str | None:
    """Read an id: a text, a number or a UUID; None where there is none.

    >>> id_of(7), id_of(" a "), id_of("undefined"), id_of(float("nan"))
    ('7', 'a', None, None)
    """
    if value is None or isinstance(value, bool | Mapping | list):
        return None
    text = str(value).strip()
    return text if text.casefold() not in _NOTHING else None


def text_at(record: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first of the keys that holds a text or a number, as text; a dotted key is looked up within objects.

    >>> text_at({"a": "", "b": {"c": 3}}, "a", "b.c")
    '3'
    """
    for key in keys:
        value: Any = record.get(key)
        if value is None and "." in key:
            value = record
            for part in key.split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
        found = id_of(value)
        if found is not None:
            return found
    return None


def object_of(value: Any) -> Mapping[str, Any]:
    """Read an object, which may be written as JSON; an empty one where there is none.

    >>> object_of('{"plan": "pro"}'), object_of(None)
    ({'plan': 'pro'}, {})
    """
    read = parsed(value)
    return read if isinstance(read, Mapping) else {}


def error_text(value: Any) -> str | None:
    """Read an error: its message, or a flag; None where all went well.

    >>> error_text("timeout"), error_text(False), error_text("true"), error_text("none")
    ('timeout', None, 'error', None)
    """
    if value is None:
        return None
    if value is True or str(value).strip().casefold() in ("true", "1", "yes", "1.0"):
        return "error"
    return status_error(value)


def status_error(value: Any) -> str | None:
    """Read what a status says of an error: its word, the number of an HTTP code; None where all went well.

    What came of a conversation (`escalated`) is no error, and neither is how far it has come (`open`).

    >>> status_error("timeout"), status_error("success"), status_error(503), status_error("200"), status_error(True)
    ('timeout', None, 'HTTP 503', None, None)
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, Mapping):
        value = value.get("message") or value.get("type") or value.get("code") or value
    text = to_text(value)
    if text is None or text.strip().casefold() in _NO_ERROR:
        return None
    if _CODE.fullmatch(text.strip()):
        code = int(float(text))
        return f"HTTP {code}" if code >= 400 else None
    if is_outcome(text) or is_course(text) or read_status(text) in (Status.PASS, Status.SKIPPED):
        return None
    return text[:_MAX_ERROR]


def tool_names(value: Any) -> tuple[str, ...]:
    """Read the names of tools called: a list of names or of calls, or a text of either.

    >>> tool_names([{"function": {"name": "search"}}, {"name": "buy"}]), tool_names("search, buy")
    (('search', 'buy'), ('search', 'buy'))
    """
    if value is None or value == "":
        return ()
    read = parsed(value)
    if isinstance(read, str):
        return tuple(name for part in read.split(",") if (name := part.strip()))
    names = []
    for call in read if isinstance(read, list | tuple) else [read]:
        if isinstance(call, Mapping):
            function = call.get("function")
            call = (
                call.get("name") or call.get("tool") or (function.get("name") if isinstance(function, Mapping) else "")
            )
        if isinstance(call, str) and call:
            names.append(call)
    return tuple(names)
