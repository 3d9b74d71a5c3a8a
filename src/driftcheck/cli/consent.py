"""What changes files is shown first, and done when somebody says so."""

from __future__ import annotations

import sys

import typer

from driftcheck.errors import ConfigError


def is_agreed(question: str, *, yes: bool) -> bool:
    """Whether the user agrees to what was shown: by `--yes`, or at the terminal.

    Raises:
        ConfigError: nobody is there to ask.

    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise ConfigError("--yes", "nobody is there to ask, and nothing was changed", "give --yes to go on")
    return typer.confirm(question, err=True)
