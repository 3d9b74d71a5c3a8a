"""The tables of `driftcheck refresh` as rows of text: every output prints the same."""

from __future__ import annotations

from driftcheck.investigation import Difference
from driftcheck.numbers import UNKNOWN, count, interval, number, p_value, percent, points_number
from driftcheck.refresh_report import Bill, Diff, RefreshReport, SliceNeed
from driftcheck.renderers.table import Table

MAX_SLICES = 12
"""Slices shown that nothing is proposed from and nobody needs."""
BLOCK, ASCII_BLOCK = "█", "#"
_BAR = 24


def tables(report: RefreshReport, *, block: str = BLOCK) -> tuple[Table, ...]:
    """All tables there is something to say in."""
    made = []
    if report.needs:
        made.append(_needs(report))
    if report.bill:
        made.append(_bill(report.bill, block))
        by_slice = _by_slice(report.bill, report.needs)
        made += [by_slice] if by_slice else []
    made.append(_diff(report.diff))
    return tuple(made)


def _needs(report: RefreshReport) -> Table:
    shown = [row for number, row in enumerate(report.needs) if row.n_proposed or number < MAX_SLICES]
    more = len(report.needs) - len(shown)
    left = report.left_out
    out = ", ".join(
        f"{count(n)} {why}"
        for n, why in (
            (left.near, "near a case"),
            (left.asked, "proposed before"),
            (left.wordless, "without words"),
            (left.sealed, "asking what sealed cases ask"),
        )
        if n
    )
    return Table(
        title="What needs cases",
        header=("slice", "coverage", "cases", "eval", "traffic", "uncovered", "users", "need", "proposed"),
        rows=tuple(
            (
                _named(row),
                row.coverage,
                count(row.n_cases) + (f"+{count(row.n_pending)}" if row.n_pending else ""),
                percent(row.share_eval),
                percent(row.share_production),
                percent(row.uncovered),
                UNKNOWN if row.satisfaction is None else percent(row.satisfaction.value),
                number(100 * row.need),
                count(row.n_proposed),
            )
            for row in shown
        ),
        note=(
            "Need: traffic times uncovered times dissatisfaction, in hundredths. Uncovered: how far its share of the "
            "set lies below its share of traffic, or the part of its traffic without a case nearby."
            + (" +n: proposed before, still open." if any(row.n_pending for row in shown) else "")
            + (f" Sessions left out: {out}." if out else "")
            + (f" {count(more, 'more slice')} in the JSON report." if more else "")
        ),
        n_words=2,
    )


def _bill(bill: Bill, block: str) -> Table:
    most = max((point.divergence.high for point in bill.points if point.divergence), default=0.0) or 1.0
    rows = []
    for point in bill.points:
        excess, hours = point.divergence, bill.hours(point.n)
        rows.append(
            (
                point.state,
                block * round(_BAR * max(excess.value, 0.0) / most) if excess else "",
                count(point.n),
                UNKNOWN if excess is None else f"{number(excess.value)} ({interval(excess.low, excess.high, number)})",
                UNKNOWN if point.under_covered is None else percent(point.under_covered),
                *([] if hours is None else [number(hours)]),
            )
        )
    goal = bill.unblocks.n if bill.unblocks else None
    priced = bill.minutes_per_case
    return Table(
        title="The labelling bill",
        header=("then", "curve", "cases", "excess KL, nats", "under-covered", *([] if priced is None else ["hours"])),
        rows=tuple(rows),
        note=bill.sentence
        + " Each row: the audit of the set with so many of these cases, on the same production; may: on another sample "
        "of it, more often than 2 times in 10."
        + (f" {count(bill.n_pending, 'open proposal')} counted as accepted." if bill.n_pending else ""),
        marked=next((place for place, point in enumerate(bill.points) if point.n == goal), None),
        n_words=2,
    )


def _by_slice(bill: Bill, needs: tuple[SliceNeed, ...]) -> Table | None:
    """Where the cases of the bill come from."""
    goals = [("until nothing blocks", bill.unblocks), ("until nothing warns", bill.quiets)]
    if bill.unblocks == bill.quiets:
        goals = [("until nothing blocks or warns", bill.unblocks)]
    reached = [(until, step) for until, step in goals if step is not None and step.n]
    if not reached or not needs:
        return None
    named = {row.id: _named(row) for row in needs}
    ids = [row.id for row in needs if any(row.id in step.by_slice for _, step in reached)]
    return Table(
        title="Which slices to label",
        header=("slice", *(until for until, _ in reached)),
        rows=tuple((named[name], *(count(step.by_slice.get(name, 0)) for _, step in reached)) for name in ids),
        note="The first cases of the ranking that proposals are taken from.",
        n_words=1,
    )


def _diff(diff: Diff) -> Table:
    compared = count(len(diff.changes), "value")
    if not diff.moved:
        note = f"None of {compared} compared moved by more than chance."
    else:
        note = (
            f"Those of {compared} whose share moved by more than chance (Fisher's exact test, Holm over all"
            + ("" if diff.is_refresh else "; of slices found by this comparison their own family-wise p")
            + "; where nothing moved, at most 1 refresh in 20 says that something did), with 95 % intervals of the "
            "change in points."
        )
    return Table(
        title=f"What moved since {diff.against}" if diff.is_refresh else f"Production against {diff.against}",
        header=("field", "value", "before", "now", "change, points", "p") if diff.moved else (),
        rows=tuple(
            (
                change.field,
                change.value,
                percent(change.share_before),
                percent(change.share_after),
                _change(change.change),
                p_value(change.p_adjusted),
            )
            for change in diff.moved
        ),
        note=f"{note} Before: {count(diff.n_before)}, now: {count(diff.n_after)}.",
        n_words=2,
    )


def _named(row: SliceNeed) -> str:
    return row.name if row.name == row.id else f"{row.id} {row.name}"


def _change(change: Difference) -> str:
    text = points_number(change.value)
    signed = text if text.startswith("-") or text in {"0", UNKNOWN} else f"+{text}"
    return f"{signed} ({interval(change.low, change.high, points_number)})"
