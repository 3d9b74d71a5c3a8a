"""`driftcheck validate`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from driftcheck.cli.edits import AsOfOption, DryRunOption, YesOption
from driftcheck.cli.inputs import ConfigOption, EvalSetOption, NoColorOption


def validate_command(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Cases that still hold.")] = None,
    expired: Annotated[bool, typer.Option("--expired", help="All cases past their validity.")] = False,
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="Until when they hold from now on.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    eval_set: EvalSetOption = None,
    as_of: AsOfOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Renew cases: somebody looked at them today, and they hold. An `expires` that has passed goes.

    Shows the diff first.
    """
    from driftcheck.cli.dates import parse_day
    from driftcheck.cli.edits import agreed, day_of, open_set_config, say, some
    from driftcheck.cli.screen import ProgressWatcher
    from driftcheck.curating.carrying_out import carry_out
    from driftcheck.curating.validating import plan_validation
    from driftcheck.curating.wearing_out import Reason, find_worn
    from driftcheck.errors import ConfigError
    from driftcheck.intake import Sources, read_eval_set
    from driftcheck.keeping import read_upkeep
    from driftcheck.numbers import count

    if not ids and not expired:
        raise ConfigError("validate", "which cases?", "name their ids, or --expired")
    settings = open_set_config(config, eval_set)
    today = day_of(as_of)
    with ExitStack() as stack, ProgressWatcher(quiet=False, color=not no_color) as watcher:
        found = Sources(settings, stack, ()).find("eval_set", eval_set or None, required=True)
        cases = read_eval_set(found, settings, watcher)
        wanted = list(ids or ())
        if expired:
            search = find_worn([Reason.EXPIRED], cases, read_upkeep(settings, today, cases))
            wanted += [one.case_id for one in search.worn]
    if not wanted:
        say("No case is past its validity.")
        return 0
    plan = plan_validation(wanted, cases, settings, as_of=today, expires=parse_day(expires, "--expires"))
    n = count(len(plan.case_ids), "case")
    say(f"{n} validated on {today}: {some(plan.case_ids, 20)}")
    if plan.beside:
        say(f"  {some(plan.beside)} with them: they come of the same records")
    if plan.unexpired:
        say(f"  {some(plan.unexpired)}: the `expires` that has passed is taken out (--expires sets another)")
    print()
    if agreed(plan.edits, f"Renew {n}?", yes=yes, dry_run=dry_run, color=not no_color):
        is_kept = carry_out(plan.edits, settings, plan.event)
        say(f"Renewed {n}{'' if is_kept else '; no ledger remembers it'}.")
    return 0
