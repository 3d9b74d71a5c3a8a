"""Since when traffic differs, told of all weeks together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.sizes import ALPHA, MIN_CASES, MIN_SESSIONS
from driftcheck.slices.space import fit_space
from driftcheck.slices.traffic import compare_traffic
from driftcheck.slices.tree import grow_trees
from driftcheck.stats.onset import LEVEL, differs_p_values, falls_p_values, first_that_differs
from driftcheck.trend import Onset, TrendPoint
from driftcheck.trending.telling import THE_EVAL_SET, differs, is_worth_a_word

N_TREES = 10
FEW_WEEKS = 4
"""Weeks that are taken together where one alone may be too small."""

NAMED_LATE = 2
"""Weeks by which a slow drift may be named late."""

Vectors = NDArray[np.float32]


def find_onsets(
    cases: Vectors, weeks: Sequence[Vectors], points: Sequence[TrendPoint], seed: int
) -> tuple[Onset | None, Onset | None]:
    """Since when traffic differs from the eval set, and, where it did from the start, from its own first weeks.

    Nothing is named unless it differs at the end, by the audit's own rule: the newest week that could be compared, or
    the newest four together.

    Args:
        cases: unit embeddings of the eval set, (n_cases, d).
        weeks: those of each week's sample, (n, d) each, oldest first; some may be empty.
        points: the rows of the weeks.
        seed: of clusterings and draws.

    """
    filled = [index for index, week in enumerate(weeks) if len(week)]
    compared = [point for point in points if point.scores.divergence]
    if not compared:
        return None, None
    vectors = [weeks[index] for index in filled]
    # two looks at half the level
    newest = together(vectors[-FEW_WEEKS:])
    if not differs(compared[-1], ALPHA / 2) and not _differ(cases, newest, seed, ALPHA / 2):
        return Onset(None, THE_EVAL_SET, LEVEL, (None,) * len(points)), None
    onset = _onset(cases, vectors, filled, points, seed, f"{THE_EVAL_SET} and the weeks before it")
    first = points[filled[0]].name
    named = [points[index].name for index in filled].index(onset.name or first)
    # a slow drift is named a week or two after it began: the weeks just before may hold some of it already, and without
    # them there are few; a set that never was a sample of its traffic shows in both
    both = (vectors[:named], vectors[: max(named - NAMED_LATE, min(named, NAMED_LATE))])
    if not all(_differ(cases, together(before), seed) for before in both if before):
        return onset, None
    # what differs from the first week on is no change of traffic: that is asked of traffic alone
    always = Onset(first, THE_EVAL_SET, LEVEL, onset.p_values)
    if len(filled) <= 2 * FEW_WEEKS:
        return always, None
    against = f"traffic from {first} on"
    if not _differ(together(vectors[:FEW_WEEKS]), together(vectors[-FEW_WEEKS:]), seed):
        return always, Onset(None, against, LEVEL, (None,) * len(points))
    return always, _onset(vectors[0], vectors[1:], filled[1:], points, seed, against)


def find_fall(weeks: Sequence[pd.DataFrame], points: Sequence[TrendPoint], seed: int) -> Onset | None:
    """Since when users are less satisfied than before; None where fewer than two weeks have ratings.

    Args:
        weeks: traffic of each week, columns of TRAFFIC_COLUMNS; ratings of one session count once.
        points: the rows of the weeks.
        seed: of the draws.

    """
    rated = [week.dropna(subset=["satisfied"]).groupby("session")["satisfied"].mean().to_numpy() for week in weeks]
    rows = [index for index, values in enumerate(rated) if len(values)]
    if len(rows) < 2:
        return None
    values = np.concatenate([rated[index] for index in rows]).astype(np.float64)
    group = np.repeat(np.arange(len(rows), dtype=np.int32), [len(rated[index]) for index in rows])
    found = falls_p_values(values, group, seed)
    p_values: list[float | None] = [None] * len(points)
    for row, p in zip(rows[1:], found.tolist(), strict=True):
        p_values[row] = p
    lasts = found[-1] <= LEVEL / 2  # a fall that users have got over is none
    name = points[rows[first_that_differs(found)]].name if lasts else None
    return Onset(name, "the weeks before", LEVEL, tuple(p_values))


def together(weeks: Sequence[Vectors]) -> Vectors:
    """Several weeks as one, their sessions in turn: the first rows stay a sample of all of them."""
    return np.concatenate(weeks)[_in_turn(weeks)]


def _in_turn(weeks: Sequence[Vectors]) -> NDArray[np.intp]:
    return np.argsort(np.concatenate([np.arange(len(week)) / len(week) for week in weeks]), kind="stable")


def _differ(reference: Vectors, traffic: Vectors, seed: int, level: float = ALPHA) -> bool:
    if len(reference) < MIN_CASES or len(traffic) < MIN_SESSIONS:
        return False
    test = compare_traffic(fit_space(reference, traffic, seed=seed), seed=seed)
    return is_worth_a_word(test.p_value, test.divergence.excess, level)


def _onset(
    reference: Vectors,
    weeks: Sequence[Vectors],
    rows: Sequence[int],
    points: Sequence[TrendPoint],
    seed: int,
    against: str,
) -> Onset:
    """Name the first of the weeks that differs, the last being known to.

    Args:
        reference: unit embeddings of what came before the first week.
        weeks: those of each week, none empty.
        rows: row of each of the weeks among `points`.
        points: all rows.
        seed: of clusterings and draws.
        against: what they are held against, in words.

    """
    space = fit_space(reference, together(weeks), seed=seed)
    trees = grow_trees(space, N_TREES, seed)
    week_of = np.repeat(np.arange(1, len(weeks) + 1, dtype=np.int32), [len(week) for week in weeks])[_in_turn(weeks)]
    rest = space.traces[space.n_tested :]
    leaves = np.stack([np.concatenate([tree.leaf_of_case, tree.leaf_of_trace, tree.assign(rest)]) for tree in trees])
    group = np.concatenate([np.zeros(len(reference), np.int32), week_of])
    found = differs_p_values(leaves, group, seed)
    p_values: list[float | None] = [None] * len(points)
    for row, p in zip(rows, found.tolist(), strict=False):
        p_values[row] = p
    first = first_that_differs(found) if len(found) else 1
    return Onset(points[rows[first - 1]].name, against, LEVEL, tuple(p_values))
