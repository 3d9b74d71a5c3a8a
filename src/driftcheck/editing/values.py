"""Plain values: what an edit means, said without any file, so that the edited file can be compared with it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from driftcheck.errors import InputError

Path = tuple[str, ...]
Tree = dict[str, "Tree | New"]
"""Changes of one mapping by key: a new value, or changes of the mapping that stands there."""


class New:
    """A value to be set; None takes the key away."""

    def __init__(self, value: Any) -> None:
        self.value = value


def plain(value: Any) -> Any:
    """Copy a value down to texts, numbers, truths, None, lists and dicts with texts as keys.

    Raises:
        TypeError: it holds anything else.

    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} is no plain value")


def tree_of(changes: Mapping[Path, Any]) -> Tree:
    """Gather changes by the mappings that they fall into.

    >>> sorted(tree_of({("metadata", "owner"): "ann", ("metadata", "split"): None})["metadata"])
    ['owner', 'split']

    Raises:
        ValueError: a path is empty, or one change is within another.

    """
    tree: Tree = {}
    for path, value in changes.items():
        here = tree
        for key in path[:-1]:
            below = here.setdefault(key, {})
            if isinstance(below, New):
                raise ValueError(f"{path} is within another change")
            here = below
        if not path or path[-1] in here:
            raise ValueError(f"{path} is empty, or within another change")
        here[path[-1]] = New(plain(value))
    return tree


def changed(value: Mapping[str, Any], tree: Tree, where: str) -> dict[str, Any]:
    """Return the mapping with the changes.

    Raises:
        InputError: a change is within something that is no mapping.

    """
    result = dict(value)
    for key, change in tree.items():
        if isinstance(change, New):
            if change.value is None:
                result.pop(key, None)
            else:
                result[key] = change.value
        elif isinstance(inner := result.get(key), Mapping):
            result[key] = changed(inner, change, where)
        elif inner is not None:
            raise InputError(where, f"{key} holds no mapping, and a key cannot be set in it")
        elif made := changed({}, change, where):
            result[key] = made
    return result


def same(one: Any, other: Any) -> bool:
    """Tell whether two plain values are the same, types too: 1 is not True, and not 1.0; NaN is NaN.

    >>> same({"a": [1, float("nan")]}, {"a": [1, float("nan")]}), same(1, True)
    (True, False)
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def in_order_of(value: Any, neighbour: Any) -> Any:
    """Put the keys of a new value in the order of a neighbour's, all the way down; others come last, as they are.

    >>> in_order_of({"b": 1, "c": 2, "a": 3}, {"a": 0, "b": 0})
    {'a': 3, 'b': 1, 'c': 2}
    """
    if isinstance(value, dict) and isinstance(neighbour, Mapping):
        keys = [*(key for key in neighbour if key in value), *(key for key in value if key not in neighbour)]
        return {key: in_order_of(value[key], neighbour.get(key)) for key in keys}
    if isinstance(value, list) and isinstance(neighbour, list) and neighbour:
        return [in_order_of(item, neighbour[min(number, len(neighbour) - 1)]) for number, item in enumerate(value)]
    return value


def list_with(
    items: Sequence[Any], gone: Collection[int], trees: Mapping[int, Tree], new: Sequence[Any], where: str
) -> list[Any]:
    """Return a list without the items that go, the changes made, and the new ones at its end."""
    kept = [changed(item, trees[n], where) if n in trees else item for n, item in enumerate(items) if n not in gone]
    return [*kept, *new]
