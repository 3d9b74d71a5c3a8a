"""Options that several commands share: what is read, of which window, and what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from driftcheck.config import Config

PATH_OPTIONS = ("--eval-set", "--runs", "--production")
"""Options that take one path or more."""

INPUTS = "Inputs"
WINDOW = "Window"
OUTPUT = "Output"
MORE = "More"

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="The drift.yaml to read; by default the one here."),
]
EvalSetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--eval-set",
        metavar="PATH...",
        help="Eval set: files, folders, globs, or - for standard input.",
        rich_help_panel=INPUTS,
    ),
]
RunsOption = Annotated[
    list[str] | None,
    typer.Option("--runs", metavar="PATH...", help="Results of the eval set's runs.", rich_help_panel=INPUTS),
]
ProductionOption = Annotated[
    list[str] | None,
    typer.Option("--production", metavar="PATH...", help="Production traces.", rich_help_panel=INPUTS),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DATE",
        help="Start of the window; by default `window` before its end.",
        rich_help_panel=WINDOW,
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="DATE", help="End of the window; by default the newest trace.", rich_help_panel=WINDOW
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.", rich_help_panel=OUTPUT)]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="Print without colour.", rich_help_panel=OUTPUT)]
SampleOption = Annotated[
    int | None,
    typer.Option("--sample", min=100, metavar="N", help="Sessions to embed; by default 10000.", rich_help_panel=MORE),
]

SeedOption = Annotated[
    int, typer.Option("--seed", min=0, metavar="N", help="Seed of clusterings and permutations.", rich_help_panel=MORE)
]
ReportOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the report to FILE (.json, .md), or FORMAT:FILE. Repeatable.",
        rich_help_panel=OUTPUT,
    ),
]


def open_config(
    config: Path | None, eval_set: list[str] | None, production: list[str] | None, *, needs_eval_set: bool = True
) -> Config:
    """The drift.yaml named or found here, or none where the inputs are all named.

    Raises:
        ConfigError: there is neither, or drift.yaml is wrong.

    """
    from driftcheck.config import Config, Settings, load_config
    from driftcheck.errors import ConfigError

    if config is not None or Path("drift.yaml").is_file():
        return load_config(config or "drift.yaml")
    if (eval_set or not needs_eval_set) and production:
        return Config(Settings(), None)
    raise ConfigError(
        "drift.yaml",
        "no such file here",
        "driftcheck init writes one; or name " + ("--eval-set and --production" if needs_eval_set else "--production"),
    )


def parse_window(since: str | None, until: str | None) -> tuple[float | None, float | None]:
    """Start and end of the window, unix seconds, None where not given.

    Raises:
        ConfigError: no date, or the start lies after the end.

    """
    from driftcheck.cli.dates import parse_moment
    from driftcheck.errors import ConfigError

    start = parse_moment(since, "--since")
    end = parse_moment(until, "--until", end_of_day=True)
    if start is not None and end is not None and start > end:
        raise ConfigError("--since", f"{since} is after --until {until}")
    return start, end
