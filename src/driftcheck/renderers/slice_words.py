"""What is said of a slice, the same in every output: whether it needs work, its numbers, what its columns mean.

Plain text, not made safe: the output that prints it escapes what it must.
"""

from __future__ import annotations

from driftcheck.numbers import count, interval, percent, percent_number, points_number
from driftcheck.report import SliceRow
from driftcheck.scores import Estimate

LEGEND = (
    "p: family-wise over all slices. n: scored cases, rated sessions. add: cases that bring it to its share of "
    "traffic. know: cases missing until its pass rate is known to +-10 points; such a slice is thin, or uncovered "
    "where its traffic is significantly more than its cases."
)
DELTA = "delta: share of the eval set minus share of traffic; negative is under-covered."


def needs_work(row: SliceRow) -> bool:
    """Whether its share of the eval set and of traffic are so far apart that somebody should act."""
    return row.coverage in {"uncovered", "dead"} or row.under_covered


def signed_delta(row: SliceRow) -> str:
    """Share of the eval set minus share of traffic, in points with its sign: `+2`, `-9.3`."""
    number = points_number(row.delta)
    return number if number.startswith("-") or number == "0" else f"+{number}"


def delta_interval(row: SliceRow) -> str:
    """Its 95 % interval, in points: `-11 to -7`."""
    return interval(row.low, row.high, points_number)


def rate_in_full(rate: Estimate) -> str:
    """A pass rate or satisfaction with interval and n: `88 % (53-98), n 8`."""
    return f"{percent(rate.value)} ({interval(rate.low, rate.high, percent_number)}), n {count(rate.n)}"
