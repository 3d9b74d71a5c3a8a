"""The files that `driftcheck compare` writes; an output is one line of UPGRADE_FORMATS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TextIO

from driftcheck.renderers import upgrade_json, upgrade_markdown
from driftcheck.upgrade_report import UpgradeReport


class UpgradeRender(Protocol):
    """Prints the report to a text stream."""

    def __call__(self, report: UpgradeReport, out: TextIO) -> None:
        """Print it."""


@dataclass(frozen=True)
class UpgradeFormat:
    """One file format of the report."""

    name: str
    """What people write before the colon in `-o FORMAT:FILE`."""
    ending: str
    """File ending that stands for it in `-o FILE`, lower case."""
    render: UpgradeRender


UPGRADE_FORMATS = (
    UpgradeFormat("json", ".json", upgrade_json.render),
    UpgradeFormat("markdown", ".md", upgrade_markdown.render),
)
