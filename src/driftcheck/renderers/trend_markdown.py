"""`driftcheck trend` as Markdown, for a pull request or a wiki: what it says, then its tables. No texts."""

from __future__ import annotations

from typing import TextIO

from driftcheck.renderers.markdown_tables import table_lines
from driftcheck.renderers.markdown_text import prose
from driftcheck.renderers.trend_tables import tables
from driftcheck.renderers.trend_words import sentences
from driftcheck.trend import Trend


def render(trend: Trend, out: TextIO) -> None:
    """Write it; every text that comes from a file is shown literally."""
    lines = ["## Trend", ""]
    for sentence in sentences(trend):
        lines += [prose(sentence), ""]
    for table in tables(trend):
        lines += table_lines(table)
    if trend.not_measured or trend.warnings:
        lines += ["### Not measured", ""]
        lines += [f"- {prose(what)}: {prose(why)}" for what, why in trend.not_measured.items()]
        lines += [f"- warning: {prose(warning)}" for warning in trend.warnings]
        lines.append("")
    out.write("\n".join(lines))
