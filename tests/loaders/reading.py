"""Reading a fixture as a user's file is read: written, recognised among all formats, read to its end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftcheck.loaders import Loader, candidates
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case, Result


@dataclass(frozen=True)
class Loaded:
    """What a loader made of a fixture."""

    cases: list[Case]
    results: list[Result]
    log: ReadLog

    @property
    def statuses(self) -> list[str]:
        """Statuses of the results."""
        return [result.status.value for result in self.results]


def jsonl(*records: Any) -> str:
    """Write records as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


def load(folder: Path, loader: Loader, name: str, content: Any, columns: dict[str, str] | None = None) -> Loaded:
    """Write a text (or anything as JSON), and read it by the loader, which must be the likeliest of all."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    doc = open_document(find_sources([name], base=folder)[0])
    found = candidates(doc)
    assert found, f"{name} is of no known format"
    assert found[0].loader is loader, f"{found[0].loader.FORMAT}: {found[0].match.why}"
    log = ReadLog()
    records = list(loader.read(doc, log, ColumnMap(columns or {})))
    return Loaded(
        [record for record in records if isinstance(record, Case)],
        [record for record in records if isinstance(record, Result)],
        log,
    )


def recognised(folder: Path, name: str, content: Any) -> str | None:
    """Name the format that is likeliest for a text (or anything as JSON)."""
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    found = candidates(open_document(find_sources([name], base=folder)[0]))
    return found[0].loader.FORMAT if found else None
