"""Paths as code hosts name them: relative to the root of the checkout, wherever in it the command ran."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

from driftcheck.renderers.targets import STDOUT


def from_root(path: str) -> str | None:
    """A file's path relative to the root of the checkout, with slashes; None where it lies in no file below it.

    The root is the nearest folder at or above the current one that holds `.git`, or the current one without any.
    Links are not followed: what the host shows is the path, not what it leads to.
    """
    if not path or path == str(STDOUT) or "\x00" in path:
        return None
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    whole = PurePath(os.path.normpath(here / path))
    if whole == root or not whole.is_relative_to(root):
        return None
    return whole.relative_to(root).as_posix()
