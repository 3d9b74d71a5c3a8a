"""What a trend says in sentences: every output prints the same."""

from __future__ import annotations

from driftcheck.numbers import count, interval, number, p_value, percent, points_number
from driftcheck.trend import JointRise, Lagged, Onset, Reading, Step, Trend, TrendPoint

NOTHING = "Score, divergence and satisfaction keep to their level, as far as these rows can tell."


def sentences(trend: Trend) -> tuple[str, ...]:
    """The findings, most telling first; one that says so where there is none."""
    said = [_rise(trend.joint_rise)] if trend.joint_rise else []
    if trend.onset and trend.onset.name:
        said.append(_onset(trend, trend.onset))
    if trend.change:
        said.append(
            _onset(trend, trend.change)
            if trend.change.name
            else f"{_capital(trend.change.against)}, the traffic itself has not changed beyond chance."
        )
    if trend.fall and trend.fall.name:
        said.append(
            f"From {trend.fall.name} on, users are significantly less satisfied than before (an earlier row is named "
            f"by chance in at most {percent(trend.fall.level)})."
        )
    if trend.above:
        said.append(f"From {trend.above} on, the score lies above satisfaction in every row by more than chance.")
    parted = next((one for one in trend.correlations if one.lag == 0 and one.correlation.high < 0), None)
    if parted:
        said.append(f"When the score rises, satisfaction falls: rank correlation {correlation(parted)}.")
    if said:
        return tuple(said)
    measured = trend.onset is not None or trend.correlations
    return (NOTHING,) if measured else ("Too little is known to tell a trend.",)


def correlation(one: Lagged) -> str:
    """A rank correlation with its interval, p and size."""
    found = one.correlation
    return (
        f"{number(found.value)} (95 % CI {interval(found.low, found.high, number)}, p {p_value(one.p_adjusted)}, "
        f"n {count(found.n)})"
    )


def footnotes(trend: Trend) -> tuple[tuple[str, ...], ...]:
    """What there is to remark on each row: what changed, what is missing, from which on traffic differs."""
    rows = []
    for point in trend.points:
        notes = list(point.marks)
        for onset in (trend.onset, trend.change):
            if onset and onset.name == point.name:
                notes.append(f"from here on traffic differs from {onset.against}")
        if point.missing:
            notes.append(f"not compared: {point.missing}")
        if is_carried(point):
            notes.append("in brackets: score of an earlier run")
        rows.append(tuple(notes))
    return tuple(rows)


def is_carried(point: TrendPoint) -> bool:
    """Whether the score is that of an earlier row's run."""
    return point.scores.pass_rate is not None and point.own_score is None


def _rise(found: JointRise) -> str:
    parts = []
    if found.gap:
        parts.append(f"the gap to satisfaction rose {_points(found.gap)}")
    if found.divergence:
        parts.append(f"divergence rose {_nats(found.divergence)}")
    return (
        f"The score rose while {'the gap' if found.gap else 'divergence'} rose: from {found.since} to {found.until} "
        f"the score went from {percent(found.score.first)} to {percent(found.score.last)}, {' and '.join(parts)} "
        f"(p {p_value(found.p_value)}, Mann-Kendall)."
    )


def _points(reading: Reading) -> str:
    return f"from {points_number(reading.first)} to {points_number(reading.last)} points"


def _nats(reading: Reading) -> str:
    return f"from {number(reading.first)} to {number(reading.last)} nats"


def _onset(trend: Trend, onset: Onset) -> str:
    first = next(point for point in trend.points if point.scores.divergence or point.n_embedded)
    if onset.name == first.name:
        return f"Traffic has differed from {onset.against.removesuffix(' and the weeks before it')} from the start."
    how = "judged with the help of the weeks after it" if trend.step is Step.WEEK else "by each audit's own p"
    return (
        f"From {onset.name} on, traffic differs significantly from {onset.against} ({how}; an earlier row is named by "
        f"chance in at most {percent(onset.level)})."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
