"""`driftcheck refresh` as Markdown, for the pull request that brings the proposals. No texts."""

from __future__ import annotations

from typing import TextIO

from driftcheck.refresh_report import RefreshReport
from driftcheck.renderers.markdown_tables import table_lines
from driftcheck.renderers.markdown_text import code, folded, prose
from driftcheck.renderers.refresh_tables import tables


def render(report: RefreshReport, out: TextIO) -> None:
    """Write it; every text that comes from a file is shown literally."""
    lines = ["## Refresh", "", prose(report.sentence), ""]
    if report.next_step:
        lines += [prose(report.next_step), ""]
    for table in tables(report):
        lines += table_lines(table)
    if report.proposals:
        opening, closing = folded("the proposals, most needed first")
        listed = [
            f"- {code(one.case_id)} of trace {code(one.trace_id)}: {prose(_why(one.slice_id, one.slice_name, one.why))}"
            for one in report.proposals
        ]
        lines += [*opening, *listed, *closing, ""]
    if report.not_measured or report.warnings:
        lines += ["### Not measured", ""]
        lines += [f"- {prose(what)}: {prose(why)}" for what, why in report.not_measured.items()]
        lines += [f"- warning: {prose(warning)}" for warning in report.warnings]
        lines.append("")
    out.write("\n".join(lines))


def _why(slice_id: str, name: str, why: str) -> str:
    return f"{why}, {slice_id if name == slice_id else f'{slice_id} {name}'}" if slice_id else why
