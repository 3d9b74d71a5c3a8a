"""What was found in a text and what the text became: values only."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("KEY", "EMAIL", "IBAN", "CARD", "ID", "IP", "PHONE", "ADDRESS", "PERSON")
"""Kinds of personal data, as they stand in the masked text. Where two overlap, the earlier kind names both."""


@dataclass(frozen=True)
class Found:
    """One personal value in a text."""

    kind: str
    """One of KINDS."""
    start: int
    """Index of its first character in the original text."""
    end: int
    """Index after its last character in the original text."""


@dataclass(frozen=True)
class Masked:
    """A text without its personal values."""

    text: str
    """The text with a tag such as `[EMAIL]` or `[PERSON_2]` in place of each value."""
    found: tuple[Found, ...]
    """What was replaced, in the order of the original text; none overlaps another."""


def united(found: list[Found]) -> list[Found]:
    """Make one of finds that overlap: from the first character of any to the last of any, by the kind that comes first.

    >>> united([Found("EMAIL", 3, 20), Found("KEY", 0, 5), Found("IP", 20, 24)])
    [Found(kind='KEY', start=0, end=20), Found(kind='IP', start=20, end=24)]
    """
    apart: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        if apart and one.start < apart[-1].end:
            last = apart.pop()
            kind = min(last.kind, one.kind, key=KINDS.index)
            one = Found(kind, last.start, max(last.end, one.end))
        apart.append(one)
    return apart
