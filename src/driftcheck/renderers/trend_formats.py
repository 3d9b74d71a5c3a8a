"""The files that `driftcheck trend` writes; an output is one line of TREND_FORMATS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TextIO

from driftcheck.renderers import trend_json, trend_markdown
from driftcheck.trend import Trend


class TrendRender(Protocol):
    """Prints the trend to a text stream."""

    def __call__(self, trend: Trend, out: TextIO) -> None:
        """Print it."""


@dataclass(frozen=True)
class TrendFormat:
    """One file format."""

    name: str
    """What people write before the colon in `-o FORMAT:FILE`."""
    ending: str
    """File ending that stands for it in `-o FILE`, lower case."""
    render: TrendRender


TREND_FORMATS = (
    TrendFormat("json", ".json", trend_json.render),
    TrendFormat("md", ".md", trend_markdown.render),
)
