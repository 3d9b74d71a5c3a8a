"""A file that is there whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

PREFIX, SUFFIX = ".driftcheck-", ".tmp"
"""Begin and end the names of files under way: what a killed process leaves behind is known by them."""


def temporary_beside(target: Path) -> Path:
    """A name that nobody uses, on the same disk as `target`."""
    return target.parent / f"{PREFIX}{secrets.token_hex(6)}{SUFFIX}"


def replace_whole(target: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Put a file in the place of `target` in one step; a symbolic link there is replaced, and not followed.

    Raises:
        OSError: the system refuses; what was there before is untouched.

    """
    temporary = temporary_beside(target)
    try:
        # 0o666 and the user's umask, as open() would; a temporary file of `tempfile` is closed to the group for good.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(descriptor, "wb") as out:
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except BaseException:  # an interrupt too must leave no half file behind
        temporary.unlink(missing_ok=True)
        raise
