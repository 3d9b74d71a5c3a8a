"""Where the items of a JSON text's lists start: its records have numbers, and git's dates have lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_LISTS = 3
_SPACE = re.compile(r"[ \t\n\r]*")


def json_starts(content: bytes, last: Mapping[str | None, int]) -> dict[str | None, list[int]]:
    """Lines on which the items of a JSON text's lists of objects start.

    Args:
        content: the text.
        last: number of the last item that is asked for, by the key of its list, or None where the file has but one.

    Returns:
        The lists that can be found without doubt.

    """
    try:
        text = content.decode("utf-8-sig")
        lists = list(_lists(text)) if last else []
    except (ValueError, RecursionError, IndexError):
        return {}
    found: dict[str | None, list[int]] = {}
    for name, least in last.items():
        meant = [items for key, items in lists if len(items) >= least and name in (None, key)]
        if len(meant) == 1:
            found[name], line, at = [], 1, 0
            for position in meant[0]:
                line += text.count("\n", at, position)
                at = position
                found[name].append(line)
    return found


_Lists = list[tuple[str, list[int]]]
"""Positions of the items of lists, with the keys of the lists."""


def _lists(text: str) -> _Lists:
    """Every list of objects that lies at most `_LISTS` objects deep."""
    decoder = json.JSONDecoder(strict=False)
    at = _skip(text, 0)
    if text[at : at + 1] == "[":
        return [("", _items(text, at, decoder)[0])]
    return _in_object(text, at, decoder, 1)[0] if text[at : at + 1] == "{" else []


def _in_object(text: str, at: int, decoder: json.JSONDecoder, depth: int) -> tuple[_Lists, int]:
    found: _Lists = []
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] != ":":
            raise ValueError
        at = _skip(text, at + 1)
        if text[at] == "[":
            items, at = _items(text, at, decoder)
            found += [(str(key), items)] if items else []
        elif text[at] == "{" and depth < _LISTS:
            inner, at = _in_object(text, at, decoder, depth + 1)
            found += inner
        else:
            _, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "}":
            raise ValueError
    return found, at + 1


def _items(text: str, at: int, decoder: json.JSONDecoder) -> tuple[list[int], int]:
    """Where the first keys of the list's items stand, and where the list ends; no items where one is no object."""
    starts, are_objects = [], True
    at = _skip(text, at + 1)
    while text[at] != "]":
        # a brace is like any other, and a diff may take it for its neighbour's: the first key tells items apart
        starts.append(_skip(text, at + 1) if text[at] == "{" else at)
        value: Any
        value, at = decoder.raw_decode(text, at)
        are_objects = are_objects and isinstance(value, dict)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "]":
            raise ValueError
    return (starts if are_objects else []), at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
