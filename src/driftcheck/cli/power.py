"""`driftcheck power`."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated

import typer

from driftcheck.cli.inputs import (
    MORE,
    OUTPUT,
    ConfigOption,
    EvalSetOption,
    NoColorOption,
    ProductionOption,
    QuietOption,
    RunsOption,
    SampleOption,
    SinceOption,
    UntilOption,
    open_config,
    parse_window,
)


def power_command(
    config: ConfigOption = None,
    eval_set: EvalSetOption = None,
    runs: RunsOption = None,
    production: ProductionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    detect: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE", help="Say what it takes to notice a new topic of this share of traffic, such as 3%."
        ),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the report to FILE (.json, .html, .png), or FORMAT:FILE. Repeatable.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
    draws: Annotated[
        int | None,
        typer.Option(min=20, metavar="N", help="Simulated audits; by default 160.", rich_help_panel=MORE),
    ] = None,
    sample: SampleOption = None,
    seed: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Seed of splits, clusterings and permutations.", rich_help_panel=MORE),
    ] = 0,
) -> int:
    """Tell how much drift the gate notices on your own data, and how often it cries wolf.

    Splits your production at random, plants new topics and shifted mixes in it, and audits each split with the
    thresholds of drift.yaml.
    """
    from driftcheck.cli.screen import ProgressWatcher, make_console

    settings = open_config(config, eval_set, production)
    start, end = parse_window(since, until)
    wish = parse_share(detect, "--detect") if detect is not None else None

    from driftcheck.renderers.files import check_writable, write_whole
    from driftcheck.renderers.power_formats import POWER_FORMATS
    from driftcheck.renderers.targets import STDOUT, resolve

    targets = [resolve(option, POWER_FORMATS) for option in output or ()]
    for target in targets:
        if target.path != STDOUT:
            check_writable(target.path)

    from driftcheck.power.measuring import DEFAULT_DRAWS, measure_power

    with ProgressWatcher(quiet=quiet, color=not no_color) as watcher:
        report = measure_power(
            settings,
            eval_set=eval_set or None,
            runs=runs or None,
            production=production or None,
            since=start,
            until=end,
            sample=sample,
            n_draws=draws or DEFAULT_DRAWS,
            wish=wish,
            seed=seed,
            watcher=watcher,
            outputs=[target.path for target in targets],
        )
    for target in targets:
        content = target.format.render(report)
        if target.path == STDOUT:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
        else:
            write_whole(target.path, content)
    if not quiet and all(target.path != STDOUT for target in targets):
        from driftcheck.renderers import power_terminal

        with suppress(BrokenPipeError):  # the reader of a pipe has seen enough
            power_terminal.render(report, make_console(color=not no_color))
    return 0


def parse_share(text: str, option: str) -> float:
    """A share of traffic: `3%`, `3 %` or `0.03`.

    >>> parse_share("3%", "--detect"), parse_share("0.03", "--detect")
    (0.03, 0.03)

    Raises:
        ConfigError: no share between 0 and 60 %.

    """
    from driftcheck.errors import ConfigError

    number = text.strip()
    try:
        share = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        raise ConfigError(option, f"not a share: {text!r}", "write 3% or 0.03") from None
    if not 0 < share <= 0.6:
        raise ConfigError(option, f"{text!r} is no share of traffic that a topic has", "write 3% or 0.03")
    return share
