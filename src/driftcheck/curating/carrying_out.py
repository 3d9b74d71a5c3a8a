"""Carrying out what was planned: the files and the ledger together, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from driftcheck.config import Config
from driftcheck.editing import Edit, write_all
from driftcheck.ledger.events import Event
from driftcheck.ledger.store import note


def carry_out(edits: Sequence[Edit], config: Config, event: Event) -> bool:
    """Write the files and tell the ledger; return whether there is one. A file of which nothing is left is taken away.

    Raises:
        InputError: the ledger cannot be read; the files are as they were.
        OutputError: a file or the ledger cannot be written; the files are as they were.

    """
    write_all(edits)
    folder = config.ledger_folder
    if folder is not None:
        try:
            note(folder, event)
        except BaseException:  # an interrupt too must not leave an edit that the ledger does not know
            _take_back(edits)
            raise
    for edit in edits:
        if not edit.after:
            edit.path.unlink(missing_ok=True)
    return folder is not None


def _take_back(edits: Sequence[Edit]) -> None:
    write_all([replace(edit, before=edit.after, after=edit.before) for edit in edits if edit.before])
    for edit in edits:
        if not edit.before and edit.after and edit.path.exists() and edit.path.read_bytes() == edit.after:
            edit.path.unlink()


def config_name(config: Config) -> str:
    """How the ledger calls the drift.yaml; empty where there is none."""
    return config.path.name if config.path else ""
