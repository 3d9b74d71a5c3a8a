"""What the commands that edit files share: the diff before anything is written, and the question."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import datetime as dt

    from driftcheck.config import Config
    from driftcheck.editing import Edit

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the diff, and write nothing.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day taken as today.")]


def open_set_config(config: Path | None, eval_set: Sequence[str] | None) -> Config:
    """The drift.yaml named or found here, or none where the eval set is named.

    Raises:
        ConfigError: there is neither, or drift.yaml is wrong.

    """
    from driftcheck.config import Config, Settings, load_config
    from driftcheck.errors import ConfigError

    if config is not None or Path("drift.yaml").is_file():
        return load_config(config or "drift.yaml")
    if eval_set:
        return Config(Settings(), None)
    raise ConfigError("drift.yaml", "no such file here", "driftcheck init writes one; or name --eval-set")


def day_of(as_of: str | None) -> dt.date:
    """The day taken as today. Raises ConfigError where it is none."""
    import datetime as dt

    from driftcheck.cli.dates import parse_day

    return parse_day(as_of, "--as-of") or dt.date.today()


def say(text: str = "", *, note: str = "") -> None:
    """Print a line that may quote ids and names, and a comment behind it, where a shell would take it for one."""
    from driftcheck.renderers.plain import show, unmarked

    encoding = sys.stdout.encoding or "utf-8"
    blanks = len(text) - len(text.lstrip(" "))
    shown = unmarked(show(text.lstrip(" "), encoding=encoding), begins_line=True)
    print(" " * blanks + shown + (f"   # {unmarked(show(note, encoding=encoding))}" if note else ""))


def some(ids: Sequence[str], most: int = 5) -> str:
    """The first of many ids.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = ", ".join(ids[:most])
    return f"{shown} and {len(ids) - most} more" if len(ids) > most else shown


def agreed(edits: Iterable[Edit], question: str, *, yes: bool, dry_run: bool, color: bool) -> bool:
    """Show what will change, and find out whether it may.

    Raises:
        ConfigError: there is nobody to ask.

    """
    from rich.text import Text

    from driftcheck.cli.consent import is_agreed
    from driftcheck.cli.screen import make_console
    from driftcheck.renderers.diff_lines import diff_lines

    console = make_console(color=color)
    for edit in edits:
        for line in diff_lines(edit.diff(), encoding=console.encoding):
            console.print(Text(line.text, style=line.style), soft_wrap=True)
    print(flush=True)
    if dry_run:
        print("Nothing was changed (--dry-run).")
        return False
    if is_agreed(question, yes=yes):
        return True
    print("Nothing was changed.")
    return False
