"""Phoenix and OpenInference: dataframe exports, REST spans, bare attributes, annotations."""

import json
from pathlib import Path
from typing import Any

import pytest

from driftcheck.loaders import otel_spans, otlp, phoenix
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import FeedbackSource, Trace

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"
START = 1785000000.0


def opened(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "spans.data"
    path.write_text(text, encoding="utf-8")
    return open_document(find_sources([path], base=tmp_path)[0])


def read(doc: Document) -> tuple[list[Trace], ReadLog]:
    match = phoenix.sniff(doc)
    assert match is not None
    assert match.confidence >= 0.8
    assert otlp.sniff(doc) is None
    assert otel_spans.sniff(doc) is None
    log = ReadLog()
    return list(phoenix.read(doc, log, ColumnMap())), log


def row(span_id: str = ROOT, parent: str | None = None, trace: str = TRACE, **more: Any) -> dict[str, Any]:
    return {
        "name": "answer",
        "span_kind": "CHAIN",
        "parent_id": parent,
        "start_time": "2026-07-25T17:20:00+00:00",
        "end_time": "2026-07-25T17:20:01+00:00",
        "status_code": "OK",
        "status_message": "",
        "events": [],
        "context.span_id": span_id,
        "context.trace_id": trace,
        "attributes.openinference.span.kind": None,
        "attributes.input.value": None,
        **more,
    }


ASKED = row() | {
    "attributes.input.value": "When?",
    "attributes.output.value": "At 8",
    "attributes.session.id": "s",
    "attributes.user.id": "u",
    "attributes.metadata": {"plan": "pro"},
}
MODEL = row(CHILD, ROOT) | {
    "span_kind": "LLM",
    "attributes.llm.model_name": "m",
    "attributes.llm.input_messages": [{"message.role": "user", "message.content": "Rendered prompt"}],
}


def lines(*records: Any) -> str:
    return "\n".join(map(json.dumps, records))


def test_dataframe_lines_are_rolled_up_to_the_root(tmp_path: Path) -> None:
    (trace,), log = read(opened(tmp_path, lines(MODEL, ASKED)))
    assert (trace.trace_id, trace.input_text, trace.output_text) == (TRACE, "When?", "At 8")
    assert (trace.session_id, trace.user_id, trace.model, trace.timestamp) == ("s", "u", "m", START)
    assert trace.tags == {"name": "answer", "plan": "pro"}
    assert log.n_counted == 2
    assert not log.warnings


def test_an_export_of_model_spans_alone_has_no_roots_and_says_so(tmp_path: Path) -> None:
    (trace,), log = read(opened(tmp_path, lines(MODEL)))
    assert trace.input_text == "Rendered prompt"
    assert any("no root span" in text for text in log.warnings)


def test_dataframe_csv(tmp_path: Path) -> None:
    header = (
        "context.span_id,context.trace_id,parent_id,name,span_kind,start_time,status_code,status_message,"
        "attributes.input.value,attributes.llm.input_messages,attributes.llm.model_name"
    )
    asked = '"{""question"": ""When?""}"'
    first = f"{ROOT},{TRACE},,answer,CHAIN,2026-07-25 17:20:00+00:00,ERROR,Timeout,{asked},,"
    printed = "\"[{'message.role': 'user', 'message.content': 'Rendered'}]\""
    second = f"{CHILD},{TRACE},{ROOT},call,LLM,2026-07-25 17:20:00+00:00,OK,,,{printed},m"
    (trace,), log = read(opened(tmp_path, "\n".join([header, second, first, ""])))
    assert (trace.input_text, trace.error, trace.model, trace.timestamp) == ("When?", "Timeout", "m", START)
    assert log.n_counted == 2


def test_dataframe_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "spans.parquet"
    rows = [
        {
            "context.span_id": ROOT,
            "context.trace_id": TRACE,
            "parent_id": None,
            "name": "answer",
            "span_kind": "CHAIN",
            "attributes.input.value": "When?",
            "attributes.llm.input_messages": None,
        },
        {
            "context.span_id": CHILD,
            "context.trace_id": TRACE,
            "parent_id": ROOT,
            "name": "call",
            "span_kind": "LLM",
            "attributes.input.value": None,
            "attributes.llm.input_messages": [{"message.role": "user", "message.content": "Rendered"}],
        },
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    (trace,), log = read(open_document(find_sources([path], base=tmp_path)[0]))
    assert trace.input_text == "When?"
    assert log.n_counted == 2


def rest(span_id: str, parent: str | None, **attributes: Any) -> dict[str, Any]:
    return {
        "id": "U3Bhbjox",
        "name": "answer",
        "context": {"trace_id": TRACE, "span_id": span_id},
        "span_kind": "CHAIN",
        "parent_id": parent,
        "start_time": "2026-07-25T17:20:00Z",
        "end_time": "2026-07-25T17:20:01Z",
        "status_code": "OK",
        "attributes": attributes,
        "events": [],
    }


def test_rest_pages(tmp_path: Path) -> None:
    page = {
        "data": [rest(CHILD, ROOT, llm={"model_name": "m"}), rest(ROOT, None, **{"input.value": "When?"})],
        "next_cursor": None,
    }
    (trace,), log = read(opened(tmp_path, json.dumps(page)))
    assert (trace.input_text, trace.model) == ("When?", "m")
    assert log.n_counted == 2


def test_nested_spans_in_a_list(tmp_path: Path) -> None:
    (trace,), _ = read(opened(tmp_path, json.dumps([rest(ROOT, None, input={"value": "When?"}, session={"id": "s"})])))
    assert (trace.input_text, trace.session_id) == ("When?", "s")


def test_a_bare_object_of_openinference_attributes(tmp_path: Path) -> None:
    attributes = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "m",
        "input.value": '[{"role": "user", "parts": [{"type": "text", "content": "When?"}]}]',
    }
    (trace,), log = read(opened(tmp_path, json.dumps(attributes)))
    assert (trace.input_text, trace.model) == ("When?", "m")
    assert not log.warnings


def test_annotations_within_a_span(tmp_path: Path) -> None:
    annotations = [
        {"name": "user feedback", "annotator_kind": "HUMAN", "result": {"label": "thumbs-up", "score": 1}},
        {"name": "tone", "annotator_kind": "HUMAN", "result": {"label": "polite", "score": None}},
        {"name": "Hallucination", "annotator_kind": "LLM", "result": {"score": 0}},
        {"name": "length", "annotator_kind": "CODE", "result": {"score": 12}},
        {"name": "csat", "annotator_kind": "HUMAN", "result": {"score": None, "label": None}},
    ]
    (trace,), _ = read(opened(tmp_path, lines({**ASKED, "annotations": annotations})))
    assert [(given.name, given.value, given.label, given.source) for given in trace.feedback] == [
        ("user feedback", 1.0, None, FeedbackSource.USER),
        ("tone", None, "polite", FeedbackSource.ANNOTATOR),
        ("Hallucination", 0.0, None, FeedbackSource.JUDGE),
        ("length", 12.0, None, FeedbackSource.JUDGE),
    ]


def test_annotations_in_the_same_file_are_joined(tmp_path: Path) -> None:
    annotation = {"span_id": ROOT, "annotation_name": "csat", "annotator_kind": "HUMAN", "result.score": 5}
    (trace,), log = read(opened(tmp_path, lines(*[ASKED] * 5, annotation)))
    assert [(given.name, given.value) for given in trace.feedback] == [("csat", 5.0)]
    assert log.n_counted == 6


def test_annotations_alone_are_no_traces(tmp_path: Path) -> None:
    annotation = {"span_id": ROOT, "annotation_name": "csat", "annotator_kind": "HUMAN", "score": 5}
    traces, log = read(opened(tmp_path, lines(annotation, annotation)))
    assert traces == []
    assert any("annotations without spans" in text for text in log.warnings)


def test_scores_in_columns(tmp_path: Path) -> None:
    scored = {**ASKED, "annotations.csat.score": 4, "eval.Toxicity.score": 0.2}
    (trace,), _ = read(opened(tmp_path, lines(scored)))
    assert [(given.name, given.value) for given in trace.feedback] == [("csat", 4.0)]


@pytest.mark.parametrize(
    "record", [{"data": None, "errors": [{"message": "x"}]}, {"input": "x", "context": "y"}, {"attributes.x": 1}]
)
def test_other_records_are_not_phoenix(tmp_path: Path, record: Any) -> None:
    assert phoenix.sniff(opened(tmp_path, json.dumps([record] * 2))) is None
