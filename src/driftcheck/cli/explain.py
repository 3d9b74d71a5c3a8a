"""`driftcheck explain`."""

from __future__ import annotations

from typing import Annotated

import typer


def check_words(incomplete: str) -> list[str]:
    """Codes and names that complete what was typed so far."""
    from driftcheck.checks.catalogue import catalogue

    typed = incomplete.casefold()
    return [word for row in catalogue() for word in (row.code, row.name) if word.casefold().startswith(typed)]


def explain_command(
    code: Annotated[str, typer.Argument(help="Code or name of a check, such as DC201.", autocompletion=check_words)],
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colour.")] = False,
) -> None:
    """Explain one check: what it measures, why it matters, how to fix what it finds."""
    from driftcheck.checks.catalogue import catalogue
    from driftcheck.cli.screen import make_console
    from driftcheck.config import did_you_mean
    from driftcheck.errors import ConfigError
    from driftcheck.renderers import manual

    rows = catalogue()
    found = next((row for row in rows if code.casefold() in (row.code.casefold(), row.name)), None)
    if found is None:
        raise ConfigError(
            "explain", f"no check called {code!r}", did_you_mean(code.casefold(), [row.name for row in rows])
        )
    manual.render(found.code, found.name, found.title, found.manual, make_console(color=not no_color))
