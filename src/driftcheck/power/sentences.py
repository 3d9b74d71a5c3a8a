"""What the numbers say, in sentences: one place for every output."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.numbers import count, interval, number, percent, percent_number, points
from driftcheck.power_report import NOTICED, Drift, GapPower, Noticed, TopicWish, TrafficPower
from driftcheck.sizes import MIN_CASES

_TOLD_NEXT = 3
"""Other numbers of cases in the sentence on the user's own."""


def traffic_sentences(traffic: TrafficPower, n_cases: int, n_sessions: int) -> tuple[str, ...]:
    """New topics, the wish, mix shifts, false alarms."""
    sentences = [_noticed(traffic.noticed, n_cases, n_sessions)]
    if traffic.wish is not None:
        sentences.append(_wish(traffic.wish, n_sessions))
    sentences.append(_mix(traffic.noticed, n_cases))
    alarms = traffic.false_alarms
    sentences.append(
        f"Without drift {round(alarms.value * alarms.n)} of {count(alarms.n, 'draw')} raised an alarm: "
        f"{percent(alarms.value)} ({interval(alarms.low, alarms.high, percent_number)} %)."
    )
    return tuple(sentences)


def gap_sentences(gap: GapPower) -> tuple[str, ...]:
    """The smallest gap, and what larger ones take."""
    have = f"With {count(gap.n_cases, 'case')} and {count(gap.n_ratings, 'rating')}"
    if gap.smallest is None:
        first = f"{have} you notice no gap between score and users reliably."
    else:
        first = f"{have} you notice that users are less satisfied than the score says from {points(gap.smallest)} on."
    needs = []
    for need in gap.needs:
        if need.gap < gap.fail or need.power >= NOTICED:
            continue
        if need.n_ratings is not None:
            needs.append(f"you need {count(need.n_ratings, 'rating')} to notice a gap of {points(need.gap)}")
        elif need.n_cases is not None:
            needs.append(f"no number of ratings shows a gap of {points(need.gap)}: it takes {need.n_cases:,} cases")
    hardly = (
        f"A gap of {points(gap.fail)} is what the check fails from: chance alone decides on which side of it a week "
        "falls, so it is noticed about half the time, with any number of ratings."
    )
    told = [first]
    if needs:
        told.append(f"{needs[0][0].upper()}{needs[0][1:]}" + "".join(f"; {need}" for need in needs[1:2]) + ".")
    return (*told, hardly)


def _noticed(rows: Sequence[Noticed], n_cases: int, n_sessions: int) -> str:
    topics = [row for row in rows if row.drift is Drift.TOPIC]
    own = next(row for row in topics if row.n_cases >= n_cases)
    others = [row for row in topics if row.n_cases > own.n_cases and row.size is not None]
    better = [row for row in others if row.size and (own.size is None or row.size < 0.85 * own.size)]
    have = f"With your {count(n_cases, 'case')} and {count(n_sessions, 'session')}"
    if n_cases < MIN_CASES:
        have = f"Your {count(n_cases, 'case')} are too few for any verdict on traffic; with {MIN_CASES}"
    if own.size is None:
        first = f"{have} you notice no new topic reliably"
    else:
        guess = ", extrapolated" if own.extrapolated else ""
        first = f"{have} you notice a new topic from {percent(own.size)} of traffic on ({_range(own)}{guess})"
    then = [
        f"with {count(row.n_cases)}, from {percent(row.size)}{' (extrapolated)' if row.extrapolated else ''}"
        for row in better[:_TOLD_NEXT]
        if row.size is not None
    ]
    return "; ".join([first, *then]) + "."


def _range(row: Noticed) -> str:
    low = row.low if row.low is not None else 0.0
    if row.high is None:
        return f"{percent_number(low)} % or more"
    return f"{interval(low, row.high, percent_number)} %"


def _wish(wish: TopicWish, n_sessions: int) -> str:
    what = f"a new topic of {percent(wish.share)}"
    if wish.n_cases is None or wish.n_sessions is None:
        return (
            f"No number of cases notices {what} in {percent(NOTICED)} of weeks: the gate's thresholds are too high for "
            "it. Lower `fail:` of slice-coverage in drift.yaml."
        )
    low = count(wish.low if wish.low is not None else MIN_CASES)
    spread = f" ({low} to {count(wish.high)})" if wish.high is not None else f" ({low} or more)"
    more = f", more than the {count(n_sessions)} there are" if wish.more_sessions else ""
    guess = " This is beyond the sizes simulated." if wish.extrapolated else ""
    return (
        f"To notice {what} you need {count(wish.n_cases, 'case')}{spread} and {count(wish.n_sessions, 'session')}"
        f"{more}.{guess}"
    )


def _mix(rows: Sequence[Noticed], n_cases: int) -> str:
    own = next(row for row in rows if row.drift is Drift.MIX and row.n_cases >= n_cases)
    if own.size is None:
        return f"With {count(own.n_cases, 'case')} you notice no shift of the mix of topics reliably."
    return (
        f"With {count(own.n_cases, 'case')} you notice a shift of the mix of topics from {number(own.size)} nats on, "
        "KL(P||Q)."
    )
