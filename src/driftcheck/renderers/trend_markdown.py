"""`driftcheck trend` as Markdown, for a pull request or a wiki: what it says, then its tables. No texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

from driftcheck.renderers.plain import show
from driftcheck.renderers.table import Table
from driftcheck.renderers.trend_tables import tables
from driftcheck.renderers.trend_words import sentences
from driftcheck.trend import Trend

_LONGEST = 4_000


def render(trend: Trend, out: TextIO) -> None:
    """Write it; every text that comes from a file is escaped."""
    lines = ["## Trend", ""]
    for sentence in sentences(trend):
        lines += [_plain(sentence), ""]
    for table in tables(trend):
        lines += _table(table)
    if trend.not_measured or trend.warnings:
        lines += ["### Not measured", ""]
        lines += [f"- {_plain(what)}: {_plain(why)}" for what, why in trend.not_measured.items()]
        lines += [f"- warning: {_plain(warning)}" for warning in trend.warnings]
        lines.append("")
    out.write("\n".join(lines))


def _table(table: Table) -> list[str]:
    return [
        f"### {_plain(table.title)}",
        "",
        _row([_plain(text) for text in table.header]),
        _row([":--" if number < table.n_words else "--:" for number in range(len(table.header))]),
        *(_row([_plain(text) for text in row]) for row in table.rows),
        "",
        _plain(table.note),
        "",
    ]


def _row(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _plain(text: str) -> str:
    r"""Text that Markdown reads as itself: no link, mention, HTML, table border or emphasis.

    >>> _plain("a|b <img> @me *x*")
    'a\\|b \\<img\\> \\@me \\*x\\*'
    """
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~!@$&])", r"\\\1", show(text, _LONGEST))
    return escaped.replace("://", ":\\//").replace("www.", "www\\.")
