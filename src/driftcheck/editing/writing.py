"""Writing several edited files as one step: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from driftcheck.editing.edit import Edit
from driftcheck.errors import OutputError
from driftcheck.whole_files import replace_whole, temporary_beside


def write_all(edits: Sequence[Edit]) -> None:
    """Write the files that change; a symbolic link stays one, and the file that it leads to is written.

    New files are all on the disk before the first takes its place, so that little can go wrong from there on; should
    it, those that were replaced are put back.

    Raises:
        OutputError: a file is no longer what its edit began with, or the system refuses; nothing has changed.
        ValueError: two edits of the same file.

    """
    wanted = [(Path(os.path.realpath(edit.path)), edit) for edit in edits if edit.before != edit.after]
    if len({target for target, _ in wanted}) < len(wanted):
        raise ValueError("two edits of the same file")
    for target, edit in wanted:
        _check(target, edit)
    made: list[Path] = []
    ready: list[tuple[Path, Path, Edit]] = []
    done: list[tuple[Path, bytes | None]] = []
    here = ""
    try:
        for target, edit in wanted:
            here = edit.name
            made += _make_folder(target.parent)
            temporary = temporary_beside(target)
            ready.append((temporary, target, edit))
            replace_whole(temporary, [edit.after])
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
        for temporary, target, edit in ready:
            here = edit.name
            _check(target, edit)
            before = edit.before if target.exists() else None
            os.replace(temporary, target)
            done.append((target, before))
    except BaseException as error:
        for target, before in done:
            _put_back(target, before)
        for temporary, _, _ in ready:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise OutputError(here, f"cannot be written: {error.strerror or error}", "nothing was changed") from error
        raise


def _check(target: Path, edit: Edit) -> None:
    try:
        found = target.read_bytes() if os.path.lexists(target) else b""
    except OSError as error:
        raise OutputError(edit.name, f"cannot be written: {error.strerror or error}", "nothing was changed") from error
    if found != edit.before:
        raise OutputError(edit.name, "has changed since it was read", "nothing was written; run the command again")
    if target.exists() and not os.access(target, os.W_OK):
        raise OutputError(edit.name, "is write-protected", "nothing was changed")


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder, and tell which had to be made, the outermost first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir()
    return missing[::-1]


def _put_back(target: Path, before: bytes | None) -> None:
    """Put back what was there; None for nothing."""
    if before is None:
        target.unlink(missing_ok=True)
    else:
        replace_whole(target, [before])
