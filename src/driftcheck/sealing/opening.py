"""Opening a seal for a release: the ledger says so before a byte of plaintext is on the disk."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from driftcheck.config import Config
from driftcheck.errors import ConfigError, InputError, OutputError
from driftcheck.ledger.events import Unsealed
from driftcheck.ledger.store import note
from driftcheck.loaders.source import is_named_by, project_of
from driftcheck.numbers import count
from driftcheck.seal_file import UNSEALED, Closed, Envelope
from driftcheck.sealing.closing import open_seal
from driftcheck.sealing.contents import SealedFile, decode
from driftcheck.sealing.crypto import decrypt
from driftcheck.sealing.key import Key
from driftcheck.sealing.wordless import wordless

_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_GIT_SECONDS = 5.0
_FIRST_ZONE = dt.timezone(dt.timedelta(hours=14))
"""Where days begin first: the seal's may have been told by a clock east of the one that opens it."""
_MAX_WHO = 200


@dataclass(frozen=True)
class OpenPlan:
    """What `driftcheck unseal` is about to do."""

    release: str
    n_cases: int
    who: str
    is_forced: bool
    """The sample, or the release, was opened before."""
    targets: tuple[Path, ...]
    formats: tuple[str, ...]
    """Of the loader that reads each of them."""
    warnings: tuple[str, ...]
    _files: tuple[SealedFile, ...] = field(repr=False)
    _event: Unsealed = field(repr=False)
    _folder: Path = field(repr=False)
    """Of the ledger."""


def plan_opening(
    config: Config,
    key: Key,
    release: str,
    *,
    at: dt.date,
    time: float,
    to: Path | None = None,
    who: str | None = None,
    force: bool = False,
) -> OpenPlan:
    """Find out what is to be opened; nothing is written.

    What was not opened before is opened: a fresh sample. Where nothing is fresh, or the release was opened, `force`
    opens all of it.

    Args:
        config: drift.yaml; it must keep a ledger.
        key: of the seal.
        release: what it is opened for.
        at: the day.
        time: unix seconds.
        to: file for the plaintext, with another ending for cases of another format; by default one in the ledger's
            folder that git does not see.
        who: opens it; by default as git knows the user.
        force: open again what was opened.

    Raises:
        ConfigError: there is no ledger, the release has no name for a file, the day lies before the seal, or an audit
            would read the plaintext as an input.
        InputError: the ledger or the sealed file cannot be used, or was opened already.
        OutputError: the plaintext cannot be written there.

    """
    if not _RELEASE.fullmatch(release):
        raise ConfigError("--release", "is no name of a release", "letters, digits and . _ + - , such as 2026.11")
    folder, closed = open_seal(config)
    envelope = _vouched(closed)
    sealed_at = closed.seals[-1].at if closed.seals else at
    # results of before the seal, tuned against, would count as those of an opened sample
    if time < dt.datetime.combine(sealed_at, dt.time(), _FIRST_ZONE).timestamp():
        raise ConfigError("--as-of", f"{at} is before the seal, of {sealed_at}", "name a day since, or leave it out")
    is_forced = _is_forced(closed, envelope, release, force=force)
    with wordless():
        batches = decode(decrypt(envelope, key, str(closed.path)), str(closed.path))
    wanted = {case.batch for case in envelope.marks.cases if is_forced or closed.opened(case) is None}
    files = tuple(one for number, batch in enumerate(batches) if number in wanted for one in batch)
    targets = _targets(files, release, to, folder / UNSEALED)
    for target in targets:
        _check_free(target)
        if to is not None:
            _check_unread(target, config)
    opener = (who or _user(config.folder)).strip()[:_MAX_WHO]
    return OpenPlan(
        release=release,
        n_cases=sum(one.n_cases for one in files),
        who=opener,
        is_forced=is_forced,
        targets=targets,
        formats=tuple(one.format for one in files),
        warnings=tuple(filter(None, (key.warning, _seen_by_git(targets, folder)))),
        _files=files,
        _event=Unsealed(
            at=at,
            time=time,
            config=config.path.name if config.path else "",
            release=release,
            who=opener,
            sha256=closed.sha256,
            is_forced=is_forced,
        ),
        _folder=folder,
    )


def carry_out(plan: OpenPlan) -> None:
    """Write the ledger's line, then the plaintext, for its owner alone to read.

    Raises:
        OutputError: either cannot be written.
        InputError: the ledger cannot be read.

    """
    hidden = plan._folder / UNSEALED
    try:
        for target in plan.targets:
            target.parent.mkdir(parents=True, exist_ok=True)
        if any(target.parent == hidden for target in plan.targets):
            # a .gitignore of its own: that of the ledger's folder may be the user's
            (hidden / ".gitignore").write_text("*\n", encoding="ascii")
    except OSError as problem:
        raise OutputError(str(plan.targets[0].parent), f"cannot be written: {problem.strerror or problem}") from None
    note(plan._folder, plan._event)
    with wordless():
        for target, file in zip(plan.targets, plan._files, strict=True):
            _write_private(target, file.data)


def _vouched(closed: Closed) -> Envelope:
    """The sealed file, which is what the ledger vouches for."""
    if closed.is_nothing:
        raise InputError(str(closed.path), "nothing is sealed", "driftcheck seal --holdout 30% seals a part of the set")
    if closed.other:
        raise InputError(str(closed.path), f"is the seal of {closed.other}", f"open it by --config {closed.other}")
    if closed.problem:
        raise InputError(str(closed.path), closed.problem, "restore it by git")
    if closed.envelope is None:
        raise InputError(str(closed.path), "cannot be read", "restore it by git")
    return closed.envelope


def _is_forced(closed: Closed, envelope: Envelope, release: str, *, force: bool) -> bool:
    """Whether something is opened again. Raises InputError where it is, and must not be."""
    same = next((one for one in closed.unseals if one.release == release), None)
    if same is not None:
        if not force:
            what = f"release {release} was opened for on {same.at}"
            raise InputError(str(closed.path), what, "--force opens it again, which seal-integrity reports")
        return True
    if any(closed.opened(case) is None for case in envelope.marks.cases):
        return False
    if not force:
        last = closed.unseals[-1] if closed.unseals else None
        what = f"the sample was opened for release {last.release} on {last.at}" if last else "the sample was opened"
        hint = "seal fresh cases first; --force opens it again, which seal-integrity reports"
        raise InputError(str(closed.path), what, hint)
    return True


def _targets(files: Sequence[SealedFile], release: str, to: Path | None, hidden: Path) -> tuple[Path, ...]:
    endings = list(dict.fromkeys(file.suffix for file in files))
    if to is not None and to.suffix not in endings:
        named = " or ".join(str(to.with_suffix(ending)) for ending in endings)
        raise ConfigError("--to", f"the cases are a {' and a '.join(endings)} file", f"name it {named}")
    targets = []
    for number, file in enumerate(files):
        tail = f"-{number + 1}" if number else ""
        if to is None:
            targets.append(hidden / f"{release}{tail}{file.suffix}")
        else:
            targets.append(to.with_name(f"{to.stem}{tail}{file.suffix}"))
    return tuple(targets)


def _check_free(target: Path) -> None:
    if os.path.lexists(target):
        raise OutputError(str(target), "is there already", "--to names another file")
    above = next(one for one in target.absolute().parents if one.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise OutputError(str(target), f"{above} is not writable")


def _check_unread(target: Path, config: Config) -> None:
    """Refuse a place from which an audit would take the opened cases for tuned ones, results or traffic."""
    for section in ("eval_set", "runs", "production"):
        declared: tuple[str, ...] = getattr(config.settings, section)
        if any(is_named_by(os.path.join(config.folder, pattern), target) for pattern in declared):
            what = f"{target} would be read by `{section}:`"
            raise ConfigError("--to", what, "leave it out, or name a place that drift.yaml does not")


def _write_private(target: Path, data: bytes) -> None:
    again = "the ledger has the opening already: --force opens again"
    try:
        descriptor = os.open(
            target,
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0),
            0o600,
        )
    except OSError as problem:
        raise OutputError(str(target), f"cannot be written: {problem.strerror or problem}", again) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as problem:
        target.unlink(missing_ok=True)
        if isinstance(problem, OSError):
            what = f"cannot be written: {problem.strerror or problem}"
            raise OutputError(str(target), what, again) from None
        raise


def _seen_by_git(targets: Sequence[Path], ledger: Path) -> str:
    """A warning where plaintext lies in a repository, and not in the folder that git is told not to see."""
    open_to_git = [
        target
        for target in targets
        if target.parent != ledger / UNSEALED and os.path.lexists(project_of(target.absolute().parent) / ".git")
    ]
    if not open_to_git:
        return ""
    return f"{open_to_git[0]} lies in a repository: do not commit it ({count(len(open_to_git), 'file')})"


def _user(folder: Path) -> str:
    """The user's address as git knows it, else the name of the account."""
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(
            ["git", "-C", str(folder), "config", "--get", "user.email"],
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if told.returncode == 0 and (address := told.stdout.decode("utf-8", "replace").strip()):
            return address
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in some containers
        return "unknown"
