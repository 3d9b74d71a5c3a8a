"""References of a promptfoo config to other files: found and read, never executed, never fetched.

A config may come out of anybody's pull request, so what it names is read only where it is a regular file of the same
project: below the nearest folder above the config that holds `.git`, or, where there is none, below the config's own.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.document import Document, Shape, open_document
from driftcheck.loaders.encoding import BINARY, sniff_encoding
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import STDIN, Source, file_source, project_of, set_aside_as
from driftcheck.loaders.text import to_text

FILE = "file://"
_MAX_TEXT = 4 << 20
"""Bytes read of one referenced text."""
_MAX_NAMED = 8
"""Files of code that are named."""
_URL = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_CODE = re.compile(r"\.(js|cjs|mjs|ts|cts|mts|py|rb|go|sh)(:[^/\\]*)?$", re.IGNORECASE)
_EXCEL = re.compile(r"\.xlsx?(#.*)?$", re.IGNORECASE)
_MEDIA = re.compile(
    r"\.(pdf|docx?|png|jpe?g|gif|webp|bmp|svg|mp3|wav|ogg|m4a|flac|mp4|mov|webm|avi|zip)$", re.IGNORECASE
)
_STRUCTURED = re.compile(r"\.(json|ya?ml)$", re.IGNORECASE)


class References:
    """Finds the files that one config names, relative to its own folder and within its project."""

    def __init__(self, source: Source, log: ReadLog) -> None:
        self._log = log
        self._folder = source.path.parent if source.path else Path()
        self._shown_folder = "" if source.path is None else os.path.dirname(source.name)
        self._project = project_of(self._folder)
        self._code: dict[str, None] = {}

    def note_code(self, reference: str) -> bool:
        """Tell whether a reference is to code, which is never run; `say_code` names it."""
        is_code = _CODE.search(reference) is not None and "\n" not in reference
        if is_code:
            self._code.setdefault(reference.removeprefix(FILE))
        return is_code

    def say_code(self) -> None:
        """Warn of the code that prompts, variables and assertions name."""
        named = [*list(self._code)[:_MAX_NAMED], *(["..."] if len(self._code) > _MAX_NAMED else [])]
        if named:
            self._log.warn(
                f"not loaded, as driftcheck runs no code of a config: {', '.join(named)}; "
                "what it would ask or expect is unknown, the results of a run have it"
            )

    def tests(self, reference: str) -> Iterator[Document]:
        """Open the documents behind a reference to tests; what cannot be loaded is a warning."""
        if _URL.match(reference):
            what = f"tests at {reference} are not loaded: they are fetched from the network"
            self._log.warn(f"{what}; save them as a CSV or JSON Lines file and name that file")
        elif _CODE.search(reference):
            what = f"tests of {reference} are not loaded: dynamic, and driftcheck runs no code of a config"
            self._log.warn(f"{what}; save what it generates, or audit the results of a run")
        elif _EXCEL.search(reference):
            self._log.warn(f"tests of {reference} are not loaded: an Excel file; save the sheet as CSV")
        else:
            for source in self._found(reference, "its tests are not loaded"):
                try:
                    yield open_document(source)
                except InputError as error:
                    self._log.warn(f"{error}; its tests are not loaded")

    def names(self, reference: str) -> list[str]:
        """Expand a glob to one reference a file; else the reference alone."""
        if not any(char in reference for char in "*?["):
            return [reference]
        found = self._found(reference, "it stays as it is written")
        paths = [os.path.relpath(source.path, self._folder) for source in found if source.path]
        return [FILE + path.replace(os.sep, "/") for path in paths] or [reference]

    def load(self, reference: str) -> Any:
        """Load the value behind a reference: of JSON and YAML what it says, of CSV and JSON lines their rows."""
        if _URL.match(reference) or _CODE.search(reference):
            self._log.warn(f"{reference} is not loaded: dynamic, and driftcheck runs no code of a config")
            return None
        merged: dict[str, Any] = {}
        for source in self._found(reference, "it is left out"):
            try:
                document = open_document(source)
                value = self._value(document)
            except InputError as error:
                self._log.warn(f"{error}; it is left out")
                continue
            if not isinstance(value, dict):
                return value
            merged |= value
        return merged or None

    def _value(self, document: Document) -> Any:
        if document.shape in (Shape.JSON, Shape.YAML):
            return document.load()
        return [row for _, row in document.records(self._log)] if document.shape in (Shape.CSV, Shape.JSONL) else None

    def text(self, reference: str) -> str | None:
        """Read the text behind a reference (of JSON and YAML what it says); None where it has none."""
        if self.note_code(reference) or _URL.match(reference):
            return None
        if _MEDIA.search(reference):
            self._log.warn("variables that are pictures, PDFs or sound stay file names: only texts are compared")
            return None
        for source in self._found(reference, "it stays as it is written"):
            text = _read(source)
            if text is not None and _STRUCTURED.search(source.name):
                try:
                    return to_text(open_document(source).load()) or text
                except (InputError, TypeError):
                    return text
            return text
        return None

    def raw(self, reference: str, otherwise: str) -> str | None:
        """Read the file behind a reference as it is written; `otherwise` says what follows where there is none."""
        return next(map(_read, self._found(reference, otherwise)), None)

    def _found(self, reference: str, otherwise: str) -> list[Source]:
        """Find the files behind a reference, each once; one that is refused is a warning."""
        pattern = reference.removeprefix(FILE)
        found: dict[Path, Source] = {}
        try:
            self._check(pattern)
            names = self._expanded(pattern)
        except InputError as refusal:
            self._log.warn(f"not loaded: {refusal}")
            return []
        if not names:
            self._log.warn(f"{pattern} is missing beside the config: {otherwise}")
        for name in names:
            try:
                place = self._check(name)
                shown = os.path.normpath(os.path.join(self._shown_folder, name))
                found.setdefault(place, file_source(self._folder / name, shown))
            except InputError as refusal:
                self._log.warn(f"not loaded: {refusal}")
        return list(found.values())

    def _check(self, name: str) -> Path:
        """Return where a path leads, links followed, before anything of it is opened.

        Raises:
            InputError: standard input, or a place outside of the project.

        """
        if name == STDIN:
            raise InputError(FILE + STDIN, "is standard input, no file of the project")
        try:
            place = (self._folder / name).resolve()
        except (OSError, ValueError, RuntimeError):  # a name too long, with a NUL, or links in a circle
            raise InputError(name[:80], "is no path") from None
        if not place.is_relative_to(self._project):
            raise InputError(name, "lies outside of the config's project", "copy the file beside the config")
        return place

    def _expanded(self, pattern: str) -> list[str]:
        """List the files that a path or glob names; folders, hidden files and `~$` lock files are in no glob."""
        try:
            if (self._folder / pattern).exists():
                return [pattern]
        except OSError:
            return []
        parts = Path(pattern).parts
        n_fixed = next((n for n, part in enumerate(parts) if glob.has_magic(part)), len(parts))
        if n_fixed == len(parts):
            return []
        start, rest = Path(*parts[:n_fixed]), parts[n_fixed:]
        names = []
        try:
            # not glob.glob: its `**` follows links, which may lead round in circles or through the whole disk
            for path in (self._folder / start).glob(
                os.path.join(*rest, "*") if rest[-1] == "**" else os.path.join(*rest)
            ):
                below = path.relative_to(self._folder / start)
                if any(part.startswith((".", "~$")) for part in below.parts) or path.is_dir():
                    continue
                if aside := set_aside_as(below):
                    self._log.warn(f"{os.path.join(start, below)} is left out: {aside}")
                    continue
                names.append(os.path.join(start, below))
        except (
            OSError,
            ValueError,
            NotImplementedError,
        ):  # not a glob after all; an absolute pattern is pathlib's NotImplementedError
            return []
        return sorted(names)


def _read(source: Source) -> str | None:
    try:
        with source.open() as stream:
            data = stream.read(_MAX_TEXT)
    except InputError:
        return None
    encoding, bom = sniff_encoding(data)
    return None if encoding == BINARY else data[bom:].decode(encoding, "replace")
