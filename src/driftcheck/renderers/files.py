"""Where a report goes: a file that is there whole or not at all, and known to be writable before the long work."""

from __future__ import annotations

import os
from pathlib import Path

from driftcheck.errors import OutputError
from driftcheck.whole_files import replace_whole, temporary_beside


def check_writable(path: Path) -> None:
    """Find out before the audit, not after it, that `path` cannot be written.

    Raises:
        OutputError: its folder is missing, is no folder or is not writable, or `path` is a folder or write-protected.

    """
    if path.is_dir():
        raise OutputError(str(path), "is a folder, and a file is to be written", f"name a file: {path / 'report'}.json")
    folder = path.parent
    if not folder.exists():
        raise OutputError(str(path), f"its folder {folder} does not exist", f"mkdir -p {folder}")
    if not folder.is_dir():
        raise OutputError(str(path), f"{folder} is no folder")
    if path.exists() and not os.access(path, os.W_OK):
        raise OutputError(str(path), "is write-protected")
    if is_stream(path):
        return
    probe = temporary_beside(path)
    try:  # what the permissions say is not all: /proc, quotas, read-only mounts
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise OutputError(str(path), f"its folder {folder} is not writable: {error.strerror or error}") from None


def write_whole(path: Path, data: str | bytes) -> None:
    """Write `data` (text as UTF-8) to `path` in one step: a reader sees the old file or the new one, never a half.

    A symbolic link stays one, and its target is replaced. Devices and pipes (`/dev/stdout`) are written as they are.

    Raises:
        OutputError: the system refuses; what was at `path` before is untouched.

    """
    content = data.encode("utf-8", "replace") if isinstance(data, str) else data
    target = Path(os.path.realpath(path))
    try:
        if is_stream(path):
            path.write_bytes(content)
        else:
            replace_whole(target, [content])
    except OSError as error:
        raise OutputError(str(path), f"cannot be written: {error.strerror or error}") from error


def is_stream(path: Path) -> bool:
    """Whether it is a device or a pipe, such as `/dev/stdout`, and no file."""
    in_dev = path.absolute().parts[:2] in {("/", "dev"), ("/", "proc")}
    return path.exists() and (in_dev or not (path.is_file() or path.is_dir()))
