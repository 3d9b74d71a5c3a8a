"""What the numbers say, in sentences: one place for every output."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.checks.topic_divergence import half_grown
from driftcheck.numbers import count, interval, number, percent, percent_number, points
from driftcheck.power_report import NOTICED, Drift, GapNeed, GapPower, Noticed, TopicWish, TrafficPower
from driftcheck.sizes import MIN_CASES

_TOLD_NEXT = 2
"""Other numbers of cases in the sentence after the user's own."""
_OFTEN = f"{10 * NOTICED:.0f} times in 10"
_WIDE = 2
_MANY_DRAWS = 200
"""An interval that reaches to this many times the size, from fewer draws, is worth more of them."""
_OUT_OF_REACH = 10
"""An answer that takes this many times as much more data as the other is left to the table."""


def traffic_sentences(traffic: TrafficPower, n_cases: int, n_sessions: int) -> tuple[str, ...]:
    """New topics, the wish, mix shifts, false alarms."""
    topics = [row for row in traffic.noticed if row.drift is Drift.TOPIC]
    own = next(row for row in topics if row.n_cases >= n_cases)
    told = [_noticed(own, n_cases, n_sessions), *_with_more_cases(own, topics)]
    if traffic.wish is not None:
        told.append(_wish(traffic.wish, n_cases, n_sessions))
    told.append(_mix(next(row for row in traffic.noticed if row.drift is Drift.MIX and row.n_cases >= n_cases)))
    alarms = traffic.false_alarms
    sizes = [cell.n_cases for cell in traffic.cells if cell.drift is Drift.NONE]
    with_cases = f" with {min(sizes):,} to {max(sizes):,} cases" if sizes else ""
    told.append(
        f"Without drift {round(alarms.value * alarms.n)} of {count(alarms.n, 'simulated audit')}{with_cases} raised a "
        f"false alarm: {percent(alarms.value)} (95 % interval {interval(alarms.low, alarms.high, percent_number)} %)."
    )
    return tuple(told)


def gap_sentences(gap: GapPower) -> tuple[str, ...]:
    """The smallest gap, and what others take."""
    have = f"With {count(gap.n_cases, 'scored case')} and {count(gap.n_ratings, 'rating')}"
    if gap.smallest is None:
        told = [f"{have} you notice no gap between score and users {_OFTEN}."]
    else:
        told = [
            f"{have} you notice, {_OFTEN}, that users are less satisfied than the score says from "
            f"{points(gap.smallest)} on."
        ]
    # a gap at or under the threshold needs a lower threshold, not more data
    wanted = [need for need in gap.needs if need.gap > gap.fail and need.power < NOTICED]
    if wanted:
        told.append(_gap_need(wanted[0], gap))
    now = next((f"{percent(need.power)} of the time now, " for need in gap.needs if need.gap == gap.fail), "")
    told.append(
        f"A gap of {points(gap.fail)} is where csat-gap starts to fail: one of just that size is noticed {now}even "
        "with far more cases and ratings about half the time, because chance decides on which side of the threshold it "
        "is measured. To notice smaller gaps, lower `fail:` of csat-gap in drift.yaml."
    )
    return tuple(told)


def _noticed(own: Noticed, n_cases: int, n_sessions: int) -> str:
    have = f"With your {count(n_cases, 'case')} and {count(n_sessions, 'session')}"
    if n_cases < MIN_CASES:
        have = f"Your {count(n_cases, 'case')} are too few for any verdict on traffic; with {own.n_cases}"
    if not own.n_draws_fitted:
        return f"{have}, from which share on you notice a new topic is not known: none could be simulated."
    if own.size is None:
        return f"{have} you notice no new topic {_OFTEN}."
    wide = own.high is None or own.high > _WIDE * own.size
    narrower = " `--draws 600` narrows the interval." if wide and own.n_draws_fitted < _MANY_DRAWS else ""
    return (
        f"{have} you notice, {_OFTEN}, a new topic that takes {percent(own.size)} of traffic or more "
        f"({_spread(own)}).{narrower}"
    )


def _with_more_cases(own: Noticed, topics: Sequence[Noticed]) -> list[str]:
    better = [
        f"with {count(row.n_cases, 'case')} and {count(row.n_sessions, 'session')} from {percent(row.size)} on "
        f"({_spread(row)})"
        for row in topics
        if row.n_cases > own.n_cases and row.size is not None and (own.size is None or row.size < 0.85 * own.size)
    ]
    told = "; ".join(better[:_TOLD_NEXT])
    return [f"{told[0].upper()}{told[1:]}."] if told else []


def _spread(row: Noticed) -> str:
    """The interval of a smallest size, and whether it is a guess."""
    topic = row.drift is Drift.TOPIC
    write, unit = (percent_number, " %") if topic else (number, "")
    low = row.low if row.low is not None else 0.0
    spread = f"{write(low)}{unit} or more" if row.high is None else f"{interval(low, row.high, write)}{unit}"
    return f"95 % interval {spread}{', extrapolated' if row.extrapolated else ''}"


def _wish(wish: TopicWish, n_cases: int, n_sessions: int) -> str:
    what = f"a new topic of {percent(wish.share)}"
    if wish.n_cases is None or wish.n_sessions is None:
        return (
            f"No number of cases notices {what}: the gate's thresholds are too high for it. Lower `fail:` of "
            "slice-coverage in drift.yaml, run this again, and look at the false alarms."
        )
    low = _about(wish.low if wish.low is not None else MIN_CASES)
    spread = f"{low} to {_about(wish.high)}" if wish.high is not None else f"{low} or more"
    needs = (
        f"To notice {what} you need about {_about(wish.n_cases)} cases (95 % interval {spread}) and "
        f"{_about(wish.n_sessions)} sessions; you have {count(n_cases)} and {count(n_sessions)}."
    )
    more = " For more sessions, widen `window:` in drift.yaml or export more." if wish.more_sessions else ""
    guess = " This lies beyond what was simulated: a rough guess." if wish.extrapolated or wish.more_sessions else ""
    return f"{needs}{more}{guess}"


def _mix(own: Noticed) -> str:
    if not own.n_draws_fitted:
        return "No shift of the mix of topics could be simulated."
    have = f"With {count(own.n_cases, 'case')} you notice"
    if own.size is None:
        return f"{have} no shift of the mix of topics {_OFTEN}."
    grown = half_grown(own.size)
    like = f"as when half of the traffic becomes {percent(grown)} of it" if grown < 1 else "more than half of it gone"
    return (
        f"{have}, {_OFTEN}, a shift of the mix of topics from {number(own.size)} nats of KL(P||Q) on ({_spread(own)}): "
        f"{like}."
    )


def _gap_need(need: GapNeed, gap: GapPower) -> str:
    """The cheaper of more cases and more ratings first; the other where it is not out of reach."""
    ways = []
    if need.n_cases is not None:
        ways.append((need.n_cases / gap.n_cases, f"{_about(need.n_cases)} cases with these ratings"))
    if need.n_ratings is not None:
        ways.append((need.n_ratings / gap.n_ratings, f"{_about(need.n_ratings)} ratings with these cases"))
    if not ways:
        return f"A gap of {points(need.gap)} takes both more cases and more ratings."
    ways.sort()
    told = " or ".join(text for growth, text in ways if growth < _OUT_OF_REACH * ways[0][0])
    return f"To notice a gap of {points(need.gap)} you need about {told}."


def _about(n: int) -> str:
    """A number that is not known any better: two digits.

    >>> _about(7769), _about(406), _about(37)
    ('7,800', '410', '37')
    """
    return count(round(n, min(0, 2 - len(str(n)))))
