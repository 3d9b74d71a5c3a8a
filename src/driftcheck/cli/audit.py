"""`driftcheck audit`."""

from __future__ import annotations

import io
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from driftcheck.cli.explain import check_words

STDOUT = Path("-")
PATH_OPTIONS = ("--eval-set", "--runs", "--production")
"""Options that take one path or more."""
_INPUTS = "Inputs"
_WINDOW = "Window"
_OUTPUT = "Output"
_MORE = "More"


def audit_command(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The drift.yaml to read.", show_default="drift.yaml"),
    ] = None,
    eval_set: Annotated[
        list[str] | None,
        typer.Option(
            "--eval-set",
            metavar="PATH...",
            help="Eval set: files, folders, globs, or - for standard input.",
            rich_help_panel=_INPUTS,
        ),
    ] = None,
    runs: Annotated[
        list[str] | None,
        typer.Option("--runs", metavar="PATH...", help="Results of the eval set's runs.", rich_help_panel=_INPUTS),
    ] = None,
    production: Annotated[
        list[str] | None,
        typer.Option("--production", metavar="PATH...", help="Production traces.", rich_help_panel=_INPUTS),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Start of the window; by default `window` before its end.", rich_help_panel=_WINDOW
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="End of the window; by default the newest trace.", rich_help_panel=_WINDOW),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day taken as today, for dates that run out.", rich_help_panel=_WINDOW),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the report to FILE, by its ending, or FORMAT:FILE. Repeatable.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write cases.parquet and traces.parquet to DIR: every case and sampled trace, with its slice.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    text: Annotated[
        bool | None,
        typer.Option(
            "--text/--no-text",
            help="Show texts of traces, in files too. By default on the terminal only.",
            rich_help_panel=_OUTPUT,
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors.", rich_help_panel=_OUTPUT)
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print passed checks and inputs in full.", rich_help_panel=_OUTPUT)
    ] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="Print without colour.", rich_help_panel=_OUTPUT)
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK",
            help="Run only these checks: code, name, or how one begins.",
            rich_help_panel=_MORE,
            autocompletion=check_words,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK", help="Leave these checks out.", rich_help_panel=_MORE, autocompletion=check_words
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(min=100, metavar="N", help="Sessions to embed.", show_default="10000", rich_help_panel=_MORE),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help="Seed of clusterings and permutations.", rich_help_panel=_MORE)
    ] = 0,
) -> int:
    """Audit an eval set against production, and exit by the verdict.

    Reads drift.yaml; options replace what it says of inputs and window. Thresholds live in drift.yaml alone.
    """
    from driftcheck.cli.dates import parse_day, parse_moment
    from driftcheck.cli.screen import ProgressWatcher, make_console
    from driftcheck.config import Config, Settings, load_config
    from driftcheck.errors import ConfigError

    if config is not None or Path("drift.yaml").is_file():
        settings = load_config(config or "drift.yaml")
    elif eval_set and production:
        settings = Config(Settings(), None)
    else:
        raise ConfigError(
            "drift.yaml", "no such file here", "driftcheck init writes one; or name --eval-set and --production"
        )
    start = parse_moment(since, "--since")
    end = parse_moment(until, "--until", end_of_day=True)
    if start is not None and end is not None and start > end:
        raise ConfigError("--since", f"{since} is after --until {until}")
    today = parse_day(as_of, "--as-of")

    from driftcheck.renderers import check_writable, resolve, write_whole
    from driftcheck.renderers.export import check_exportable
    from driftcheck.renderers.export import export as write_export

    targets = [resolve(option) for option in output or ()]
    for target in targets:
        if target.path != STDOUT:
            check_writable(target.path)
    if export is not None:
        check_exportable(export)

    from driftcheck.auditing import audit

    called = ["driftcheck", "audit", *(["--config", str(config)] if config else [])]
    for option, paths in zip(PATH_OPTIONS, (eval_set, runs, production), strict=True):
        called += [word for path in paths or () for word in (option, path)]
    with ProgressWatcher(quiet=quiet, color=not no_color) as watcher:
        report = audit(
            settings,
            eval_set=eval_set or None,
            runs=runs or None,
            production=production or None,
            since=start,
            until=end,
            as_of=today,
            select=select or (),
            ignore=ignore or (),
            sample=sample,
            seed=seed,
            watcher=watcher,
            outputs=[target.path for target in targets],
            command=shlex.join(called),
        )
    for target in targets:
        out = io.StringIO()
        target.format.render(report, out, texts=bool(text))
        if target.path == STDOUT:
            sys.stdout.write(out.getvalue())
        else:
            write_whole(target.path, out.getvalue())
    if export is not None:
        write_export(report, export, texts=bool(text))
    if not quiet and all(target.path != STDOUT for target in targets):
        from driftcheck.renderers import terminal

        with suppress(BrokenPipeError):  # the reader of a pipe has seen enough; the verdict stands
            terminal.render(report, make_console(color=not no_color), texts=text is not False, verbose=verbose)
    return int(report.exit_code)
