"""Where the records of an eval-set file stand: in the lists that its loader reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from driftcheck.editing.container import Container
from driftcheck.editing.csv_rows import CsvTable
from driftcheck.editing.json_lists import JsonLists, JsonValues
from driftcheck.editing.json_rows import JsonRows
from driftcheck.editing.yaml_lists import YamlLists
from driftcheck.errors import InputError
from driftcheck.loaders import promptfoo_config, recognise
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Shape, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import file_source
from driftcheck.records import Kind

_READ, _LOADED = "lists read", "loaded whole"
_HF_ROW = frozenset({"row_idx", "row"})


class _Watched(Document):
    """A document that notes which of its lists are read: the loader knows best where its records stand."""

    def records(self, log: ReadLog, path: str = "") -> Iterator[tuple[str, Any]]:
        """Stream the records, and note where from."""
        self.memo.setdefault(_READ, {})[(*self._path, *(path.split(".") if path else ()))] = None
        return super().records(log, path)

    def load(self) -> Any:
        """Load the document, and note it."""
        self.memo[_LOADED] = True
        return super().load()


@dataclass(frozen=True)
class RecordPlaces:
    """Where the records of a file stand."""

    format: str
    shape: Shape
    paths: tuple[tuple[str, ...], ...]
    """Keys of each list in a JSON or YAML document."""
    is_line: bool = False
    """True for a JSON document that is one line of JSON lines."""

    def container(self, text: str, name: str) -> Container:
        """Read the text of the file as one that can be edited."""
        is_record = _is_test if self.format == promptfoo_config.FORMAT else _is_any
        match self.shape:
            case Shape.JSONL:
                return JsonRows(text, name)
            case Shape.JSON:
                return JsonRows(text, name) if self.is_line else JsonLists(text, name, self.paths, is_record)
            case Shape.CONCATENATED:
                return JsonValues(text, name)
            case Shape.YAML:
                return YamlLists(text, name, self.paths, is_record)
            case _:
                return CsvTable(text, name)


def places_of(path: Path, name: str, format: str | None) -> RecordPlaces:
    """Find where the records of an eval-set file stand.

    Raises:
        InputError: it cannot be read, or its records are not items of lists, lines or rows.

    """
    opened = open_document(file_source(path, name))
    if opened.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED, Shape.YAML, Shape.CSV):
        raise InputError(name, f"is {opened.shape}, which is not edited", "save it as CSV or JSON lines")
    document = _Watched(**{one.name: getattr(opened, one.name) for one in fields(opened)})
    found = recognise(document, kind=Kind.EVALSET, format=format, insist=True)
    read_from = found.inner or document
    for one in (document, read_from):
        one.memo.pop(_READ, None)
        one.memo.pop(_LOADED, None)
    log = ReadLog()
    for _ in found.loader.read(read_from, log, ColumnMap()):
        pass
    name_of_format = found.loader.FORMAT
    if opened.shape in (Shape.JSONL, Shape.CONCATENATED, Shape.CSV):
        return RecordPlaces(name_of_format, opened.shape, ((),))
    whole = opened.load()
    if name_of_format == promptfoo_config.FORMAT:
        return RecordPlaces(name_of_format, opened.shape, _of_config(whole, name))
    paths = tuple(path for path in read_from.memo.get(_READ, {}) if isinstance(_at(whole, path), list))
    if paths:
        _refuse_wrapped(_at(whole, paths[0]), name)
        return RecordPlaces(name_of_format, opened.shape, paths)
    if _LOADED in read_from.memo:
        raise InputError(name, "holds its records by column or by id, and not as a list", "save it as JSON lines")
    if isinstance(whole, list):  # read without a word of where from
        _refuse_wrapped(whole, name)
        return RecordPlaces(name_of_format, opened.shape, ((),))
    with_lines = document.source.open()
    with with_lines:
        is_line = opened.shape is Shape.JSON and with_lines.read().strip().count(b"\n") == 0
    if is_line:
        return RecordPlaces(name_of_format, opened.shape, ((),), is_line=True)
    if names := _samples(whole):
        raise InputError(name, f"names its samples in other files: {', '.join(names[:3])}", "edit those files")
    raise InputError(name, "holds one record, and no list of them", "put it in a list")


def _of_config(config: Any, name: str) -> tuple[tuple[str, ...], ...]:
    """Find the tests of a promptfoo config.

    Raises:
        InputError: they stand in another file, in scenarios, or nowhere.

    """
    tests = config.get("tests") if isinstance(config, Mapping) else None
    if isinstance(tests, list) and any(isinstance(test, Mapping) and _is_test(test) for test in tests):
        return (("tests",),)
    items = tests if isinstance(tests, list) else [tests]
    named = [item.get("path") if isinstance(item, Mapping) else item for item in items]
    files = [item for item in named if isinstance(item, str)]
    if files:
        raise InputError(name, f"its tests stand elsewhere: {', '.join(files[:3])}", "edit that file")
    if config.get("scenarios"):
        raise InputError(name, "its cases are made of scenarios, which multiply", "edit them by hand")
    if isinstance(config.get("redteam"), Mapping):
        raise InputError(name, "is a redteam config without tests", "edit the redteam.yaml that promptfoo makes of it")
    raise InputError(name, "has no tests: each of its prompts is a case", "write `tests:` into it")


def _is_test(record: Mapping[str, Any]) -> bool:
    """Tell a test from a reference to a file of tests."""
    return not (isinstance(record.get("path"), str) and "vars" not in record)


def _is_any(_: Mapping[str, Any]) -> bool:
    return True


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _refuse_wrapped(items: list[Any], name: str) -> None:
    if items and all(isinstance(item, Mapping) and item.keys() >= _HF_ROW for item in items):
        raise InputError(name, "is a page of a viewer, with rows in wrappers, and is not edited", "save the rows alone")


def _samples(registry: Any) -> list[str]:
    """Name the files of samples that a registry of OpenAI evals refers to."""
    entries = registry.values() if isinstance(registry, Mapping) else ()
    found = [
        entry.get("args", {}).get("samples_jsonl")
        for entry in entries
        if isinstance(entry, Mapping) and isinstance(entry.get("args"), Mapping)
    ]
    return list(dict.fromkeys(name for name in found if isinstance(name, str)))
