"""A change of a rate, taken apart: what came from the mix of groups, and what from within them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Parts of the change of a rate between two windows, group by group; all parts together are the change."""

    before: float
    """Rate of the earlier window, 0..1."""
    after: float
    """Rate of the later window, 0..1."""
    mix: NDArray[np.float64]
    """By group, what its changed share did to the rate, (k,): a group that grows pulls the rate towards its own."""
    within: NDArray[np.float64]
    """By group, what its changed rate did, (k,)."""

    @property
    def change(self) -> float:
        """`after` - `before`: negative where it got worse."""
        return self.after - self.before


def decompose(good_before: ArrayLike, n_before: ArrayLike, good_after: ArrayLike, n_after: ArrayLike) -> Decomposition:
    """Take the change of a rate apart into mix and within-group parts that sum to it exactly.

    With shares w and rates r, before (0) and after (1), of group k:
    mix_k = (w1 - w0) * ((r0 + r1) / 2 - (R0 + R1) / 2), within_k = (r1 - r0) * (w0 + w1) / 2,
    R the overall rates. The overall mean that is taken off the mix part adds up to nothing over all groups, and makes
    each part readable by itself: a group that grows and is better than the rest helps. Kitagawa (1955), Journal of the
    American Statistical Association 50, 1168-1194; Oaxaca (1973); Blinder (1973). A group without members in one of
    the windows has no rate there: it keeps the one it has, and all of its part is mix.

    Parameters
    ----------
    good_before, good_after : array (k,)
        Sum of what is rated in each group (satisfied ratings, or shares of them), at most its n.
    n_before, n_after : array (k,)
        Ratings of each group.

    Raises
    ------
    ValueError
        A window holds no rating, or the shapes differ.

    >>> parts = decompose([9, 5], [10, 10], [9, 15], [10, 30])
    >>> [round(float(part), 4) for part in (parts.before, parts.after, *parts.mix, *parts.within)]
    [0.7, 0.6, -0.0625, -0.0375, 0.0, 0.0]

    """
    good0, n0, good1, n1 = (np.asarray(a, dtype=np.float64) for a in (good_before, n_before, good_after, n_after))
    if not good0.shape == n0.shape == good1.shape == n1.shape or good0.ndim != 1:
        raise ValueError("four arrays with a value for each group are needed")
    if n0.sum() <= 0 or n1.sum() <= 0:
        raise ValueError("a window holds no rating")
    share0, share1 = n0 / n0.sum(), n1 / n1.sum()
    before, after = float(good0.sum() / n0.sum()), float(good1.sum() / n1.sum())
    rate0, rate1 = good0 / np.where(n0 > 0, n0, 1.0), good1 / np.where(n1 > 0, n1, 1.0)
    rate0, rate1 = np.where(n0 > 0, rate0, rate1), np.where(n1 > 0, rate1, rate0)
    mix = (share1 - share0) * ((rate0 + rate1) / 2 - (before + after) / 2)
    within = (rate1 - rate0) * (share0 + share1) / 2
    return Decomposition(before, after, mix, within)
