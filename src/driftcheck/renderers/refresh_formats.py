"""The files that `driftcheck refresh` reports to; an output is one line of REFRESH_FORMATS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO, TypeAlias

from driftcheck.refresh_report import RefreshReport
from driftcheck.renderers import refresh_json, refresh_markdown
from driftcheck.renderers.text_formats import TextFormat

RefreshRender: TypeAlias = Callable[[RefreshReport, TextIO], None]
REFRESH_FORMATS: tuple[TextFormat[RefreshRender], ...] = (
    TextFormat("json", ".json", refresh_json.render),
    TextFormat("markdown", ".md", refresh_markdown.render),
)
