"""The slices in Markdown: those that need work in a table, the others in a folded one."""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck.numbers import UNKNOWN, count, p_value, percent
from driftcheck.renderers.markdown_fit import MAX_LINES, Block
from driftcheck.renderers.markdown_text import MAX_ID, MAX_NAME, code, folded, listed, prose, row, table
from driftcheck.renderers.slice_words import (
    DELTA,
    LEGEND,
    delta_interval,
    needs_work,
    rate_in_full,
    signed_delta,
)
from driftcheck.report import Report, SliceRow

MAX_EXAMPLE = 160
"""Cells of a trace's text, with `texts`."""
MAX_IDS = 1
"""The most central one; the JSON report has more, `--export` all."""


def slice_blocks(report: Report, *, texts: bool) -> Iterator[Block]:
    """Both tables; none where there is too little data for slices."""
    rows = report.slice_rows
    if not rows:
        return
    wanted = [one for one in rows if needs_work(one)]
    rest = [one for one in rows if not needs_work(one)]
    share = percent(sum(one.share_production for one in wanted))
    said = (
        f"{count(len(wanted), 'slice')} of {len(rows)}, with {share} of traffic" if wanted else f"none of {len(rows)}"
    )
    head = f"### Slices that need work: {said}"
    legend = ("", f"<sub>{DELTA} {prose(LEGEND, 1_000)}</sub>")
    if wanted:
        lines = tuple(_slice(one, report, texts=texts) for one in wanted[:MAX_LINES])
        titled = (head, "", *_slice_table(texts=texts))
        yield Block(5, titled, lines, legend, noun="slice", n_unwritten=len(wanted) - len(lines))
    else:
        yield Block(5, (head,))
    if rest:
        start, end = folded(f"The other {count(len(rest), 'slice')}, largest first")
        lines = tuple(_slice(one, report, texts=texts) for one in rest[:MAX_LINES])
        top = (*start, *_slice_table(texts=texts))
        tail = end if wanted else (*legend, *end)
        yield Block(40, top, lines, tail, noun="slice", n_unwritten=len(rest) - len(lines))


def _slice_table(*, texts: bool) -> tuple[str, str]:
    headers = ["slice", "is", "eval set", "traffic", "delta, points (95 % CI)", "p", "pass rate (95 % CI)"]
    headers += ["users satisfied (95 % CI)", "add", "know", "cases", "traces"]
    return table([*headers, "most central trace"] if texts else headers, right=(2, 3, 4, 5, 8, 9))


def _slice(one: SliceRow, report: Report, *, texts: bool) -> str:
    name = f"{code(one.id, MAX_ID)} {code(one.name, MAX_NAME)}" if one.name != one.id else code(one.id, MAX_ID)
    cells = [
        f"**{name}**" if needs_work(one) else name,
        prose(one.coverage, 40),
        percent(one.share_eval),
        percent(one.share_production),
        f"{signed_delta(one)} ({delta_interval(one)})",
        p_value(one.p_adjusted),
        rate_in_full(one.pass_rate) if one.pass_rate else UNKNOWN,
        rate_in_full(one.satisfaction) if one.satisfaction else UNKNOWN,
        f"+{one.cases_to_add}" if one.cases_to_add else UNKNOWN,
        f"+{one.cases_to_know}" if one.cases_to_know else UNKNOWN,
        listed(one.case_ids, report.inputs.places, MAX_IDS),
        listed(one.trace_ids, {}, MAX_IDS),
    ]
    return row([*cells, code(one.example, MAX_EXAMPLE)] if texts else cells)
