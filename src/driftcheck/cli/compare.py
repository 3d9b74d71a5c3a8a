"""`driftcheck compare`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcheck.cli.inputs import (
    INPUTS,
    ConfigOption,
    NoColorOption,
    ProductionOption,
    QuietOption,
    ReportOption,
    RunsOption,
    SampleOption,
    SeedOption,
)

if TYPE_CHECKING:
    from driftcheck.config import Config


def compare_command(
    old: Annotated[
        str, typer.Argument(help="The run before: a result file, FILE#RUN, or the id of a run of drift.yaml.")
    ],
    new: Annotated[str, typer.Argument(help="The run after, named alike.")],
    config: ConfigOption = None,
    eval_set: Annotated[
        list[str] | None,
        typer.Option(
            "--eval-set",
            metavar="PATH...",
            help="Eval set that results are joined to; by default drift.yaml's, without one by their own ids.",
            rich_help_panel=INPUTS,
        ),
    ] = None,
    runs: RunsOption = None,
    production: ProductionOption = None,
    output: ReportOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
    sample: SampleOption = None,
    seed: SeedOption = 0,
) -> int:
    """Compare two runs: what broke, what was mended, what only flickers, and what the bench does not see.

    Exits 1 where the new run is worse (one-sided, 0.05): by exact McNemar without the flaky cases, or by the shares of
    passes of all. Runs that do not differ look worse in at most 5 % of comparisons.
    """
    from driftcheck.cli.screen import ProgressWatcher, make_console
    from driftcheck.renderers.targets import STDOUT
    from driftcheck.renderers.text_formats import text_targets, write_texts
    from driftcheck.renderers.upgrade_formats import UPGRADE_FORMATS

    settings = _settings(config)
    targets = text_targets(output, UPGRADE_FORMATS)

    from driftcheck.upgrading.comparing import compare

    with ProgressWatcher(quiet=quiet, color=not no_color) as watcher:
        report = compare(
            settings,
            old,
            new,
            eval_set=eval_set or None,
            runs=runs or None,
            production=production or None,
            sample=sample,
            seed=seed,
            watcher=watcher,
            outputs=[target.path for target in targets],
        )
    write_texts(targets, lambda render, out: render(report, out))
    if not quiet and all(target.path != STDOUT for target in targets):
        from driftcheck.renderers import upgrade_terminal

        with suppress(BrokenPipeError):  # the reader of a pipe has seen enough
            upgrade_terminal.render(report, make_console(color=not no_color))
    return int(report.exit_code)


def _settings(config: Path | None) -> Config:
    """The drift.yaml named or found here; two result files need none."""
    from driftcheck.config import Config, Settings, load_config

    if config is not None or Path("drift.yaml").is_file():
        return load_config(config or "drift.yaml")
    return Config(Settings(), None)
