"""Trace lists: where a tool's export has its requests, calls or traces, and what is read of them: production only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftcheck.loaders.document import Document, Shape
from driftcheck.loaders.leaked_runs import EvalRuns
from driftcheck.loaders.read_log import ReadLog
from driftcheck.records import Trace

_MOST = 0.8
"""Share of the first records that must be of the tool, for all to count as such."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TraceList:
    """The records of one tool: a list, lines or rows, or a list in an object."""

    what: str
    """What one is, such as `call`."""
    is_one: Callable[[Row], bool]
    """Tells whether a record is one; of CSV and Parquet it is asked once, with the columns alone."""
    keys: tuple[str, ...] = ("data",)
    """Where an object has the list."""

    def is_in(self, doc: Document) -> bool:
        """Tell whether most of a document's first records are of the tool."""
        match doc.shape:
            case Shape.CSV | Shape.PARQUET:
                return self.is_one(dict.fromkeys(doc.columns))
            case Shape.JSON | Shape.JSONL | Shape.CONCATENATED:
                key = self._key(doc.head)
                head = doc.head if isinstance(doc.head, list) else doc.head[key] if key else [doc.head]
                rows = [row for row in head if isinstance(row, Mapping)]
                return bool(rows) and sum(map(self.is_one, rows)) >= _MOST * len(rows)
            case _:
                return False

    def read(self, doc: Document, log: ReadLog) -> Iterator[tuple[str, Row]]:
        """Stream (where, record); what is none is told to the log."""
        for where, row in doc.records(log, self._key(doc.head)):
            log.counted(1)
            if isinstance(row, Mapping) and self.is_one(row):
                yield where, row
            else:
                log.skip(where, f"is no {self.what}")

    def _key(self, head: Any) -> str:
        """Name the list in an object; empty where the document itself is the list, or the one record."""
        if not isinstance(head, Mapping) or self.is_one(head):
            return ""
        for key in self.keys:
            rows = head.get(key)
            if isinstance(rows, list) and any(isinstance(row, Mapping) and self.is_one(row) for row in rows):
                return key
        return ""


def production_of(found: Iterable[tuple[Trace, str | None]], log: ReadLog, what: str, hint: str) -> Iterator[Trace]:
    """Leave the eval runs out of traces, each beside what its own record says of that, and tell what has no content.

    Args:
        found: each trace, and what marks it as an eval run beyond what it says itself.
        log: told what is left out.
        what: what the traces are, in the plural.
        hint: why a trace may have no content, or how to get it.

    """
    runs = EvalRuns(log)
    n_traces = n_silent = 0
    for trace, mark in found:
        if not runs.leaves_out(trace, mark):
            n_traces += 1
            n_silent += trace.input_text is None
            yield trace
    runs.tell()
    if n_silent:
        log.warn(f"no content captured in {n_silent} of {n_traces} {what}: {hint}")
