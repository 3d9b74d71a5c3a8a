"""The ledger on disk: `.driftcheck/` beside drift.yaml, meant to be committed.

`ledger.jsonl` holds the lines and `ledger.head` the hashes of those that nothing follows; `.gitattributes` has git
merge both by keeping the lines of both sides. A new line is written into a copy that takes the file's place: a process
that is killed inside one long write() leaves a torn line at the end of a file that it appends to, and rename() is all
or nothing. Writers wait for each other at `lock`, which the system lets go of when a process dies; readers wait for
nobody.
"""

from __future__ import annotations

import gc
import mmap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

# filelock: flock on POSIX, msvcrt on Windows; both end with the process that holds them.
from filelock import FileLock, Timeout

from driftcheck.errors import InputError, OutputError
from driftcheck.ledger.chain import Buffer, Chain, Line, Unreadable, build, hash_of, link, read_lines
from driftcheck.ledger.entries import AUDIT, DETAILS, AuditEntry, as_fields, read_audit
from driftcheck.ledger.events import E, Event, check_event, read_event
from driftcheck.whole_files import PREFIX, SUFFIX, replace_whole

LEDGER, HEADS, LOCK = "ledger.jsonl", "ledger.head", "lock"
ATTRIBUTES, IGNORED = ".gitattributes", ".gitignore"
LEDGER_FILES = (LEDGER, HEADS, LOCK, ATTRIBUTES, IGNORED)
MAX_BYTES = 1 << 31
"""Largest ledger: a hundred thousand audits."""
_MAX_HEADS = 1 << 20
_WAIT = 30.0
_STALE = 3600.0
_GIT = {
    # hashes are of exact bytes, so git must not turn line ends around
    ATTRIBUTES: f"# Two branches' lines are both kept when they are merged: see `driftcheck trend --verify`.\n"
    f"{LEDGER} merge=union -text linguist-generated\n{HEADS} merge=union -text linguist-generated\n",
    IGNORED: f"/{LOCK}\n/{PREFIX}*{SUFFIX}\n",
}
_HINT = "driftcheck trend --verify looks at every line; git log shows who wrote it"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An audit in the ledger: its headline, and where its line is."""

    entry: AuditEntry
    """Without its findings and slices."""
    line: Line


class Ledger:
    """What the ledger holds; valid inside `open_ledger`."""

    def __init__(self, folder: Path, data: Buffer, heads: tuple[str, ...] | None) -> None:
        self.folder = folder
        self._data = data
        self._heads = heads

    @cached_property
    def audits(self) -> tuple[Recorded, ...]:
        """Every audit by its headline, oldest first; entries of other kinds are passed over.

        Raises:
            InputError: a line is no entry of a ledger.

        """
        found = []
        with _uncollected():
            for line in read_lines(self._data):
                if isinstance(line, Unreadable):
                    raise self.wrong(line.number, str(line))
                if line.kind == AUDIT:
                    found.append(Recorded(self._entry(line, headline=True), line))
        return tuple(sorted(found, key=lambda one: (*one.entry.order, one.line.number)))

    def events(self, kind: type[E], config: str | None) -> tuple[E, ...]:
        """What happened of a kind to the eval set of a drift.yaml (by name; None for all), in the order of the file.

        Raises:
            InputError: a line of the kind cannot be read.

        """
        return tuple(event for _, event in self.numbered(kind, config))

    def numbered(self, kind: type[E], config: str | None) -> tuple[tuple[int, E], ...]:
        """The same, each with the number of its line: what came first tells what of several kinds belongs together."""
        found = []
        for line in read_lines(self._data):
            if isinstance(line, Unreadable):
                raise self.wrong(line.number, str(line))
            if line.kind == kind.KIND:
                try:
                    found.append((line.number, read_event(kind, self._data[line.start : line.end])))
                except ValueError as problem:
                    raise self.wrong(line.number, f"is no {kind.KIND}: {problem}") from None
        # not by day: what is today for one is yesterday for another, and --as-of may be any day
        return tuple(one for one in found if config is None or one[1].config == config)

    @cached_property
    def chain(self) -> Chain:
        """Every line hashed."""
        return build(self._data, self._heads)

    def whole(self, recorded: Recorded) -> AuditEntry:
        """An audit with its findings and slices. Raises InputError where they cannot be read."""
        return self._entry(recorded.line, headline=False)

    def hash_of(self, recorded: Recorded) -> str:
        """Hash of an audit's line."""
        return hash_of(self._data[recorded.line.start : recorded.line.end])

    def broken_links(self) -> tuple[str, ...]:
        """What is wrong with the chain, each in one line that begins with where."""
        return tuple(f"{self._place(number)}: {what}" for number, what in self.chain.problems)

    def problems(self) -> tuple[str, ...]:
        """The same and every audit that cannot be read, in the order of lines."""
        found = [(number, f"{self._place(number)}: {what}") for number, what in self.chain.problems]
        for line in self.chain.lines:
            if line.kind == AUDIT:
                try:
                    self._entry(line, headline=False).centroids()
                except InputError as problem:
                    found.append((line.number, f"{problem.where}: {problem.what}"))
                except ValueError:
                    found.append((line.number, f"{self._place(line.number)}: a centroid cannot be read"))
        return tuple(text for _, text in sorted(found, key=lambda one: (one[0] is None, one[0] or 0)))

    def _entry(self, line: Line, *, headline: bool) -> AuditEntry:
        cut = self._data.find(DETAILS, line.start, line.end) if headline else -1
        try:
            if cut >= 0:
                with suppress(ValueError):  # the bytes stand inside of something else: not one of our lines
                    return read_audit(self._data[line.start : cut] + b"}")
            entry = read_audit(self._data[line.start : line.end])
            return replace(entry, findings={}, slices=()) if headline else entry
        except ValueError as problem:
            raise self.wrong(line.number, f"is no audit: {problem}") from None

    def copy(self) -> bytes:
        """All of the file."""
        return bytes(self._data[:])

    def wrong(self, number: int, what: str) -> InputError:
        """An error about a line."""
        return InputError(self._place(number), what, _HINT)

    def _place(self, number: int | None) -> str:
        return str(self.folder / HEADS) if number is None else f"{self.folder / LEDGER}:{number}"


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector of cycles: what is made here has none, and looking for some takes most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def open_ledger(folder: Path) -> Iterator[Ledger]:
    """Open the ledger of a folder; one that is not there is empty.

    Raises:
        InputError: a file of it cannot be read, or is none.

    """
    _check_plain(folder)
    data: Buffer = b""
    try:
        heads = _read_heads(folder / HEADS)
        if (folder / LEDGER).exists():
            data = _mapped(folder / LEDGER)
    except OSError as problem:
        raise InputError(str(folder / LEDGER), f"cannot be read: {problem.strerror or problem}") from None
    try:
        yield Ledger(folder, data, heads)
    finally:
        if isinstance(data, mmap.mmap):
            data.close()


def _check_plain(folder: Path) -> None:
    if folder.is_symlink():
        raise InputError(str(folder), "is a link, not a folder", "take it out, or name another folder by `ledger:`")
    for name in LEDGER_FILES:
        path = folder / name
        # a link in a checkout is another's, and would have us write where it points
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise InputError(str(path), "is no plain file", "take it out, or name another folder by `ledger:`")


def _mapped(path: Path) -> Buffer:
    """The file as memory: of most lines only the headline is looked at, and a map reads no more than that."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size > MAX_BYTES:
            raise InputError(str(path), f"is larger than {MAX_BYTES >> 30} GB, which no ledger is")
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def _read_heads(path: Path) -> tuple[str, ...] | None:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_HEADS + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    heads = []
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip().decode("latin-1")
        if word and (len(word) != 64 or word.strip("0123456789abcdef")):
            raise InputError(f"{path}:{number}", "is no hash of a line", _HINT)
        if word:
            heads.append(word)
    return tuple(dict.fromkeys(heads))


def append(
    folder: Path, kind: str, fields: Mapping[str, Any], *, unless: Callable[[Ledger], bool] | None = None
) -> bool:
    """Add one line after the last, unless the ledger, looked at while nobody else writes, says that it need not be.

    Returns whether it was added.

    Raises:
        InputError: the ledger cannot be read: nothing is added to what nobody can read.
        OutputError: it cannot be written.

    """
    _check_plain(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # the system's lock or none: a lock that is a file would outlive a process that is killed
        with FileLock(folder / LOCK, timeout=_WAIT, fallback_to_soft=False):
            with open_ledger(folder) as ledger:
                chain = ledger.chain
                if chain.unreadable:
                    raise ledger.wrong(chain.unreadable[0].number, str(chain.unreadable[0]))
                wanted = unless is None or not unless(ledger)
                pieces = [ledger.copy()] if wanted else []
            _clean(folder)
            for name, text in _GIT.items():
                if not (folder / name).exists():
                    replace_whole(folder / name, [text.encode()])
            # mended before the line is written: a process killed between the two leaves the heads one line behind
            if chain.heads != chain.next_heads:
                _write_heads(folder, chain.next_heads)
            if wanted:
                previous = chain.hashes[-1] if chain.hashes else ""
                line = link(kind, previous, fields)
                if pieces[0] and not pieces[0].endswith(b"\n"):
                    pieces.append(b"\n")
                replace_whole(folder / LEDGER, [*pieces, line, b"\n"])
                _write_heads(folder, [*(one for one in chain.next_heads if one != previous), hash_of(line)])
    except Timeout:
        raise OutputError(str(folder / LOCK), f"another process has held it for {_WAIT:.0f} s") from None
    except OSError as problem:
        raise OutputError(str(folder), f"cannot be written: {problem.strerror or problem}") from None
    return wanted


def note(folder: Path, event: Event) -> None:
    """Add an event after the last line.

    Raises:
        InputError: the ledger cannot be read.
        OutputError: it cannot be written, or does not take the event.

    """
    laid_out = as_fields(event)
    try:
        check_event(event.KIND, link(event.KIND, "", laid_out))
    except ValueError as problem:  # a line that nobody can read would stop every later command
        raise OutputError(str(folder / LEDGER), f"does not take the {event.KIND}: {problem}") from None
    append(folder, event.KIND, laid_out)


def _write_heads(folder: Path, heads: Iterable[str]) -> None:
    replace_whole(folder / HEADS, [f"{one}\n".encode("ascii") for one in heads])


def _clean(folder: Path) -> None:
    """Take away what processes that were killed have left half-written."""
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE:
                path.unlink()
