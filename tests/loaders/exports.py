"""Exports of traces as tests write them: the right loader has to be found, and reads them."""

import json
from pathlib import Path
from typing import Any

from driftcheck.loaders import Loader, recognise
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import ReadLog, open_document
from driftcheck.loaders.source import find_sources
from driftcheck.records import Trace


def read_as(loader: Any, folder: Path, content: Path | str | list[Any]) -> tuple[list[Trace], ReadLog]:
    """Read a text, records (one a line) or a path as traces, once recognition has chosen the loader."""
    if isinstance(content, Path):
        path = content
    else:
        path = folder / "export.data"
        path.write_text(content if isinstance(content, str) else "\n".join(map(json.dumps, content)), encoding="utf-8")
    (source,) = find_sources([path], base=folder)
    document = open_document(source)
    chosen: Loader = recognise(document).loader
    assert chosen is loader, chosen.FORMAT
    log = ReadLog()
    records = list(loader.read(document, log, ColumnMap()))
    return [record for record in records if isinstance(record, Trace)], log
