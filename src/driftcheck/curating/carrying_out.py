"""Carrying out what was planned: the files and the ledger together, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from driftcheck.config import Config
from driftcheck.editing import Edit, write_all
from driftcheck.errors import InputError
from driftcheck.ledger.events import Event
from driftcheck.ledger.store import note, open_ledger


def carry_out(edits: Sequence[Edit], config: Config, event: Event) -> bool:
    """Write the files and tell the ledger; return whether there is one. A file of which nothing is left is taken away.

    Raises:
        InputError: the ledger cannot be read; the files are as they were.
        OutputError: a file or the ledger cannot be written; the files are as they were.

    """
    folder = config.ledger_folder
    n_before = _times(folder, event) if folder else 0
    write_all(edits)
    if folder is not None:
        try:
            note(folder, event)
        except BaseException:  # an interrupt too must not leave an edit that the ledger does not know
            if not _is_noted(folder, event, n_before):
                _take_back(edits)
            else:  # it came right after the line was written
                _take_away(edits)
            raise
    _take_away(edits)
    return folder is not None


def _times(folder: Path, event: Event) -> int:
    """How often an event stands in the ledger: the same may happen twice on a day."""
    kind: type[Any] = type(event)
    with open_ledger(folder) as ledger:
        return ledger.events(kind, event.config).count(event)


def _is_noted(folder: Path, event: Event, n_before: int) -> bool:
    """Whether the line was written; not where the ledger cannot be read, which it was before."""
    try:
        return _times(folder, event) > n_before
    except InputError:
        return False


def _take_away(edits: Sequence[Edit]) -> None:
    """Take away files of which nothing is left."""
    for edit in edits:
        if not edit.after:
            edit.path.unlink(missing_ok=True)


def _take_back(edits: Sequence[Edit]) -> None:
    write_all([replace(edit, before=edit.after, after=edit.before) for edit in edits if edit.before])
    for edit in edits:
        if not edit.before and edit.after and edit.path.exists() and edit.path.read_bytes() == edit.after:
            edit.path.unlink()


def config_name(config: Config) -> str:
    """How the ledger calls the drift.yaml; empty where there is none."""
    return config.path.name if config.path else ""
