"""`driftcheck accept`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.edits import AsOfOption, DryRunOption, YesOption
from driftcheck.cli.inputs import ConfigOption, EvalSetOption, NoColorOption

if TYPE_CHECKING:
    from driftcheck.curating.accepting import Acceptance


def accept_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Proposals files; by default those beside the eval set."),
    ] = None,
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="Only this proposal, by its id or trace. Repeatable.")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who reviewed those that name nobody.", show_default=False)
    ] = None,
    holdout: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Mark this share for the seal, such as 30%.", show_default=False),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file of the eval set to add to.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    eval_set: EvalSetOption = None,
    as_of: AsOfOption = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the holdout.")] = 0,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Take reviewed proposals into the eval set: those with an expected answer and a reviewer.

    The rest stay in their file, out of every gate. Shows the diff first.
    """
    from driftcheck.cli.edits import agreed, day_of, open_set_config, say
    from driftcheck.cli.shares import parse_share
    from driftcheck.curating.accepting import plan_acceptance
    from driftcheck.curating.carrying_out import carry_out
    from driftcheck.intake import Sources
    from driftcheck.numbers import count

    settings = open_set_config(config, eval_set)
    with ExitStack() as stack:
        plan = plan_acceptance(
            Sources(settings, stack, ()).find("eval_set", eval_set or None, required=True),
            settings,
            as_of=day_of(as_of),
            paths=files or (),
            ids=ids or (),
            reviewer=reviewer,
            holdout=parse_share(holdout, "--holdout"),
            seed=seed,
            into=into,
        )
    n_taken, event = len(plan.taken), plan.event
    _tell(plan, seed if holdout else None)
    if not plan.taken:
        return 0
    if not agreed(plan.edits, f"Accept {count(n_taken, 'case')}?", yes=yes, dry_run=dry_run, color=not no_color):
        return 0
    is_kept = carry_out(plan.edits, settings, event)
    parts = f": {event.n_tuned} tuned, {event.n_sealed} sealed" if holdout else ""
    say(f"Accepted {count(n_taken, 'case')}{parts}{'' if is_kept else '; no ledger remembers it'}.")
    say("Next:")
    if event.n_sealed:
        lie = count(event.n_sealed, "sealed case lies", "sealed cases lie")
        say("  driftcheck seal", note=f"until then {lie} in the clear")
    say("  git diff")
    return 0


def _tell(plan: Acceptance, seed: int | None) -> None:
    from driftcheck.cli.edits import say, some
    from driftcheck.numbers import count

    n_staying = sum(map(len, plan.staying.values()))
    targets = ", ".join(dict.fromkeys(one.into for one in plan.taken))
    into = f" into {targets}" if targets else ""
    n_all = len(plan.taken) + n_staying + plan.n_others
    say(f"{len(plan.taken)} of {count(n_all, 'proposal')} ({', '.join(plan.files)}) can be accepted{into}.")
    for why, ids in plan.staying.items():
        say(f"  {len(ids)} stay: {why.value} ({some(ids)})" if len(ids) > 1 else f"  1 stays: {why.value} ({ids[0]})")
    if plan.n_others:
        say(f"  {plan.n_others} not asked for by --id")
    if seed is not None and plan.taken:
        say(
            f"  {plan.event.n_sealed} for the seal: those whose inputs hash least (SHA-256 with seed {seed}), "
            "near copies of tuned cases aside"
        )
    print()
