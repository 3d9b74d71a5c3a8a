"""Git, asked in a folder without letting the repository do anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

SECONDS = 20.0
"""Time for all questions to git together."""
_SAFE = (
    *("--no-pager", "--no-optional-locks", "--literal-pathspecs"),
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.untrackedCache=false"),
    *("-c", "core.quotePath=false"),  # file names as they are
    *("-c", "safe.bareRepository=explicit", "-c", "protocol.allow=never"),
)
_HERE = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_EXTERNAL_DIFF", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE"),
    *("GIT_CEILING_DIRECTORIES", "GIT_CONFIG_PARAMETERS", "GIT_TRACE", "GIT_TRACE2", "GIT_TRACE2_EVENT"),
)
"""What a hook of another repository leaves in the environment, and what would write."""


class NoDates(Exception):
    """Git cannot date a file, with why."""


class Git:
    """Asks git in a folder, without letting the repository do anything."""

    def __init__(self, folder: Path, until: float) -> None:
        program = shutil.which("git")
        if program is None:
            raise NoDates("git is not installed")
        self._program = program
        self._folder = folder
        self._until = until

    def ask(self, *words: str) -> bytes:
        """Output of a git command; raises NoDates with git's own first line where it has none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise NoDates(f"git took longer than {SECONDS:.0f} seconds")
        environment = {name: value for name, value in os.environ.items() if name not in _HERE}
        environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
        environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}  # nothing is fetched
        try:
            done = subprocess.run(
                [self._program, *_SAFE, *words],
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=left,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NoDates(f"git took longer than {SECONDS:.0f} seconds") from None
        except (OSError, ValueError):
            raise NoDates("git cannot be run") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            why = said[0].removeprefix("fatal: ")[:120] if said else f"git ended with {done.returncode}"
            raise NoDates("it is no git repository" if "not a git repository" in why else f"git says: {why}")
        return done.stdout
