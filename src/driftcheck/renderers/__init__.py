"""Every output of a report, one module each; an output that goes to files is one line of FORMATS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from driftcheck.errors import ConfigError
from driftcheck.findings import Report
from driftcheck.renderers import json_report
from driftcheck.renderers.files import check_writable, write_whole

__all__ = ["FORMATS", "Format", "Render", "Target", "check_writable", "resolve", "write_whole"]


class Render(Protocol):
    """Prints a report to a text stream; the texts of traces and cases only when `texts`."""

    def __call__(self, report: Report, out: TextIO, *, texts: bool = False) -> None:
        """Print it."""


@dataclass(frozen=True)
class Format:
    """One file format of the report."""

    name: str
    """What people write before the colon in `-o FORMAT:FILE`."""
    ending: str
    """File ending that stands for it in `-o FILE`, lower case."""
    render: Render


FORMATS: tuple[Format, ...] = (Format("json", ".json", json_report.render),)


@dataclass(frozen=True)
class Target:
    """One `-o`: what to write and where."""

    format: Format
    path: Path


def resolve(option: str, formats: tuple[Format, ...] = FORMATS) -> Target:
    """Read `-o FILE` (by its ending) or `-o FORMAT:FILE`.

    >>> resolve("out/report.json").format.name, str(resolve("json:/dev/stdout").path)
    ('json', '/dev/stdout')

    Raises:
        ConfigError: no format has the name or the ending.

    """
    named = re.fullmatch(r"([A-Za-z]{2,}):(.*)", option, re.DOTALL)
    if named:  # one letter is a Windows drive
        for format in formats:
            if format.name == named[1].lower():
                if not named[2]:
                    raise ConfigError(f"-o {option}", "names no file", f"-o {format.name}:report{format.ending}")
                return Target(format, Path(named[2]))
        raise ConfigError(f"-o {option}", f"unknown format {named[1]!r}", f"there are {_known(formats)}")
    endings = [format for format in formats if option.lower().endswith(format.ending)]
    if not endings:
        raise ConfigError(
            f"-o {option}", "the file's ending says no known format", f"there are {_known(formats)}; or -o FORMAT:FILE"
        )
    return Target(max(endings, key=lambda format: len(format.ending)), Path(option))


def _known(formats: tuple[Format, ...]) -> str:
    return ", ".join(f"{format.name} ({format.ending})" for format in formats)
