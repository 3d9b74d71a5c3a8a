"""Fields of production records: ids, texts and objects as tools write them, with what stands for nothing left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftcheck.loaders.text import parsed

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
