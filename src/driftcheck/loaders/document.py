"""Documents: a source whose container is understood by its content, and its records one at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, BinaryIO

from driftcheck.errors import InputError
from driftcheck.loaders.blocks import ColumnBlock
from driftcheck.loaders.containers import Shape as Shape
from driftcheck.loaders.containers import understand
from driftcheck.loaders.csv_rows import CsvError, CsvRows, keys_of
from driftcheck.loaders.encoding import BINARY, CP1252, FALLBACK, UTF8, TextReader, Utf8Stream
from driftcheck.loaders.json_lines import json_lines
from driftcheck.loaders.json_mending import TOO_MUCH, Broken, holds_too_much, mend
from driftcheck.loaders.json_stream import MAX_RECORD, JsonText
from driftcheck.loaders.parquet_rows import parquet_columns_of, parquet_rows
from driftcheck.loaders.read_log import BrokenShare
from driftcheck.loaders.read_log import ReadLog as ReadLog
from driftcheck.loaders.source import Source
from driftcheck.loaders.yaml_text import YamlText
from driftcheck.loaders.zip_members import ZipMembers

MAX_LOAD = 256 << 20
"""Largest document that is loaded whole, in characters."""
_CHUNK = 1 << 15
"""Bytes read at a time: their lines fit the cache of a processor."""
_WRAPPERS = """
data items results rows records examples samples dataset entries logs cases test_cases goldens traces runs
"""
WRAPPERS = frozenset(_WRAPPERS.split())
"""Keys under which an API's answer, or a hand-made file, has its list of records."""


@dataclass(frozen=True)
class Match:
    """How sure a sniffer is that a document is of its format."""

    confidence: float
    """0..1; below 0.3 counts as no match, generic formats stay at or below 0.5."""
    why: str
    """The signature that decided, in words, such as `evalId and results.version 3`."""


@dataclass(frozen=True)
class Document:
    """An opened source whose container is understood."""

    source: Source
    shape: Shape
    encoding: str
    """Name of the text encoding; `binary` for Parquet and ZIP."""
    head: Any
    """A cheap look. JSON object: the object, its lists cut to 20 items. JSON list, JSON lines, concatenated JSON,
    CSV, Parquet: the first 50 records. XML: root tag and its children's tags, without namespaces. ZIP: member
    names. YAML: the loaded value."""
    columns: tuple[str, ...]
    """Header of a CSV or Parquet file as written (CSV: repeated and empty names too); else the keys of the head's
    records."""
    is_object: bool = False
    """True where a JSON document is one object, False where it is a list."""
    warnings: tuple[str, ...] = ()
    """What opening it had to guess."""
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What a loader found out about the document and will ask again, by its name: several sniff the same document."""
    _bom: int = field(default=0, repr=False)
    _delimiter: str = field(default=",", repr=False)
    _cr_only: bool = field(default=False, repr=False)
    _yaml: YamlText | None = field(default=None, repr=False)
    _path: tuple[str, ...] = ()
    """Where in the file the document begins; `unwrapped` sets it."""

    def records(self, log: ReadLog, path: str = "") -> Iterator[tuple[str, Any]]:
        """Stream (where, record); a dotted `path` streams the items of that list in a JSON or YAML document.

        Where there is nothing at `path`, there are no records. `where` is `name:line` for lines, rows and YAML,
        else `name#number`, counted from one. CSV rows are dicts of text under the names of `keys_of`.
        What cannot be read is told to the log.

        Raises:
            InputError: more than MAX_BROKEN of the lines are broken, or the container (XML, ZIP) has no records.

        """
        for warning in self.warnings:
            log.warn(warning)
        keys = (*self._path, *(path.split(".") if path else ()))
        match self.shape:
            case Shape.JSONL:
                return self._jsonl(log)
            case Shape.JSON | Shape.CONCATENATED:
                return self._json(log, keys)
            case Shape.CSV:
                return self._csv(log)
            case Shape.PARQUET:
                return self._parquet()
            case Shape.YAML if self._yaml:
                return ((f"{self.source.name}:{line}", item) for line, item in self._yaml.records(keys))
            case _:
                raise InputError(self.source.name, f"is {self.shape}, which this format does not read")

    def blocks(self, log: ReadLog, wanted: Collection[str]) -> Iterator[ColumnBlock]:
        """Stream what `records` does of a CSV or Parquet file by column; others than `wanted` may be missing.

        Raises:
            InputError: more than MAX_BROKEN of the lines are broken, or it is neither.

        """
        for warning in self.warnings:
            log.warn(warning)
        match self.shape:
            case Shape.CSV:
                return self._csv_blocks(log)
            case Shape.PARQUET:
                return self._parquet_blocks(wanted)
            case _:
                raise InputError(self.source.name, f"is {self.shape}, which has no columns")

    def load(self) -> Any:
        """Load a JSON or YAML document whole; only for formats that are small by nature."""
        if self._yaml:
            return self._yaml.value
        if self.encoding == BINARY:
            raise InputError(self.source.name, f"is {self.shape}, which this format does not read")
        text = self._text()
        try:
            whole = text.read_whole(MAX_LOAD)
        finally:
            text.close()
        if whole is None:
            raise InputError(self.source.name, f"is larger than {MAX_LOAD >> 20} MB", "split it")
        if holds_too_much(whole):
            raise InputError(self.source.name, TOO_MUCH, "split it")
        try:
            value = json.loads(whole)
        except ValueError:
            value = mend(whole)
        except RecursionError:
            value = Broken("nested too deeply")
        if isinstance(value, Broken):
            raise InputError(self.source.name, f"broken JSON: {value}")
        for key in self._path:
            value = value[key]
        return value

    def lines(self) -> Iterator[str]:
        """Stream the lines of a text, each with its line end."""
        return chain.from_iterable(io.StringIO(piece, newline="\n") for piece in self._pieces())

    def _pieces(self) -> Iterator[str]:
        """Stream a text in pieces of whole lines."""
        with self._utf8() as stream:
            begun: list[bytes] = []  # of a line that is longer than a chunk
            n_begun = 0
            while chunk := stream.read(_CHUNK):
                end = chunk.rfind(b"\n") + 1
                if end:
                    yield b"".join([*begun, chunk[:end]]).decode(UTF8, FALLBACK)
                    begun, n_begun = [], 0
                begun.append(chunk[end:])
                n_begun += len(chunk) - end
                if n_begun >= MAX_RECORD:
                    raise InputError(self.source.name, f"a line is longer than {MAX_RECORD >> 20} MB")
            if n_begun:
                yield b"".join(begun).decode(UTF8, FALLBACK)

    def member(self, name: str) -> bytes:
        """Read a member of a ZIP document."""
        archive = ZipMembers(self.source.open(), self.source.name)
        try:
            return archive.read(name)
        finally:
            archive.close()

    def _text(self) -> TextReader:
        return TextReader(self.source.open(), self.encoding, self._bom, cr_only=self._cr_only)

    def _utf8(self) -> BinaryIO:
        """Open the text as UTF-8; bytes that are none are left for the reader to see."""
        if self.encoding in (UTF8, CP1252) and not self._cr_only:
            stream = self.source.open()
            stream.read(self._bom)
            return stream
        return io.BufferedReader(Utf8Stream(self._text()), _CHUNK)

    def _jsonl(self, log: ReadLog) -> Iterator[tuple[str, Any]]:
        with self._utf8() as stream:
            yield from json_lines(stream, self.source.name, log)

    def _json(self, log: ReadLog, keys: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        name = self.source.name
        reader = self._text()
        share = BrokenShare(log, "records")
        try:
            text = JsonText(reader)
            if self.shape is Shape.CONCATENATED:
                values = text.values()
            elif not text.seek(keys):
                return
            else:
                values = text.items() if text.peek() == "[" else iter([text.decode()])
            for number, value in enumerate(values, start=1):
                if isinstance(value, Broken):
                    share.broken(f"{name}#{number}", str(value))
                else:
                    share.n_good += 1
                    yield f"{name}#{number}", value
        except Broken as error:
            raise InputError(name, f"broken JSON: {error}") from None
        finally:
            reader.close()
        share.check()

    def _csv(self, log: ReadLog) -> Iterator[tuple[str, Any]]:
        keys, prefix = keys_of(self.columns), f"{self.source.name}:"
        for lines, rows in self._csv_rows(log):
            for line, cells in zip(lines, rows, strict=True):
                yield f"{prefix}{line}", dict(zip(keys, cells, strict=True))

    def _csv_blocks(self, log: ReadLog) -> Iterator[ColumnBlock]:
        keys, prefix = keys_of(self.columns), f"{self.source.name}:"
        for lines, rows in self._csv_rows(log):
            columns = zip(*rows, strict=True)
            yield ColumnBlock([f"{prefix}{line}" for line in lines], dict(zip(keys, columns, strict=True)))

    def _csv_rows(self, log: ReadLog) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        name, share = self.source.name, BrokenShare(log, "rows")
        try:
            with closing(CsvRows(self._pieces, self._delimiter)) as rows:
                if len(rows.header) != len(self.columns):  # which were read from the start of the text
                    raise InputError(name, f"its header has {len(rows.header):,} columns, which are too many")
                for some in rows.read(lambda line, why: share.broken(f"{name}:{line}", why)):
                    share.n_good += len(some[0])
                    yield some
        except CsvError as error:
            raise InputError(
                f"{name}:{error.line}", f"broken CSV: {error}", "write a quote inside a cell twice"
            ) from None
        share.check()

    def _parquet(self) -> Iterator[tuple[str, Any]]:
        for number, row in enumerate(parquet_rows(self.source), start=1):
            yield f"{self.source.name}#{number}", row

    def _parquet_blocks(self, wanted: Collection[str]) -> Iterator[ColumnBlock]:
        number = 0
        for columns in parquet_columns_of(self.source, wanted):
            n_rows = len(next(iter(columns.values()), ()))
            where = [f"{self.source.name}#{number + row}" for row in range(1, n_rows + 1)]
            number += n_rows
            yield ColumnBlock(where, columns)


def unwrapped(doc: Document) -> Document | None:
    """Return the one list of records that a JSON object wraps, as APIs answer (`{"data": [...], "meta": {...}}`).

    It is a document as if the list were the whole file. None where there is no such list, or more than one.
    """
    if doc.shape is not Shape.JSON or not doc.is_object or not isinstance(doc.head, dict):
        return None
    lists = [key for key, value in doc.head.items() if isinstance(value, list) and value]
    if len(lists) != 1 or lists[0] not in WRAPPERS:
        return None
    head = [item for item in doc.head[lists[0]] if isinstance(item, dict)]
    columns = tuple(dict.fromkeys(str(key) for item in head for key in item))
    return replace(doc, head=head, columns=columns, is_object=False, memo={}, _path=(lists[0],)) if head else None


def open_document(source: Source) -> Document:
    """Understand the container of a source by its content, never by its name.

    Raises:
        InputError: empty, binary, a git-lfs pointer, damaged, or nothing that can be read.

    """
    found = understand(source)
    return Document(
        source,
        found.shape,
        found.encoding,
        found.head,
        found.columns,
        found.is_object,
        found.warnings,
        _bom=found.bom,
        _delimiter=found.delimiter,
        _cr_only=found.cr_only,
        _yaml=found.yaml,
    )
