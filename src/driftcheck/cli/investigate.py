"""`driftcheck investigate`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.inputs import (
    OUTPUT,
    WINDOW,
    ConfigOption,
    EvalSetOption,
    NoColorOption,
    ProductionOption,
    QuietOption,
    ReportOption,
    RunsOption,
    SampleOption,
    SeedOption,
    SinceOption,
    UntilOption,
    open_config,
    parse_window,
)

if TYPE_CHECKING:
    from driftcheck.cli.weeks import NamedWindow
    from driftcheck.config import Config


def investigate_command(
    config: ConfigOption = None,
    eval_set: EvalSetOption = None,
    runs: RunsOption = None,
    production: ProductionOption = None,
    week: Annotated[
        str | None,
        typer.Option(
            metavar="WEEK", help="The week that went badly, ISO 8601, such as 2026-W45.", rich_help_panel=WINDOW
        ),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="WINDOW",
            help="What it is held against: a week, SINCE..UNTIL, or 4w for the four weeks before; by default `window` "
            "before.",
            rich_help_panel=WINDOW,
        ),
    ] = None,
    output: ReportOption = None,
    text: Annotated[
        bool | None,
        typer.Option(
            "--text/--no-text",
            help="Show texts of traces, in files too. By default on the terminal only.",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
    sample: SampleOption = None,
    seed: SeedOption = 0,
) -> int:
    """Tell what made a week bad: which slices grew, which got worse, which traces show it.

    Takes the change of satisfaction between two windows apart into what people asked (mix) and how well they were
    served (within slices), and names the traces to read first.
    """
    from driftcheck.cli.screen import ProgressWatcher, make_console
    from driftcheck.renderers.investigation_formats import INVESTIGATION_FORMATS
    from driftcheck.renderers.targets import STDOUT
    from driftcheck.renderers.text_formats import text_targets, write_texts
    from driftcheck.sampling import Window

    settings = open_config(config, eval_set, production, needs_eval_set=False)
    bad, good = _windows(settings, week, since, until, baseline)
    targets = text_targets(output, INVESTIGATION_FORMATS)

    from driftcheck.investigating.measuring import investigate

    with ProgressWatcher(quiet=quiet, color=not no_color) as watcher:
        found = investigate(
            settings,
            week=Window(bad.since, bad.until),
            baseline=Window(good.since, good.until),
            names=(bad.name, good.name),
            eval_set=eval_set or None,
            runs=runs or None,
            production=production or None,
            sample=sample,
            seed=seed,
            watcher=watcher,
            outputs=[target.path for target in targets],
        )
    write_texts(targets, lambda render, out: render(found, out, texts=bool(text)))
    if not quiet and all(target.path != STDOUT for target in targets):
        from driftcheck.renderers import investigation_terminal

        with suppress(BrokenPipeError):  # the reader of a pipe has seen enough
            investigation_terminal.render(found, make_console(color=not no_color), texts=text is not False)
    return 0


def _windows(
    config: Config, week: str | None, since: str | None, until: str | None, baseline: str | None
) -> tuple[NamedWindow, NamedWindow]:
    """The week, and what it is held against.

    Raises:
        ConfigError: neither or both of `--week` and `--since` are given, or one is no date.

    """
    from driftcheck.cli.weeks import NamedWindow, parse_baseline, parse_week
    from driftcheck.errors import ConfigError
    from driftcheck.numbers import days

    if week is not None and (since or until):
        raise ConfigError("--week", "stands beside --since or --until", "give one of them")
    if week is not None:
        bad = parse_week(week, "--week")
    else:
        start, end = parse_window(since, until)
        if start is None or end is None:
            raise ConfigError("--week", "no window is named", "--week 2026-W45, or both --since and --until")
        bad = NamedWindow(days(start, end), start, end)
    return bad, parse_baseline(baseline, bad.since, config.settings.window)
