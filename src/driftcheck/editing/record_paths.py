"""Paths into a record: what stands where, as text, whatever keys and lists it is wrapped in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.promptfoo_expected import assertion_from_cell
from driftcheck.loaders.text import parsed

Path = tuple[str | int, ...]
"""Keys of mappings and numbers of items, from the record inwards."""
ANY = "*"
"""Stands in a path for whichever item of a list."""
EXPECTED_COLUMN = "__expected"
"""Begins the columns of a promptfoo CSV that hold assertions."""
_LEAVES = 400
_LONGEST = 20_000


def leaves(record: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every text, number or truth in a record with its path; the first of them, where there are very many."""
    pending: list[tuple[Path, Any]] = [((), record)]
    n = 0
    while pending and n < _LEAVES:
        here, found = pending.pop()
        if isinstance(found, Mapping):
            pending += [((*here, str(key)), inner) for key, inner in reversed(list(found.items()))]
        elif isinstance(found, list):
            pending += [((*here, number), inner) for number, inner in reversed(list(enumerate(found)))]
        elif found is not None:
            n += 1
            yield here, found


def generalised(path: Path) -> Path:
    """A path with each place in a list as `ANY`.

    >>> generalised(("assert", 0, "value"))
    ('assert', '*', 'value')
    """
    return tuple(ANY if isinstance(step, int) else step for step in path)


def is_below(path: Path, kind: Path) -> bool:
    """Whether a path is of a kind, or leads on from there.

    >>> is_below(("ideal", 0), ("ideal",))
    True
    """
    return generalised(path)[: len(kind)] == kind


def at(value: Any, path: Path) -> Any:
    """What stands at a path; None where there is nothing."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else None
        else:
            return None
    return value


def put(record: dict[str, Any], path: Path, value: Any) -> None:
    """Set what stands at a path; mappings that are missing are made."""
    here: Any = record
    for step in path[:-1]:
        if isinstance(here, dict) and not isinstance(here.get(str(step)), dict | list):
            here[str(step)] = {}
        here = here[step]
    here[path[-1]] = value


def take_out(record: dict[str, Any], path: Path) -> None:
    """Take a key out of a record, where it is there, and mappings that are empty without it."""
    here = at(record, path[:-1])
    if isinstance(here, dict) and path[-1] in here:
        del here[str(path[-1])]
        if not here and len(path) > 1:
            take_out(record, path[:-1])


def copied(value: Any) -> Any:
    """A record that may be changed without changing this one."""
    if isinstance(value, Mapping):
        return {str(key): copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


def text_of(value: Any) -> str:
    """A leaf as text; empty for what is none.

    >>> text_of(7.0), text_of(True), text_of(" a ")
    ('7', 'true', 'a')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def texts_at(path: Path, value: Any) -> tuple[str, ...]:
    """Texts that a leaf stands for: its own, those of the list that its JSON is, the value of an assertion's cell.

    >>> texts_at(("__expected",), "similar(0.8): the capital"), texts_at(("target",), '["B", "B."]')
    (('the capital',), ('["B", "B."]', 'B', 'B.'))
    """
    if str(path[0]).startswith(EXPECTED_COLUMN) and isinstance(value, str):
        said = assertion_from_cell(value).get("value") if value.strip() else None
        return tuple(text for one in (said if isinstance(said, list) else [said]) if (text := text_of(one)))
    read = parsed(value) if isinstance(value, str) and value[:1] == "[" else None
    items = [text_of(item) for item in read if not isinstance(item, Mapping | list)] if isinstance(read, list) else []
    return tuple(filter(None, (text_of(value), *items)))


def folded(text: str) -> str:
    """Text as it is compared: white space folded, the end of a very long one left out."""
    return " ".join(text[:_LONGEST].split())
