"""Kinds of errors, told from their messages."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"\d+")
LIMIT = 60
"""Characters of a class; what is longer is cut."""
_CODE = re.compile(r"[\w.#/-]+")


def is_code(name: str) -> bool:
    """Whether a class is one word, as programs name errors, and no message that may tell of a user.

    >>> is_code("ToolTimeout"), is_code("rate limit exceeded"), is_code("anna@mail.example")
    (True, False, False)
    """
    return _CODE.fullmatch(name) is not None


def error_class(message: str) -> str:
    """What kind of error a message tells of: its first words, with numbers taken out.

    >>> error_class("ToolTimeout: booking API took 30 s")
    'ToolTimeout'
    >>> error_class("HTTP 503 from upstream 17")
    'HTTP # from upstream #'
    """
    first = message.strip().splitlines()[0] if message.strip() else "error"
    head, _, _ = first.partition(":")
    return _NUMBERS.sub("#", head.strip() or first)[:LIMIT]
