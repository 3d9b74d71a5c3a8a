"""The summary of a step in GitHub Actions: the Markdown report, added to the file that the runner names.

By itself, because a number that is three clicks away has no owner. The file is only added to: a step may have said
something before. GitHub throws a step's whole summary away where it is over 1 MiB, so a report that would be too much
is left out. That a summary is missing is a warning, and never changes the exit code.
"""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from driftcheck.renderers import markdown_report
from driftcheck.report import Report

LIMIT = 1024 * 1024
"""Bytes that GitHub takes of a step."""


def append_summary(
    report: Report, environment: Mapping[str, str], *, texts: bool, written: Collection[Path] = ()
) -> str:
    """Add the report to the summary of the step, if this runs in one; texts only when `texts`.

    Args:
        report: what to tell.
        environment: of the process: GITHUB_ACTIONS is `true` and GITHUB_STEP_SUMMARY names the file.
        texts: whether the texts of traces may leave the terminal.
        written: files that `-o` has written, which may be the summary.

    Returns:
        The warning to print where it could not be added, else nothing.

    """
    name = environment.get("GITHUB_STEP_SUMMARY", "")
    if environment.get("GITHUB_ACTIONS") != "true" or not name:
        return ""
    path = Path(name)
    try:
        if any(other.exists() and path.exists() and other.samefile(path) for other in written):
            return ""
        out = io.StringIO()
        markdown_report.render(report, out, texts=texts)
        data = out.getvalue().encode()
        before = path.stat().st_size if path.exists() else 0
        data = b"\n\n" + data if before else data  # what stands there may not end its line
        if before + len(data) > LIMIT:
            return f"{name}: no summary added: the step would have more than the 1 MiB that GitHub takes"
        _append(path, data)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        return f"{name}: no summary added: {getattr(error, 'strerror', None) or error}"
    return ""


def _append(path: Path, data: bytes) -> None:
    """In one write, so that a step that runs two audits at once mixes no lines."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError("written in part only")
    finally:
        os.close(descriptor)
