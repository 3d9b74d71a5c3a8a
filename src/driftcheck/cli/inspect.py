"""`driftcheck inspect`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

_KINDS = ("evalset", "results", "traces")


def format_names(incomplete: str) -> list[str]:
    """Formats that complete what was typed so far."""
    from driftcheck.loaders import LOADERS

    return [loader.FORMAT for loader in LOADERS if loader.FORMAT.startswith(incomplete.casefold())]


def inspect_command(
    paths: Annotated[
        list[str], typer.Argument(help="Files, folders, globs, or - for standard input.", metavar="PATH...")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_kind: Annotated[
        str | None,
        typer.Option(
            "--as",
            help=f"Read it as this kind, whatever it looks like: {', '.join(_KINDS)}.",
            metavar="KIND",
            autocompletion=lambda: list(_KINDS),
        ),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Read it as this format, whatever it looks like.",
            metavar="NAME",
            autocompletion=format_names,
        ),
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Do not show texts of records.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colour.")] = False,
) -> int:
    """Show what driftcheck understands of a file: format, counts, ratings, first records, what was left out and why."""
    from driftcheck.cli.error_line import print_error
    from driftcheck.cli.screen import make_console
    from driftcheck.errors import ConfigError, InputError
    from driftcheck.loaders.inspection import inspect_source
    from driftcheck.loaders.joint_exports import joined
    from driftcheck.loaders.source import find_sources
    from driftcheck.records import Kind
    from driftcheck.renderers import inspection

    if as_kind is not None and as_kind not in _KINDS:
        raise ConfigError("--as", f"no kind {as_kind!r}", f"there are: {', '.join(_KINDS)}")
    kind = Kind(as_kind) if as_kind else None
    sources = joined(find_sources(paths, base=Path()))
    reports = []
    problems: list[InputError] = []
    for source in sources:
        try:
            reports.append(inspect_source(source, kind=kind, format=format_name))
        except InputError as problem:
            if len(sources) == 1:
                raise
            problems.append(problem)
    if as_json:
        inspection.render_json(reports, sys.stdout, texts=not no_text)
    else:
        inspection.render(reports, make_console(color=not no_color), texts=not no_text)
    for missed in problems:
        print_error(str(missed))
    return 2 if problems else 0
