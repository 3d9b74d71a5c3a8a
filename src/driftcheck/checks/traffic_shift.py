"""Production asks about other things than at the last refresh of the eval set.

What is measured
    Excess KL(P||Q) in nats over the slices that the last refresh stored whose proposals were accepted: P the sampled
    sessions now, Q those of then, each counted by its nearest slice; KL with pseudo-count 1/2 minus its mean under
    permuted labels. 0 = no more than chance. The p-value is a permutation test of the same counts. Warns, and fails
    under `design: stratified`, only with p <= 0.005 as well. A topic that is new since then is counted with the slices
    it is nearest to: how much of it there is, slice-coverage and novel-traffic tell.

Why it matters
    An eval set that over-samples edge cases on purpose never looks like traffic, so its distance to traffic says
    nothing. What it was made for was the traffic of that day: when that moves, its weights and its cases are of another
    time.

How to fix it
    Refresh the set: sample cases from the slices that grew, retire those that traffic left.

Source
    Kullback and Leibler (1951), On information and sufficiency; Pesarin (2001), Multivariate permutation tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcheck.checks.slice_rows import label_of
from driftcheck.errors import NotMeasurable, measurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, number, p_value
from driftcheck.sizes import MIN_SESSIONS
from driftcheck.slices.profile import nearest_slice
from driftcheck.stats.divergence import kl_divergence
from driftcheck.stats.divergence_interval import excess_interval
from driftcheck.stats.noticeable import divergence_error, mix_shift
from driftcheck.stats.permutation import hypergeometric_counts, upper_p_value

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.baseline import TrafficProfile
    from driftcheck.comparison import Comparison

CODE = "DC107"
TITLE = "Production asks about other things than at the last refresh"
UNIT = "nats"
DEFAULT = Thresholds(warn=0.05, fail=0.10)

N_PERMUTATIONS = 1999
_ROWS = 6
_IDS = 5
_LEAST = 0.005


def measure(comparison: Comparison) -> Measurement:
    """Excess KL(now||then) in nats."""
    profile = comparison.baseline.refreshed
    n_now = len(comparison.trace_vectors)
    n_then = sum(profile.counts.values()) if profile else 0
    if profile is None:
        raise NotMeasurable(
            "no refresh with this model is remembered whose proposals were accepted, 1 is needed: "
            "driftcheck refresh stores the traffic of its day, driftcheck accept lets it count"
        )
    if min(n_now, n_then) < MIN_SESSIONS or len(profile.counts) < 2:
        raise NotMeasurable(
            f"{count(n_now, 'session')} now and {count(n_then, 'session')} at {profile.called} are too few: "
            f"at least {MIN_SESSIONS} each are needed, in 2 slices"
        )
    if len(next(iter(profile.centroids.values()))) != comparison.trace_vectors.shape[1]:
        raise NotMeasurable(f"{profile.called} was embedded by another model: 1 refresh with this one is needed")
    slice_of = nearest_slice(profile.centroids, comparison.trace_vectors)
    now = np.bincount(slice_of, minlength=len(profile.centroids))
    then = np.array([profile.counts[name] for name in profile.centroids], dtype=np.int64)
    value, null = _divergence(now, then, comparison.seed)
    mean = float(null.mean())
    p = upper_p_value(value, null)
    excess = value - mean
    limits = excess_interval(now, then, mean)
    return Measurement(
        value=max(0.0, excess),
        low=min(limits.low, max(0.0, excess)),
        high=max(limits.high, excess, 0.0),
        p_value=p,
        n={"sessions": n_now, "sessions then": n_then},
        summary=(
            f"Against {profile.called}, excess KL(now||then) is {number(excess)} nats over {len(then)} slices "
            f"({number(value)} measured, {number(mean)} expected by chance alone), "
            f"p {p_value(p) if p < 0.001 else f'= {p_value(p)}'}."
        ),
        evidence=_rows(comparison, profile, slice_of, now, then),
        fix="Refresh the eval set from the slices that grew: `driftcheck refresh`.",
        spread=divergence_error(DEFAULT.warn or 0.0, n_then, n_now, len(then)),
        noticeable=mix_shift(n_then, n_now, len(then)),
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a mix shifted by {number(value)} nats since the refresh"


def _divergence(now: NDArray[np.int64], then: NDArray[np.int64], seed: int) -> tuple[float, NDArray[np.float64]]:
    """KL(now||then), and under permuted labels."""
    rng = np.random.default_rng([seed, 111])
    dealt = hypergeometric_counts(now + then, int(then.sum()), N_PERMUTATIONS, rng)
    return float(kl_divergence(now, then)), np.asarray(kl_divergence(now + then - dealt, dealt))


def _rows(
    comparison: Comparison,
    profile: TrafficProfile,
    slice_of: NDArray[np.int32],
    now: NDArray[np.int64],
    then: NDArray[np.int64],
) -> tuple[Evidence, ...]:
    """The slices whose share moved most, with the traces and cases nearest to them."""
    shares, before = now / now.sum(), then / then.sum()
    traffic = measurable(lambda: comparison.traffic)
    names = {part.id: label_of(part) for part in traffic.partition.slices} if traffic else {}
    ids = list(profile.centroids)
    case_slice = nearest_slice(profile.centroids, comparison.case_vectors)
    trace_ids = comparison.production.sample["trace_id"].astype(str).to_numpy(dtype=object)
    case_ids = comparison.eval_set.frame["case_id"].astype(str).to_numpy(dtype=object)
    moved = np.abs(shares - before)
    rows = []
    for index in np.argsort(-moved, kind="stable")[:_ROWS].tolist():
        if moved[index] < _LEAST:
            continue
        centroid = profile.centroids[ids[index]]
        rows.append(
            Evidence(
                label=names.get(ids[index], ids[index]),
                numbers={"then": float(before[index]), "now": float(shares[index])},
                slice_id=ids[index],
                case_ids=_central(case_ids, comparison.case_vectors, case_slice == index, centroid),
                trace_ids=_central(trace_ids, comparison.trace_vectors, slice_of == index, centroid),
            )
        )
    return tuple(rows)


def _central(
    ids: NDArray[np.object_], vectors: NDArray[np.float32], here: NDArray[np.bool_], centroid: NDArray[np.float32]
) -> tuple[str, ...]:
    """Ids of the members of a slice that are most like its middle."""
    rows = np.flatnonzero(here)
    near = vectors[rows] @ centroid
    return tuple(ids[rows[np.lexsort((ids[rows].astype(str), -near))]][:_IDS])
