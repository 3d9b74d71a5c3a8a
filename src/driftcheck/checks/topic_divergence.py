"""The mix of topics in production differs from the eval set's by more than chance.

What is measured
    Excess KL(P||Q) in nats over topic slices: P production, Q the eval set; KL with pseudo-count 1/2 minus its mean
    under permuted labels, at the cut of the slice tree that shows most, median over clusterings. 0 = no more than
    chance. The p-value is the one verdict on "has the traffic moved": divergence and slice scan, each combined over ten
    clusterings by Fisher's sum, the two by the smaller p, calibrated by the same permutations. Fails only with
    p <= 0.005 as well.

Why it matters
    A pass rate is an average over the eval set's mix. Once traffic has another mix, it averages the wrong things.

How to fix it
    Look at the slice table: add cases to the slices marked uncovered or thin, largest traffic first. Where the eval set
    over-samples edge cases on purpose, say `design: stratified` in drift.yaml.

Source
    Kullback and Leibler (1951), On information and sufficiency; Westfall and Young (1993), Resampling-based multiple
    testing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftcheck.checks.slice_rows import slice_evidence
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import number, p_value, percent
from driftcheck.stats.noticeable import divergence_error, mix_shift

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC101"
TITLE = "Production asks about other things than the eval set"
UNIT = "nats"
DEFAULT = Thresholds(warn=0.05, fail=0.10)


def measure(comparison: Comparison) -> Measurement:
    """Excess KL(P||Q) in nats."""
    test, partition = comparison.traffic.test, comparison.traffic.partition
    divergence = test.divergence
    moved = [index for index, part in enumerate(partition.slices) if part.under_covered or part.dead]
    return Measurement(
        value=max(0.0, divergence.excess),
        low=divergence.low,
        high=divergence.high,
        p_value=test.p_value,
        n={"cases": test.n_cases, "sessions": test.n_traces},
        summary=(
            f"Excess KL(P||Q) is {number(divergence.excess)} nats over {divergence.n_slices} slices "
            f"({number(divergence.kl)} measured, {number(divergence.null_mean)} expected by chance alone), "
            f"p {_is(p_value(test.p_value))}."
        ),
        evidence=slice_evidence(comparison, moved),
        fix="Add cases to the slices that traffic has moved to (see slice-coverage).",
        spread=divergence_error(DEFAULT.warn or 0.0, test.n_cases, test.n_traces),
        noticeable=mix_shift(test.n_cases, test.n_traces),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    grown = half_grown(value)
    return f"a mix shifted by about {number(value)} nats" + (f", as 50 % to {percent(grown)}" if grown < 1 else "")


def half_grown(nats: float) -> float:
    """What one half of traffic grows to in a shift of so many nats: x with KL((x, 1 - x)||(1/2, 1/2)) = nats.

    1 from ln 2 on: half of traffic is gone.

    >>> round(half_grown(0.27), 2), half_grown(0.0), half_grown(0.7)
    (0.85, 0.5, 1.0)
    """
    if nats >= math.log(2):
        return 1.0
    low, high = 0.5, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        shift = math.log(2) + middle * math.log(middle) + (1 - middle) * math.log(1 - middle)
        low, high = (middle, high) if shift < nats else (low, middle)
    return round(high, 6)


def _is(p: str) -> str:
    return p if p.startswith("<") else f"= {p}"
