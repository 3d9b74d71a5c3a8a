"""Sealing: planned whole before anything is written, then written so that a crash loses nothing and is noticed.

The new sealed file is written under a name of its own, the ledger vouches for it, it takes its place, and only then do
the cases leave the tuned set. A crash before the ledger's line changes nothing; one after it leaves a file that is not
the one that the ledger vouches for, or cases both sealed and tuned: seal-integrity reports either, and the next `seal`
brings it to its end.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from driftcheck.config import Config
from driftcheck.editing import Edit, write_all
from driftcheck.editing.case_files import CaseFile, read_case_files
from driftcheck.errors import ConfigError, DriftcheckError, InputError, OutputError
from driftcheck.intake import Sources
from driftcheck.ledger.events import Sealed
from driftcheck.ledger.store import note, open_ledger
from driftcheck.numbers import count
from driftcheck.seal_file import Closed, format_envelope, read_closed
from driftcheck.sealing.choosing import Candidate, candidates, choose, salt_of
from driftcheck.sealing.contents import Batch, SealedFile, decode, encode
from driftcheck.sealing.crypto import decrypt, encrypt
from driftcheck.sealing.key import Key
from driftcheck.sealing.leftovers import leftovers, refuse_copies, shown_id
from driftcheck.sealing.wordless import wordless
from driftcheck.seals import Marks, SealedCase
from driftcheck.sizes import MIN_CASES
from driftcheck.whole_files import replace_whole


@dataclass(frozen=True)
class Leaving:
    """A case that leaves the tuned set, as it may be shown: by its place, and by its id where that tells no text."""

    place: str
    id: str


@dataclass(frozen=True)
class SealPlan:
    """What `driftcheck seal` is about to do."""

    path: Path
    """The sealed file."""
    n_before: int
    """Cases that it holds."""
    n_new: int
    n_tuned: int
    """Cases that stay in the tuned set."""
    leaving: Mapping[str, tuple[Leaving, ...]]
    """Cases that leave the tuned set, by its files."""
    is_resumed: bool
    """A seal that was interrupted is brought to its end, and nothing else is sealed."""
    warnings: tuple[str, ...]
    aside: Path | None
    """Where the sealed file that is begun anew is kept; None where none is left."""
    _edits: tuple[Edit, ...] = field(repr=False)
    _data: bytes | None = field(repr=False)
    """Of the new sealed file; None where that of an interrupted seal is all there is to put in place."""
    _event: Sealed | None = field(repr=False)
    _folder: Path = field(repr=False)
    """Of the ledger."""
    _base: str = field(repr=False)
    """sha256 of the sealed file that the plan began with, "" where there was none."""


def pending_path(path: Path) -> Path:
    """Where a new sealed file waits for the ledger; hidden, so that no folder of eval sets is read with it."""
    return path.parent / f".{path.name}.new"


def aside_path(path: Path) -> Path:
    """Where a sealed file that is begun anew is kept: NAME.sealed.1, or the next number that is free."""
    taken = (path.with_name(f"{path.name}.{number}") for number in itertools.count(1))
    return next(one for one in taken if not os.path.lexists(one))


def plan_seal(
    config: Config, key: Key, *, at: dt.date, holdout: float | None = None, seed: int = 0, anew: bool = False
) -> SealPlan:
    """Find out what is to be sealed, and prepare all of it; nothing is written.

    Args:
        config: drift.yaml; it must keep a ledger.
        key: of the seal; that of the cases sealed before.
        at: day of the seal.
        holdout: share of the cases to seal where none is marked, 0..1.
        seed: of that choice.
        anew: leave what was sealed before, which is lost or does not open; its file is kept under another name.

    Raises:
        ConfigError: there is no ledger, or nothing to seal.
        InputError: the ledger, the sealed file or the eval set cannot be used, too few cases would stay tuned, or
            copies of marked ones.

    """
    with wordless():
        return _plan(config, key, at, holdout, seed, anew)


def _plan(config: Config, key: Key, at: dt.date, holdout: float | None, seed: int, anew: bool) -> SealPlan:
    folder, closed = open_seal(config)
    base = closed.sha256
    closed, is_waiting = (closed, False) if anew else _with_pending(closed)
    if closed.other:
        hint = f"name a file of its own by `sealed:` in {config.where('sealed')}"
        raise InputError(str(closed.path), f"is the seal of {closed.other}", hint)
    if not anew:
        _check(closed, "restore it by git; --anew begins another seal without it")
    name = str(closed.path)
    batches: tuple[Batch, ...] = ()
    with ExitStack() as stack:
        files = read_case_files(Sources(config, stack, ()).find("eval_set", None, required=True), config)
    records = candidates(files)
    marks = Marks(salt_of(records, seed), ())
    if closed.envelope is not None and not anew:
        batches = decode(decrypt(closed.envelope, key, name), name)
        marks = closed.envelope.marks
    stale = [one for one in records if one.is_in(marks)]
    is_resumed = bool(is_waiting or stale)
    others = [one for one in records if one not in stale]
    # a share was chosen when the interrupted seal was planned
    fresh = [one for one in others if one.is_marked] if is_resumed else choose(others, holdout, seed, marks.salt)
    if not is_resumed and holdout is None:
        refuse_copies(fresh, [one for one in others if not one.is_marked], marks.salt)
    n_tuned = sum(len(one.cases) for one in records) - sum(len(one.cases) for one in (*stale, *fresh))
    n_new = sum(len(one.cases) for one in fresh)
    if n_new + len(stale) and n_tuned < 1:
        raise InputError(files[0].file.name, "no case would stay in the tuned set", "seal a part of it")
    # whoever marks cases knows what is left; a share does not
    if holdout is not None and fresh and not is_resumed and n_tuned < MIN_CASES:
        what = f"only {count(n_tuned, 'case')} would stay tuned, and an audit needs {MIN_CASES}"
        raise InputError("--holdout", what, "seal less, or mark cases by `split: sealed`")
    data, event = None, None
    if fresh:
        old = tuple(replace(case, opened=closed.opened(case)) for case in marks.cases)
        new = _marked(marks, fresh, batch=len(batches))
        marks = Marks(marks.salt, tuple(sorted((*old, *new), key=lambda case: (case.input, case.id or ""))))
        batches = (*batches, _batch(fresh))
        envelope = encrypt(encode(batches), marks, key)
        if decode(decrypt(envelope, key, name), name) != batches:
            raise RuntimeError("what was sealed does not open again")
        data = format_envelope(envelope)
        event = Sealed(
            at=at,
            config=config.path.name if config.path else "",
            path=_relative(closed.path, config.folder),
            sha256=hashlib.sha256(data).hexdigest(),
            n_cases=len(marks.cases),
            n_fresh=n_new,
            key=key.token,
        )
    edits = tuple(_edits([*stale, *fresh]))
    return SealPlan(
        path=closed.path,
        n_before=len(marks.cases) - n_new,
        n_new=n_new,
        n_tuned=n_tuned,
        leaving=_leaving([*stale, *fresh]),
        is_resumed=is_resumed,
        warnings=tuple(leftovers(config, key, marks, files, records, [*stale, *fresh], edits)),
        aside=aside_path(closed.path) if anew and closed.data is not None else None,
        _edits=edits,
        _data=data,
        _event=event,
        _folder=folder,
        _base=base,
    )


def carry_out(plan: SealPlan) -> None:
    """Write what was planned.

    Raises:
        OutputError: a file cannot be written; what the ledger vouches for is never lost.
        InputError: the ledger cannot be read.

    """
    pending = pending_path(plan.path)
    for edit in plan._edits:
        _check_unchanged(edit)
    try:
        if _hash_at(plan.path) != plan._base:  # another `seal` came first: its cases are in that file alone
            raise OutputError(str(plan.path), "has changed since it was read", "run the command again")
        if plan._data is not None and plan._event is not None:
            plan.path.parent.mkdir(parents=True, exist_ok=True)
            if plan.aside is not None:
                _keep(plan.path, plan.aside)
            try:
                replace_whole(pending, [plan._data])
                note(plan._folder, plan._event)
            except BaseException:
                # an interrupt may come right after the line was written, and what it vouches for must not go
                if not _may_be_noted(plan._folder, plan._event):
                    pending.unlink(missing_ok=True)
                    if plan.aside is not None:
                        plan.aside.unlink(missing_ok=True)
                raise
        if pending.exists():
            os.replace(pending, plan.path)
    except OSError as problem:
        raise OutputError(str(plan.path), f"cannot be written: {problem.strerror or problem}") from None
    try:
        with wordless():
            write_all(plan._edits)
    except OutputError as problem:
        hint = "its cases are sealed and still in it: driftcheck seal takes them out"
        raise OutputError(problem.where, problem.what, hint) from None


def open_seal(config: Config) -> tuple[Path, Closed]:
    """Folder of the ledger, and the seal as it is, for a command that goes on with it.

    Raises:
        ConfigError: there is no drift.yaml, or it keeps no ledger.
        InputError: the ledger is broken, or cannot be read.

    """
    folder, closed = config.ledger_folder, read_closed(config)
    if folder is None or closed is None:
        raise ConfigError(
            config.where("ledger"), "a seal needs the ledger, which is off", "take `ledger: off` out of drift.yaml"
        )
    with open_ledger(folder) as ledger:
        broken = ledger.broken_links()
    if broken:
        where, _, what = broken[0].partition(": ")
        raise InputError(where, what, "driftcheck trend --verify looks at every line; git log shows who wrote it")
    return folder, closed


def _check(closed: Closed, hint: str) -> None:
    if closed.problem:
        raise InputError(str(closed.path), closed.problem, hint)
    if closed.data is not None and closed.envelope is None:
        raise InputError(str(closed.path), "cannot be read", hint)


def _with_pending(closed: Closed) -> tuple[Closed, bool]:
    """The seal as if the file of an interrupted one were in its place; whether there is one."""
    try:
        data = pending_path(closed.path).read_bytes()
    except OSError:
        return closed, False
    known = closed.seals[-1].sha256 if closed.seals else ""
    if hashlib.sha256(data).hexdigest() == known != closed.sha256:
        return replace(closed, data=data), True
    return closed, False


def _keep(path: Path, aside: Path) -> None:
    """Copy a sealed file to a name that nobody uses: the new one takes its place. Raises OSError."""
    data = path.read_bytes()
    with aside.open("xb") as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            aside.unlink(missing_ok=True)
            raise


def _may_be_noted(folder: Path, event: Sealed) -> bool:
    """Whether the ledger vouches for a seal, or cannot be asked."""
    with suppress(DriftcheckError), open_ledger(folder) as ledger:
        return event in ledger.events(Sealed, event.config)[-1:]
    return True


def _marked(marks: Marks, records: Sequence[Candidate], batch: int) -> Iterator[SealedCase]:
    for record in records:
        for case in record.cases:
            expected = case.expected[0] if case.expected else None
            yield marks.mark(case.input_text or "", expected, case.case_id, batch=batch)


def _by_file(records: Sequence[Candidate]) -> Iterator[tuple[CaseFile, list[Candidate]]]:
    for path in dict.fromkeys(one.file.path for one in records):
        own = [one for one in records if one.file.path == path]
        yield own[0].file, own


def _batch(records: Sequence[Candidate]) -> Batch:
    return tuple(
        SealedFile(
            name=file.path.stem,
            suffix=file.path.suffix,
            format=file.file.format,
            n_cases=sum(len(one.cases) for one in own),
            data=file.file.text_with([file.file.records[one.number].value for one in own]),
        )
        for file, own in _by_file(records)
    )


def _edits(records: Sequence[Candidate]) -> Iterator[Edit]:
    for file, own in _by_file(records):
        yield file.file.edited(remove=[one.number for one in own])


def _leaving(records: Sequence[Candidate]) -> dict[str, tuple[Leaving, ...]]:
    return {
        file.file.name: tuple(
            Leaving(f"line {file.file.records[one.number].line}", shown_id(case.case_id, case.input_text or ""))
            for one in own
            for case in one.cases
        )
        for file, own in _by_file(records)
    }


def _hash_at(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _check_unchanged(edit: Edit) -> None:
    try:
        found = edit.path.read_bytes()
    except OSError as problem:
        raise OutputError(edit.name, f"cannot be read: {problem.strerror or problem}", "nothing was changed") from None
    if found != edit.before:
        raise OutputError(edit.name, "has changed since it was read", "nothing was written; run the command again")
    if not os.access(edit.path, os.W_OK) or not os.access(edit.path.parent, os.W_OK):
        raise OutputError(edit.name, "is write-protected", "nothing was changed")


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
