"""`driftcheck investigate` as Markdown, for an issue or a wiki; the texts of traces only with `texts`."""

from __future__ import annotations

from typing import TextIO

from driftcheck.investigation import Investigation
from driftcheck.numbers import p_value
from driftcheck.renderers.investigation_tables import named, tables, why
from driftcheck.renderers.markdown_tables import table_lines
from driftcheck.renderers.markdown_text import code, prose

_LONGEST_TEXT = 200


def render(found: Investigation, out: TextIO, *, texts: bool = False) -> None:
    """Write it; every text that comes from a file is shown literally."""
    lines = [
        f"## {prose(found.week.name)} against {prose(found.baseline.name)}",
        "",
        f"**{prose(found.sentence)}**",
        "",
    ]
    if found.p_value is not None:
        lines += [f"p {p_value(found.p_value)} of satisfaction having changed (permutation of sessions).", ""]
    for table in tables(found):
        lines += table_lines(table)
    lines += _first(found, texts=texts)
    if found.not_measured or found.warnings:
        lines += ["### Not measured", ""]
        lines += [f"- {prose(what)}: {prose(reason)}" for what, reason in found.not_measured.items()]
        lines += [f"- warning: {prose(warning)}" for warning in found.warnings]
        lines.append("")
    out.write("\n".join(lines))


def _first(found: Investigation, *, texts: bool) -> list[str]:
    lines = ["### Read these first", ""]
    if not found.first_traces:
        return [*lines, "No slice made it worse.", ""]
    names = {row.id: named(row) for row in found.slices}
    for trace in found.first_traces:
        said = f"- {code(trace.trace_id)} in {prose(names[trace.slice_id])}: {prose(why(trace))}"
        lines.append(f"{said}: {code(trace.text, _LONGEST_TEXT)}" if texts else said)
    return [*lines, ""]
