"""OpenTelemetry spans as Node prints them to the console, such as those of the Vercel AI SDK.

Recognised by objects in Node's own notation with `instrumentationScope`, `traceId`, `timestamp`, `duration` and
`attributes`, each from a line with a brace to a line with its end; whatever else was printed is passed over. Spans are
rolled up to one interaction per trace. Printed spans are cut at a depth of three: what the printer left out is not
known.

How to get it: `ConsoleSpanExporter` of `@opentelemetry/sdk-trace-base`, its output sent to a file. Where you can,
export OTLP JSON instead. Written to what Node 20 to 24 print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.genai import step_of
from driftcheck.loaders.js_literals import NoLiteral, parse_literal
from driftcheck.loaders.otel_spans import span_of
from driftcheck.loaders.spans import RollUp
from driftcheck.records import Kind, Trace

FORMAT = "otel-console"
KIND = Kind.TRACES

_ID = re.compile(r"  traceId: '[0-9a-f]{32}',?\s*")
_N_LINES = 500
_MAX_LINES = 20_000
"""Lines of one span; longer is no span."""


def sniff(doc: Document) -> Match | None:
    """Recognise a trace id on a line of its own within an object."""
    if doc.shape is not Shape.CSV or not isinstance(doc.head, list):  # what is nothing else is read as lines of a CSV
        return None
    cells = (value for row in doc.head if isinstance(row, Mapping) for value in row.values())
    if "{" not in doc.columns and "{" not in cells:
        return None
    try:
        lines = list(islice(doc.lines(), _N_LINES))
    except InputError:  # a line that is too long
        return None
    if not any(map(_ID.fullmatch, lines)) or not any(line.startswith("  attributes: {") for line in lines):
        return None
    return Match(0.9, "traceId and attributes in objects printed by Node")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id.

    Raises:
        InputError: it is no text.

    """
    if doc.shape in (Shape.ZIP, Shape.PARQUET, Shape.XML):
        raise InputError(doc.source.name, f"is {doc.shape}, which this format does not read")
    rollup = RollUp(log)
    for where, text in _blocks(doc):
        try:
            printed = parse_literal(text)
        except NoLiteral:
            log.skip(where, "is no object that Node printed")
            continue
        if not isinstance(printed, Mapping) or "traceId" not in printed:
            continue  # another object that the program printed
        log.counted(1)
        yield from rollup.add(step_of(span_of(where, _spanlike(printed))))
    yield from rollup.finish()


def _blocks(doc: Document) -> Iterator[tuple[str, str]]:
    """Cut out what stands from a line `{` to a line `}`."""
    lines: list[str] = []
    start = 0
    for number, line in enumerate(doc.lines(), start=1):
        bare = line.rstrip()
        if bare == "{":
            lines, start = [line], number
        elif lines and len(lines) < _MAX_LINES:
            lines.append(line)
            if bare == "}":
                yield f"{doc.source.name}:{start}", "".join(lines)
                lines = []


def _spanlike(printed: Mapping[str, Any]) -> dict[str, Any]:
    """Give the end that the console leaves out: it prints the duration in microseconds."""
    start, duration = printed.get("timestamp"), printed.get("duration")
    span = {"attributes": {}, **printed}
    if isinstance(start, int | float) and isinstance(duration, int | float):
        span["endTime"] = start + duration
    return span
