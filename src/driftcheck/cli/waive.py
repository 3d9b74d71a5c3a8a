"""`driftcheck waive`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.edits import AsOfOption, DryRunOption, YesOption
from driftcheck.cli.explain import check_words
from driftcheck.cli.inputs import ConfigOption, NoColorOption

if TYPE_CHECKING:
    import datetime as dt

    from driftcheck.config import Config


def waive_command(
    check: Annotated[
        str | None, typer.Argument(metavar="[CHECK]", help="Code or name of the check.", autocompletion=check_words)
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day on which it holds.", show_default=False)
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why.", show_default=False)] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answers for it; by default the owner in drift.yaml.")
    ] = None,
    slice_id: Annotated[
        str | None, typer.Option("--slice", metavar="ID", help="Only for this slice.", show_default=False)
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the waivers and how long they hold; exit 0.")] = False,
    config: ConfigOption = None,
    as_of: AsOfOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Make a dated exception in drift.yaml: the finding is shown as waived, and counts again the day after.

    Shows the diff first. Waiving the same again changes its date, owner and reason.
    """
    from driftcheck.cli.dates import parse_day
    from driftcheck.cli.edits import agreed, day_of, open_set_config, say
    from driftcheck.cli.screen import ProgressWatcher
    from driftcheck.curating.carrying_out import carry_out
    from driftcheck.curating.waiving import plan_waiver
    from driftcheck.errors import ConfigError
    from driftcheck.ledger import Memory

    settings = open_set_config(config, None)
    today = day_of(as_of)
    if listed:
        _list(settings, today)
        return 0
    last_day = parse_day(until, "--until")
    if check is None:
        raise ConfigError("CHECK", "which one?", "driftcheck checks lists them")
    if last_day is None:
        raise ConfigError("--until", "until when?", "give --until DATE")
    with ProgressWatcher(quiet=False, color=not no_color) as watcher:
        plan = plan_waiver(
            settings,
            check,
            until=last_day,
            owner=owner,
            reason=reason,
            slice_id=slice_id,
            as_of=today,
            is_lasting=Memory(settings, today, watcher).knows_slice,
        )
    if plan.replaced:
        say(f"In the place of the waiver until {plan.replaced.until} of {plan.replaced.by}.")
    if not plan.edit.diff():
        say("drift.yaml says so already.")
        return 0
    if agreed([plan.edit], "Write it?", yes=yes, dry_run=dry_run, color=not no_color):
        carry_out([plan.edit], settings, plan.event)
        say(f"{plan.waiver.check} is waived until {last_day} and counts again the day after.")
    return 0


def _list(config: Config, today: dt.date) -> None:
    from driftcheck.cli.edits import say
    from driftcheck.curating.waiving import describe

    lines = describe(config, today)
    for line in lines:
        say(line)
    if not lines:
        say("No waivers.")
