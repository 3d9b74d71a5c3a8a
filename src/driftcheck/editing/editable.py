"""Eval-set files as they can be edited: their records, and edits that change only the lines concerned.

Edits are made by splices in the text, never by writing the file anew. What comes out is read again and compared with
what was meant, value by value; where anything differs the edit is refused, so that an edit is right or is not made.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from driftcheck.editing.container import Change, Container, Record, Spot
from driftcheck.editing.edit import Edit
from driftcheck.editing.file_text import FileText, read_text
from driftcheck.editing.record_places import places_of
from driftcheck.editing.splices import spliced
from driftcheck.editing.values import plain, same, tree_of
from driftcheck.errors import InputError
from driftcheck.loaders.source import STDIN
from driftcheck.places import place_of

_NTH = re.compile(r"#(\d+)(?: in (.+))?", re.DOTALL)
_WITHIN = re.compile(r"(.+:[1-9]\d{0,8}) in (.+)", re.DOTALL)


@dataclass(frozen=True)
class EditableFile:
    """One file as it was when it was read; edits of it read nothing more."""

    path: Path
    name: str
    """What the user calls it."""
    format: str
    """Format of the loader that reads it, such as `promptfoo-config`."""
    records: tuple[Record, ...]
    columns: tuple[str, ...]
    """Columns of a CSV; nothing else has any."""
    _text: FileText = field(repr=False)
    _container: Container = field(repr=False)

    def edited(
        self,
        *,
        remove: Collection[int] = (),
        append: Sequence[Mapping[str, Any]] = (),
        update: Mapping[int, Mapping[tuple[str, ...], Any]] | None = None,
    ) -> Edit:
        """Return the edit that takes records out, puts others last, and changes keys of records.

        Args:
            remove: numbers of records.
            append: records as plain values; their keys are put in the order of the last record's.
            update: number of a record to what changes in it: a path of keys and the new value. Keys and mappings that
                are missing are added; None takes the key away (empties the cell, in a CSV).

        Raises:
            InputError: the file does not allow for it.
            ValueError: a number that no record has, or one that is both taken out and changed.
            TypeError: a value that is none of text, number, truth, list or mapping.

        """
        changes = update or {}
        unknown = [number for number in {*remove, *changes} if not 0 <= number < len(self.records)]
        if unknown or set(remove) & set(changes):
            raise ValueError(f"no such records, or taken out and changed: {unknown or set(remove) & set(changes)}")
        trees = {number: tree_of(paths) for number, paths in changes.items() if paths}
        change = Change(frozenset(remove), trees, [plain(record) for record in append])
        if not (change.gone or change.trees or change.new):
            return Edit(self.path, self.name, self._text.data, self._text.data)
        try:
            text = spliced(self._text.text, self._container.splices(change))
            found = self._container.value_of(text)
        except InputError as error:
            raise InputError(error.where, error.what, error.hint or "edit it by hand") from None
        if not same(found, self._container.meant(change)):
            cut = self._text.text and not self._text.text.endswith("\n")  # a literal block there has no line end either
            hint = "end its last line with a line end first" if cut else "edit it by hand"
            raise InputError(self.name, "is written in a way in which this edit would change more", hint)
        return Edit(self.path, self.name, self._text.data, self._text.encoded(text))

    def number_of(self, where: str) -> int:
        """Find the record that a case came of, by its `where`.

        Raises:
            InputError: there is none, or more than one begins on that line.

        """
        within = None
        if found := _WITHIN.fullmatch(where):
            where, within = found[1], found[2]
        place = place_of(where)
        nth = _NTH.fullmatch(where[len(place.path) :])
        spot = Spot(place.line, int(nth[1]) if nth else None, nth[2] if nth else within)
        numbers = self._container.numbers_at(spot)
        if len(numbers) == 1:
            return next(iter(numbers))
        if numbers:
            raise InputError(where, f"{len(numbers)} records begin there", "write them on lines of their own")
        raise InputError(where, "no record stands there that could be edited", "did the file change meanwhile?")

    def text_with(self, records: Sequence[Mapping[str, Any]]) -> bytes:
        """Write a new file of the same kind and style that holds these records alone."""
        text = self._container.written([plain(record) for record in records])
        return self._text.encoded(text)


def open_editable(path: Path, *, name: str | None = None, format: str | None = None) -> EditableFile:
    """Read a file of an eval set, and find where its records stand.

    Args:
        path: the file.
        name: what the user calls it; its path, where it is not given.
        format: the loader's format, where the user said it.

    Raises:
        InputError: it cannot be read, or not be edited: it says why.

    """
    shown = name or str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(shown, f"cannot be read: {error.strerror or error}") from None
    text = read_text(data, shown)
    places = places_of(path, shown, format)
    container = places.container(text.text, shown)
    return EditableFile(path, shown, places.format, container.records, container.columns, text, container)


@dataclass(frozen=True)
class Location:
    """A record of a file."""

    file: EditableFile
    number: int


def locate(wheres: Iterable[str], *, base: Path = Path()) -> dict[str, Location]:
    """Find the records that cases came of, by their `where`; each file is read once.

    Args:
        wheres: `Case.where` of each.
        base: the folder at which the paths of inputs start.

    Raises:
        InputError: a case came of no record that can be edited: standard input, a scenario, a prompt.

    """
    files: dict[str, EditableFile] = {}
    found: dict[str, Location] = {}
    for where in wheres:
        inner = _WITHIN.fullmatch(where)
        name = place_of(inner[1] if inner else where).path
        if name == STDIN:
            raise InputError(STDIN, "is standard input, and cannot be edited", "name the file")
        if name not in files:
            files[name] = open_editable(base / Path(name).expanduser(), name=name)
        found[where] = Location(files[name], files[name].number_of(where))
    return found
