"""The files that `driftcheck audit -o` writes; an output is one line of FORMATS."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from driftcheck.renderers import (
    export,
    github_annotations,
    html,
    json_report,
    junit_report,
    markdown_report,
    openmetrics,
    sarif_report,
)
from driftcheck.renderers.files import check_writable, write_whole
from driftcheck.renderers.targets import STDOUT, Target
from driftcheck.report import Report


class Render(Protocol):
    """Prints a report to a text stream; the texts of traces and cases only when `texts`."""

    def __call__(self, report: Report, out: TextIO, *, texts: bool = False) -> None:
        """Print it."""


class Export(Protocol):
    """Writes a report to a folder; the texts of traces and cases only when `texts`."""

    def __call__(self, report: Report, folder: Path, *, texts: bool = False) -> None:
        """Write it."""


@dataclass(frozen=True)
class Format:
    """One format of the report: a file, or a folder of files."""

    name: str
    ending: str
    render: Render | None = None
    """Prints the file; None for a folder."""
    export: Export | None = None
    """Writes the folder; None for a file."""
    check: Callable[[Path], None] = check_writable
    """Raises OutputError where it can be known beforehand that nothing can be written."""
    draws_map: bool = False
    """Needs the report's map of cases and traces, which takes some seconds."""


FORMATS: tuple[Format, ...] = (
    Format("json", ".json", json_report.render),
    Format("html", ".html", html.render, draws_map=True),
    Format("markdown", ".md", markdown_report.render),
    Format("junit", ".xml", junit_report.render),
    Format("sarif", ".sarif", sarif_report.render),
    Format("github", "", github_annotations.render),
    Format("openmetrics", ".prom", openmetrics.render),
    Format("parquet", ".parquet", export=export.export, check=export.check_exportable),
)


def write(report: Report, target: Target[Format], *, texts: bool) -> None:
    """Write one output, whole or not at all; to standard output where the target is `-`.

    Raises:
        OutputError: the system refuses.

    """
    format = target.format
    if format.export:
        format.export(report, target.path, texts=texts)
    if format.render:
        out = io.StringIO()
        format.render(report, out, texts=texts)
        if target.path == STDOUT:
            sys.stdout.write(out.getvalue())
        else:
            write_whole(target.path, out.getvalue())
