"""What users and reviewers wrote, in every format that holds it; never what a judge explains."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.exports import read_as

from driftcheck.loaders import (
    braintrust_logs,
    chat_conversations,
    generic_traces,
    langfuse,
    langsmith_runs,
    mlflow_traces,
    phoenix,
    weave_calls,
)
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import MAX_COMMENT, MAX_COMMENTS, comments_in
from driftcheck.loaders.document import open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources

SLOW = "It took far too long to answer me."


def comments(loader: Any, tmp_path: Path, *records: Any) -> tuple[str, ...]:
    (trace,), _ = read_as(loader, tmp_path, list(records))
    return trace.comments


def run(**more: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "trace_id": "r1",
        "run_type": "chain",
        "inputs": {"q": "Where?"},
        "start_time": "2026-07-25",
        **more,
    }


def test_langsmith(tmp_path: Path) -> None:
    stats = {
        "csat": {"avg": 1, "comments": [SLOW, None], "sources": [{"type": "api"}]},
        "faithfulness": {"avg": 1, "comments": ["the answer follows"], "sources": [{"type": "model"}]},
    }
    assert comments(langsmith_runs, tmp_path, run(feedback_stats=stats)) == (SLOW,)
    given = [
        {"key": "thumbs", "score": 0, "comment": SLOW, "feedback_source": {"type": "app"}},
        {"key": "tone", "score": 0, "comment": "a model's", "feedback_source": {"type": "model"}},
    ]
    assert comments(langsmith_runs, tmp_path, run(feedback=given)) == (SLOW,)


def test_langfuse_scores_in_the_trace_and_beside_it(tmp_path: Path) -> None:
    trace = {"id": "t", "timestamp": "2026-07-25", "sessionId": "s", "userId": "u", "release": "1", "public": False}
    trace |= {"bookmarked": False, "input": "Where?"}
    scores = [
        {"name": "thumbs", "value": 0, "source": "API", "dataType": "NUMERIC", "comment": SLOW},
        {"name": "relevance", "value": 0, "source": "EVAL", "dataType": "NUMERIC", "comment": "a judge's reason"},
        {"name": "helpfulness_judge", "value": 0, "source": "API", "dataType": "NUMERIC", "comment": "a judge's too"},
        {"name": "what", "stringValue": "wrong year", "source": "ANNOTATION", "dataType": "TEXT"},
    ]
    assert comments(langfuse, tmp_path, {**trace, "scores": scores}) == (SLOW, "wrong year")
    beside = [{"id": str(n), "traceId": "t", "timestamp": "2026-07-25", **score} for n, score in enumerate(scores)]
    (found,), _ = read_as(langfuse, tmp_path, json.dumps({"traces": [trace], "scores": beside}))
    assert found.comments == (SLOW, "wrong year")


def test_phoenix_takes_a_persons_explanation_alone(tmp_path: Path) -> None:
    span = {"name": "a", "span_kind": "CHAIN", "parent_id": None, "start_time": "2026-07-25T17:20:00+00:00"}
    span |= {"context.span_id": "eee19b7ec3c1b174", "context.trace_id": "5b8efff798038103d269b633813fc60c"}
    span |= {"attributes.input.value": "When?", "attributes.output.value": "At 8"}
    annotations = [
        {"name": "csat", "annotator_kind": "HUMAN", "result": {"score": 1, "explanation": SLOW}},
        {"name": "tone", "annotator_kind": "LLM", "result": {"score": 1, "explanation": "the model is polite"}},
    ]
    assert comments(phoenix, tmp_path, {**span, "annotations": annotations}) == (SLOW,)


def test_mlflow_weave_braintrust_and_chats(tmp_path: Path) -> None:
    assessments = [
        {"assessment_name": "csat", "source": {"source_type": "HUMAN"}, "feedback": {"value": 1}, "rationale": SLOW},
        {"assessment_name": "ok", "source": {"source_type": "LLM_JUDGE"}, "feedback": {"value": 1}, "rationale": "no"},
    ]
    row = {"trace_id": "t", "request": "Where?", "request_preview": "Where?", "response_preview": "There"}
    row |= {"trace_metadata": {}, "execution_duration": 1}
    assert comments(mlflow_traces, tmp_path, {**row, "assessments": assessments}) == (SLOW,)
    call = {"id": "c", "op_name": "answer", "trace_id": "c", "project_id": "p", "started_at": "2026-07-25"}
    feedback = [{"feedback_type": "wandb.note.1", "payload": {"note": SLOW}}]
    call |= {"inputs": {"q": "Where?"}, "summary": {"weave": {"feedback": feedback}}}
    assert comments(weave_calls, tmp_path, call) == (SLOW,)
    span = {"id": "1", "span_id": "1", "root_span_id": "1", "project_id": "p", "log_id": "g", "input": "Where?"}
    assert comments(braintrust_logs, tmp_path, {**span, "comments": [{"comment": {"text": SLOW}}]}) == (SLOW,)
    chat = {"conversation_id": "c", "conversation": [{"role": "user", "content": "Where?"}], "feedback_comment": SLOW}
    assert comments(chat_conversations, tmp_path, chat) == (SLOW,)


def rows(n: int = 3, **more: Any) -> list[dict[str, Any]]:
    return [
        {"timestamp": f"2026-07-2{k}", "session_id": f"s{k}", "message": f"Where is {k}?", **more} for k in range(n)
    ]


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("comment", SLOW, (SLOW,)),
        ("feedback_text", SLOW, (SLOW,)),
        ("csat_reason", f"  {SLOW} ", (SLOW,)),
        ("feedback", SLOW * 3, (SLOW * 3,)),
        ("feedback", {"score": 1, "comment": SLOW}, (SLOW,)),
        ("feedback", [{"name": "tone", "source": "llm", "score": 0, "reason": SLOW}], ()),
        ("judge_comment", SLOW, ()),
        ("csat_comment", "nan", ()),
        ("comments", ["too slow", "too long"], ("too slow", "too long")),
        ("finish_reason", "stop", ()),
    ],
)
def test_columns_of_a_table(tmp_path: Path, column: str, value: Any, found: tuple[str, ...]) -> None:
    traces, _ = read_as(generic_traces, tmp_path, rows(csat=2) + rows(**{column: value}))
    assert {trace.comments for trace in traces[3:]} == {found}
    assert {trace.comments for trace in traces[:3]} == {()}
    assert not any(column in trace.tags for trace in traces) or not found, "what people write is no slice"


def test_a_csv_and_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"2026-07-2{k},s{k},Where is {k}?,{k},{SLOW if k < 2 else ''}" for k in range(4)]
    path.write_text("timestamp,session_id,message,csat,csat_comment\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (source,) = find_sources([path], base=tmp_path)
    traces = list(generic_traces.read(open_document(source), ReadLog(), ColumnMap()))
    assert [trace.comments for trace in traces] == [(SLOW,), (SLOW,), (), ()]
    assert {rating.name for trace in traces for rating in trace.feedback} == {"csat"}


def test_comments_are_bounded() -> None:
    (text,) = comments_in({"comment": "x" * 1_000_000})
    assert len(text) == MAX_COMMENT
    assert len(comments_in({f"comment_{'x' * n}": f"no. {n}" for n in range(100)})) == MAX_COMMENTS
    assert comments_in({"comment": "\ud83d broken"}) == ("? broken",)
