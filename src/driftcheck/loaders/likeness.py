"""Likeness: which formats a file of no known format is near to, and what it lacks of each.

What a format is recognised by stands in its module's docstring; the names that it quotes there are its signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from driftcheck.loaders import LOADERS, Loader, is_own_report
from driftcheck.loaders.columns import normal
from driftcheck.loaders.document import Document, Shape
from driftcheck.loaders.generic_kinds import lacking
from driftcheck.loaders.generic_table import table_of
from driftcheck.records import Nearest

N_NEAREST = 3
"""Formats of tools that are named, besides the generic ones."""
_MAX_LACKING = 5
_RECOGNISED = re.compile(r"[Rr]ecogni[sz]ed\b.*?(?=\n\s*\n|\nHow to get it|\Z)", re.DOTALL)
_QUOTED = re.compile(r"``?([^`]+)``?")
_NAME = re.compile(r"[\w@][\w.@\[\]-]*\w|\w")
_DEPTH = 3


@cache
def signs(format: str) -> tuple[str, ...]:
    """Names that a format's docstring quotes where it says what the format is recognised by.

    >>> signs("inspect-samples")
    ('input', 'target')
    """
    manual = next(loader.__doc__ or "" for loader in LOADERS if format == loader.FORMAT)
    said = _RECOGNISED.search(manual)
    quoted = _QUOTED.findall(said[0]) if said else []
    names = (name for text in quoted if "=" not in text for name in _NAME.findall(text))
    return tuple(dict.fromkeys(name for name in names if not name[0].isdigit() and not name.isupper()))


@cache
def _weight(name: str) -> float:
    """Return how much a sign says: the fewer formats have it, the more."""
    return 1 / max(1, sum(name in signs(loader.FORMAT) for loader in LOADERS))


def nearest(doc: Document) -> tuple[Nearest, ...]:
    """List the formats that an unknown document is near to, the nearest first, the generic ones last."""
    if is_own_report(doc):
        return ()
    there = _names(doc)
    found = []
    for loader in LOADERS:
        if _is_generic(loader):
            continue
        named = signs(loader.FORMAT)
        has = tuple(name for name in named if _is_there(name, there))
        if has:
            lacks = tuple(name for name in named if name not in has)
            share = sum(map(_weight, has)) / sum(map(_weight, named))
            found.append((-share, loader.FORMAT, Nearest(loader.FORMAT, has, lacks[:_MAX_LACKING])))
    near = [nearest for _, _, nearest in sorted(found, key=lambda entry: entry[:2])[:N_NEAREST]]
    return (*near, *_generic(doc))


def _generic(doc: Document) -> Iterator[Nearest]:
    table = table_of(doc)
    lacks = lacking(table) if table else {}
    for loader in LOADERS:
        if _is_generic(loader) and loader.KIND in lacks:
            yield Nearest(loader.FORMAT, (), lacks[loader.KIND])


def _is_generic(loader: Loader) -> bool:
    return loader.FORMAT.startswith("generic-")


def _is_there(name: str, there: frozenset[str]) -> bool:
    parts = [part for part in name.split(".") if part]
    # `results.results` is more than `results`, and that one stands within the other is not known here
    return normal(name) in there or (len(set(parts)) == len(parts) and all(normal(part) in there for part in parts))


def _names(doc: Document) -> frozenset[str]:
    """Keys, columns, tags and folders that a document has."""
    names = set(doc.columns)
    if doc.shape is Shape.ZIP:
        names.update(part for member in doc.head for part in str(member).split("/"))
    elif doc.shape is Shape.XML:
        names.update(doc.head)
    else:
        names.update(_keys(doc.head, 0))
    return frozenset(map(normal, names))


def _keys(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            if depth < _DEPTH:
                yield from _keys(inner, depth + 1)
    elif isinstance(value, list) and depth <= _DEPTH:
        for item in value[:20]:
            yield from _keys(item, depth + 1)
