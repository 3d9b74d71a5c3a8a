"""Fields of traces whose values moved between two windows: error classes, models, languages, lengths, slice columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from driftcheck.investigating.reading import Inputs
from driftcheck.investigating.slices import LEVEL, difference, estimate, movement
from driftcheck.investigation import Mover
from driftcheck.languages import identify_alike
from driftcheck.lengths import lengths_of
from driftcheck.masking.classes import shown_error
from driftcheck.records import SLICE_PREFIX
from driftcheck.stats.intervals import holm, wilson
from driftcheck.stats.shares import share_p_value

MIN_SESSIONS = 10
"""Sessions of both windows together from which on a value is compared: fewer can hardly be told from chance."""
MAX_VALUES = 40
"""Most frequent values of a field that are compared: with each more, all need more evidence."""
_QUARTERS = (0.25, 0.5, 0.75)


def find_movers(inputs: Inputs, slices: Sequence[str]) -> tuple[tuple[Mover, ...], int]:
    """Values whose share of the sampled sessions moved, largest change first, and how many values were compared.

    Args:
        inputs: both windows.
        slices: declared slice columns.

    """
    before, after = _values_of_both(inputs, slices)
    n_before, n_after = len(inputs.baseline.vectors), len(inputs.week.vectors)
    compared = []
    for field in before:
        earlier, later = (Counter(value for value in side[field] if value is not None) for side in (before, after))
        compared += [
            (field, value, earlier[value], later[value])
            for value, n in (earlier + later).most_common(MAX_VALUES)
            if n >= MIN_SESSIONS
        ]
    if not compared:
        return (), 0
    p_values = holm([share_p_value(a, n_before, b, n_after) for _, _, a, b in compared])
    good = inputs.week.production.sample["satisfied"].to_numpy(dtype=np.float64)
    movers = []
    for (field, value, a, b), p_adjusted in zip(compared, p_values.tolist(), strict=True):
        if p_adjusted > LEVEL:
            continue
        has_it = np.array([one == value for one in after[field]], dtype=bool)
        movers.append(
            Mover(
                field=field,
                value=shown_error(value) if field == "error" else value,
                movement=movement(a / n_before, b / n_after, p_adjusted),
                n_before=a,
                n_after=b,
                share_before=a / n_before,
                share_after=b / n_after,
                share_change=difference(wilson(b, n_after), wilson(a, n_before)),
                p_adjusted=p_adjusted,
                satisfaction_after=estimate(good[has_it & ~np.isnan(good)]),
            )
        )
    movers.sort(key=lambda mover: (-abs(mover.share_change.value), mover.field, mover.value))
    return tuple(movers), len(compared)


_Values = dict[str, list[str | None]]
"""By field, the value of each sampled session; None where unknown."""


def _values_of_both(inputs: Inputs, slices: Sequence[str]) -> tuple[_Values, _Values]:
    """Read the fields of the baseline and of the week."""
    columns = {"error": "error", "model": "model", **{name: f"{SLICE_PREFIX}{name}" for name in slices}}
    samples = [window.production.sample for window in (inputs.baseline, inputs.week)]
    sides: list[_Values] = [
        {field: _known(sample[column].tolist()) for field, column in columns.items()} for sample in samples
    ]
    languages = identify_alike([(sample["text"].tolist(), sample["language"].tolist()) for sample in samples])
    lengths = [lengths_of(sample["text"].tolist()) for sample in samples]
    edges = np.unique(np.quantile(lengths[0], _QUARTERS, method="lower")).astype(np.int64)
    names = _length_names(edges.tolist())
    for side, spoken, words in zip(sides, languages, lengths, strict=True):
        side.setdefault("language", list(spoken))
        side["length"] = [names[part] for part in np.searchsorted(edges, words, side="left")]
    return sides[0], sides[1]


def _known(values: Sequence[object]) -> list[str | None]:
    return [value if isinstance(value, str) and value else None for value in values]


def _length_names(edges: Sequence[int]) -> list[str]:
    """Name the parts between lengths in words.

    >>> _length_names([7, 12, 13])
    ['up to 7 words', '8 to 12 words', '13 words', 'over 13 words']
    """
    middle = [f"{high} words" if low + 1 == high else f"{low + 1} to {high} words" for low, high in pairwise(edges)]
    return [f"up to {edges[0]} words", *middle, f"over {edges[-1]} words"]
