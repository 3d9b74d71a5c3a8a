"""Users write longer, or shorter, than the eval set does.

What is measured
    Wasserstein-1 distance of log input length in words (characters in scripts without spaces), production against the
    eval set: the mean shift of log length that would make the two agree; 0.69 is a factor of two. 0 = same lengths.
    With a permutation p: warns only with p <= 0.005 as well.

Why it matters
    Long inputs bury the question and strain retrieval and context; short ones leave out what the answer hangs on.

How to fix it
    Take cases of the missing lengths from production instead of writing them.

Source
    Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, number
from driftcheck.sizes import MIN_CASES, MIN_SESSIONS
from driftcheck.slices.space import TRACES_PER_CASE
from driftcheck.stats.noticeable import location_shift
from driftcheck.stats.permutation import upper_p_value

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC104"
TITLE = "Inputs have other lengths than the cases"
UNIT = "log words"
DEFAULT = Thresholds(warn=0.25, fail=None)
N_PERMUTATIONS = 499
_LENGTHS = ((1, 3), (4, 10), (11, 30), (31, 100), (101, math.inf))


def measure(comparison: Comparison) -> Measurement:
    """Wasserstein-1 distance of log length."""
    cases, traces = comparison.case_lengths, comparison.trace_lengths
    if len(cases) < MIN_CASES or len(traces) < MIN_SESSIONS:
        raise NotMeasurable(
            f"{count(len(cases), 'case')} and {count(len(traces), 'session')} with text are too few: "
            f"at least {MIN_CASES} and {MIN_SESSIONS} are needed"
        )
    tested = traces[: TRACES_PER_CASE * len(cases)]
    value, null = _wasserstein(np.log(cases), np.log(tested), comparison.seed)
    spread = math.sqrt(float(np.log(cases).var()) / len(cases) + float(np.log(tested).var()) / len(tested))
    rows = tuple(
        Evidence(
            label=_range(low, high), numbers={"eval": _within(cases, low, high), "traffic": _within(traces, low, high)}
        )
        for low, high in _LENGTHS
    )
    return Measurement(
        value=value,
        p_value=upper_p_value(value, null),
        n={"cases": len(cases), "sessions": len(tested)},
        summary=(
            f"Median length is {number(float(np.median(traces)))} words in production, "
            f"{number(float(np.median(cases)))} in the eval set; the distributions lie {number(value)} log words apart."
        ),
        evidence=rows,
        fix="Take cases of the missing lengths from production.",
        spread=spread,
        noticeable=location_shift(null, spread),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"inputs longer or shorter by about a factor of {number(math.exp(value))}"


def _range(low: float, high: float) -> str:
    return f"{low:.0f} words and more" if math.isinf(high) else f"{low:.0f}-{high:.0f} words"


def _within(lengths: NDArray[np.int64], low: float, high: float) -> float:
    return float(np.mean((lengths >= low) & (lengths <= high)))


def _wasserstein(
    cases: NDArray[np.float64], traces: NDArray[np.float64], seed: int
) -> tuple[float, NDArray[np.float64]]:
    """W1 of the two samples, and under permuted labels: the area between their distribution functions."""
    pool = np.concatenate([cases, traces])
    order = np.argsort(pool, kind="stable")
    widths = np.diff(pool[order])
    is_case = np.zeros(len(pool), dtype=bool)
    is_case[: len(cases)] = True

    def area(label: NDArray[np.bool_]) -> float:
        q = np.cumsum(label)[:-1] / len(cases)
        p = np.cumsum(~label)[:-1] / len(traces)
        return float(np.abs(p - q) @ widths)

    rng = np.random.default_rng([seed, 104])
    null = np.array([area(rng.permutation(is_case)) for _ in range(N_PERMUTATIONS)])
    return area(is_case[order]), null
