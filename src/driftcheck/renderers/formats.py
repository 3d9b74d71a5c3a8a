"""The files that `driftcheck audit -o` writes; an output is one line of FORMATS."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from driftcheck.errors import ConfigError
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
from driftcheck.renderers.files import check_writable, is_stream
from driftcheck.renderers.targets import STDOUT, Target
from driftcheck.renderers.text_formats import put
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


def check_targets(targets: Sequence[Target[Format]]) -> None:
    """Find out before the audit, not after it, that an output cannot be written or would replace another.

    Raises:
        ConfigError: two of them go to one file, or a folder goes to standard output.
        OutputError: a file or folder is not writable.

    """
    taken: dict[Path, str] = {}
    for target in targets:
        name = target.format.name
        if target.path == STDOUT:
            if target.format.render is None:
                raise ConfigError(f"-o {name}:-", "a folder of files cannot go to standard output", "name a folder")
            continue
        target.format.check(target.path)
        path = target.path.resolve()
        if taken.setdefault(path, name) != name and not is_stream(target.path):
            raise ConfigError(f"-o {target.path}", f"{taken[path]} and {name} both go there", "name two files")


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
        put(target.path, out.getvalue())
