"""Whether two shares are one."""

from __future__ import annotations

import numpy as np


def share_p_value(before: int, n_before: int, after: int, n_after: int) -> float:
    """Fisher's exact test of two shares being one, two-sided.

    >>> round(share_p_value(10, 100, 25, 100), 3)
    0.009
    """
    from scipy.stats import fisher_exact  # takes a second to import

    return float(fisher_exact(np.array([[before, n_before - before], [after, n_after - after]])).pvalue)
