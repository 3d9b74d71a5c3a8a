"""`driftcheck compare` as Markdown, for a pull request or a wiki: the verdict, then lists and tables. No texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

from driftcheck.numbers import count
from driftcheck.renderers.plain import show
from driftcheck.renderers.table import Table
from driftcheck.renderers.upgrade_tables import (
    CaseList,
    blind_table,
    came_and_went,
    case_lists,
    complaints,
    flaky_list,
    runs_table,
    slices_table,
)
from driftcheck.upgrade_report import UpgradeReport

_LONGEST = 200
_FOLDED = 20
"""Ids from which on a list is folded."""


def render(report: UpgradeReport, out: TextIO) -> None:
    """Write it; every text that comes from a file is escaped."""
    lines = [f"## {report.verdict.capitalize()}", "", _plain(report.sentence), "", _plain(report.could_have_seen), ""]
    for found in case_lists(report):
        lines += _cases(found)
    blind = blind_table(report)
    if blind:
        lines += _table(blind)
        lines += [f"- {_plain(slice_id)}: traces {_codes(traces)}" for slice_id, traces in complaints(report)]
        lines.append("")
    for table in (slices_table(report), runs_table(report)):
        if table:
            lines += _table(table)
    for found in (flaky_list(report), *came_and_went(report)):
        if found.ids:
            lines += _cases(found)
    if report.not_measured or report.warnings:
        lines += ["### Not measured", ""]
        lines += [f"- {_plain(what)}: {_plain(why)}" for what, why in report.not_measured.items()]
        lines += [f"- warning: {_plain(warning)}" for warning in report.warnings]
        lines.append("")
    out.write("\n".join(lines))


def _cases(found: CaseList) -> list[str]:
    title = [f"### {found.title}: {count(len(found.ids))}", ""]
    if not found.ids:
        return [*title, "None.", ""]
    said = found.said or [""] * len(found.ids)
    listed = [f"- {_code(one)}{f': {_plain(text)}' if text else ''}" for one, text in zip(found.ids, said, strict=True)]
    if len(listed) > _FOLDED:
        listed = ["<details><summary>all of them</summary>", "", *listed, "", "</details>"]
    return [*title, f"{found.advice.capitalize()}.", "", *listed, ""]


def _table(table: Table) -> list[str]:
    lines = [f"### {table.title}", ""]
    if table.rows:
        lines.append(_row(table.header))
        lines.append(_row([":--" if number < table.n_words else "--:" for number in range(len(table.header))]))
        lines += [_row([_plain(text) for text in row]) for row in table.rows]
        lines.append("")
    return [*lines, _plain(table.note), ""] if table.note else lines


def _row(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _codes(ids: Sequence[str]) -> str:
    return ", ".join(map(_code, ids))


def _code(text: str) -> str:
    """An id in a code span whose fence is longer than any run of backticks in it."""
    shown = show(text, _LONGEST)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if "`" in shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _plain(text: str) -> str:
    r"""Text that Markdown reads as itself: no link, mention, HTML, table border or emphasis.

    >>> _plain("a|b <img> @me *x*")
    'a\\|b \\<img\\> \\@me \\*x\\*'
    """
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~!@$&])", r"\\\1", show(text, 10 * _LONGEST))
    return escaped.replace("://", ":\\//").replace("www.", "www\\.")
