"""The tables of `driftcheck investigate` as rows of text: every output prints the same."""

from __future__ import annotations

from driftcheck.investigation import Difference, FirstTrace, Investigation, Movement, Mover, Parts, SliceChange
from driftcheck.numbers import UNKNOWN, count, interval, number, p_value, percent, percent_number, points_number
from driftcheck.renderers.table import Table
from driftcheck.scores import Estimate

MAX_SLICES = 12
"""Slices shown, worst effect on satisfaction first; the JSON report holds all."""


def tables(found: Investigation) -> tuple[Table, ...]:
    """All tables there is something to say in."""
    made = [_windows(found)]
    if found.mix is not None and found.within is not None:
        made.append(_parts(found))
    made.append(_shares(found))
    if any(row.n_cases is not None for row in found.slices):
        made.append(_covered(found))
    if found.movers:
        made.append(_movers(found))
    return tuple(made)


def shown_slices(found: Investigation) -> tuple[SliceChange, ...]:
    """Slices that a table has room for: the first, and every other whose share moved."""
    moved = [row for row in found.slices[MAX_SLICES:] if row.movement is not Movement.STEADY]
    return (*found.slices[:MAX_SLICES], *moved)


def named(row: SliceChange) -> str:
    """A slice with the id by which others name it."""
    return row.name if row.name == row.id else f"{row.id} {row.name}"


def signed(difference: float) -> str:
    """A difference of shares in points, its sign always written."""
    text = points_number(difference)
    return text if text.startswith("-") or text in {"0", UNKNOWN} else f"+{text}"


def why(trace: FirstTrace) -> str:
    """What is known of a trace to read: its rating, and the case that is most like it."""
    rated = {None: "unrated", 0.0: "rated bad", 1.0: "rated good"}
    said = rated.get(trace.satisfied) or f"{percent(trace.satisfied or 0.0)} of its ratings good"
    if trace.nearest_case is None or trace.similarity is None:
        return said
    return f"{said}; most like case {trace.nearest_case} (cosine {number(trace.similarity)})"


def _windows(found: Investigation) -> Table:
    rows = []
    for span, rate in ((found.baseline, found.before), (found.week, found.after)):
        rows.append(
            (
                span.name,
                count(span.n_traces),
                count(span.n_sessions),
                count(span.n_embedded),
                count(span.n_rated),
                _rate(rate),
            )
        )
    return Table(
        title="The two windows",
        header=("window", "traces", "sessions", "embedded", "rated", "satisfied"),
        rows=tuple(rows),
        note="Embedded: sessions that shares are counted on. Rated: sessions that satisfaction is taken apart on.",
        n_words=1,
    )


def _parts(found: Investigation) -> Table:
    rows = [
        (
            named(row),
            f"{_rate(row.satisfaction_before)} to {_rate(row.satisfaction_after)}",
            f"{_n(row.satisfaction_before)} / {_n(row.satisfaction_after)}",
            signed(row.within or 0.0),
            signed(row.mix or 0.0),
            signed(row.effect or 0.0),
        )
        for row in found.slices[:MAX_SLICES]
    ]
    rest = found.slices[MAX_SLICES:]
    if rest:
        within, mix = (sum(getattr(row, part) or 0.0 for row in rest) for part in ("within", "mix"))
        rows.append((f"{len(rest)} more slices", "", "", signed(within), signed(mix), signed(within + mix)))
    change = found.change
    rows.append(
        ("all", "", "", signed(found.within or 0.0), signed(found.mix or 0.0), signed(change.value if change else 0.0))
    )
    return Table(
        title="Satisfaction, taken apart",
        header=("slice", "satisfied", "ratings", "within", "mix", "effect"),
        rows=tuple(rows),
        note=(
            "Points of the change, after minus before. Within: its users became more or less satisfied. Mix: it grew "
            "or shrank among the rated sessions. The parts of all slices sum to the change (Kitagawa 1955). Parts of "
            f"slices with few ratings are mostly noise.{_parts_note(found.parts)}"
        ),
        marked=len(rows) - 1,
        n_words=1,
    )


def _parts_note(parts: Parts | None) -> str:
    if parts is None:
        return ""
    said = f" In all, within: {_change(parts.within)}, mix: {_change(parts.mix)}, with 95 % intervals."
    if parts.mix_of_unrated:
        said += (
            f" {signed(parts.mix_of_unrated)} of the mix is of slices that nobody rated in one of the windows: what "
            "of it lies within them cannot be told."
        )
    return said


def _shares(found: Investigation) -> Table:
    rows = sorted(shown_slices(found), key=lambda row: (row.movement is Movement.STEADY, -row.share_change.value))
    return Table(
        title="Slices that grew, shrank, appeared",
        header=("slice", "", "before", "after", "change, points", "p"),
        rows=tuple(
            (
                named(row),
                row.movement.value,
                percent(row.share_before),
                percent(row.share_after),
                _change(row.share_change),
                p_value(row.p_adjusted),
            )
            for row in rows
        ),
        note="Shares of sampled sessions, change with its 95 % interval. p: family-wise over all slices.",
        n_words=2,
    )


def _covered(found: Investigation) -> Table:
    return Table(
        title="What the eval set has on them",
        header=("slice", "cases", "pass rate", "users", "nearest cases"),
        rows=tuple(
            (
                named(row),
                count(row.n_cases or 0),
                _rate(row.pass_rate),
                _rate(row.satisfaction_after),
                ", ".join(row.case_ids[:3]) or "none: nothing tests it",
            )
            for row in found.slices[:MAX_SLICES]
        ),
        note="Pass rate: of these cases in the latest run. Users: satisfied in the week.",
        n_words=1,
    )


def _movers(found: Investigation) -> Table:
    return Table(
        title="What else moved",
        header=("field", "value", "", "before", "after", "change, points", "p", "users"),
        rows=tuple(_mover(mover) for mover in found.movers),
        note=(
            f"Of {count(found.n_compared, 'value')} of error classes, models, languages, lengths and declared "
            "columns, those whose share of sampled sessions moved (Fisher's exact test, Holm over all of them, "
            "p <= 0.05). Users: satisfied in the week."
        ),
        n_words=3,
    )


def _mover(mover: Mover) -> tuple[str, ...]:
    return (
        mover.field,
        mover.value,
        mover.movement.value,
        percent(mover.share_before),
        percent(mover.share_after),
        _change(mover.share_change),
        p_value(mover.p_adjusted),
        _rate(mover.satisfaction_after),
    )


def _change(change: Difference) -> str:
    return f"{signed(change.value)} ({interval(change.low, change.high, points_number)})"


def _rate(rate: Estimate | None) -> str:
    return UNKNOWN if rate is None else f"{percent(rate.value)} ({interval(rate.low, rate.high, percent_number)})"


def _n(rate: Estimate | None) -> str:
    return count(rate.n) if rate else "0"
