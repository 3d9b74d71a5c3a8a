"""Sources: the files, folders, globs and standard input that a user names, opened and decompressed."""

from __future__ import annotations

import fnmatch
import glob
import gzip
import io
import os
import re
import stat
import sys
import tempfile
import weakref
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from driftcheck.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MAX_WINDOW = 1 << 27
"""Memory a zstd stream may ask for, in bytes; the default limit of the zstd command line."""
_CHUNK = 1 << 20
MAX_RATIO = 200
"""Times its packed size that a file may unpack to: texts rarely reach 30, and a deflate bomb 1,032."""
FREE_OF_RATIO = 64 << 20
"""Bytes that a file may unpack to, whatever its ratio."""
_SMALL = 16 << 20
"""Packed bytes that are unpacked once before anything in them is read; a bomb is small by nature."""
MAX_SPOOL = 8 << 30
"""Bytes taken from standard input or a named pipe; `/dev/zero` has no end."""
_SET_ASIDE = re.compile(r".+\.(?P<what>proposals|retired|sealed)(?:\.\w+)*", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """One input: a file, or standard input; knows how to open itself, decompressed."""

    name: str
    """What the user sees, such as `runs/a.json`; `-` is standard input."""
    path: Path | None
    """None for standard input."""
    size: int
    """Bytes on disk (compressed, where the file is)."""
    parts: tuple[Source, ...] = field(default=(), compare=False)
    """Other files of the same export, which its loader reads with this one; `joint_exports` finds them."""
    part_of: str | None = field(default=None, compare=False)
    """Name of the file that this one is read with; it says nothing alone."""
    _spool: _Spool | None = field(default=None, repr=False, compare=False)
    """Copy of what can be read only once: standard input, a named pipe."""

    def open(self) -> BinaryIO:
        """Open a fresh binary stream from the start, decompressed (gzip, zstd)."""
        path = self._spool.path if self._spool else self.path
        if path is None:
            raise InputError(self.name, "cannot be opened")
        try:
            raw = path.open("rb")
            magic = raw.read(4)
            raw.seek(0)
        except OSError as error:
            raise InputError(self.name, f"cannot be read: {error.strerror or error}") from None
        if magic.startswith(_GZIP_MAGIC):
            packed = cast(BinaryIO, gzip.GzipFile(fileobj=raw))
        elif magic == _ZSTD_MAGIC:
            packed = _open_zstd(raw, self.name)
        else:
            return raw
        return io.BufferedReader(_Decompressed(packed, raw, self.name), _CHUNK)

    def refuse_bomb(self) -> None:
        """Unpack a small packed file once, which takes a moment, before records are made of what may be a bomb.

        Raises:
            InputError: it unpacks to more than MAX_RATIO times its size, or is damaged.

        """
        with self.open() as stream:
            if self.size <= _SMALL and isinstance(getattr(stream, "raw", None), _Decompressed):
                while stream.read(_CHUNK):
                    pass

    def sibling(self, relative: str, *, up: int = 0) -> Source:
        """Find the file that this one refers to by a path relative to its own folder.

        The file may come out of anybody's pull request, so only what is in its project, links followed, is read:
        below the nearest folder above it that holds `.git`, else below its own, or the one `up` folders above.

        Raises:
            InputError: the file does not exist, or lies outside of the project.

        """
        folder = self.path.parent if self.path else Path()
        path = folder / relative
        try:
            exists = path.is_file()
            project = project_of(folder, up)
            is_inside = path.resolve().is_relative_to(project)
        except (OSError, ValueError, RuntimeError):  # a name too long, with a NUL, or links in a circle
            exists, is_inside = False, True
        if not is_inside:
            what = f"refers to {relative[:80]!r}, which lies outside of its project and is not loaded"
            raise InputError(self.name, what, "copy the file beside it")
        if not exists:
            raise InputError(self.name, f"refers to {relative[:80]!r}, which does not exist")
        name = relative if self.path is None else os.path.join(os.path.dirname(self.name), relative)
        return _source(path, os.path.normpath(name))


def set_aside_as(name: str | Path) -> str | None:
    """What a file beside an eval set holds that is no part of it: proposals, retired or sealed cases; None for others.

    >>> set_aside_as("evalsets/support.proposals.yaml"), set_aside_as("support.yaml")
    ('proposals', None)
    """
    found = _SET_ASIDE.fullmatch(Path(name).name)
    return found["what"].lower() if found else None


def with_content(source: Source, data: bytes) -> Source:
    """The source as if its file held other bytes; what it refers to is found beside the file as before."""
    spool = _Spool(io.BytesIO(data), source.name)
    return Source(source.name, source.path, len(data), _spool=spool)


def project_of(folder: Path, up: int = 0) -> Path:
    """Return the nearest folder from `folder` upwards that holds `.git`; where there is none, the one `up` above."""
    here = folder.resolve()
    lineage = (here, *here.parents)
    git = next((above for above in lineage if os.path.exists(above / ".git")), None)
    return git or lineage[min(up, len(lineage) - 1)]


def find_sources(patterns: Sequence[str | Path], *, base: Path) -> tuple[Source, ...]:
    """Find the inputs that paths, folders, globs and `-` name, sorted within each, each file once.

    Folders are read to the bottom, without hidden files and `~$` lock files. Relative patterns start at `base`.

    Raises:
        InputError: a path that does not exist, a glob that matches nothing, a folder without files.

    """
    found: dict[str, Source] = {}
    for pattern in map(str, patterns):
        try:
            sources = list(_expand(pattern, base))
        except (OSError, ValueError) as error:  # a name too long, or with a NUL
            raise InputError(pattern[:80], f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
        for source in sources:
            key = str(source.path.resolve()) if source.path else source.name
            found.setdefault(key, source)
    return tuple(found.values())


def is_named_by(pattern: str, path: Path) -> bool:
    """Whether `find_sources` would find a file by a path, a folder or a glob, were the file there.

    >>> is_named_by("sets", Path("sets/a/b.yaml")), is_named_by("sets/**/*.yaml", Path("sets/a/b.json"))
    (True, False)
    """
    with suppress(RuntimeError):  # as in `_expand`
        pattern = str(Path(pattern).expanduser())
    wanted = Path(os.path.abspath(pattern)).parts
    for written in dict.fromkeys((Path(os.path.abspath(path)), path.parent.resolve() / path.name)):
        for n_parts in range(1, len(written.parts) + 1):
            below = written.parts[n_parts:]  # a folder is read to the bottom, without hidden files
            if not any(part.startswith(".") for part in below) and _fits(written.parts[:n_parts], wanted):
                return True
    return False


def _fits(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the parts of a path fit those of a glob."""
    if not wanted or not parts:
        return not parts and all(one == "**" for one in wanted)
    if wanted[0] == "**":
        return _fits(parts, wanted[1:]) or (not parts[0].startswith(".") and _fits(parts[1:], wanted))
    is_hidden = parts[0].startswith(".") and not wanted[0].startswith(".")
    fits = parts[0] == wanted[0] or (not is_hidden and fnmatch.fnmatch(parts[0], wanted[0]))
    return fits and _fits(parts[1:], wanted[1:])


def file_source(path: Path, name: str) -> Source:
    """Make the source of a regular file; what else a path may lead to is never opened.

    Raises:
        InputError: it is a folder, a device or a pipe, or cannot be looked at.

    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(name, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not stat.S_ISREG(status.st_mode):
        raise InputError(name, "is a folder" if stat.S_ISDIR(status.st_mode) else "is a device or a pipe")
    return Source(name, path, status.st_size)


def _expand(pattern: str, base: Path) -> Iterator[Source]:
    if pattern == STDIN:
        yield _piped(STDIN, None, sys.stdin.buffer)
        return
    try:
        path = base / Path(pattern).expanduser()
    except RuntimeError:  # a name such as `~$cases.csv`, which is nobody's home
        path = base / pattern
    if path.is_dir():
        files = list(_walk(path))
        if not files:
            raise InputError(pattern, "this folder holds no files")
        for file in files:
            yield _source(file, os.path.join(pattern, file.relative_to(path)))
    elif path.exists():
        yield _source(path, pattern)
    elif glob.has_magic(pattern):
        names = sorted(glob.glob(pattern, root_dir=base, recursive=True))
        files_of = [name for name in names if not Path(name).name.startswith("~$")]
        if not files_of:
            raise InputError(pattern, "no file matches this pattern", f"looked in {base}")
        for name in files_of:
            if (base / name).is_dir():
                for file in _walk(base / name):
                    yield _source(file, os.path.join(name, file.relative_to(base / name)))
            else:
                yield _source(base / name, name)
    else:
        raise InputError(pattern, "no such file or folder")


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                yield Path(parent, name)


def _source(path: Path, name: str) -> Source:
    try:
        if stat.S_ISREG(path.stat().st_mode):
            return file_source(path, name)
        with path.open("rb") as pipe:  # a named pipe, such as bash's <(...), can be read only once
            return _piped(name, path, pipe)
    except OSError as error:
        raise InputError(name, f"cannot be read: {error.strerror or error}") from None


class _Spool:
    """A temporary copy of a stream, removed with the object."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        with tempfile.NamedTemporaryFile(prefix="driftcheck-", delete=False) as copy:
            self.path = Path(copy.name)
            remove = weakref.finalize(self, self.path.unlink, missing_ok=True)
            n_bytes = 0
            while chunk := stream.read(_CHUNK):
                n_bytes += len(chunk)
                if n_bytes > MAX_SPOOL:
                    copy.close()
                    remove()
                    raise InputError(
                        name,
                        f"is a stream of more than {MAX_SPOOL / (1 << 30):g} GiB",
                        "save it as a file, and name that",
                    )
                copy.write(chunk)


def _piped(name: str, path: Path | None, stream: BinaryIO) -> Source:
    spool = _Spool(stream, name)
    return Source(name, path, spool.path.stat().st_size, _spool=spool)


def _open_zstd(raw: BinaryIO, name: str) -> BinaryIO:
    try:
        import zstandard
    except ImportError:
        raise InputError(name, "is compressed with zstd", "pip install zstandard, or unpack it") from None
    unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    return cast(BinaryIO, unpacker.stream_reader(raw, read_across_frames=True))


class _Decompressed(io.RawIOBase):
    """A decompressing stream that turns damage into an InputError."""

    def __init__(self, packed: BinaryIO, raw: BinaryIO, name: str) -> None:
        self._packed = packed
        self._raw = raw
        self._name = name
        self._n_unpacked = 0
        self._most = max(FREE_OF_RATIO, MAX_RATIO * os.fstat(raw.fileno()).st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._packed.read(len(view))
        except (EOFError, OSError, zlib.error) as error:
            raise InputError(self._name, f"the compressed data is damaged: {error}") from None
        except Exception as error:
            if type(error).__name__ != "ZstdError":  # zstandard is imported only where needed
                raise
            raise InputError(self._name, f"the compressed data is damaged: {error}") from None
        self._n_unpacked += len(data)
        if self._n_unpacked > self._most:
            what = f"unpacks to more than {MAX_RATIO} times its size, as bombs do, and is not loaded"
            raise InputError(self._name, what, "unpack it, and name that")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()
