"""Inspection: one reading counts all that a report says; recognition says what a file is and is not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import LOADERS, MAX_GENERIC, Loader, candidates, loader_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import open_document
from driftcheck.loaders.inspection import Reading, inspect_source
from driftcheck.loaders.source import Source, find_sources
from driftcheck.records import Case, Kind, LoadReport, Trace

CASES = [{"id": "a", "input": "Why?", "expected": "Because.", "topic": "x"}, {"id": "b", "input": "", "topic": "y"}]
TRACES: list[dict[str, Any]] = [
    {"trace_id": "1", "timestamp": "2026-08-02T00:00:00Z", "session_id": "s", "input": "a", "output": "b", "csat": 5},
    {"trace_id": "1", "timestamp": "2026-08-01T00:00:00Z", "session_id": "s", "input": None, "error": "timeout"},
]
RESULTS = [
    {"run": "r", "timestamp": "2026-08-01T00:00:00Z", "id": "a", "passed": True},
    {"run": "r", "timestamp": "2026-08-01T00:00:00Z", "id": "b", "passed": False},
    {"run": "r", "timestamp": "2026-08-01T00:00:00Z", "id": "b", "passed": None, "error": "HTTP 500"},
    {"run": "q", "timestamp": "2026-07-01T00:00:00Z", "id": "b", "passed": True},
]

Written = Callable[[Any], Source]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A source that holds rows as JSON lines, or a text."""

    def written(content: Any) -> Source:
        text = content if isinstance(content, str) else "\n".join(map(json.dumps, content))
        (tmp_path / "file").write_text(text)
        return find_sources(["file"], base=tmp_path)[0]

    return written


def test_a_report_of_traces(written: Written) -> None:
    report = inspect_source(written(TRACES))
    assert isinstance(report.first, Trace)
    assert report == LoadReport(
        path="file",
        kind=Kind.TRACES,
        format="generic-traces",
        confidence=0.5,
        why="columns trace_id (id), input, output, timestamp (time), session_id (session), csat (feedback)",
        n_records=2,
        n_missing_input=1,
        n_missing_output=1,
        n_errors=1,
        n_duplicate_ids=1,
        first_time=1785542400.0,
        last_time=1785628800.0,
        n_rated=1,
        feedback_fields=("csat",),
        first=report.first,
    )


def test_a_report_of_results(written: Written) -> None:
    report = inspect_source(written(RESULTS))
    assert (report.kind, report.n_records, report.n_pass, report.n_fail, report.n_errors) == (Kind.RESULTS, 4, 2, 1, 1)
    assert report.n_duplicate_ids == 1


def test_a_report_of_cases(written: Written) -> None:
    report = inspect_source(written(CASES))
    assert (report.kind, report.n_records, report.n_missing_input, report.n_missing_output) == (Kind.EVALSET, 2, 1, 1)
    assert report.tag_fields == ("topic",)
    assert isinstance(report.first, Case)
    assert report.first.case_id == "a"


def test_tag_fields_are_those_with_few_values(written: Written) -> None:
    rows = [
        {"input": f"q{n}", "expected": "x", "topic": f"t{n % 3}", "plan": "pro", "note": f"n{n}"} for n in range(99)
    ]
    assert inspect_source(written(rows)).tag_fields == ("topic",)


def test_broken_lines_are_in_the_report(written: Written) -> None:
    report = inspect_source(written("\n".join(map(json.dumps, CASES * 10)) + '\n{"id": "cut'))
    assert (report.n_records, report.n_skipped) == (20, 1)
    assert report.skipped[0].where == "file:21"


def test_the_report_is_filled_while_an_audit_reads(written: Written) -> None:
    reading = Reading(written(TRACES), kind=Kind.TRACES)
    assert reading.kind is Kind.TRACES
    assert len(list(reading.records())) == 2
    assert reading.report() == inspect_source(written(TRACES))


def test_cut_texts_are_told(written: Written) -> None:
    report = inspect_source(written([{"input": "x" * 200_000, "expected": "y"}]))
    assert report.warnings == ("1 texts are longer than 100,000 characters: the rest is not read",)


@pytest.mark.parametrize(
    "text", ["when,what\n1,2\n", '{"a": {"b": 1}}', "Just some prose.\nAnd more.\n", "<a><b/></a>"]
)
def test_unknown_says_what_is_missing(written: Written, text: str) -> None:
    report = inspect_source(written(text))
    assert (report.kind, report.format, report.confidence) == (Kind.UNKNOWN, "unknown", 0.0)
    assert "without a column for an input; it has: " in report.why or report.why.startswith("XML with the root tag a")
    with pytest.raises(InputError, match="unknown format: "):
        Reading(written(text))


@pytest.mark.parametrize(
    ("rows", "kind", "what"),
    [
        (TRACES, Kind.EVALSET, "this looks like production traces (generic-traces: columns trace_id"),
        (RESULTS, Kind.EVALSET, "this looks like eval results (generic-results: columns id, "),
        (RESULTS, Kind.TRACES, "this looks like eval results (generic-results: "),
        (CASES, Kind.RESULTS, "this looks like an eval set (generic-cases: "),
    ],
)
def test_another_kind_than_wanted(written: Written, rows: Any, kind: Kind, what: str) -> None:
    with pytest.raises(InputError) as caught:
        Reading(written(rows), kind=kind)
    assert caught.value.what.startswith(what)
    assert "in drift.yaml" in caught.value.hint


def test_plain_inputs_may_be_traffic_or_cases(written: Written) -> None:
    rows = [{"id": 1, "text": "Why?"}]
    assert [Reading(written(rows), kind=kind).kind for kind in (Kind.EVALSET, Kind.TRACES)] == [
        Kind.EVALSET,
        Kind.TRACES,
    ]


def test_named_columns_make_any_table_readable(written: Written) -> None:
    source = written("wann,was\n2026-08-10,Hallo\n")
    with pytest.raises(InputError, match=r"columns: \{production: \{input: <column>\}\}"):
        Reading(source, kind=Kind.TRACES)
    columns = ColumnMap({"input": "was", "timestamp": "wann"})
    reading = Reading(source, kind=Kind.TRACES, columns=columns)
    assert [record.input_text for record in reading.records()] == ["Hallo"]


def test_a_given_format_is_taken(written: Written) -> None:
    report = inspect_source(written(CASES), format="generic-traces")
    assert (report.kind, report.confidence, report.why) == (Kind.TRACES, 1.0, "the format was given")
    with pytest.raises(InputError, match=r"no format 'generic-trace' \(did you mean generic-traces\?\)"):
        inspect_source(written(CASES), format="generic-trace")
    with pytest.raises(InputError, match="generic-traces reads production traces, not an eval set"):
        Reading(written(CASES), kind=Kind.EVALSET, format="generic-traces")


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.FORMAT)
def test_every_loader_is_whole(loader: Loader) -> None:
    assert loader_of(loader.FORMAT) is loader
    assert loader.KIND is not Kind.UNKNOWN
    assert loader.FORMAT.lower() == loader.FORMAT
    manual = loader.__doc__ or ""
    assert len(manual.strip().splitlines()) >= 3
    assert "ecognised" in manual or "ecognized" in manual


@pytest.mark.parametrize(
    "text", ["[1, 2]", "[]", "{}", '""', "null", "a", "<a/>", "- 1", "a: 1", "a,b\n1,2", '{"a": null}']
)
def test_no_loader_trips_over_what_is_not_its_own(written: Written, text: str) -> None:
    doc = open_document(written(text))
    assert [found.loader.FORMAT for found in candidates(doc)] == []


def test_generic_formats_never_exceed_their_bound(written: Written) -> None:
    for rows in (CASES, TRACES, RESULTS):
        found = candidates(open_document(written(rows)))
        assert found
        assert all(match.match.confidence <= MAX_GENERIC for match in found if "generic" in match.loader.FORMAT)
