"""The files that `driftcheck power` writes; an output is one line of POWER_FORMATS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from driftcheck.power_report import PowerReport
from driftcheck.renderers import power_html, power_json


@dataclass(frozen=True)
class PowerFormat:
    """One file format of the report."""

    name: str
    """What people write before the colon in `-o FORMAT:FILE`."""
    ending: str
    """File ending that stands for it in `-o FILE`, lower case."""
    render: Callable[[PowerReport], bytes]


def _png(report: PowerReport) -> bytes:
    from driftcheck.renderers.power_plot import png  # the plotting library is loaded by those who want a picture

    return png(report)


POWER_FORMATS = (
    PowerFormat("json", ".json", power_json.render),
    PowerFormat("html", ".html", power_html.render),
    PowerFormat("png", ".png", _png),
)
