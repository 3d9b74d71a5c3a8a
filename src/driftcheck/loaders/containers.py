"""Containers by content: JSON, JSON lines, concatenated JSON, CSV, Parquet, XML, YAML or ZIP, and a look inside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from itertools import chain, islice
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.code_text import language_of_code
from driftcheck.loaders.csv_rows import DELIMITERS, CsvError, CsvRows, Row, keys_of, regularity, sniff_delimiter
from driftcheck.loaders.encoding import BINARY, CP1252, TextReader, sniff_encoding
from driftcheck.loaders.json_lines import is_broken_record, parses, read_line
from driftcheck.loaders.json_mending import Broken, mend, reason
from driftcheck.loaders.json_stream import JsonText
from driftcheck.loaders.parquet_rows import parquet_columns, parquet_head
from driftcheck.loaders.source import Source
from driftcheck.loaders.xml_tags import xml_tags
from driftcheck.loaders.yaml_text import MAX_CHARS, YamlBomb, YamlError, YamlText
from driftcheck.loaders.zip_members import ZipMembers

N_HEAD = 50
"""Records in the head of a document."""
_SNIFF = 1 << 20
_CODE = 1 << 14
"""Characters at the start of a text in which code shows itself."""
_SNIFF_LONG = 16 << 20
_MAX_COLUMNS = 10_000
_SKELETON = 8 << 20
_LFS = b"version https://git-lfs.github.com/spec/"
_PICKLE = "is a pickle, which can run code: not loaded"
_BINARIES = (
    (b"%PDF", "is a PDF"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"BZh", "is compressed with bzip2"),
    (b"\xfd7zXZ", "is compressed with xz"),
    (b"SQLite format 3", "is an SQLite database"),
    (b"ARROW1", "is an Arrow (Feather) file"),
    (b"ORC", "is an ORC file"),
    (b"Obj\x01", "is an Avro file"),
    (b"\xd0\xcf\x11\xe0", "is an old Office document"),
    (b"\x93NUMPY", "is a NumPy array"),
    *((bytes([0x80, protocol]), _PICKLE) for protocol in (2, 3, 4, 5)),
)
_OLD_PICKLE = re.compile(rb"(?:\(?[dl]p?\d*\n|\([dl]p\d+\n|c[\w.]+\n[\w.]+\n(?:p\d+\n)?\()")
"""Start of a pickle of protocol 0, which looks like text."""
_MAX_REFUSED = 5
_READABLE = "driftcheck reads JSON, JSON lines, CSV, Parquet, XML and YAML"
_REGULAR = 0.9
"""Share of rows with as many cells as the header that makes a text a CSV, where it is broken YAML."""
_JSON_START = re.compile(r"""\s*(?:\{\s*["}]|\[\s*(?:["\[{\]\d-]|true|false|null|NaN))""")
_EMPTY_LIST = re.compile(r"\ufeff?\s*\[\s*\]\s*")
_HTML = re.compile(r"\s*(?:<!doctype html|<html)", re.IGNORECASE)
_YAML_START = re.compile(
    r"""(?:\ufeff)?(?:\s*(?:\#.*)?\n|%YAML.*\n)*(?:---|-\s|(?:[\w$.-]+|"[^"\n]+"|'[^'\n]+')\s*:(?:\s|$))""",
    re.MULTILINE,
)


class Shape(StrEnum):
    """The container of a document."""

    JSON = "JSON"
    JSONL = "JSON lines"
    CONCATENATED = "concatenated JSON"
    CSV = "CSV"
    PARQUET = "Parquet"
    XML = "XML"
    YAML = "YAML"
    ZIP = "ZIP"


@dataclass(frozen=True)
class Container:
    """What is known of a source before its records are read."""

    shape: Shape
    head: Any
    columns: tuple[str, ...] = ()
    encoding: str = BINARY
    bom: int = 0
    """Length of the byte-order mark."""
    is_object: bool = False
    """True where a JSON document is one object."""
    delimiter: str = ","
    cr_only: bool = False
    """True where lines end as on the first Macs, and as Excel there still writes them."""
    yaml: YamlText | None = None
    warnings: tuple[str, ...] = ()


def understand(source: Source) -> Container:
    """Find the container of a source by its content, never by its name.

    Raises:
        InputError: empty, binary, a git-lfs pointer, damaged, or nothing that can be read.

    """
    source.refuse_bomb()
    with source.open() as stream:
        head = stream.read(_SNIFF)
        if head.startswith(_LFS):
            raise InputError(
                source.name,
                "is a git-lfs pointer, the data itself was not downloaded",
                "run: git lfs pull",
            )
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return _zip(source)
        if head[:4] == b"PAR1":
            return Container(Shape.PARQUET, parquet_head(source, N_HEAD), parquet_columns(source))
        for magic, what in _BINARIES:
            if head.startswith(magic):
                raise InputError(source.name, what, _READABLE)
        if head[257:262] == b"ustar":
            raise InputError(source.name, "is a tar archive", "unpack it, and name the folder")
    if _OLD_PICKLE.match(head) and head.rstrip().endswith(b"."):
        raise InputError(source.name, _PICKLE, _READABLE)
    if not head.strip():
        raise InputError(source.name, "is empty")
    encoding, bom = sniff_encoding(head, is_whole=len(head) < _SNIFF)
    if encoding == BINARY:
        raise InputError(source.name, "is a binary file", _READABLE)
    return _Text(source, encoding, bom).container()


def _zip(source: Source) -> Container:
    archive = ZipMembers(source.open(), source.name)
    try:
        names, refused = archive.names, archive.refused
    finally:
        archive.close()
    if "[Content_Types].xml" in names:
        raise InputError(source.name, "is an Excel or Word file", "save the sheet as CSV")
    warnings = tuple(f"{source.name}!{name[:80]} is not loaded: {why}" for name, why in refused[:_MAX_REFUSED])
    if len(refused) > _MAX_REFUSED:
        warnings += (f"{len(refused) - _MAX_REFUSED} more members of {source.name} are not loaded",)
    return Container(Shape.ZIP, names, warnings=warnings)


class _Text:
    """A text, and its start."""

    def __init__(self, source: Source, encoding: str, bom: int) -> None:
        self.source = source
        self.encoding = encoding
        self.bom = bom
        self.cr_only = False
        self.start, self.is_whole = self._read(_SNIFF)
        if "\r" in self.start and "\n" not in self.start:
            self.cr_only = True
            self.start = self.start.replace("\r", "\n")
        if not self.start.strip():
            raise InputError(source.name, "is empty")

    def container(self) -> Container:
        """Try the containers in turn; CSV is what is left."""
        first = self.start.lstrip()[:1]
        found = None
        if first in ("{", "["):
            found = self._json()
        elif first == "<":
            found = self._xml()
        if found is None and (language := language_of_code(self.start[:_CODE])):
            what = f"is code ({language}), which driftcheck never runs: not loaded"
            raise InputError(self.source.name, what, "save what it makes as JSON, or audit the results of a run")
        return found or self._yaml() or self._csv()

    def open(self) -> TextReader:
        """Open the text from its start."""
        return TextReader(self.source.open(), self.encoding, self.bom, cr_only=self.cr_only)

    def _read(self, size: int) -> tuple[str, bool]:
        """Read at least `size` characters from the start, and tell whether that is all."""
        reader = self.open()
        try:
            pieces: list[str] = []
            n = 0
            while n < size:
                piece = reader.read(_SNIFF)
                if not piece:
                    return "".join(pieces), True
                pieces.append(piece)
                n += len(piece)
            return "".join(pieces), False
        finally:
            reader.close()

    def _found(self, shape: Shape, head: Any, columns: Iterable[str] = (), **more: Any) -> Container:
        warnings: tuple[str, ...] = ()
        if self.encoding == CP1252:
            warnings = ("not UTF-8: bytes that are not were read as Windows-1252; save the file as UTF-8",)
        yaml = more.get("yaml")
        if yaml is not None and yaml.tags:
            warnings += (f"tags are not followed, and what they would make is not loaded: {', '.join(yaml.tags)}",)
        return Container(
            shape,
            head,
            tuple(columns),
            self.encoding,
            self.bom,
            cr_only=self.cr_only,
            warnings=warnings,
            **more,
        )

    def _json(self) -> Container | None:
        if _EMPTY_LIST.fullmatch(self.start):
            raise InputError(self.source.name, "is an empty list")
        shape = self._json_shape()
        if shape is None:
            return None
        if shape is Shape.JSONL:
            rows = good_values(read_line(line.encode()) for line in self._head_lines())
            return self._found(shape, rows, keys_seen(rows))
        reader = self.open()
        try:
            text = JsonText(reader, limit=_SKELETON)
            if shape is Shape.JSON and text.peek() == "{":
                head = text.skeleton()
                return self._found(shape, head, head, is_object=True)
            rows = good_values(text.items() if shape is Shape.JSON else text.values())
            return self._found(shape, rows, keys_seen(rows))
        except Broken as error:
            raise InputError(self.source.name, f"broken JSON: {error}") from None
        finally:
            reader.close()

    def _json_shape(self) -> Shape | None:
        """Tell a JSON document, JSON lines and concatenated JSON apart; None where it is no JSON."""
        text = JsonText(StringIO(self.start))
        try:
            text.skip()
        except Broken:
            if not self.is_whole and len(self.start) < _SNIFF_LONG:
                self.start, self.is_whole = self._read(_SNIFF_LONG)
                return self._json_shape()
            if self._is_lines():
                return Shape.JSONL
            if self.start.lstrip()[0] == "[" or not self.is_whole:
                return Shape.JSON if _JSON_START.match(self.start) else None
            self._refuse_broken_json()
            return None
        behind = text.peek()
        if not behind:
            return Shape.JSON if not self.is_whole else self._whole_json()
        if self._is_lines():
            return Shape.JSONL
        return Shape.CONCATENATED if behind in "{[," and _JSON_START.match(self.start) else None

    def _is_lines(self) -> bool:
        """Tell whether the first lines are values of their own: most of them, or all but those that are broken."""
        lines = [line for line in self._head_lines() if line.strip()]
        n_whole = sum(map(parses, lines))
        if len(lines) < 2 or n_whole >= 0.5 * len(lines):
            return len(lines) > 1
        return parses(lines[0]) and n_whole + sum(map(is_broken_record, lines)) > 0.5 * len(lines)

    def _head_lines(self) -> list[str]:
        lines = list(islice(StringIO(self.start), N_HEAD + 1))
        return lines[:N_HEAD] if self.is_whole or len(lines) > N_HEAD else lines[:-1]

    def _whole_json(self) -> Shape | None:
        text = self.start.lstrip("\ufeff")
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            if isinstance(mend(text), Broken):
                if self.start.lstrip()[0] == "[" and _JSON_START.match(self.start):
                    return Shape.JSON  # its items are read one by one, broken ones are left out
                self._refuse_broken_json()
                return None
        return Shape.JSON

    def _refuse_broken_json(self) -> None:
        """Refuse what is plainly meant as JSON; what only starts with a bracket may be something else."""
        if not _JSON_START.match(self.start):
            return
        try:
            json.loads(self.start)
        except json.JSONDecodeError as error:
            where = f"{self.source.name}:{error.lineno}"
            what = f"broken JSON: {reason(error)} at column {error.colno}"
            raise InputError(where, what, "was the export interrupted?") from None
        except RecursionError:
            raise InputError(self.source.name, "broken JSON: nested too deeply") from None

    def _xml(self) -> Container:
        if _HTML.match(self.start):
            raise InputError(self.source.name, "is an HTML page", "was the export saved as a web page?")
        return self._found(Shape.XML, xml_tags(self.source))

    def _yaml(self) -> Container | None:
        if not _YAML_START.match(self.start):
            return None
        if not self.is_whole:
            self.start, self.is_whole = self._read(MAX_CHARS)
        if not self.is_whole:
            if regularity(self.start[:_SNIFF], ",") > _REGULAR:
                return None
            raise InputError(self.source.name, f"is a YAML file larger than {MAX_CHARS >> 20} MB", "save it as JSON")
        try:
            yaml = YamlText(self.start)
        except YamlError as error:
            is_csv = max(regularity(self.start[:_SNIFF], delimiter) for delimiter in DELIMITERS) > _REGULAR
            if is_csv and not isinstance(error, YamlBomb):
                return None
            where = f"{self.source.name}:{error.line}" if error.line else self.source.name
            raise InputError(where, f"broken YAML: {error}") from None
        if not isinstance(yaml.value, dict | list):
            return None
        rows = yaml.value if isinstance(yaml.value, list) else [yaml.value]
        return self._found(Shape.YAML, yaml.value, keys_seen(rows[:N_HEAD]), yaml=yaml)

    def _csv(self) -> Container:
        delimiter = sniff_delimiter(self.start)
        head: list[Row] = []
        try:
            rows = CsvRows(lambda: (self.start,), delimiter)
        except CsvError as error:
            raise InputError(f"{self.source.name}:{error.line}", f"broken CSV: {error}") from None
        if len(rows.header) > _MAX_COLUMNS:
            raise InputError(self.source.name, f"is a CSV of more than {_MAX_COLUMNS:,} columns", "drop some")
        with suppress(CsvError):  # the start may end inside of a cell; what is broken is told when it is read
            keys, damaged = keys_of(rows.header), []
            cells = chain.from_iterable(some for _, some in rows.read(lambda line, _: damaged.append(line)))
            for row in islice(cells, N_HEAD):
                head.append(dict(zip(keys, row, strict=True)))
            if self.is_whole and not head and not damaged and self.start.lstrip()[:1] not in ("{", "["):
                raise InputError(self.source.name, "holds no records", "only the header of a CSV")
        return self._found(Shape.CSV, head, rows.header, delimiter=delimiter)


def good_values(values: Iterable[Any]) -> list[Any]:
    """Take the first N_HEAD values that could be read."""
    return list(islice((value for value in values if not isinstance(value, Broken)), N_HEAD))


def keys_seen(rows: Iterable[Any]) -> tuple[str, ...]:
    """List the keys of the rows that are objects, sorted: the order of rows says nothing."""
    return tuple(sorted({str(key) for row in rows if isinstance(row, Mapping) for key in row}))
