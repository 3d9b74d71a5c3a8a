"""The tables of `driftcheck trend` as rows of text: every output prints the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from driftcheck.numbers import UNKNOWN, count, number, p_value, percent, points_number
from driftcheck.renderers.table import Table
from driftcheck.renderers.trend_words import correlation, footnotes, is_carried
from driftcheck.trend import Step, Trend, TrendPoint

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS = "_.-:=+*#"
MAX_SPARKS = 60
"""Rows that a sparkline shows, the newest: more are wider than a screen."""

_Measure = Callable[[TrendPoint], float | None]


def tables(trend: Trend, *, blocks: str = BLOCKS) -> tuple[Table, ...]:
    """All tables there is something to say in; `blocks` are the heights that sparklines are drawn with."""
    made = [_sparks(trend, blocks), _rows(trend)]
    if trend.correlations:
        made.append(_correlations(trend))
    return tuple(made)


def sparkline(values: Sequence[float | None], blocks: str = BLOCKS) -> str:
    """Values as heights between the smallest and the largest of them; a blank where one is not known.

    >>> sparkline([0.1, 0.2, None, 0.8])
    '▁▂ █'
    >>> sparkline([1.0, 1.0])
    '▁▁'
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, span = min(known), max(known) - min(known)
    step = (len(blocks) - 1) / span if span > 0 else 0.0
    return "".join(" " if value is None else blocks[round((value - low) * step)] for value in values)


def _score(point: TrendPoint) -> float | None:
    return point.scores.pass_rate.value if point.scores.pass_rate else None


def _restated(point: TrendPoint) -> float | None:
    return point.scores.restated_pass_rate.value if point.scores.restated_pass_rate else None


def _users(point: TrendPoint) -> float | None:
    return point.scores.satisfaction.value if point.scores.satisfaction else None


def _gap(point: TrendPoint) -> float | None:
    return point.scores.gap.value if point.scores.gap else None


def _divergence(point: TrendPoint) -> float | None:
    return point.scores.divergence.excess if point.scores.divergence else None


def _novelty(point: TrendPoint) -> float | None:
    return point.scores.novelty.excess if point.scores.novelty else None


def _coverage(point: TrendPoint) -> float | None:
    return point.scores.coverage.value if point.scores.coverage else None


_MEASURES: tuple[tuple[str, _Measure, Callable[[float], str]], ...] = (
    ("score", _score, percent),
    ("restated score", _restated, percent),
    ("satisfaction", _users, percent),
    ("divergence, nats", _divergence, number),
    ("novel traffic", _novelty, percent),
    ("coverage", _coverage, percent),
)


def _sparks(trend: Trend, blocks: str) -> Table:
    rows = []
    for name, measure, written in _MEASURES:
        values = [measure(point) for point in trend.points][-MAX_SPARKS:]
        known = [value for value in values if value is not None]
        if known:
            rows.append((name, sparkline(values, blocks), *map(written, (known[0], known[-1], min(known), max(known)))))
    first, last = trend.points[max(0, len(trend.points) - MAX_SPARKS)].name, trend.points[-1].name
    return Table(
        title=f"{first} to {last}" if first != last else first,
        header=("", "over time", "first", "last", "lowest", "highest"),
        rows=tuple(rows),
        note="Each line from its own lowest to its own highest.",
        n_words=2,
    )


def _rows(trend: Trend) -> Table:
    numbers: dict[str, int] = {}
    rows = []
    for point, notes in zip(trend.points, footnotes(trend), strict=True):
        marks = [f"[{numbers.setdefault(note, len(numbers) + 1)}]" for note in notes]
        rows.append((point.name, "".join(marks), *_cells(point)))
    onset = trend.onset.name if trend.onset else None
    names = [point.name for point in trend.points]
    listed = "; ".join(f"[{n}] {note}" for note, n in numbers.items())
    return Table(
        title=f"By {trend.step.value}",
        header=(
            trend.step.value,
            "",
            "score",
            "restated",
            "users",
            "gap",
            "divergence",
            "p",
            "novel",
            "covered",
            "traces",
            "rated",
        ),
        rows=tuple(rows),
        note=(f"{listed}. " if listed else "")
        + "Gap: score minus users, points. Divergence: excess KL(P||Q) in nats, production against the eval set, with "
        + ("the p of that week alone. " if trend.step is Step.WEEK else "its p. ")
        + "Novel: share of traffic unlike any case, above chance. Restated: the score on that traffic's mix.",
        marked=names.index(onset) if onset in names else None,
        n_words=2,
    )


def _cells(point: TrendPoint) -> tuple[str, ...]:
    divergence = point.scores.divergence
    score = _written(_score(point), percent)
    return (
        f"({score})" if is_carried(point) else score,
        _written(_restated(point), percent),
        _written(_users(point), percent),
        _written(_gap(point), points_number),
        _written(_divergence(point), number),
        p_value(divergence.p_value) if divergence else UNKNOWN,
        _written(_novelty(point), percent),
        _written(_coverage(point), percent),
        count(point.n_traces),
        count(point.n_rated),
    )


def _written(value: float | None, how: Callable[[float], str]) -> str:
    return UNKNOWN if value is None else how(value)


def _correlations(trend: Trend) -> Table:
    step = trend.step.value
    return Table(
        title="Score against satisfaction",
        header=("satisfaction of", "rank correlation"),
        rows=tuple(
            (f"the same {step}" if one.lag == 0 else f"{count(one.lag, step)} later", correlation(one))
            for one in trend.correlations
        ),
        note=(
            f"Spearman's; p by shuffling, Holm over {count(len(trend.correlations), 'lag')}. Below 0: the score rises "
            f"while users leave. Interval and p take each {step} as a draw of its own: two series that both drift are "
            "correlated whatever the reason."
        ),
        n_words=2,
    )
