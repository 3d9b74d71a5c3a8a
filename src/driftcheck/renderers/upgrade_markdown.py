"""`driftcheck compare` as Markdown, for a pull request or a wiki: the verdict, then lists and tables. No texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from driftcheck.numbers import count
from driftcheck.renderers.markdown_tables import table_lines
from driftcheck.renderers.markdown_text import code, prose
from driftcheck.renderers.upgrade_tables import (
    CaseList,
    blind_table,
    came_and_went,
    case_lists,
    complaints,
    runs_table,
    slices_table,
    unsettled_lists,
)
from driftcheck.upgrade_report import UpgradeReport

_FOLDED = 20
"""Ids from which on a list is folded."""


def render(report: UpgradeReport, out: TextIO) -> None:
    """Write it; every text that comes from a file is escaped."""
    lines = [f"## {report.verdict.capitalize()}", "", prose(report.sentence), "", prose(report.could_have_seen), ""]
    for found in case_lists(report):
        lines += _cases(found)
    blind = blind_table(report)
    if blind:
        lines += table_lines(blind)
        lines += [f"- {prose(slice_id)}: traces {_codes(traces)}" for slice_id, traces in complaints(report)]
        lines.append("")
    for table in (slices_table(report), runs_table(report)):
        if table:
            lines += table_lines(table)
    for found in (*unsettled_lists(report), *came_and_went(report)):
        if found.ids:
            lines += _cases(found)
    if report.not_measured or report.warnings:
        lines += ["### Not measured", ""]
        lines += [f"- {prose(what)}: {prose(why)}" for what, why in report.not_measured.items()]
        lines += [f"- warning: {prose(warning)}" for warning in report.warnings]
        lines.append("")
    out.write("\n".join(lines))


def _cases(found: CaseList) -> list[str]:
    title = [f"### {found.title}: {count(len(found.ids))}", ""]
    if not found.ids:
        return [*title, "None.", ""]
    said = found.said or [""] * len(found.ids)
    listed = [f"- {code(one)}{f': {prose(text)}' if text else ''}" for one, text in zip(found.ids, said, strict=True)]
    if len(listed) > _FOLDED:
        listed = ["<details><summary>all of them</summary>", "", *listed, "", "</details>"]
    return [*title, f"{found.advice.capitalize()}.", "", *listed, ""]


def _codes(ids: Sequence[str]) -> str:
    return ", ".join(map(code, ids))
