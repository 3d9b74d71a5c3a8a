"""Total variation of two samples of labels, with a permutation p: shared by the checks of languages and metadata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from driftcheck.findings import Evidence
from driftcheck.stats.divergence import total_variation
from driftcheck.stats.permutation import hypergeometric_counts, upper_p_value

N_PERMUTATIONS = 1999
_ROWS = 6


def label_mix(
    cases: Sequence[str], traces: Sequence[str], *, seed: int
) -> tuple[float, float, float, tuple[Evidence, ...]]:
    """Compare two samples of labels.

    Args:
        cases: label of each case, length n_cases.
        traces: label of each trace, length n_traces.
        seed: of the permutations.

    Returns:
        Total variation 0..1, its mean by chance alone, its permutation p, and the labels that moved most.

    """
    names, codes = np.unique(np.array([*cases, *traces], dtype=str), return_inverse=True)
    q = np.bincount(codes[: len(cases)], minlength=len(names))
    p = np.bincount(codes[len(cases) :], minlength=len(names))
    value = float(total_variation(p, q))
    rng = np.random.default_rng([seed, 103])
    permuted = hypergeometric_counts(p + q, len(cases), N_PERMUTATIONS, rng)
    null = total_variation(p + q - permuted, permuted)
    moved = np.abs(p / len(traces) - q / len(cases))
    rows = tuple(
        Evidence(label=str(names[i]), numbers={"eval": float(q[i] / len(cases)), "traffic": float(p[i] / len(traces))})
        for i in np.argsort(-moved, kind="stable")[:_ROWS]
        if moved[i] > 0.005
    )
    return value, float(null.mean()), upper_p_value(value, null), rows
