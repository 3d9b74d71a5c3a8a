"""What can go wrong, as one line each: where, what, how to mend it.

Every error a user can cause is one of these; anything else that escapes is our own bug (exit code 4).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

T = TypeVar("T")


class ExitCode(IntEnum):
    """Exit codes that CI relies on (see README)."""

    OK = 0
    BLOCKED = 1
    USAGE = 2
    BLIND = 3
    BUG = 4
    INTERRUPTED = 130


class DriftcheckError(Exception):
    """An error for the user: `where: what (hint)`, printed on one line, with the exit code that CI sees."""

    exit_code = ExitCode.USAGE

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line} ({self.hint})" if self.hint else line


class InputError(DriftcheckError):
    """A file, line or record that cannot be used."""


class ConfigError(DriftcheckError):
    """drift.yaml or an option that says something driftcheck does not understand."""


class OutputError(DriftcheckError):
    """An output that cannot be written."""


class ModelError(DriftcheckError):
    """The sentence-transformers model cannot be found, verified or loaded."""


class NotMeasurable(Exception):
    """A check has too little data, or none of the kind it needs; the reason is shown as a skip.

    `reason` is one sentence that says what is missing and, where it is a number, how much is needed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def measurable(value: Callable[[], T]) -> T | None:
    """A value, or None where it cannot be measured: for those who need no reason."""
    try:
        return value()
    except NotMeasurable:
        return None
