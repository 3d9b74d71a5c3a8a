"""JSON mended: what real exports break, and the standard decoder refuses.

A comma before a closing bracket, control characters inside strings, halves of characters.
"""

from __future__ import annotations

import json
import re
from typing import Any

STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
"""Pattern of a whole string."""
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""Pattern of an escape that may be half a character."""
TOO_DEEP = "nested too deeply"
MAX_SIGNS = 16 << 20
"""Brackets, commas and colons of one JSON text: each stands for a value of up to 80 bytes, so of 1 GiB at most."""
TOO_MUCH = f"holds more than {MAX_SIGNS // 2_000_000} million values"
_SIGNS = "[{,:"
_TRAILING = re.compile(rf"({STRING})|,(?=\s*[\]}}])", re.DOTALL)
_LENIENT = json.JSONDecoder(strict=False)


class Broken(ValueError):
    """A JSON value that cannot be decoded; `str()` says why."""


def holds_too_much(text: str | bytes) -> bool:
    """Tell whether a JSON text may take much more memory as values than as text: `[[],[],...]` takes 24 times as much.

    >>> holds_too_much("[],"), holds_too_much(b"[]," * MAX_SIGNS)
    (False, True)
    """
    if len(text) <= MAX_SIGNS:
        return False
    if isinstance(text, bytes):
        return sum(map(text.count, _SIGNS.encode())) > MAX_SIGNS
    return sum(map(text.count, _SIGNS)) > MAX_SIGNS


def mend(text: str) -> Any:
    """Decode one JSON value that the strict decoder refuses, or return a `Broken` that says why.

    >>> mend('{"a": [1, 2,], }')
    {'a': [1, 2]}
    """
    if holds_too_much(text):
        return Broken(TOO_MUCH)
    try:
        value, end = _LENIENT.raw_decode(_TRAILING.sub(lambda match: match[1] or "", text.strip()))
        if text.strip()[end:].strip(" \t\r\n,;]}"):
            return Broken("more text behind the value")
        return without_surrogates(value) if SURROGATE.search(text) else value
    except json.JSONDecodeError as error:
        return Broken(reason(error))
    except RecursionError:
        return Broken(TOO_DEEP)


def reason(error: json.JSONDecodeError) -> str:
    """Say what is wrong with a JSON text, without the place that the decoder's own words point at.

    >>> try:
    ...     json.loads('"cut o')
    ... except json.JSONDecodeError as error:
    ...     reason(error)
    'Unterminated string'
    """
    return error.msg.removesuffix(" at").removesuffix(" starting")


def without_surrogates(value: Any) -> Any:
    """Replace half characters (lone surrogates), which no UTF-8 output can hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value
