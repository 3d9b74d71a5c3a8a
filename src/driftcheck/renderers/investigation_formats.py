"""The files that `driftcheck investigate` writes; an output is one line of INVESTIGATION_FORMATS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TextIO

from driftcheck.investigation import Investigation
from driftcheck.renderers import investigation_json, investigation_markdown


class InvestigationRender(Protocol):
    """Prints it to a text stream; the texts of traces only when `texts`."""

    def __call__(self, found: Investigation, out: TextIO, *, texts: bool = False) -> None:
        """Print it."""


@dataclass(frozen=True)
class InvestigationFormat:
    """One file format."""

    name: str
    """What people write before the colon in `-o FORMAT:FILE`."""
    ending: str
    """File ending that stands for it in `-o FILE`, lower case."""
    render: InvestigationRender


INVESTIGATION_FORMATS = (
    InvestigationFormat("json", ".json", investigation_json.render),
    InvestigationFormat("markdown", ".md", investigation_markdown.render),
)
