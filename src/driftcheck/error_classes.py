"""Kinds of errors, told from their messages."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"\d+")
_LIMIT = 60


def error_class(message: str) -> str:
    """What kind of error a message tells of: its first words, with numbers taken out.

    >>> error_class("ToolTimeout: booking API took 30 s")
    'ToolTimeout'
    >>> error_class("HTTP 503 from upstream 17")
    'HTTP # from upstream #'
    """
    first = message.strip().splitlines()[0] if message.strip() else "error"
    head, _, _ = first.partition(":")
    return _NUMBERS.sub("#", head.strip() or first)[:_LIMIT]
