"""The files that `driftcheck trend` writes; an output is one line of TREND_FORMATS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO, TypeAlias

from driftcheck.renderers import trend_json, trend_markdown
from driftcheck.renderers.text_formats import TextFormat
from driftcheck.trend import Trend

TrendRender: TypeAlias = Callable[[Trend, TextIO], None]
TREND_FORMATS: tuple[TextFormat[TrendRender], ...] = (
    TextFormat("json", ".json", trend_json.render),
    TextFormat("markdown", ".md", trend_markdown.render),
)
