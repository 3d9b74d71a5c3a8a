"""`driftcheck unseal`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.inputs import ConfigOption, QuietOption
from driftcheck.cli.seal import DayOption, KeyFileOption

if TYPE_CHECKING:
    from driftcheck.sealing.opening import OpenPlan


def unseal_command(
    release: Annotated[str, typer.Option("--release", metavar="NAME", help="What it is opened for.")],
    config: ConfigOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where the cases go; by default unsealed/ in the ledger."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHO", help="Who opens it; by default you, as git knows you."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Open again what was opened; seal-integrity reports it.")
    ] = False,
    key_file: KeyFileOption = None,
    as_of: DayOption = None,
    quiet: QuietOption = False,
) -> int:
    """Open the sealed cases for a release, once; the ledger keeps release, time and who.

    Run them, put the results where `runs:` of drift.yaml finds them, and audit: sealed-gap compares them with the
    tuned cases of the same model and prompt.
    """
    import datetime as dt
    import os
    import time

    from driftcheck.cli.dates import parse_day
    from driftcheck.cli.error_line import print_error
    from driftcheck.cli.inputs import open_config
    from driftcheck.sealing.key import find_key
    from driftcheck.sealing.opening import carry_out, plan_opening

    settings = open_config(config, None, None)
    day = parse_day(as_of, "--as-of")
    # a day that is given begins at midnight, so that the runs of that day come after
    moment = time.time() if day is None else dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
    key = find_key(key_file, os.environ, project=settings.folder)
    plan = plan_opening(settings, key, release, at=day or dt.date.today(), time=moment, to=to, who=by, force=force)
    for warning in plan.warnings:
        print_error(f"warning: {warning}")
    carry_out(plan)
    if not quiet:
        _print_done(plan)
    return 0


def _print_done(plan: OpenPlan) -> None:
    from driftcheck.numbers import count
    from driftcheck.renderers.plain import show

    again = ", once more" if plan.is_forced else ""
    typer.echo(f"Opened {count(plan.n_cases, 'case')} for release {plan.release}{again}, by {show(plan.who, 80)}:")
    for target in plan.targets:
        typer.echo(f"  {show(str(target))}")
    typer.echo("\nNext:")
    for target, form in zip(plan.targets, plan.formats, strict=True):
        if form.startswith("promptfoo"):
            typer.echo(f"  promptfoo eval -c <your config> --tests {show(str(target))} -o runs/{plan.release}.json")
        else:
            typer.echo(f"  run your evals on {show(str(target))}")
    typer.echo("  put the results where `runs:` of drift.yaml finds them")
    typer.echo("  driftcheck audit   # sealed-gap compares them with the tuned cases")
    typer.echo("  delete the opened file when the release is decided")
