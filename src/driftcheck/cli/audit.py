"""`driftcheck audit`."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from driftcheck.cli.error_line import print_error
from driftcheck.cli.explain import check_words
from driftcheck.cli.inputs import (
    MORE,
    OUTPUT,
    PATH_OPTIONS,
    WINDOW,
    ConfigOption,
    EvalSetOption,
    NoColorOption,
    ProductionOption,
    QuietOption,
    RunsOption,
    SampleOption,
    SeedOption,
    SinceOption,
    UntilOption,
    open_config,
    parse_window,
)


def audit_command(
    config: ConfigOption = None,
    eval_set: EvalSetOption = None,
    runs: RunsOption = None,
    production: ProductionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day taken as today, for dates that run out.", rich_help_panel=WINDOW),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the report to FILE, by its ending, or FORMAT:FILE. Repeatable.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write cases.parquet and traces.parquet to DIR: every case and sampled trace, with its slice.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    text: Annotated[
        bool | None,
        typer.Option(
            "--text/--no-text",
            help="Show texts of traces, in files too. By default on the terminal only.",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record/--no-record",
            help="Add the audit to the ledger of drift.yaml.",
            rich_help_panel=OUTPUT,
        ),
    ] = True,
    quiet: QuietOption = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print passed checks and inputs in full.", rich_help_panel=OUTPUT)
    ] = False,
    no_color: NoColorOption = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK",
            help="Run only these checks: code, name, or how one begins.",
            rich_help_panel=MORE,
            autocompletion=check_words,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help="Leave these checks out.", rich_help_panel=MORE, autocompletion=check_words),
    ] = None,
    sample: SampleOption = None,
    seed: SeedOption = 0,
) -> int:
    """Audit an eval set against production, and exit by the verdict.

    Reads drift.yaml; options replace what it says of inputs and window. Thresholds live in drift.yaml alone.
    """
    from driftcheck.cli.dates import parse_day
    from driftcheck.cli.screen import ProgressWatcher, make_console

    settings = open_config(config, eval_set, production)
    start, end = parse_window(since, until)
    today = parse_day(as_of, "--as-of")

    from driftcheck.renderers.export import check_exportable
    from driftcheck.renderers.export import export as write_export
    from driftcheck.renderers.formats import FORMATS, check_targets, write
    from driftcheck.renderers.step_summary import append_summary
    from driftcheck.renderers.targets import STDOUT, resolve

    targets = [resolve(option, FORMATS) for option in output or ()]
    check_targets(targets)
    if export is not None:
        check_exportable(export)

    from driftcheck.auditing import audit

    called = ["driftcheck", "audit", *(["--config", str(config)] if config else [])]
    for option, paths in zip(PATH_OPTIONS, (eval_set, runs, production), strict=True):
        called += [word for path in paths or () for word in (option, path)]
    given = {"--since": since, "--until": until, "--as-of": as_of, "--sample": sample, "--seed": seed or None}
    called += [word for option, value in given.items() if value is not None for word in (option, str(value))]
    for option, words in (("--select", select), ("--ignore", ignore)):
        called += [word for check in words or () for word in (option, check)]
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
            record=record,
            topic_map=any(target.format.draws_map for target in targets),
            command=shlex.join(called),
        )
    for target in targets:
        write(report, target, texts=bool(text))
    if export is not None:
        write_export(report, export, texts=bool(text))
    warning = append_summary(report, os.environ, texts=bool(text), written=[target.path for target in targets])
    if warning:
        print_error(f"warning: {warning}")
    if not quiet and all(target.path != STDOUT for target in targets):
        from driftcheck.renderers import terminal

        with suppress(BrokenPipeError):  # the reader of a pipe has seen enough; the verdict stands
            terminal.render(report, make_console(color=not no_color), texts=text is not False, verbose=verbose)
    return int(report.exit_code)
