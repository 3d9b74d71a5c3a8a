"""Where something stands: a file, and its line where it has one."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"(?P<path>.+?)(?::(?P<line>[1-9]\d{0,8})|#\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """A line of a file; line None where the file has none that would help (an archive, one line of JSON)."""

    path: str
    """As the user named it: relative to where the command ran, or absolute."""
    line: int | None = None

    def __str__(self) -> str:
        """`drift.yaml:12`."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


def place_of(where: str) -> Place:
    """Read what loaders say of a record: `file:line`, or `file#record`.

    >>> place_of("evalsets/a.yaml:12"), place_of("a.json#3 in tests").line, place_of("C:/a.csv").path
    (Place(path='evalsets/a.yaml', line=12), None, 'C:/a.csv')
    """
    found = _LINE.fullmatch(where)
    if found is None:
        return Place(where)
    return Place(found["path"], int(found["line"]) if found["line"] else None)
