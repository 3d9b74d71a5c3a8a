"""Declared slices of production: values that the eval set has as well are shown, others may be anybody's."""

from __future__ import annotations

from collections.abc import Callable

from driftcheck.records import SLICE_PREFIX, EvalSet

MAX_VALUE = 200
"""Characters of a value that are kept."""


def declared_names(eval_set: EvalSet) -> tuple[str, ...]:
    """Names of the declared slices."""
    columns = map(str, eval_set.frame.columns)
    return tuple(name.removeprefix(SLICE_PREFIX) for name in columns if name.startswith(SLICE_PREFIX))


def shown_values(eval_set: EvalSet, mask: Callable[[str], str]) -> Callable[[str, str], str]:
    """Returns what a value of a declared slice, by the slice's name, is written as: masked if no case has it."""
    known = {name: frozenset(eval_set.frame[f"{SLICE_PREFIX}{name}"].dropna()) for name in declared_names(eval_set)}
    return lambda name, value: value if value in known[name] else mask(value)[:MAX_VALUE]
