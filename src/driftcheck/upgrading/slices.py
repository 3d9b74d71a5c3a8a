"""The cases that both runs have, by declared column and by topic."""

from __future__ import annotations

import numpy as np

from driftcheck.comparison import Comparison
from driftcheck.history import History
from driftcheck.records import SLICE_PREFIX, EvalSet


def compared(history: History) -> set[str]:
    """Ids of the cases with an outcome in the last two runs: those that are compared."""
    return set(history.ids(np.flatnonzero(history.known[:, -2:].all(axis=1)).tolist()))


def declared_slices(cases: EvalSet, history: History) -> list[dict[str, list[str]]]:
    """Cases in both runs, by the values of each declared column."""
    both = compared(history)
    families = []
    for column in [name for name in cases.frame.columns if name.startswith(SLICE_PREFIX)]:
        members: dict[str, list[str]] = {}
        for case, value in zip(cases.frame["case_id"], cases.frame[column], strict=True):
            if case in both and isinstance(value, str):
                members.setdefault(f"{column.removeprefix(SLICE_PREFIX)} {value}", []).append(case)
        families.append(members)
    return families


def topics(comparison: Comparison, history: History) -> dict[str, list[str]]:
    """Cases in both runs, by topic."""
    both = compared(history)
    partition = comparison.traffic.partition
    ids = comparison.eval_set.frame["case_id"].tolist()
    members: dict[str, list[str]] = {}
    for case, index in zip(ids, partition.slice_of_case.tolist(), strict=True):
        if case in both:
            part = partition.slices[index]
            # one without terms of its own is named by a text, which may not leave the terminal
            members.setdefault(f"{part.id} {part.name}" if part.terms else part.id, []).append(case)
    return members
