"""Slices keep their id from audit to audit, so that trends and waivers can refer to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
from scipy.optimize import linear_sum_assignment

from driftcheck.slices.space import Floats, normalise

SAME_SLICE = 0.85
"""Cosine of two centroids from which on they are one slice."""


def assign_ids(
    centroids: Floats,
    previous: Mapping[str, Floats] | None = None,
    *,
    retired: Iterable[str] = (),
    same_slice: float = SAME_SLICE,
) -> tuple[str, ...]:
    """An id for each slice: that of the matching slice of the last audit, or a new one.

    Slices are matched one to one so that the sum of cosines is largest; pairs below `same_slice`
    are no match. New ids `s1`, `s2`, ... count on from the highest ever given.

    Parameters
    ----------
    centroids : array (n_slices, d)
        In the raw embedding space; need not have unit norm.
    previous : mapping of id to array (d,), optional
        Centroids of the last audit.
    retired : iterable of str
        Ids of older audits that must not come back.
    same_slice : float
        Cosine threshold.

    Raises
    ------
    ValueError
        If the widths differ: the embedding model has changed, and no slice can be matched.

    """
    known = dict(previous or {})
    numbers = (re.fullmatch(r"s(\d+)", i) for i in (*known, *retired))
    last = max((int(m[1]) for m in numbers if m), default=0)
    ids: dict[int, str] = {}
    if known and len(centroids):
        old = np.stack(list(known.values()))
        if old.shape[1] != centroids.shape[1]:
            raise ValueError(f"width changed from {old.shape[1]} to {centroids.shape[1]}")
        cosine = normalise(centroids) @ normalise(old).T
        # below the threshold a pair is worth nothing, and takes no good partner from another
        worth = np.where(cosine >= same_slice, cosine, 0.0)
        names = list(known)
        for old_row, row in zip(*linear_sum_assignment(-worth.T), strict=True):
            if worth[row, old_row] > 0:
                ids[int(row)] = names[int(old_row)]
    for i in range(len(centroids)):
        if i not in ids:
            last += 1
            ids[i] = f"s{last}"
    return tuple(ids[i] for i in range(len(centroids)))
