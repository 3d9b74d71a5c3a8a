"""`driftcheck init`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def init_command(
    folder: Annotated[
        Path, typer.Argument(help="The folder to look at; by default this one.", show_default=False)
    ] = Path(),
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of drift.yaml and exit.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a drift.yaml that is there.")] = False,
) -> None:
    """Look at a folder, recognise eval sets, runs and exports, and write a commented drift.yaml."""
    from driftcheck.config import json_schema
    from driftcheck.errors import InputError, OutputError

    if schema:
        json.dump(json_schema(), sys.stdout, indent=2, sort_keys=True)
        print()
        return
    if not folder.is_dir():
        raise InputError(str(folder), "no such folder")
    target = folder / "drift.yaml"
    if target.exists() and not force:
        raise OutputError(str(target), "is there already", "--force replaces it")

    from driftcheck.cli.screen import ProgressWatcher
    from driftcheck.numbers import count
    from driftcheck.renderers.files import check_writable, write_whole
    from driftcheck.renderers.plain import show
    from driftcheck.scaffold import draft, look_around

    check_writable(target)
    with ProgressWatcher(quiet=False) as watcher:
        found = look_around(folder, watcher.stage)
    write_whole(target, draft(found))
    print(f"Wrote {show(str(target))}.")
    missing = found.missing
    for label, choice in (("eval set", found.eval_set), ("runs", found.runs), ("production", found.production)):
        if choice is None:
            print(f"  {label:<11} none found: name it in drift.yaml")
            continue
        print(f"  {label:<11} {show(_named(choice.pattern))}   ({choice.format}, {count(choice.n_files, 'file')})")
        for other in choice.others:
            print(f"  {'':<11} or {show(_named(other))}")
    if missing:
        for table in found.unrecognised:
            print(f"  not recognised: {show(table.advice(missing))}")
    print("\nNext:")
    for choice in (found.eval_set, found.runs, found.production):
        if choice:
            print(f"  driftcheck inspect {show(_quoted(str(folder / choice.example)))}   # is it read right?")
    if missing:
        names = " and ".join(f"`{section}:`" for section in missing)
        print(f"  fill in {names} in {show(str(target))}")
        return
    place = "" if folder == Path() else f" --config {show(_quoted(str(target)))}"
    print(f"  driftcheck audit{place}")


def _named(pattern: str | tuple[str, ...]) -> str:
    return pattern if isinstance(pattern, str) else ", ".join(pattern)


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)
