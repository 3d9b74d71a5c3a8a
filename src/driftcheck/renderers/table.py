"""A table as rows of text: made once, printed alike by every output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table with its title and what to know of it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Plain text, not made safe: the output that prints it escapes what it must."""
    note: str
    marked: int | None = None
    """Row that is the user's own."""
    n_words: int = 0
    """The first columns that hold words, and start at the left; the others hold numbers."""
