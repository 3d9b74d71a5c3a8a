"""`driftcheck trend`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.inputs import (
    INPUTS,
    MORE,
    OUTPUT,
    WINDOW,
    ConfigOption,
    EvalSetOption,
    NoColorOption,
    ProductionOption,
    QuietOption,
    ReportOption,
    RunsOption,
    SeedOption,
    SinceOption,
    UntilOption,
    open_config,
    parse_window,
)

if TYPE_CHECKING:
    from driftcheck.config import Config


def trend_command(
    config: ConfigOption = None,
    backfill: Annotated[
        bool,
        typer.Option(
            "--backfill",
            help="Audit every past week of the export from the same files, instead of reading the ledger.",
            rich_help_panel=INPUTS,
        ),
    ] = False,
    eval_set: EvalSetOption = None,
    runs: RunsOption = None,
    production: ProductionOption = None,
    weeks: Annotated[
        int | None,
        typer.Option(
            "--weeks",
            min=1,
            metavar="N",
            help="The newest N weeks, or audits; by default all.",
            rich_help_panel=WINDOW,
        ),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    output: ReportOption = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help="With --backfill: add the weeks that are over to the ledger, those not yet there.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Look at every line of the ledger: is one altered or missing?")
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample",
            min=100,
            metavar="N",
            help="Sessions to embed of each week; by default 1000.",
            rich_help_panel=MORE,
        ),
    ] = None,
    seed: SeedOption = 0,
) -> int:
    """Tell score, divergence and satisfaction over time, side by side, and since when traffic differs.

    Each row is an audit that the ledger remembers; with --backfill each is a week of the export.
    """
    from driftcheck.renderers.targets import STDOUT
    from driftcheck.renderers.text_formats import text_targets, write_texts
    from driftcheck.renderers.trend_formats import TREND_FORMATS

    of_backfill: dict[str, object] = {
        "--eval-set": eval_set or None,
        "--runs": runs or None,
        "--production": production or None,
        "--record": record or None,
        "--sample": sample,
    }
    if verify:
        of_trend = {"--weeks": weeks, "--since": since, "--until": until, "--output": output or None}
        _refuse({"--backfill": backfill or None, **of_backfill, **of_trend}, "says nothing to --verify", "leave it out")
        return _verify(open_config(config, None, None))
    if not backfill:
        _refuse(of_backfill, "says nothing to the ledger", "give --backfill too, or leave it out")
    settings = open_config(config, eval_set, production)
    start, end = parse_window(since, until)
    targets = text_targets(output, TREND_FORMATS)

    from driftcheck.cli.screen import ProgressWatcher, make_console

    if backfill:
        from driftcheck.trending.backfilling import backfill as audit_weeks

        with ProgressWatcher(quiet=quiet, color=not no_color) as watcher:
            trend = audit_weeks(
                settings,
                eval_set=eval_set or None,
                runs=runs or None,
                production=production or None,
                since=start,
                until=end,
                n_weeks=weeks,
                sample=sample,
                seed=seed,
                record=record,
                watcher=watcher,
                outputs=[target.path for target in targets],
            )
    else:
        from driftcheck.trending.remembered import remember

        trend = remember(settings, since=start, until=end, n_rows=weeks, seed=seed)
    write_texts(targets, lambda render, out: render(trend, out))
    if not quiet and all(target.path != STDOUT for target in targets):
        from driftcheck.renderers import trend_terminal

        with suppress(BrokenPipeError):  # the reader of a pipe has seen enough
            trend_terminal.render(trend, make_console(color=not no_color))
    return 0


def _refuse(given: dict[str, object], what: str, hint: str) -> None:
    """Say that an option has nothing to do here.

    Raises:
        ConfigError: one is given, not None.

    """
    from driftcheck.errors import ConfigError

    for option, value in given.items():
        if value is not None:
            raise ConfigError(option, what, hint)


def _verify(settings: Config) -> int:
    """Tell whether the ledger is whole, and where branches were merged; 2 where it is not.

    Raises:
        ConfigError: drift.yaml keeps no ledger.
        InputError: there is none, or it cannot be read.

    """
    from driftcheck.cli.error_line import print_error
    from driftcheck.errors import ConfigError, ExitCode, InputError
    from driftcheck.ledger.store import LEDGER, open_ledger
    from driftcheck.numbers import count

    folder = settings.ledger_folder
    if folder is None:
        raise ConfigError(settings.where("ledger"), "the ledger is off")
    with open_ledger(folder) as ledger:
        problems = ledger.problems()
        chain = ledger.chain
    if not problems and not chain.lines:
        raise InputError(str(folder), "no ledger is there", "driftcheck audit writes a line for each audit")
    for problem in problems:
        print_error(problem)
    if problems:
        return ExitCode.USAGE
    typer.echo(f"{folder / LEDGER}: {count(len(chain.lines), 'line')}, none altered, none missing")
    for note in chain.notes:
        typer.echo(note)
    return ExitCode.OK
