"""The files that `driftcheck investigate` writes; an output is one line of INVESTIGATION_FORMATS."""

from __future__ import annotations

from typing import Protocol, TextIO

from driftcheck.investigation import Investigation
from driftcheck.renderers import investigation_json, investigation_markdown
from driftcheck.renderers.text_formats import TextFormat


class InvestigationRender(Protocol):
    """Prints it to a text stream; the texts of traces only when `texts`."""

    def __call__(self, found: Investigation, out: TextIO, *, texts: bool = False) -> None:
        """Print it."""


INVESTIGATION_FORMATS: tuple[TextFormat[InvestigationRender], ...] = (
    TextFormat("json", ".json", investigation_json.render),
    TextFormat("markdown", ".md", investigation_markdown.render),
)
