"""Documents: a source whose container is understood by its content, and its records one at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from driftcheck.errors import InputError
from driftcheck.loaders.containers import Shape as Shape
from driftcheck.loaders.containers import understand
from driftcheck.loaders.csv_rows import CsvError, CsvRows
from driftcheck.loaders.encoding import BINARY, CP1252, FALLBACK, UTF8, TextReader, Utf8Stream
from driftcheck.loaders.json_lines import json_lines
from driftcheck.loaders.json_mending import Broken, mend
from driftcheck.loaders.json_stream import MAX_RECORD, JsonText
from driftcheck.loaders.parquet_rows import parquet_rows
from driftcheck.loaders.read_log import BrokenShare
from driftcheck.loaders.read_log import ReadLog as ReadLog
from driftcheck.loaders.source import Source
from driftcheck.loaders.yaml_text import YamlText
from driftcheck.loaders.zip_members import ZipMembers

MAX_LOAD = 256 << 20
"""Largest document that is loaded whole, in characters."""
_CHUNK = 1 << 20


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
        keys = tuple(path.split(".")) if path else ()
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
        try:
            value = json.loads(whole)
        except ValueError:
            value = mend(whole)
        except RecursionError:
            value = Broken("nested too deeply")
        if isinstance(value, Broken):
            raise InputError(self.source.name, f"broken JSON: {value}")
        return value

    def lines(self) -> Iterator[str]:
        """Stream the lines of a text, each with its line end."""
        with self._utf8() as stream:
            while line := stream.readline(MAX_RECORD):
                if len(line) == MAX_RECORD:
                    raise InputError(self.source.name, f"a line is longer than {MAX_RECORD >> 20} MB")
                yield line.decode(UTF8, FALLBACK)

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
        share = BrokenShare(log, "rows")
        try:
            for line, row in CsvRows(self.lines(), self._delimiter):
                where = f"{self.source.name}:{line}"
                if isinstance(row, str):
                    share.broken(where, row)
                else:
                    share.n_good += 1
                    yield where, row
        except CsvError as error:
            where = f"{self.source.name}:{error.line}"
            raise InputError(where, f"broken CSV: {error}", "write a quote inside a cell twice") from None
        share.check()

    def _parquet(self) -> Iterator[tuple[str, Any]]:
        for number, row in enumerate(parquet_rows(self.source), start=1):
            yield f"{self.source.name}#{number}", row


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
