"""Tags: the other columns of a generic table, where they can be slices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from driftcheck.loaders.blocks import Block, RowBlock
from driftcheck.loaders.generic_table import Table
from driftcheck.loaders.text import parsed

MAX_VALUE = 80
"""Characters: a longer text is no category."""
MAX_COLUMNS = 1_000
"""Columns that are looked at; a file whose every row has keys of its own has no slices."""
_PRIVATE = re.compile(
    r"e?mail|phone|(^|_)ip($|_)|address|(first|last|full|user|sur)_?name|url|hash|token|secret|password|api_?key|"
    r"(^|_)(u?uid|guid)$|(^|_|[a-z])id$|_ids?$|timestamp|(_|^)(at|date|time)$",
    re.IGNORECASE,
)
_MANY = 20
_BOOLEANS = {True: "true", False: "false"}


class Tags:
    """Takes the tags out of rows: short texts and booleans that repeat, and what `metadata` and `tags` hold."""

    def __init__(self, table: Table, taken: Iterable[str], metadata: str, tags: str) -> None:
        self._metadata = metadata
        self._tags = tags
        self._is_tag: dict[str, bool] = dict.fromkeys(taken, False)
        for column in table.columns:
            self._is_tag.setdefault(column, can_be_tag(column, table.values(column)))
        self._settle()

    def _settle(self) -> None:
        self._known = frozenset(self._is_tag)
        self._columns = tuple(column for column, is_tag in self._is_tag.items() if is_tag)

    def ignore(self, column: str) -> None:
        """Leave a column out from here on."""
        self._is_tag[column] = False
        self._settle()

    def of(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Tags of a row."""
        if not self._known.issuperset(row):
            self.learn(row)
        return self.of_block(RowBlock([""], [row]))[0]

    def of_block(self, block: Block) -> list[dict[str, str]]:
        """Tags of each row of a block whose columns are all known; rows with the same may share one dict."""
        rows = self._of_columns(block)
        columns = block.column(self._metadata), block.column(self._tags)
        if columns == (None, None):
            return rows
        rows = [dict(tags) for tags in rows]
        for tags, metadata in zip(rows, columns[0] or (), strict=False):
            for column, value in _entries(metadata):
                if column not in tags and (text := _short(value)) and not _PRIVATE.search(column):
                    tags[column] = text
        for tags, names in zip(rows, columns[1] or (), strict=False):
            if text := tag_list(names):
                tags["tags"] = text
        return rows

    def _of_columns(self, block: Block) -> list[dict[str, str]]:
        found = {column: values for column in self._columns if (values := block.column(column)) is not None}
        if not found:
            return [{}] * len(block.where)
        made: dict[tuple[str | None, ...], dict[str, str]] = {}
        rows = []
        for cells in zip(*[_categories(values) for values in found.values()], strict=True):
            tags = made.get(cells)
            if tags is None:
                tags = made[cells] = {column: text for column, text in zip(found, cells, strict=True) if text}
            rows.append(tags)
        return rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that tags are taken from."""
        return (*self._columns, self._metadata, self._tags)

    def learn(self, row: Mapping[str, Any]) -> None:
        """Decide about the columns that this row is the first to have."""
        for column, value in row.items():
            if column not in self._is_tag and len(self._is_tag) <= MAX_COLUMNS:
                self._is_tag[column] = can_be_tag(column, [value])
        self._settle()


def can_be_tag(column: str, values: list[Any]) -> bool:
    """Tell whether a column can be a slice, from its name and first values."""
    if _PRIVATE.search(column) or not column.strip():
        return False
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) >= _MANY and len(set(texts)) == len(texts):
        return False
    if texts and all(_is_measure(text) for text in texts):
        return len(set(texts)) <= 10 and not any("." in text for text in texts)
    return not texts or sum(len(text) > MAX_VALUE or "\n" in text for text in texts) <= 0.2 * len(texts)


def tag_list(value: Any) -> str | None:
    """Write a list of tags, or a comma-separated text of them, in one fixed order.

    >>> tag_list('["vip", "billing"]'), tag_list("vip, billing"), tag_list([])
    ('billing, vip', 'billing, vip', None)
    """
    read = parsed(value)
    if isinstance(read, str):
        read = read.split(",")
    if isinstance(read, Mapping):
        read = [f"{key}:{item}" for key, item in read.items() if isinstance(item, str | int | bool)]
    if not isinstance(read, list | tuple):
        return None
    names = sorted({text for item in read if (text := _short(item))})
    return ", ".join(names) or None


def _entries(value: Any) -> Iterable[tuple[str, Any]]:
    read = parsed(value)
    return [(str(key), item) for key, item in read.items()] if isinstance(read, Mapping) else []


def _short(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text if 0 < len(text) <= MAX_VALUE else None


def _categories(values: Iterable[Any]) -> list[str | None]:
    """Read a column of short texts and booleans; None for what is neither."""
    return [
        value if type(value) is str and len(value) <= MAX_VALUE else _BOOLEANS[value] if type(value) is bool else None
        for value in values
    ]


def _is_measure(text: str) -> bool:
    return text.strip().lstrip("+-").replace(".", "", 1).replace("e-", "", 1).isdigit()
