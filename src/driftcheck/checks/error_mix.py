"""Production fails in ways that the eval set never meets.

What is measured
    Share of production traces that end in an error, by class, above the share of results that end in the same class in
    the latest run: sum over classes of max(0, p - q), minus its mean when it is permuted which errors are production's.
    Share of traffic, 0..1; 0 = errors are met on the bench as often as by users, but for chance. Warns only with
    p <= 0.005 as well. Without runs nothing is met, and the share of errors itself counts. A class that is a message
    in words is shown with personal data masked.

Why it matters
    Tool failures and time-outs are part of what users get. A bench on which every tool answers never tests the reply
    that users then read.

How to fix it
    Add cases that make the tool fail (a stub that times out, a refused booking), and grade the reply.

Source
    Positive part of the difference of shares, half of which is the total variation distance: Levin, Peres and Wilmer
    (2009), Markov chains and mixing times, chapter 4.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcheck.error_classes import error_class, is_code
from driftcheck.errors import NotMeasurable, measurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, percent
from driftcheck.records import Status
from driftcheck.sizes import MIN_SESSIONS
from driftcheck.stats.intervals import mean_interval, newcombe_difference, wilson
from driftcheck.stats.noticeable import new_value_share, share_error
from driftcheck.stats.permutation import hypergeometric_counts, upper_p_value

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC105"
TITLE = "Errors in production that the eval set never meets"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.05, fail=None)
N_PERMUTATIONS = 1999
_ROWS = 6


def measure(comparison: Comparison) -> Measurement:
    """Share of traffic in error classes beyond what the latest run meets."""
    traffic = comparison.production.traffic
    if len(traffic) < MIN_SESSIONS:
        raise NotMeasurable(f"too few traces, {count(len(traffic))}: at least {MIN_SESSIONS} are needed")
    production = Counter(str(kind) for kind in traffic["error"] if kind)
    bench: Counter[str] = Counter()
    n_results = 0
    latest = measurable(lambda: comparison.latest_results)
    if latest is not None:
        n_results = len(latest)
        bench.update(
            error_class(message) if isinstance(message, str) else "error"
            for message in latest.loc[latest["status"] == Status.ERROR.value, "error"]
        )
    beyond = {
        kind: max(0.0, count / len(traffic) - (bench[kind] / n_results if n_results else 0.0))
        for kind, count in production.items()
    }
    sample = comparison.production.sample
    rows = []
    for kind in sorted(beyond, key=lambda name: (-beyond[name], name))[:_ROWS]:
        ids = sample.loc[sample["error"] == kind, "trace_id"].astype(str).tolist()
        rows.append(
            Evidence(
                label=_named(kind),
                numbers={
                    "bench": bench[kind] / n_results if n_results else None,
                    "traffic": production[kind] / len(traffic),
                },
                trace_ids=tuple(ids[:5]),
            )
        )
    value, p, by_chance = sum(beyond.values()), None, 0.0
    if n_results:
        null = _unmet_by_chance(production, bench, len(traffic), n_results, comparison.seed)
        by_chance = float(null.mean())
        value, p = max(0.0, value - by_chance), upper_p_value(value, null)
    unmet = [kind for kind in beyond if beyond[kind] > 0]
    interval = mean_interval(traffic["error"].isin(unmet).to_numpy(np.float64), traffic["session"].to_numpy())
    if n_results:
        interval = newcombe_difference(interval, wilson(sum(bench[kind] for kind in unmet), n_results))
    return Measurement(
        value=value,
        # chance adds its mean where all is chance, and nothing to classes that are clearly unmet
        low=max(0.0, min(value, interval.low - by_chance / 2)),
        high=max(value, interval.high - by_chance / 2),
        p_value=p,
        n={"traces": len(traffic), "results": n_results},
        summary=(
            f"{percent(sum(production.values()) / len(traffic))} of traces end in an error; "
            f"{percent(value)} of traffic more than the bench meets and chance explains."
        ),
        evidence=tuple(rows),
        fix="Add cases that make the tool fail, and grade the reply.",
        spread=share_error(DEFAULT.warn or 0.0, len(traffic), *([n_results] if n_results else [])),
        noticeable=_noticeable(production, bench, len(traffic), n_results),
    )


def _named(kind: str) -> str:
    """The class as reports show it."""
    if is_code(kind):
        return kind
    from driftcheck.masking.classes import shown_error  # a second, which most audits need not spend

    return shown_error(kind)


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a new error class, from about {percent(value)} of traffic on"


def _noticeable(production: Counter[str], bench: Counter[str], n_traces: int, n_results: int) -> float | None:
    """Share of traffic from which errors that the bench never meets would be noticed."""
    if not n_results:
        return 0.0  # nothing is compared: the share itself counts
    pooled = [(production[kind] + bench[kind]) / (n_traces + n_results) for kind in {*production, *bench}]
    return new_value_share(sorted(pooled), n_results, n_traces)


def _unmet_by_chance(
    production: Counter[str], bench: Counter[str], n_traces: int, n_results: int, seed: int
) -> NDArray[np.float64]:
    """The sum of positive differences when traces and results share one law of errors, (N_PERMUTATIONS,)."""
    kinds = sorted({*production, *bench})
    totals = np.array([production[kind] + bench[kind] for kind in kinds], dtype=np.int64)
    rest = n_traces + n_results - int(totals.sum())  # those that end well
    rng = np.random.default_rng([seed, 105])
    q = hypergeometric_counts(np.append(totals, rest), n_results, N_PERMUTATIONS, rng)[:, :-1]
    result: NDArray[np.float64] = ((totals - q) / n_traces - q / n_results).clip(min=0).sum(axis=1)
    return result
