"""Total variation of two samples of labels, with a permutation p: shared by the checks of languages and metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftcheck.findings import Evidence
from driftcheck.sizes import ALPHA
from driftcheck.stats.divergence import total_variation
from driftcheck.stats.noticeable import new_value_share
from driftcheck.stats.permutation import hypergeometric_counts, upper_p_value

N_PERMUTATIONS = 1999
_ROWS = 6


@dataclass(frozen=True)
class LabelMix:
    """How the labels of cases and traces differ."""

    value: float
    """Total variation 0..1."""
    chance: float
    """Its mean by chance alone."""
    p_value: float
    """Its permutation p."""
    rows: tuple[Evidence, ...]
    """The labels that moved most."""
    n_cases: int
    n_traces: int
    noticeable: float | None
    """Share of traffic from which a label that no case has would be noticed."""


def label_mix(cases: Sequence[str], traces: Sequence[str], *, seed: int, n_tests: int = 1) -> LabelMix:
    """Compare two samples of labels.

    Args:
        cases: label of each case, length n_cases.
        traces: label of each trace, length n_traces.
        seed: of the permutations.
        n_tests: by how many the caller will multiply the p.

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
    return LabelMix(
        value=value,
        chance=float(null.mean()),
        p_value=upper_p_value(value, null),
        rows=rows,
        n_cases=len(cases),
        n_traces=len(traces),
        noticeable=new_value_share((p + q) / (len(cases) + len(traces)), len(cases), len(traces), ALPHA / n_tests),
    )
