"""The slice table: both shares as bars on one scale, what is known of each slice, and what is to be added."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.numbers import count, interval, p_value, percent, percent_number, points
from driftcheck.renderers.plain import cells
from driftcheck.renderers.screen.page import BOLD, INDENT, Cell, Column, Page, Span
from driftcheck.renderers.slice_words import LEGEND, delta_interval, needs_work, signed_delta
from driftcheck.report import Report, SliceRow
from driftcheck.scores import Estimate

MAX_SLICES = 12
"""Rows shown unless verbose: every slice that needs work, then the largest."""
WIDE = 140
"""From this many cells on, examples and ids stand beside the numbers, not below them."""
NARROW = 76
"""Below this many cells slices are not rows of a table: names of ten letters tell nothing."""
ROOMY = 96
"""From this many cells on, no header but those of two numbers is split over two lines."""


def print_slices(report: Report, page: Page, *, texts: bool, verbose: bool) -> None:
    """Print the table; with `texts` each slice shows its most central trace."""
    rows = report.slice_rows
    if not rows:
        return
    shown = rows if verbose else _most_wanted(rows)
    legend = f"{page.glyphs.eval * 2} share of the eval set above {page.glyphs.traffic * 2} share of traffic"
    page.heading("Slices", note=legend)
    scale = max(max(row.share_eval, row.share_production) for row in rows)
    wide = page.width >= WIDE
    bar = 22 if wide else 8
    roomy = page.width >= ROOMY
    pass_rate: Cell = (("pass rate", BOLD),) if roomy else (("pass", BOLD), ("rate", BOLD))
    columns = [
        Column((("slice", BOLD),), width=min(36, page.width // 5) if wide else max(13, min(36, page.width - 61))),
        Column((("eval /", BOLD), ("traffic", BOLD)), width=bar + 7),
        Column((("delta,", BOLD), ("points", BOLD)), "right"),
        Column((("p", BOLD),), "right"),
        Column(pass_rate, "right"),
        Column((("users", BOLD),), "right"),
        Column((("add /", BOLD), ("know", BOLD)), "right"),
    ]
    table = [_cells(row, page, scale, bar) for row in shown]
    if page.width < NARROW or INDENT + sum(page.widths(columns, table)) + len(columns) - 1 > page.width:
        for number, row in enumerate(shown):
            if number:
                page.blank()
            _print_stacked(row, page, scale, texts=texts, verbose=verbose)
        _print_rest(rows, shown, page)
        return
    below: list[list[str]] = []
    if wide:
        widths = page.widths(columns, table)
        room = page.width - 2 - sum(widths) - 2 * len(widths)
        columns.append(Column((("most central trace" if texts else "terms", BOLD), ("ids", BOLD)), width=room))
        for line, row in zip(table, shown, strict=True):
            words = f'"{page.show(row.example, room - 2)}"' if texts and row.example else ", ".join(row.terms)
            line.append(((words, ""), (_ids(row, page, room), "")))
    else:
        for row in shown:
            example = f'"{page.show(row.example, page.width - 6)}"' if texts and row.example else ""
            below.append([example, _ids(row, page, page.width - 4) if verbose else ""])
    page.table(columns, table, below=below, spaced=True)
    _print_rest(rows, shown, page)


def _print_stacked(row: SliceRow, page: Page, scale: float, *, texts: bool, verbose: bool) -> None:
    """Print a slice where its row of the table does not fit: the same numbers, each with its name."""
    page.prose(f"{row.id} {row.name}: {row.coverage}", style=BOLD, to=INDENT + 2)
    indent = INDENT + 2
    bar = min(22, max(page.width - 24, 3))
    page.line((" " * indent, ""), _bar(row.share_eval, scale, bar, page, of_eval=True), (" of cases", ""))
    page.line((" " * indent, ""), _bar(row.share_production, scale, bar, page), (" of traffic", ""))
    said = [f"delta {points(row.delta)} ({delta_interval(row)})", f"p {p_value(row.p_adjusted)}"]
    for name, rate in {"pass rate": row.pass_rate, "users": row.satisfaction}.items():
        said.append(f"{name} {f'{percent(rate.value)} (n {count(rate.n)})' if rate else page.glyphs.unknown}")
    said += [f"add {row.cases_to_add}"] if row.cases_to_add else []
    said += [f"know {row.cases_to_know}"] if row.cases_to_know else []
    page.prose("; ".join(said), indent=indent)
    if texts and row.example:
        page.line((" " * indent, ""), (f'"{page.show(row.example, page.width - 2 - indent)}"', ""))
    if verbose:
        page.line((" " * indent, ""), (_ids(row, page, page.width - indent), ""))


def _print_rest(rows: Sequence[SliceRow], shown: Sequence[SliceRow], page: Page) -> None:
    """What is not shown, and what the columns mean."""
    if len(rows) > len(shown):
        left = len(rows) - len(shown)
        share = percent(sum(row.share_production for row in rows if row not in shown))
        noun = "slice" if left == 1 else "slices"
        page.blank()
        page.prose(f"and {left} smaller {noun} with {share} of traffic (--verbose shows all)")
    page.blank()
    page.prose(LEGEND)


def _most_wanted(rows: Sequence[SliceRow]) -> list[SliceRow]:
    wanted = {row.id for row in rows if needs_work(row)}
    for row in rows:
        if len(wanted) < MAX_SLICES:
            wanted.add(row.id)
    return [row for row in rows if row.id in wanted]


def _cells(row: SliceRow, page: Page, scale: float, bar: int) -> list[Cell]:
    wanted = needs_work(row)
    state: Span = (f"{row.id} {row.coverage}", "bold red" if wanted else "")
    return [
        ((row.name, BOLD if wanted else ""), state),
        (_bar(row.share_eval, scale, bar, page, of_eval=True), _bar(row.share_production, scale, bar, page)),
        ((signed_delta(row), ""), (delta_interval(row), "")),
        ((p_value(row.p_adjusted), ""),),
        _rate(row.pass_rate, page),
        _rate(row.satisfaction, page),
        (
            (f"+{row.cases_to_add}" if row.cases_to_add else page.glyphs.unknown, BOLD if row.cases_to_add else ""),
            (f"+{row.cases_to_know}" if row.cases_to_know else "", ""),
        ),
    ]


def _bar(share: float, scale: float, width: int, page: Page, *, of_eval: bool = False) -> Span:
    """Draw a bar of at most `width` cells and its share; a share that is there at all is never an empty bar."""
    glyphs = page.glyphs
    glyph = glyphs.eval if of_eval else glyphs.traffic
    eighths = round(share / scale * width * 8) if scale > 0 else 0
    whole, rest = divmod(eighths, 8)
    if of_eval or not glyphs.parts:
        whole, rest = whole + (rest >= 4 or (not whole and share > 0)), 0
    elif not eighths and share > 0:
        rest = 1
    bar = glyph * whole + (glyphs.parts[rest - 1] if rest else "")
    return (f"{bar} {percent(share)}".lstrip(), "")


def _rate(rate: Estimate | None, page: Page) -> Cell:
    if rate is None:
        return ((page.glyphs.unknown, ""),)
    ends = f" ({interval(rate.low, rate.high, percent_number)})" if page.width >= WIDE else ""
    return ((f"{percent(rate.value)}{ends}", ""), (f"n {count(rate.n)}", ""))


def _ids(row: SliceRow, page: Page, room: int) -> str:
    traces = page.ids("trace", row.trace_ids, room // 2 if row.case_ids else room)
    cases = page.ids("case", row.case_ids, room - cells(traces) - 2 if traces else room)
    return "; ".join(text for text in (traces, cases) if text)
