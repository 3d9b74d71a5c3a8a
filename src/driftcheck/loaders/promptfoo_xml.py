"""promptfoo's own XML: its JSON results as tags, a list being the same tag again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from driftcheck.errors import InputError
from driftcheck.loaders.document import Document
from driftcheck.loaders.xml_tags import xml_events

_ROW = ["promptfoo", "results", "results"]


def read_xml(doc: Document) -> tuple[str | None, str | None, Iterator[tuple[str, dict[str, Any]]]]:
    """Return the id and the time of the run, and its rows as (where, row)."""
    rows = _walk(doc)
    said: dict[str, str | None] = {}
    first: list[tuple[str, dict[str, Any]]] = []
    for name, value in rows:
        if isinstance(value, dict):
            first.append((name, value))
            break
        said[name] = value
    return said.get("evalId"), said.get("timestamp"), _rest(first, rows)


def _rest(
    first: list[tuple[str, dict[str, Any]]], rows: Iterator[tuple[str, dict[str, Any] | str | None]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from first
    yield from ((where, row) for where, row in rows if isinstance(row, dict))


def _walk(doc: Document) -> Iterator[tuple[str, dict[str, Any] | str | None]]:
    """Yield (tag, text) of what stands before the rows, and (where, row)."""
    path: list[str] = []
    n_rows = 0
    with xml_events(doc.source) as events:
        try:
            for event, element in events:
                if event == "start":
                    path.append(element.tag)
                    continue
                if path == _ROW:
                    n_rows += 1
                    row = _value(element)
                    yield f"{doc.source.name}#{n_rows}", row if isinstance(row, dict) else {}
                elif path[-1] in ("evalId", "timestamp") and len(path) <= len(_ROW):
                    yield path[-1], element.text
                path.pop()
                if len(path) < len(_ROW):  # a row, or what is beside the rows
                    element.clear()
        except ParseError as error:
            raise InputError(doc.source.name, f"broken XML: {error}", "export the run again") from None


def _value(element: Element) -> Any:
    if not len(element):
        return (element.text or "").strip() or None
    value: dict[str, Any] = {}
    for child in element:
        inner = _value(child)
        if child.tag in value:
            known = value[child.tag]
            value[child.tag] = [*known, inner] if isinstance(known, list) else [known, inner]
        else:
            value[child.tag] = inner
    return value
