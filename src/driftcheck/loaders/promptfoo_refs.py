"""References of a promptfoo config to other files: found and read, never executed, never fetched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.document import Document, Shape, open_document
from driftcheck.loaders.encoding import BINARY, sniff_encoding
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import Source, find_sources
from driftcheck.loaders.text import to_text

FILE = "file://"
_MAX_TEXT = 4 << 20
"""Bytes read of one referenced text."""
_URL = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_CODE = re.compile(r"\.(js|cjs|mjs|ts|cts|mts|py|rb|go|sh)(:[^/\\]*)?$", re.IGNORECASE)
_EXCEL = re.compile(r"\.xlsx?(#.*)?$", re.IGNORECASE)
_MEDIA = re.compile(
    r"\.(pdf|docx?|png|jpe?g|gif|webp|bmp|svg|mp3|wav|ogg|m4a|flac|mp4|mov|webm|avi|zip)$", re.IGNORECASE
)
_STRUCTURED = re.compile(r"\.(json|ya?ml)$", re.IGNORECASE)


class References:
    """Finds the files that one config names, relative to its own folder."""

    def __init__(self, source: Source, log: ReadLog) -> None:
        self._source = source
        self._log = log

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
        folder = self._folder
        paths = [os.path.relpath(source.path, folder) for source in found if source.path]
        return [FILE + path.replace(os.sep, "/") for path in paths] or [reference]

    def load(self, reference: str) -> Any:
        """Load the JSON or YAML value behind a reference; None where there is none."""
        if _URL.match(reference) or _CODE.search(reference):
            self._log.warn(f"{reference} is not loaded: dynamic, and driftcheck runs no code of a config")
            return None
        merged: dict[str, Any] = {}
        for source in self._found(reference, "it is left out"):
            try:
                document = open_document(source)
                value = document.load() if document.shape in (Shape.JSON, Shape.YAML) else None
            except InputError as error:
                self._log.warn(f"{error}; it is left out")
                continue
            if not isinstance(value, dict):
                return value
            merged |= value
        return merged or None

    def text(self, reference: str) -> str | None:
        """Read the text behind a reference (of JSON and YAML what it says); None where it has none."""
        if _CODE.search(reference) or _URL.match(reference):
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

    @property
    def _folder(self) -> Path:
        return self._source.path.parent if self._source.path else Path()

    def _found(self, reference: str, otherwise: str) -> list[Source]:
        path = reference.removeprefix(FILE)
        try:
            found = find_sources([path], base=self._folder)
        except InputError:
            self._log.warn(f"{path} is missing beside the config: {otherwise}")
            return []
        above = "" if self._source.path is None else os.path.dirname(self._source.name)
        return [replace(source, name=os.path.normpath(os.path.join(above, source.name))) for source in found]


def _read(source: Source) -> str | None:
    try:
        with source.open() as stream:
            data = stream.read(_MAX_TEXT)
    except InputError:
        return None
    encoding, bom = sniff_encoding(data)
    return None if encoding == BINARY else data[bom:].decode(encoding, "replace")
