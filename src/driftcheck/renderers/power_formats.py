"""The files that `driftcheck power` writes; an output is one line of POWER_FORMATS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from driftcheck.power_report import PowerReport
from driftcheck.renderers import Format, power_html, power_json, resolve


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


@dataclass(frozen=True)
class PowerTarget:
    """One `-o`: what to write and where."""

    format: PowerFormat
    path: Path


def resolve_power(option: str) -> PowerTarget:
    """Read `-o FILE` (by its ending) or `-o FORMAT:FILE`.

    >>> resolve_power("out/power.html").format.name
    'html'

    Raises:
        ConfigError: no format has the name or the ending.

    """
    # the names and endings are all that is looked at
    target = resolve(option, cast("tuple[Format, ...]", POWER_FORMATS))
    return PowerTarget(next(format for format in POWER_FORMATS if format.name == target.format.name), target.path)
