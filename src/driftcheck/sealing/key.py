"""The key of a seal: 32 random bytes, in a file or an environment variable, and nowhere in the repository.

It is never an argument (every user of the machine sees those), and no message, log or ledger quotes it.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from driftcheck.errors import ConfigError, InputError, OutputError

KEY_VARIABLE = "DRIFTCHECK_SEAL_KEY"
FILE_VARIABLE = "DRIFTCHECK_SEAL_KEY_FILE"
_PREFIX = "driftcheck-seal-"
"""Begins the text of a key, so that scanners of secrets, and people, know one."""
_N_BYTES = 32
_MAX_FILE = 4096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_HINT = f"set {KEY_VARIABLE}, or name a file by --key-file or {FILE_VARIABLE}; driftcheck seal --new-key FILE makes one"


@dataclass(frozen=True)
class Key:
    """The key of a seal."""

    secret: bytes = field(repr=False)
    warning: str = ""
    """What is wrong with how it is kept, in words."""

    @property
    def token(self) -> str:
        """Names the key without telling it: 16 hex digits."""
        return hmac.digest(self.secret, b"driftcheck seal: name of the key", "sha256").hex()[:16]


def find_key(key_file: Path | None, environment: Mapping[str, str], *, project: Path) -> Key:
    """The key, from a file that is named, else from the environment.

    Args:
        key_file: as named by the option.
        environment: of the process.
        project: folder of drift.yaml: no key may lie in its repository.

    Raises:
        ConfigError: no key is named, or one that is none.
        InputError: its file cannot be read, or lies in the repository.

    """
    text = environment.get(KEY_VARIABLE, "")
    named = key_file or (Path(environment[FILE_VARIABLE]) if environment.get(FILE_VARIABLE) else None)
    named = None if named is None else _at_home(named)
    if key_file is None and text:
        return Key(_decoded(text, KEY_VARIABLE))
    if named is None:
        raise ConfigError("seal", "no key", _HINT)
    trouble = _trouble_of_place(named, project)
    if trouble:
        raise InputError(str(named), f"a key {trouble}", "move it, and make a new one if it was ever committed")
    try:
        with named.open("rb") as file:
            status = os.fstat(file.fileno())
            raw = file.read(_MAX_FILE)
    except (OSError, ValueError) as problem:
        raise InputError(
            str(named), f"the key cannot be read: {getattr(problem, 'strerror', None) or problem}"
        ) from None
    is_open = os.name == "posix" and stat.S_ISREG(status.st_mode) and bool(status.st_mode & _OTHERS)
    warning = f"{named} can be read by others than you: chmod 600 it" if is_open else ""
    return Key(_decoded(raw.decode("ascii", "replace"), str(named)), warning)


def make_key(target: Path, *, project: Path) -> Key:
    """Make a key, and write it to a file that only its owner can read; a folder that is not there is made for it.

    Raises:
        OutputError: something is there, the place lies in the repository, or it cannot be written.

    """
    target = _at_home(target)
    trouble = _trouble_of_place(target, project)
    if trouble:
        raise OutputError(str(target), f"a key {trouble}", "choose a place outside, such as ~/.config/driftcheck/")
    key = Key(secrets.token_bytes(_N_BYTES))
    text = f"{_PREFIX}{b64encode(key.secret, b'-_').decode('ascii').rstrip('=')}\n"
    try:
        if not os.path.lexists(target.parent):
            target.parent.mkdir(mode=0o700, parents=True)
        # neither a file nor a link that is there is written through
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise OutputError(
            str(target), "is there already", "a key that is written over opens nothing any more"
        ) from None
    except (OSError, ValueError) as problem:
        what = getattr(problem, "strerror", None) or problem
        raise OutputError(str(target), f"cannot be written: {what}") from None
    return key


def _at_home(path: Path) -> Path:
    """With `~` as a shell would have it: in variables of CI, and behind `--key-file=`, no shell reads it."""
    try:
        return path.expanduser()
    except RuntimeError:  # nobody's home
        return path


def _decoded(text: str, where: str) -> bytes:
    word = text.strip()
    body = word.removeprefix(_PREFIX)
    try:
        secret = b64decode(body + "=" * (-len(body) % 4), b"-_", validate=True) if body != word else b""
    except ValueError:
        secret = b""
    if len(secret) != _N_BYTES:
        raise ConfigError(where, "holds no key of a seal", "driftcheck seal --new-key FILE makes one") from None
    return secret


def _trouble_of_place(path: Path, project: Path) -> str:
    """Why a key may not lie there; "" where it may. Both the path as written and what links lead to are looked at."""
    written = Path(os.path.abspath(path))
    try:
        followed = written.parent.resolve() / written.name
        target = written.resolve()
        beside = project.resolve()
    except (OSError, RuntimeError, ValueError):
        return "cannot lie there: its place cannot be followed"
    for place in (written, followed, target):
        if place.is_relative_to(beside) or place.is_relative_to(os.path.abspath(project)):
            return "must not lie beside drift.yaml: who can read the eval set could open the seal"
        git = next((above for above in place.parents if os.path.lexists(above / ".git")), None)
        if git is not None:
            return f"must not lie in a repository: {git} is one"
    return ""
