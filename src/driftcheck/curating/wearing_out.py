"""Which cases are worn out: expired, repeats of another, of dead slices, passed by every version there ever was."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from driftcheck.checks.case_rows import MIN_VERSIONS, require_versions
from driftcheck.checks.expired_cases import validity_of
from driftcheck.comparison import Comparison
from driftcheck.errors import NotMeasurable
from driftcheck.records import EvalSet
from driftcheck.upkeep import Upkeep

GUARD = "guard"
"""Tag of cases that guard against a known regression: they are there to pass, or for what hardly anybody asks."""
_NO = frozenset({"", "false", "no", "0", "none"})


class Reason(StrEnum):
    """Why a case is retired, in a word."""

    NAMED = "named"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"
    DEAD = "dead slice"
    SATURATED = "saturated"


@dataclass(frozen=True)
class Worn:
    """A case that may go."""

    case_id: str
    reason: Reason
    detail: str
    """What makes it so, in words."""


def guards(eval_set: EvalSet) -> frozenset[str]:
    """Cases whose metadata says `guard`, with anything but no."""
    found = []
    for case_id, tags in zip(eval_set.frame["case_id"], eval_set.frame["tags"], strict=True):
        said = dict(tag.partition("=")[::2] for tag in tags.split("\n"))
        if said.get(GUARD, "").casefold() not in _NO:
            found.append(str(case_id))
    return frozenset(found)


def expired(eval_set: EvalSet, upkeep: Upkeep) -> tuple[Worn, ...]:
    """Cases past their validity, as expired-cases finds them. Raises NotMeasurable where no day is taken as today."""
    validity = validity_of(eval_set, upkeep)
    ids = eval_set.frame["case_id"].tolist()
    return tuple(
        Worn(str(ids[row]), Reason.EXPIRED, validity.reason[row]) for row in np.flatnonzero(validity.expired).tolist()
    )


def duplicates(comparison: Comparison, gone: Collection[str] = ()) -> tuple[Worn, ...]:
    """All but the best case of each group of those that repeat each other, as duplicate-cases finds them.

    The best is the one with most outcomes in the runs, since a history is what cannot be written anew; then the one
    created first, then the first by id. Cases that are gone anyway are no case's best.
    """
    frame = comparison.eval_set.frame
    n_outcomes = _outcomes(comparison)
    groups: dict[int, list[int]] = {}
    for row, group in enumerate(comparison.group_of_case.tolist()):
        if str(frame["case_id"].iloc[row]) not in gone:
            groups.setdefault(group, []).append(row)
    ids, created = frame["case_id"].tolist(), frame["created_at"].tolist()

    def rank(row: int) -> tuple[int, float, str]:
        return (-n_outcomes.get(ids[row], 0), math.inf if math.isnan(created[row]) else created[row], str(ids[row]))

    found = []
    for rows in groups.values():
        best, *others = sorted(rows, key=rank)
        found += [Worn(str(ids[row]), Reason.DUPLICATE, f"repeats {ids[best]}") for row in sorted(others)]
    return tuple(found)


def dead(comparison: Comparison) -> tuple[Worn, ...]:
    """Cases of slices that production hardly asks any more. Raises NotMeasurable with too little data for slices."""
    partition = comparison.traffic.partition
    ids = comparison.eval_set.frame["case_id"].tolist()
    return tuple(
        Worn(str(ids[row]), Reason.DEAD, f"{part.id} {part.name}")
        for row, index in enumerate(partition.slice_of_case.tolist())
        if (part := partition.slices[index]).dead
    )


def saturated(comparison: Comparison) -> tuple[Worn, ...]:
    """Cases that passed in every run of every version; those that never passed are suspects, and stay.

    Raises:
        NotMeasurable: no runs, or too few versions to tell a bench that stands still from a product that does.

    """
    history = comparison.history
    require_versions(history)
    living = history.living
    tried = np.sum(~np.isnan(history.by_version[living]), axis=1)
    passing = history.always(1.0, living[tried >= MIN_VERSIONS])
    known = set(comparison.eval_set.frame["case_id"])
    return tuple(
        Worn(case_id, Reason.SATURATED, f"passed in all of {int(n)} versions")
        for case_id, n in zip(
            history.ids(passing.tolist()), np.sum(~np.isnan(history.by_version[passing]), axis=1), strict=True
        )
        if case_id in known
    )


def _outcomes(comparison: Comparison) -> Mapping[object, int]:
    """Outcomes in the runs by case."""
    if comparison.runs is None:
        return {}
    try:
        history = comparison.history
    except NotMeasurable:
        return {}
    return dict(zip(history.case_ids, history.known.sum(axis=1).tolist(), strict=True))


@dataclass(frozen=True)
class Search:
    """What was looked for, and found."""

    worn: tuple[Worn, ...]
    blind: Mapping[Reason, str]
    """Why something that was looked for cannot be told, in words."""


def find_worn(
    wanted: Collection[Reason], eval_set: EvalSet, upkeep: Upkeep, comparison: Comparison | None = None
) -> Search:
    """Look for worn cases: expired ones first, then repeats among the others, dead slices, saturated ones.

    `comparison` is needed for all but the expired.
    """
    worn: list[Worn] = []
    blind: dict[Reason, str] = {}
    for reason in (one for one in Reason if one in wanted):
        try:
            if reason is Reason.EXPIRED:
                worn += expired(eval_set, upkeep)
            elif comparison is None:
                raise NotMeasurable("runs and production were not read")
            elif reason is Reason.DUPLICATE:
                worn += duplicates(comparison, {one.case_id for one in worn})
            elif reason is Reason.DEAD:
                worn += dead(comparison)
            elif reason is Reason.SATURATED:
                worn += saturated(comparison)
        except NotMeasurable as problem:
            blind[reason] = problem.reason
    return Search(tuple(worn), blind)
