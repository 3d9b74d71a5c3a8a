"""Production fails in ways that the eval set never meets.

What is measured
    Share of production traces that end in an error, by class, above the share of results that end in the same class in
    the latest run (0 where there are no runs): sum over classes of max(0, p - q). Share of traffic, 0..1; 0 = every
    error class is met at least as often on the bench.

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

from driftcheck.error_classes import error_class
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import percent
from driftcheck.records import Status
from driftcheck.sizes import MIN_SESSIONS
from driftcheck.stats.intervals import mean_interval

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC105"
TITLE = "Errors in production that the eval set never meets"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.05, fail=None)
_ROWS = 6


def measure(comparison: Comparison) -> Measurement:
    """Share of traffic in error classes beyond what the latest run meets."""
    traffic = comparison.production.traffic
    if len(traffic) < MIN_SESSIONS:
        raise NotMeasurable(f"{len(traffic)} traces are too few: at least {MIN_SESSIONS} are needed")
    production = Counter(str(kind) for kind in traffic["error"] if kind)
    bench: Counter[str] = Counter()
    n_results = 0
    latest = comparison.latest_results
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
                label=kind,
                numbers={
                    "bench": bench[kind] / n_results if n_results else None,
                    "traffic": production[kind] / len(traffic),
                },
                trace_ids=tuple(ids[:5]),
            )
        )
    value = sum(beyond.values())
    unmet = (traffic["error"].astype(str).map(lambda kind: beyond.get(kind, 0.0) > 0)).to_numpy(dtype=np.float64)
    interval = mean_interval(unmet, traffic["session"].to_numpy())
    return Measurement(
        value=value,
        low=max(0.0, value - (interval.value - interval.low)),
        high=min(1.0, value + (interval.high - interval.value)),
        n={"traces": len(traffic), "results": n_results},
        summary=(
            f"{percent(sum(production.values()) / len(traffic))} of traces end in an error; "
            f"{percent(value)} of traffic does so more often than on the bench."
        ),
        evidence=tuple(rows),
        fix="Add cases that make the tool fail, and grade the reply.",
    )
