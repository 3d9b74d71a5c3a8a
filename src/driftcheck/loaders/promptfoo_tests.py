"""promptfoo tests: the file of test cases that a promptfoo config names as `tests: file://...`.

CSV: columns are variables; `__expected`, `__expected1`, `__description`, `__metadata:key` are special. JSON, JSON
lines and YAML: a list of tests with `vars`, and `assert`, `metadata` or `description` beside them.
Recognised by a special column, or by records with `vars` that are no results. A CSV that has only variables
says nothing of promptfoo and is read as generic, unless it is read through a config, or none of its columns is known
and a `promptfooconfig.yaml` beside it names it.
How to get it: the file that `tests:` of your promptfoo config names; `promptfoo generate dataset -o tests.yaml` too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.promptfoo_cases import Suite, Test, cases_of, read_row, read_test
from driftcheck.loaders.promptfoo_refs import FILE, References
from driftcheck.loaders.read_log import ReadLog
from driftcheck.records import Case, Kind

FORMAT = "promptfoo-tests"
KIND = Kind.EVALSET

_SPECIAL = ("__expected", "__description", "__metadata:", "__metric", "__threshold", "__provideroutput")
_BESIDE = frozenset({"assert", "metadata", "description", "options", "threshold", "provider", "providerOutput"})
_OF_RESULTS = frozenset({"success", "gradingResult", "response", "providerResponse", "failureReason", "testIdx"})
_MAX_DEPTH = 5
_NAMED = 0.35
"""Confidence of a CSV without special columns: less than that of a generic one, whose columns say what they hold."""
_MAX_CONFIG = 1 << 20


def sniff(doc: Document) -> Match | None:
    """Recognise the special columns of a CSV, or records that are tests."""
    if doc.shape is Shape.CSV:
        special = [name for name in doc.columns if name.lower().startswith(_SPECIAL)]
        if special:
            return Match(0.95, f"the column {special[0]} of a promptfoo tests CSV")
        config = _config_beside(doc)
        return Match(_NAMED, f"named in {config} beside it: a promptfoo tests CSV") if config else None
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED, Shape.YAML):
        return None
    records = doc.head if isinstance(doc.head, list) else [doc.head]
    tests = [record for record in records if isinstance(record, dict) and _has_variables(record)]
    if not tests or len(tests) < 0.8 * len(records):
        return None
    beside = sorted({key for test in tests for key in test if key in _BESIDE})
    if beside:
        return Match(0.9, f"records with vars and {' and '.join(beside)}: promptfoo tests")
    return Match(0.7, "records with vars and nothing of a result: promptfoo tests")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the cases; a test whose variables are lists of texts gives one case a combination."""
    references = References(doc.source, log)
    tests = list(read_tests(doc, log, references))
    log.counted(len(tests))
    yield from cases_of(tests, Suite(references, log))
    references.say_code()


def read_tests(doc: Document, log: ReadLog, references: References, depth: int = 0) -> Iterator[tuple[str, Test]]:
    """Yield (where, test) for every record of a tests file, and of the files it names in turn."""
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED, Shape.YAML, Shape.CSV, Shape.PARQUET):
        log.warn(f"{doc.source.name} is {doc.shape}, no tests file: save its tests as CSV or JSON lines")
        return
    for where, record in doc.records(log):
        if isinstance(record, Mapping):
            yield where, read_row(record) if doc.shape in (Shape.CSV, Shape.PARQUET) else read_test(record)
        elif isinstance(record, str) and record.startswith(FILE) and depth < _MAX_DEPTH:
            for inner in references.tests(record):
                yield from read_tests(inner, log, references, depth + 1)
        else:
            log.skip(where, "no test: an object with vars was expected")


def _config_beside(doc: Document) -> str | None:
    """Find a promptfoo config in the same folder that names this file."""
    path = doc.source.path
    if path is None:
        return None
    name = re.compile(rf"(?<![\w.-]){re.escape(path.name)}(?![\w.-])")
    for config in sorted(path.parent.glob("promptfooconfig*.y*ml")):
        try:
            if config.is_symlink() or not config.is_file() or config.stat().st_size > _MAX_CONFIG:
                continue
            if name.search(config.read_text(encoding="utf-8", errors="replace")):
                return config.name
        except OSError:
            continue
    return None


def _has_variables(record: dict[str, Any]) -> bool:
    variables = record.get("vars")
    written = isinstance(variables, dict) or (isinstance(variables, str) and variables.startswith(FILE))
    return written and not _OF_RESULTS & record.keys()
