"""Which traces to read first: the worst rated and most central of the slices that made the week worse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftcheck.investigating.reading import Inputs
from driftcheck.investigating.slices import Slicing, satisfied
from driftcheck.investigation import FirstTrace, SliceChange
from driftcheck.slices.neighbours import find_nearest

MAX_SLICES = 5
"""Slices whose traces are shown."""
PER_SLICE = 5
_BAD = 0.5
"""Share of good ratings up to which a session went badly."""


def reading_order(inputs: Inputs, slicing: Slicing) -> list[list[str]]:
    """Ids of the week's traces of each slice: the badly rated first, worst and most central; then unrated ones.

    Those rated well come last.

    A text that was asked twice is read once.
    """
    week, sample = inputs.week, inputs.week.production.sample
    good = satisfied(week)
    texts, ids = week.rated["text"].tolist(), week.rated["trace_id"].tolist()
    rated = set(ids)
    orders = []
    for index, part in enumerate(slicing.partition.slices):
        here = np.flatnonzero(slicing.rated_after == index)
        away = -(week.rated_vectors[here] @ part.centroid)
        ranked = here[np.lexsort((week.rated["trace_id"].to_numpy(dtype=str)[here], away, good[here]))].tolist()
        rows = [(texts[row], ids[row]) for row in ranked if good[row] <= _BAD]
        unrated = [(sample["text"][row], sample["trace_id"][row]) for row in part.trace_rows]
        rows += [(text, trace_id) for text, trace_id in unrated if trace_id not in rated]
        rows += [(texts[row], ids[row]) for row in ranked if good[row] > _BAD]
        first: dict[str, str] = {}
        for text, trace_id in rows:
            first.setdefault(text, trace_id)
        orders.append(list(first.values()))
    return orders


def first_traces(inputs: Inputs, slices: tuple[SliceChange, ...]) -> tuple[FirstTrace, ...]:
    """The traces of the worst slices, slice by slice, each with the case that is most like it."""
    week = inputs.week
    place: dict[str, tuple[str, float | None, NDArray[np.float32]]] = {}
    for frame, vectors in ((week.production.sample, week.vectors), (week.rated, week.rated_vectors)):
        good = frame["satisfied"].to_numpy(dtype=np.float64)
        for row, (trace_id, text) in enumerate(zip(frame["trace_id"], frame["text"], strict=True)):
            place[trace_id] = (text, None if np.isnan(good[row]) else float(good[row]), vectors[row])
    worse = [row for row in slices if (row.effect if row.effect is not None else -row.share_change.value) < 0]
    chosen = [(row.id, trace_id) for row in worse[:MAX_SLICES] for trace_id in row.trace_ids[:PER_SLICE]]
    nearest: list[tuple[str | None, float | None]] = [(None, None)] * len(chosen)
    if inputs.eval_set is not None and chosen:
        rows, distance = find_nearest(np.stack([place[trace_id][2] for _, trace_id in chosen]), inputs.case_vectors)
        ids = inputs.eval_set.frame["case_id"]
        nearest = [(ids[row], 1 - float(away) ** 2 / 2) for row, away in zip(rows, distance, strict=True)]
    return tuple(
        FirstTrace(
            trace_id=trace_id,
            slice_id=slice_id,
            satisfied=place[trace_id][1],
            nearest_case=case,
            similarity=similarity,
            text=place[trace_id][0],
        )
        for (slice_id, trace_id), (case, similarity) in zip(chosen, nearest, strict=True)
    )
