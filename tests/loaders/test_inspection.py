"""Inspection: one reading counts all that a report says; recognition says what a file is and is not."""

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import LOADERS, MAX_GENERIC, Loader, candidates, loader_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import open_document
from driftcheck.loaders.inspection import Reading, inspect_source
from driftcheck.loaders.likeness import signs
from driftcheck.loaders.read_log import ReadLog
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
        feedback=report.feedback,
        examples=report.examples,
    )
    (csat,) = report.feedback
    assert (csat.scale, csat.good, csat.direction, csat.is_satisfaction) == ("1 to 5", ">= 4", "high is good", True)
    assert [example.input_text for example in report.examples] == ["a", None]


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
    inspected = inspect_source(written(TRACES))
    assert reading.report() == replace(inspected, feedback=(), examples=())


def test_cut_texts_are_told(written: Written) -> None:
    report = inspect_source(written([{"input": "x" * 200_000, "expected": "y"}]))
    assert report.warnings == ("1 text is longer than 100,000 characters: the rest is not read",)


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
    "value",
    [
        {"data": None, "errors": [{"message": "Cannot query field", "locations": [{"line": 1}]}]},
        {"data": {"projects": {"edges": [{"node": {"id": "1", "name": "default"}}]}}},
        {"error": {"message": "Not found", "code": 404}},
        {"total": 12, "passed": 10, "failed": 2, "results": [{"category": "pii", "passed": 7, "failed": 1}]},
        {"summary": {"total": 2, "pass_rate": 0.5}, "details": [{"test": "a", "status": "PASS"}]},
        {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"input": {"type": "string"}}},
        [{"type": "function", "function": {"name": "get_weather", "description": "Get it"}}],
        {"cells": [{"cell_type": "code", "source": ["print(1)"], "outputs": []}], "nbformat": 4},
        {"name": "shop", "scripts": {"test": "jest"}, "dependencies": {"x": "1"}},
    ],
)
def test_what_only_lies_beside_evals_is_unknown(written: Written, value: Any) -> None:
    assert inspect_source(written(json.dumps(value))).kind is Kind.UNKNOWN


def test_an_unknown_file_is_told_what_it_is_near_to(written: Written) -> None:
    report = inspect_source(written("traceId,bookmarked,userId,when\n1,2,3,4\n"))
    assert report.kind is Kind.UNKNOWN
    near = {nearest.format: nearest for nearest in report.nearest}
    assert report.nearest[0].format == "langfuse"
    assert set(near["langfuse"].has) == {"traceId", "bookmarked", "userId"}
    assert "observations" in near["langfuse"].lacks
    assert near["generic-cases"].lacks == ("a column for the input",)
    assert near["generic-results"].lacks == ("a verdict or a score",)
    assert near["generic-traces"].lacks == ("a column for the input",)


def test_a_name_within_its_like_is_not_claimed(written: Written) -> None:
    report = inspect_source(written('{"timestamp": "x", "results": [{"category": "pii", "passed": 7}], "stats": {}}'))
    near = {nearest.format: nearest for nearest in report.nearest}["promptfoo-results"]
    assert "results" in near.has
    assert "results.results" in near.lacks


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.FORMAT)
def test_every_format_quotes_what_it_is_recognised_by(loader: Loader) -> None:
    assert signs(loader.FORMAT)


def test_the_runner_up_is_named(written: Written) -> None:
    report = inspect_source(written([{"id": 1, "text": "Why?"}]))
    assert (report.format, report.runner_up) == ("generic-cases", ("generic-traces", 0.3))


def test_a_given_kind_is_taken_whatever_the_file_looks_like(written: Written) -> None:
    report = inspect_source(written(TRACES), kind=Kind.EVALSET)
    assert (report.kind, report.format, report.n_records) == (Kind.EVALSET, "generic-cases", 2)
    with pytest.raises(InputError, match="file: cannot be read as eval results: XML with the root tag a"):
        inspect_source(written("<a><b/></a>"), kind=Kind.RESULTS)
    with pytest.raises(InputError, match="no column for the input or the conversation; it has: when"):
        inspect_source(written("when,what\n1,2\n"), kind=Kind.TRACES)


@pytest.mark.parametrize("names", [("csat", "passed"), ("feedback", "is_correct")])
def test_columns_that_the_first_rows_leave_empty_are_found(written: Written, names: tuple[str, str]) -> None:
    rating, verdict = names
    head = [{"id": f"{n}", "input": f"q{n}", "output": "a"} for n in range(900)]
    lines = written([*head, {"id": "x", "input": "q", "output": "a", rating: 4}])
    assert inspect_source(lines).format == "generic-traces"
    cells = "\n".join(f"{n},q{n},a," for n in range(900))
    csv = written(f"id,input,output,{verdict}\n{cells}\nx,q,a,true\n")
    report = inspect_source(csv)
    assert (report.format, report.n_pass) == ("generic-results", 1)


FEEDBACK: dict[str, tuple[list[Any], str, str | None, str | None, str | None]] = {
    "thumbs_up": ([True, False], "user", "0 or 1", "== 1", "high is good"),
    "thumbs_down": ([True, False], "user", "0 or 1", "== 0", "low is good"),
    "thumb": (["👍", "👎"], "user", "up or down", "== 1", "high is good"),
    "stars": (["⭐️⭐️⭐️⭐️", "⭐️"], "user", "1 to 5", ">= 4", "high is good"),
    "csat": ([5, 1, 3], "user", "1 to 5", ">= 4", "high is good"),
    "csat_answer": (
        ["5 - Very satisfied", "1 - Very dissatisfied"],
        "user",
        "labels",
        "5 - Very satisfied",
        "by label",
    ),
    "nps_score": ([10, 9, 0], "user", "0 to 10 (NPS)", ">= 9", "high is good"),
    "resolved": (["yes", "no"], "user", "yes or no", "== 1", "high is good"),
    "human_rating": ([4, 5, 1], "human_annotator", "1 to 5", ">= 4", "high is good"),
    "escalated_to_human": ([True, False], "user", "0 or 1", "== 0", "low is good"),
    "escalated": ([True, False], "user", "0 or 1", "== 0", "low is good"),
    "frustration_rating": ([5, 1, 2, 3], "user", "1 to 5", "<= 2", "low is good"),
    "feedback": (["great", "terrible", "okay"], "user", "labels", "great", "by label"),
    "reviewer_score": ([4, 5, 1], "human_annotator", "1 to 5", ">= 4", "high is good"),
    "rating": ([0, 3, 7], "user", None, None, None),
    "llm_judge_score": ([0.2, 0.9], "judge", None, None, None),
    "faithfulness": ([0.2, 0.9], "judge", None, None, None),
}


@pytest.mark.parametrize("name", FEEDBACK)
def test_ratings_say_who_gave_them_their_scale_and_their_direction(written: Written, name: str) -> None:
    values, source, scale, good, direction = FEEDBACK[name]
    rows = [
        {"id": n, "timestamp": 1785542400 + n, "input": f"q{n}", "output": "a", name: v} for n, v in enumerate(values)
    ]
    report = inspect_source(written(rows))
    (field,) = report.feedback
    assert (field.name, field.source, field.n) == (name, source, len(values))
    assert (field.scale, field.good, field.direction) == (scale, good, direction)
    assert report.n_rated == (0 if source == "judge" else len(values))
    if scale is None and source != "judge":
        assert field.declare == 'satisfaction: {field: rating, good: ">= 5"}'


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
    assert "\nRecognised by" in manual
    assert "\nHow to get it:" in manual


@pytest.mark.parametrize(
    "text", ["[1, 2]", "{}", '"a"\n"b"', "null\nnull", "a\nb", "<a/>", "- 1", "a: 1", "a,b\n1,2", '{"a": null}']
)
def test_no_loader_trips_over_what_is_not_its_own(written: Written, text: str) -> None:
    doc = open_document(written(text))
    assert [found.loader.FORMAT for found in candidates(doc)] == []


def test_generic_formats_never_exceed_their_bound(written: Written) -> None:
    for rows in (CASES, TRACES, RESULTS):
        found = candidates(open_document(written(rows)))
        assert found
        assert all(match.match.confidence <= MAX_GENERIC for match in found if "generic" in match.loader.FORMAT)


def contents() -> dict[str, str | bytes]:
    import pyarrow
    import pyarrow.parquet

    packed, table = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.txt", "hi")
    pyarrow.parquet.write_table(pyarrow.table({"input": ["a", "b"]}), table)
    return {
        "XML": "<a><b/></a>",
        "ZIP": packed.getvalue(),
        "Parquet": table.getvalue(),
        "lines": '[1]\n{"input": "x"}\n',
        "list": '[1, "x", null, {"vars": 3}]',
        "object": '{"a": {"b": 1}}',
        "concatenated": '{"a": 1}{"b": 2}',
        "CSV": "input,b\n1,2\n",
        "YAML": "a: 1\nb: [1, {c: 2}]\n",
        "YAML list": "- 1\n- x\n- {vars: {a: b}}\n",
    }


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.FORMAT)
def test_a_format_forced_on_any_container_is_at_worst_one_line(tmp_path: Path, loader: Loader) -> None:
    for name, content in contents().items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        with suppress(InputError):
            inspect_source(find_sources([name], base=tmp_path)[0], format=loader.FORMAT)


def test_a_container_without_records_is_one_line(written: Written) -> None:
    with pytest.raises(InputError, match=r"^file: is XML, which this format does not read$"):
        open_document(written("<a><b/></a>")).records(ReadLog())


def test_the_order_of_rows_says_nothing(written: Written) -> None:
    rows: list[dict[str, Any]] = [
        {"trace_id": f"{n}", "input": f"q{n}", "timestamp": 1785542400 + n, f"tag{n % 9}": f"v{n % 4}"}
        | ({"thumbs": 1} if n % 2 else {"csat": 4, "Input": "?"})
        for n in range(45)
    ]
    forward, backward = (replace(inspect_source(written(rows[::order])), first=None, examples=()) for order in (1, -1))
    assert forward == backward
    assert forward.feedback_fields == ("csat", "thumbs")
    assert forward.tag_fields == tuple(f"tag{n}" for n in range(9))


def test_of_too_many_tags_the_first_by_name_are_counted(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftcheck.loaders.inspection._MAX_FIELDS", 3)
    rows = [{"input": f"q{n}", "expected": "x", f"tag{n % 9}": f"v{n % 4}"} for n in range(45)]
    for order in (1, -1):
        assert inspect_source(written(rows[::order])).tag_fields == ("tag0", "tag1", "tag2")


@pytest.mark.parametrize(
    "rows",
    [
        [{"attributes.a": 1, "attributes.b": 2}, {"attributes.a": 1, "attributes.b": 2, "attributes.c": 3}],
        [{"trace_id": "1", "span_id": "2", "attributes": {}, "name": "n"}, {"gen_ai.a": 1, "gen_ai.b": 2}],
        [{"resourceLogs": []}, {"resourceSpans": []}],
        [{"when": 1, "what": 2}, {"what": 1, "when": 2, "how": 3}],
    ],
)
def test_no_reason_hangs_on_the_order_of_rows(written: Written, rows: list[dict[str, Any]]) -> None:
    assert inspect_source(written(rows)).why == inspect_source(written(rows[::-1])).why


def test_a_report_of_driftcheck_is_no_input(written: Written) -> None:
    text = json.dumps({"schema_version": 1, "verdict": "fail", "findings": [{"prompt": "a", "expected": "b"}]})
    assert inspect_source(written(text)).why == "a report of driftcheck"
    with pytest.raises(InputError, match="is a report of driftcheck"):
        Reading(written(text), kind=Kind.EVALSET)


@pytest.mark.parametrize("format", [None, "openai-evals"])
def test_a_page_of_an_api_is_of_the_format_of_its_list(written: Written, format: str | None) -> None:
    page = {"data": [{"input": [{"role": "user", "content": "Hi?"}], "ideal": "Hi"}] * 3, "meta": {"page": 1}}
    report = inspect_source(written(json.dumps(page)), format=format)
    assert (report.format, report.n_records, report.n_skipped) == ("openai-evals", 3, 0)
    assert isinstance(report.examples[0], Case)
    assert report.examples[0].input_text == "Hi?"


@pytest.mark.parametrize(("name", "holds"), [("proposals", "proposals for an eval set"), ("retired", "retired cases")])
def test_cases_beside_an_eval_set_are_cases_for_all_their_context(tmp_path: Path, name: str, holds: str) -> None:
    path = tmp_path / f"set.{name}.csv"
    path.write_text(
        "id,input,expected,created,source_trace_id,production_answer,production_rating\n"
        "p-1,Where is it?,,2026-06-01,t-1,Here.,0.5\np-2,Why?,,2026-06-01,t-2,Because.,1\n"
    )
    (source,) = find_sources([path], base=Path())
    report = inspect_source(source)
    assert report.kind is Kind.EVALSET
    assert report.warnings[0] == f"holds {holds}, which no audit reads"
    assert inspect_source(source, kind=Kind.TRACES).kind is Kind.TRACES, "the user's word stands"
