"""`driftcheck retire`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.edits import AsOfOption, DryRunOption, YesOption
from driftcheck.cli.inputs import (
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
)

if TYPE_CHECKING:
    from driftcheck.curating.retiring import Retirement


def retire_command(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Cases to retire.")] = None,
    expired: Annotated[bool, typer.Option("--expired", help="Cases past their validity.")] = False,
    duplicates: Annotated[bool, typer.Option("--duplicates", help="All but the best of cases that repeat.")] = False,
    dead: Annotated[bool, typer.Option("--dead", help="Cases of slices that production no longer has.")] = False,
    saturated: Annotated[
        bool, typer.Option("--saturated", help="Cases that every version passed in every run.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, for the retired file.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    eval_set: EvalSetOption = None,
    runs: RunsOption = None,
    production: ProductionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Move worn cases to a file beside the eval set, with the reason and the day: by id, or as an audit finds them.

    Cases whose metadata says `guard: true` stay, unless they are named. Shows the diff first.
    """
    from driftcheck.cli.edits import agreed, day_of, open_set_config, say
    from driftcheck.cli.inputs import parse_window
    from driftcheck.cli.screen import ProgressWatcher
    from driftcheck.curating.carrying_out import carry_out
    from driftcheck.curating.case_records import check_ids
    from driftcheck.curating.retiring import plan_retirement
    from driftcheck.curating.wearing_out import Reason, Worn, find_worn, guards
    from driftcheck.errors import ConfigError, ExitCode
    from driftcheck.intake import Sources, read_eval_set
    from driftcheck.keeping import read_upkeep
    from driftcheck.numbers import count

    asked = {Reason.EXPIRED: expired, Reason.DUPLICATE: duplicates, Reason.DEAD: dead, Reason.SATURATED: saturated}
    wanted = [name for name, is_asked in asked.items() if is_asked]
    if not ids and not wanted:
        raise ConfigError("retire", "which cases?", "name their ids, or --expired, --duplicates, --dead, --saturated")
    settings = open_set_config(config, eval_set)
    today = day_of(as_of)
    start, end = parse_window(since, until)
    comparison = None
    with ProgressWatcher(quiet=quiet, color=not no_color) as watcher:
        if wanted in ([], [Reason.EXPIRED]):
            with ExitStack() as stack:
                found = Sources(settings, stack, ()).find("eval_set", eval_set or None, required=True)
                cases = read_eval_set(found, settings, watcher)
        else:
            from driftcheck.gathering import gather
            from driftcheck.ledger import Memory

            comparison = gather(
                settings,
                Memory(settings, today, watcher),
                eval_set=eval_set or None,
                runs=runs or None,
                production=production or None,
                since=start,
                until=end,
                sample=sample,
                seed=seed,
                cache_folder=None,
                watcher=watcher,
                load_encoder=None,
                outputs=(),
            ).comparison
            cases = comparison.eval_set
        check_ids(ids or (), cases)
        search = find_worn(wanted, cases, read_upkeep(settings, today, cases), comparison)
    named = [Worn(one, Reason.NAMED, reason or "") for one in ids or ()]
    plan = plan_retirement([*named, *search.worn], cases, settings, as_of=today, guards=guards(cases), note=reason)
    for name, why in search.blind.items():
        say(f"{name.value}: cannot be told: {why}")
    _tell(plan)
    if not plan.worn:
        return ExitCode.BLIND if search.blind and len(search.blind) == len(wanted) else ExitCode.OK
    n = count(len(plan.worn), "case")
    if not agreed(plan.edits, f"Retire {n}?", yes=yes, dry_run=dry_run, color=not no_color):
        return ExitCode.OK
    is_kept = carry_out(plan.edits, settings, plan.event)
    say(f"Retired {n}; {plan.n_left} are left{'' if is_kept else '; no ledger remembers it'}.")
    return ExitCode.OK


def _tell(plan: Retirement) -> None:
    from driftcheck.cli.edits import say, some
    from driftcheck.curating.wearing_out import Reason
    from driftcheck.numbers import count

    for reason in Reason:
        found = [one for one in plan.worn if one.reason is reason]
        if found:
            say(f"{reason.value}: {count(len(found), 'case')}")
            for one in found[:20]:
                say(f"  {one.case_id}  {one.detail}".rstrip())
            if len(found) > 20:
                say(f"  and {len(found) - 20} more")
    for why, ids in plan.staying.items():
        say(f"{count(len(ids), 'case stays', 'cases stay')}: {why} ({some(ids)})")
    if not plan.worn:
        say("No case to retire.")
    print()
