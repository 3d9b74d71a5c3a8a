"""`driftcheck checks`."""

from __future__ import annotations

from typing import Annotated

import typer


def checks_command(
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colour.")] = False,
) -> None:
    """List the checks: code, name, what each measures, default thresholds."""
    from driftcheck.checks.catalogue import catalogue
    from driftcheck.cli.screen import make_console
    from driftcheck.renderers import checks_table

    checks_table.render(catalogue(), make_console(color=not no_color))
