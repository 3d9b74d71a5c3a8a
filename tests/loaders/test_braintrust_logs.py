"""Braintrust logs: rows of spans, merged rows of SDKs, bare spans, scores, experiments left out."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.exports import read_as

from driftcheck.loaders import braintrust_logs
from driftcheck.records import Feedback, FeedbackSource


def row(span: str = "s1", **more: Any) -> dict[str, Any]:
    return {
        "id": f"id-{span}",
        "span_id": span,
        "root_span_id": "s1",
        "span_parents": None if span == "s1" else ["s1"],
        "is_root": span == "s1",
        "created": "2026-07-25T17:20:00.000Z",
        "project_id": "p",
        "log_id": "g",
        "_xact_id": "1000",
        "input": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Refund?"}],
        "output": "30 days",
        "expected": None,
        "error": None,
        "scores": {},
        "metadata": {"session_id": "c1", "user_id": "u1", "topic": "billing"},
        "tags": ["beta"],
        "metrics": {"start": 1785000000.5, "end": 1785000002.0, "prompt_tokens": 3},
        "span_attributes": {"name": "answer", "type": "task"},
        **more,
    }


MODEL = row("s2", span_attributes={"name": "chat", "type": "llm"}, metadata={"model": "gpt-4o"}, output="inner")
TOOL = row("s3", span_attributes={"name": "search", "type": "tool"}, input={"q": "x"}, output="found")


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: json.dumps({"events": rows, "cursor": None})])
def test_spans_are_rolled_up_by_root(tmp_path: Path, wrap: Any) -> None:
    (found,), log = read_as(braintrust_logs, tmp_path, wrap([TOOL, MODEL, row()]))
    assert (found.trace_id, found.input_text, found.output_text, found.model) == ("s1", "Refund?", "30 days", "gpt-4o")
    assert (found.session_id, found.user_id, found.tools, found.timestamp) == ("c1", "u1", ("search",), 1785000000.5)
    assert found.tags == {"topic": "billing", "name": "answer", "tags": "beta"}
    assert log.n_counted == 3


def test_csv_of_the_page_has_cells_of_json(tmp_path: Path) -> None:
    text = (
        "id,span_id,root_span_id,created,input,output,scores,metadata,_xact_id,error\n"
        'a,s1,s1,2026-07-25T17:20:00Z,"{""question"": ""Refund?""}","{""answer"": ""Yes""}",'
        '"{""user_rating"": 1}","{""topic"": ""billing""}",1,\n'
    )
    (found,), _ = read_as(braintrust_logs, tmp_path, text)
    assert (found.input_text, found.output_text, found.tags) == ("Refund?", "Yes", {"topic": "billing"})
    assert found.feedback == (Feedback("user_rating", 1.0, None, FeedbackSource.USER),)


def test_later_rows_of_a_span_are_merged_into_it(tmp_path: Path) -> None:
    first = row(_is_merge=False, metrics={"start": 1785000000.5})
    first.pop("output")
    last = {"_is_merge": True, "id": "id-s1", "span_id": "s1", "root_span_id": "s1", "log_id": "g"}
    (found,), log = read_as(
        braintrust_logs, tmp_path, [first, last | {"output": "Late", "metrics": {"end": 1785000003}}]
    )
    assert (found.input_text, found.output_text, found.timestamp) == ("Refund?", "Late", 1785000000.5)
    assert log.n_counted == 2


def test_bare_spans_are_interactions_of_their_own(tmp_path: Path) -> None:
    spans = [
        {"name": "root", "type": "task", "metadata": {"scenario": "x"}, "input": None, "output": None},
        {"name": "chat", "type": "llm", "metadata": {"model": "m", "provider": "p"}, "input": "Hi", "output": "Yo"},
    ]
    found, log = read_as(braintrust_logs, tmp_path, json.dumps(spans))
    assert [(trace.input_text, trace.model) for trace in found] == [(None, None), ("Hi", "m")]
    assert log.n_counted == 2


def test_scores_are_users_or_judges_by_their_names(tmp_path: Path) -> None:
    (found,), _ = read_as(braintrust_logs, tmp_path, [row(scores={"thumbs": 0, "Factuality": 0.6, "open": None})])
    assert found.feedback == (
        Feedback("thumbs", 0.0, None, FeedbackSource.USER),
        Feedback("Factuality", 0.6, None, FeedbackSource.JUDGE),
    )


def test_errors_and_experiments(tmp_path: Path) -> None:
    rows = [
        row(error={"name": "RateLimitError", "message": "slow down"}),
        row("e1", root_span_id="e1", span_parents=None, experiment_id="x"),
        row("e2", root_span_id="e2", span_parents=None, origin={"object_type": "dataset", "id": "d"}),
        row("e3", root_span_id="e3", span_parents=None, span_attributes={"name": "eval", "type": "eval"}),
    ]
    (found,), log = read_as(braintrust_logs, tmp_path, rows)
    assert found.error == "slow down"
    assert log.n_skipped == 3
