"""Tags of cases: what an eval set says of a case beside its input and answer, and by which it can be sliced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from driftcheck.loaders.case_freshness import tags_among
from driftcheck.loaders.text import parsed
from driftcheck.loaders.trace_tags import MAX_TAG, tags_of, tags_of_list

_LANGUAGES = ("language", "lang", "locale")


def case_tags(metadata: Any, tags: Any = None) -> dict[str, str]:
    """Read an object of metadata (or JSON of one) and a list of tags, by the same rules as for traces.

    >>> case_tags('{"topic": "billing", "splits": ["test", "hard"], "user_id": 7}', ["vip"])
    {'topic': 'billing', 'splits': 'hard, test', 'tags': 'vip'}
    """
    read = parsed(metadata)
    found: dict[str, str] = {}
    if isinstance(read, Mapping):
        texts = {key: _joined(value) if isinstance(value, list) else value for key, value in read.items()}
        found = tags_of(tags_among(texts))
    listed = parsed(tags)
    return {**found, **tags_of_list(listed)} if listed else found


def other_fields(record: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """Return the fields that the format does not know: a user's own columns, which are metadata."""
    known = frozenset(known)
    return {str(key): value for key, value in record.items() if key not in known}


def language_of(*places: Any) -> str | None:
    """Find the language that a record or its metadata names.

    >>> language_of({"topic": "billing"}, {"Lang": "de"})
    'de'
    """
    for place in places:
        read = parsed(place)
        if isinstance(read, Mapping):
            by_name = {str(key).casefold(): value for key, value in read.items()}
            for name in _LANGUAGES:
                value = by_name.get(name)
                if isinstance(value, str) and value.strip():
                    return value.strip()
    return None


def _joined(values: list[Any]) -> str | None:
    texts = sorted(value for value in values if isinstance(value, str) and value)
    joined = ", ".join(texts)
    return joined if texts and len(texts) == len(values) and len(joined) <= MAX_TAG else None
