"""`driftcheck refresh`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from driftcheck.cli.inputs import (
    OUTPUT,
    WINDOW,
    ConfigOption,
    EvalSetOption,
    NoColorOption,
    ProductionOption,
    QuietOption,
    ReportOption,
    RunsOption,
    SampleOption,
    SeedOption,
    SinceOption,
    UntilOption,
    open_config,
    parse_window,
)


def refresh_command(
    n: Annotated[int, typer.Option("--n", min=1, metavar="N", help="Cases to propose.")] = 100,
    slices: Annotated[
        list[str] | None,
        typer.Option("--slice", metavar="ID", help="Propose from this slice only. Repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where the proposals go, by default NAME.proposals.EXT beside the eval set. NAME.proposals.jsonl "
            "takes them for any set.",
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File of the eval set that they are for, where it has several; by default the one with most cases.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be proposed, and write nothing.")] = False,
    config: ConfigOption = None,
    eval_set: EvalSetOption = None,
    runs: RunsOption = None,
    production: ProductionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day taken as today.", rich_help_panel=WINDOW),
    ] = None,
    output: ReportOption = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record/--no-record",
            help="Note in the ledger of drift.yaml what was proposed, and what traffic was.",
            rich_help_panel=OUTPUT,
        ),
    ] = True,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
    sample: SampleOption = None,
    seed: SeedOption = 0,
) -> int:
    """Propose cases from production, show what moved in it, and price the labelling.

    Slices come first by traffic times uncovered times dissatisfaction, then all in proportion to their traffic. Texts
    are masked before anything is written or shown. What was proposed once is not proposed again.
    """
    from driftcheck.cli.dates import parse_day
    from driftcheck.cli.screen import ProgressWatcher, make_console
    from driftcheck.renderers.refresh_formats import REFRESH_FORMATS
    from driftcheck.renderers.targets import STDOUT
    from driftcheck.renderers.text_formats import text_targets, write_texts

    settings = open_config(config, eval_set, production)
    start, end = parse_window(since, until)
    today = parse_day(as_of, "--as-of")
    targets = text_targets(output, REFRESH_FORMATS)

    from driftcheck.refreshing.measuring import refresh

    with ProgressWatcher(quiet=quiet, color=not no_color) as watcher:
        report = refresh(
            settings,
            eval_set=eval_set or None,
            runs=runs or None,
            production=production or None,
            since=start,
            until=end,
            as_of=today,
            n=n,
            slices=slices or (),
            out=out,
            into=into,
            write=not dry_run,
            record=record,
            sample=sample,
            seed=seed,
            watcher=watcher,
            outputs=[target.path for target in targets],
        )
    write_texts(targets, lambda render, stream: render(report, stream))
    if not quiet and all(target.path != STDOUT for target in targets):
        from driftcheck.renderers import refresh_terminal

        with suppress(BrokenPipeError):  # the reader of a pipe has seen enough
            refresh_terminal.render(report, make_console(color=not no_color))
    return 0
