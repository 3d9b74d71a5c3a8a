"""Slices of two windows together: how their shares moved, and what each did to satisfaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcheck.checks.slice_rows import label_of
from driftcheck.investigating.reading import Inputs, Vectors, WindowTraffic
from driftcheck.investigation import Difference, Movement, Parts, SliceChange
from driftcheck.scores import Estimate
from driftcheck.slices.neighbours import find_nearest
from driftcheck.slices.partition import Partition, Slice, build_partition
from driftcheck.slices.space import fit_space
from driftcheck.slices.traffic import compare_traffic
from driftcheck.stats.decomposition import Decomposition, decompose
from driftcheck.stats.intervals import Interval, holm, mean_interval, newcombe_difference, wilson
from driftcheck.stats.shares import share_p_value

LEVEL = 0.05
"""Level, family-wise over all slices, or over all values of all fields, at which a share has moved."""
GONE = 0.1
"""A share that moved and is under a tenth of what it was has vanished; the other way round it has appeared."""
FEWEST, MOST = 8, 30
"""Slices."""
RATINGS_PER_SLICE = 8
"""Rated sessions that a slice should have in each window: with fewer its part is noise."""
N_IDS = 20
_DRAWS = 1_000


@dataclass(frozen=True)
class Slicing:
    """Both windows cut into the same slices, and everything else put into them."""

    partition: Partition
    rated_before: NDArray[np.int32]
    """Slice of each rated session of the baseline, (n,)."""
    rated_after: NDArray[np.int32]
    """Slice of each rated session of the week, (n,)."""
    cases: NDArray[np.int32]
    """Slice of each case, (n_cases,)."""


def cut(inputs: Inputs, seed: int) -> Slicing:
    """Cut the traffic of both windows into slices: where its mix moved most first, as the audit does.

    The baseline takes the place of the eval set. A rated session outside the samples, and a case, lie in the slice of
    the sampled session that is most like it.
    """
    before, after = inputs.baseline, inputs.week
    space = fit_space(before.vectors, after.vectors, seed=seed)
    partition = build_partition(
        space,
        compare_traffic(space, seed=seed),
        before.vectors,
        after.vectors,
        before.production.sample["text"].tolist(),
        after.production.sample["text"].tolist(),
        max_slices=_grain(inputs),
    )
    known = np.concatenate([before.vectors, after.vectors])
    slice_of = np.concatenate([partition.slice_of_case, partition.slice_of_trace])

    def placed(vectors: Vectors) -> NDArray[np.int32]:
        return slice_of[find_nearest(vectors, known)[0]] if len(vectors) else np.zeros(0, np.int32)

    return Slicing(partition, placed(before.rated_vectors), placed(after.rated_vectors), placed(inputs.case_vectors))


def _grain(inputs: Inputs) -> int:
    """Most slices: so few that each has some ratings in both windows; the usual number where nobody rated."""
    n_rated = min(len(inputs.baseline.rated), len(inputs.week.rated))
    return int(np.clip(n_rated // RATINGS_PER_SLICE, FEWEST, MOST)) if n_rated else MOST


def take_apart(inputs: Inputs, slicing: Slicing) -> Decomposition | None:
    """Take the change of satisfaction apart by slices; None where nobody rated in one of the windows."""
    n_slices = len(slicing.partition.slices)
    counts: list[NDArray[np.generic]] = []
    for window, slice_of in ((inputs.baseline, slicing.rated_before), (inputs.week, slicing.rated_after)):
        good = satisfied(window)
        if not len(good):
            return None
        counts += [np.bincount(slice_of, good, n_slices), np.bincount(slice_of, minlength=n_slices)]
    return decompose(*counts)


def part_intervals(inputs: Inputs, slicing: Slicing, parts: Decomposition, seed: int) -> Parts:
    """Give the two parts intervals: percentiles of a bootstrap of the rated sessions of each window by themselves."""
    n_slices = len(slicing.partition.slices)
    rng = np.random.default_rng(seed)
    drawn: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    is_unrated = np.zeros(n_slices, dtype=bool)
    for window, slice_of in ((inputs.baseline, slicing.rated_before), (inputs.week, slicing.rated_after)):
        # sessions alike in slice and rating are drawn together: as many kinds as slices, not as sessions
        pairs = np.column_stack([slice_of, satisfied(window)])
        kinds, counts = np.unique(pairs, axis=0, return_counts=True)
        draws = rng.multinomial(counts.sum(), counts / counts.sum(), size=_DRAWS).astype(np.float64)
        member = np.equal.outer(kinds[:, 0].astype(np.intp), np.arange(n_slices)).astype(np.float64)
        drawn.append(((draws * kinds[:, 1]) @ member, draws @ member))
        is_unrated |= np.bincount(slice_of, minlength=n_slices) == 0
    (good0, n0), (good1, n1) = drawn
    again = [decompose(*row) for row in zip(good0, n0, good1, n1, strict=True)]

    def part(value: float, values: list[float]) -> Difference:
        low, high = np.quantile(values, [0.025, 0.975]).tolist()
        return Difference(value, min(low, value), max(high, value))

    return Parts(
        mix=part(float(parts.mix.sum()), [float(one.mix.sum()) for one in again]),
        within=part(float(parts.within.sum()), [float(one.within.sum()) for one in again]),
        mix_of_unrated=float(parts.mix[is_unrated].sum()),
    )


def changes(
    inputs: Inputs,
    slicing: Slicing,
    parts: Decomposition | None,
    pass_of_case: NDArray[np.float64],
    to_read: Sequence[Sequence[str]],
) -> tuple[SliceChange, ...]:
    """Every slice, worst effect on satisfaction first; without ratings the one that grew most.

    Args:
        inputs: both windows.
        slicing: their slices.
        parts: what each slice did to satisfaction.
        pass_of_case: share of passes of each case in the latest run, NaN without an outcome, (n_cases,).
        to_read: ids of traces of each slice, in the order in which they are to be read.

    """
    rows = [
        _change(inputs, slicing, index, part, p_value, parts, pass_of_case, to_read[index])
        for index, (part, p_value) in enumerate(
            zip(slicing.partition.slices, share_p_values(inputs, slicing).tolist(), strict=True)
        )
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.effect if row.effect is not None else -row.share_change.value, row.id))
    )


def share_p_values(inputs: Inputs, slicing: Slicing) -> NDArray[np.float64]:
    """P-value of each slice's share having moved, family-wise, (k,).

    The scan's, which allows for the slice having been looked for; or, where it is smaller, Fisher's exact test with
    Holm's correction over the slices of the partition: those that the scan did not pick were cut by their size alone.
    """
    n_before, n_after = len(inputs.baseline.vectors), len(inputs.week.vectors)
    parts = slicing.partition.slices
    exact = holm([share_p_value(part.n_cases, n_before, part.n_traces, n_after) for part in parts])
    return np.minimum([part.p_adjusted for part in parts], exact)


def satisfied(window: WindowTraffic) -> NDArray[np.float64]:
    """Share of good ratings of each rated session, (n_rated,)."""
    return window.rated["satisfied"].to_numpy(dtype=np.float64)


def estimate(values: NDArray[np.float64]) -> Estimate | None:
    """Mean of values in 0..1 with its interval; None of nothing."""
    if not len(values):
        return None
    mean = mean_interval(values)
    return Estimate(mean.value, mean.low, mean.high, len(values))


def difference(after: Interval, before: Interval) -> Difference:
    """After minus before."""
    found = newcombe_difference(after, before)
    return Difference(found.value, found.low, found.high)


def movement(share_before: float, share_after: float, p_adjusted: float) -> Movement:
    """How a share moved, at LEVEL."""
    if p_adjusted > LEVEL or share_before == share_after:
        return Movement.STEADY
    if share_after > share_before:
        return Movement.APPEARED if share_before <= GONE * share_after else Movement.GREW
    return Movement.VANISHED if share_after <= GONE * share_before else Movement.SHRANK


def _change(
    inputs: Inputs,
    slicing: Slicing,
    index: int,
    part: Slice,
    p_value: float,
    parts: Decomposition | None,
    pass_of_case: NDArray[np.float64],
    to_read: Sequence[str],
) -> SliceChange:
    n_before, n_after = len(inputs.baseline.vectors), len(inputs.week.vectors)
    here = slicing.cases == index
    outcomes = pass_of_case[here]
    ids = inputs.eval_set.frame["case_id"].to_numpy()[here] if inputs.eval_set else np.array([], object)
    nearness = inputs.case_vectors[here] @ part.centroid
    return SliceChange(
        id=part.id,
        name=label_of(part),
        terms=part.terms,
        movement=movement(part.share_eval, part.share_production, p_value),
        n_before=part.n_cases,
        n_after=part.n_traces,
        share_before=part.share_eval,
        share_after=part.share_production,
        share_change=difference(wilson(part.n_traces, n_after), wilson(part.n_cases, n_before)),
        p_adjusted=p_value,
        satisfaction_before=estimate(satisfied(inputs.baseline)[slicing.rated_before == index]),
        satisfaction_after=estimate(satisfied(inputs.week)[slicing.rated_after == index]),
        mix=None if parts is None else float(parts.mix[index]),
        within=None if parts is None else float(parts.within[index]),
        n_cases=int(here.sum()) if inputs.eval_set else None,
        pass_rate=estimate(outcomes[~np.isnan(outcomes)]),
        case_ids=tuple(ids[np.lexsort((ids.astype(str), -nearness))][:N_IDS].tolist()),
        trace_ids=tuple(to_read[:N_IDS]),
    )
