"""`driftcheck seal`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.inputs import MORE, WINDOW, ConfigOption, QuietOption

if TYPE_CHECKING:
    from driftcheck.sealing.closing import SealPlan

_MAX_SHOWN = 40

KeyFileOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="The key, outside of the repository; else $DRIFTCHECK_SEAL_KEY or $DRIFTCHECK_SEAL_KEY_FILE.",
    ),
]
DayOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The day taken as today.", rich_help_panel=WINDOW)
]


def seal_command(
    config: ConfigOption = None,
    holdout: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Seal this share of the cases, such as 30%, where none is marked."),
    ] = None,
    key_file: KeyFileOption = None,
    new_key: Annotated[
        Path | None, typer.Option("--new-key", metavar="FILE", help="Write a new key to FILE and exit.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and change nothing.")] = False,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew",
            help="Begin another seal: the file of the last is lost or does not open. It is kept as NAME.sealed.1.",
            rich_help_panel=MORE,
        ),
    ] = False,
    as_of: DayOption = None,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help="Seed of the choice by --holdout.", rich_help_panel=MORE)
    ] = 0,
    quiet: QuietOption = False,
) -> int:
    """Take held-out cases out of the eval set and encrypt them, so that nobody tunes against them.

    Cases marked by `split: sealed`, or a share chosen by --holdout, join those sealed before. The ledger keeps the hash
    of the file. The next seal, and every opening, needs the key.
    """
    import datetime as dt
    import os

    from driftcheck.cli.consent import is_agreed
    from driftcheck.cli.dates import parse_day
    from driftcheck.cli.inputs import open_config
    from driftcheck.cli.shares import parse_share

    share = parse_share(holdout, "--holdout")
    at = parse_day(as_of, "--as-of") or dt.date.today()

    from driftcheck.renderers.plain import show
    from driftcheck.sealing.key import find_key, make_key

    if (
        new_key is not None
    ):  # a key needs no eval set yet: without a drift.yaml, this folder is what it must lie outside of
        key = make_key(new_key, project=config.parent if config else Path())
        if not quiet:
            typer.echo(f"Wrote key {key.token[:8]} to {show(str(new_key))}, for you alone to read.")
            typer.echo("Keep a copy where you keep secrets: without it nobody opens what it sealed.")
        return 0

    from driftcheck.sealing.closing import carry_out, plan_seal

    settings = open_config(config, None, None)
    key = find_key(key_file, os.environ, project=settings.folder)
    plan = plan_seal(settings, key, at=at, holdout=share, seed=seed, anew=anew)
    if not quiet:
        _print_plan(plan)
    if dry_run:
        return 0
    if not is_agreed("Seal them?", yes=yes):
        typer.echo("Nothing was changed.")
        return 0
    carry_out(plan)
    if not quiet:
        typer.echo(f"Sealed. Commit {show(str(plan.path))}, the ledger and the eval set together.")
    return 0


def _print_plan(plan: SealPlan) -> None:
    from driftcheck.cli.error_line import print_error
    from driftcheck.numbers import count
    from driftcheck.renderers.plain import show, unmarked

    if plan.is_resumed:
        typer.echo("The last seal was interrupted: it is brought to its end.")
    for name, leaving in plan.leaving.items():
        typer.echo(f"{show(name)}: {count(len(leaving), 'case')} leave{'s' if len(leaving) == 1 else ''}")
        for one in leaving[:_MAX_SHOWN]:
            typer.echo(unmarked(f"  - {one.place}  {show(one.id, 60)}".rstrip()))
        if len(leaving) > _MAX_SHOWN:
            typer.echo(f"  ... and {count(len(leaving) - _MAX_SHOWN, 'more')}".removesuffix("s"))
    before = f" beside {plan.n_before:,} sealed before" if plan.n_before else ""
    typer.echo(f"{show(str(plan.path))}: {count(plan.n_new, 'case')}{before}, encrypted")
    if plan.aside is not None:
        typer.echo(f"{show(str(plan.aside))}: what was sealed before, as it is")
    typer.echo(f"{count(plan.n_tuned, 'case')} stay{'s' if plan.n_tuned == 1 else ''} in the eval set.")
    for warning in plan.warnings[:_MAX_SHOWN]:
        print_error(f"warning: {warning}")
    if len(plan.warnings) > _MAX_SHOWN:
        print_error(f"warning: and {len(plan.warnings) - _MAX_SHOWN:,} more of the kind")
