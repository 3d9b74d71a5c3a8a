"""The files that `driftcheck compare` writes; an output is one line of UPGRADE_FORMATS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO, TypeAlias

from driftcheck.renderers import upgrade_json, upgrade_markdown
from driftcheck.renderers.text_formats import TextFormat
from driftcheck.upgrade_report import UpgradeReport

UpgradeRender: TypeAlias = Callable[[UpgradeReport, TextIO], None]
UPGRADE_FORMATS: tuple[TextFormat[UpgradeRender], ...] = (
    TextFormat("json", ".json", upgrade_json.render),
    TextFormat("markdown", ".md", upgrade_markdown.render),
)
