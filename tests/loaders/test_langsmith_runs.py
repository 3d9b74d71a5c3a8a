"""LangSmith runs: lists, lines, children, CSV, bulk Parquet, the payloads of SDKs; projects, sessions, feedback."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.exports import read_as

from driftcheck.loaders import langsmith_runs
from driftcheck.records import Feedback, FeedbackSource

ROOT, CHILD, PROJECT = "11111111-0000", "22222222-0000", "33333333-0000"
HUMAN = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain", "schema", "HumanMessage"],
    "kwargs": {"content": "Refund?"},
}
ANSWER = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "AIMessage"], "kwargs": {"content": "30 days"}}


def root(**more: Any) -> dict[str, Any]:
    return {
        "id": ROOT,
        "trace_id": ROOT,
        "parent_run_id": None,
        "dotted_order": f"20260725T172000000000Z{ROOT}",
        "name": "support",
        "run_type": "chain",
        "start_time": "2026-07-25T17:20:00",
        "end_time": "2026-07-25T17:20:02",
        "inputs": {"question": "Refund?"},
        "outputs": {"answer": "30 days"},
        "error": None,
        "status": "success",
        "tags": ["plan:pro", "beta"],
        "extra": {"metadata": {"thread_id": "t9", "user_id": "u7", "language": "en", "topic": "billing"}},
        "session_id": PROJECT,
        "feedback_stats": {},
        "reference_example_id": None,
        **more,
    }


def call(**more: Any) -> dict[str, Any]:
    return {
        **root(),
        "id": CHILD,
        "parent_run_id": ROOT,
        "dotted_order": f"20260725T172000000000Z{ROOT}.20260725T172001000000Z{CHILD}",
        "name": "ChatOpenAI",
        "run_type": "llm",
        "inputs": {"messages": [[HUMAN]]},
        "outputs": {"generations": [[{"text": "30 days", "message": ANSWER}]]},
        "extra": {"metadata": {"ls_model_name": "gpt-4o-mini"}},
        "tags": [],
        **more,
    }


def test_a_trace_is_its_root_and_takes_model_and_tools_from_its_steps(tmp_path: Path) -> None:
    tool = call(id="44444444-0000", run_type="tool", name="search", inputs={"q": "refund"}, outputs={"output": "..."})
    (found,), log = read_as(langsmith_runs, tmp_path, [tool, call(), root()])
    assert (found.trace_id, found.input_text, found.output_text) == (ROOT, "Refund?", "30 days")
    assert (found.session_id, found.user_id, found.language, found.model) == ("t9", "u7", "en", "gpt-4o-mini")
    assert (found.tools, found.timestamp, found.error) == (("search",), 1785000000.0, None)
    assert found.tags == {"topic": "billing", "plan": "pro", "tags": "beta", "name": "support", "language": "en"}
    assert log.n_counted == 3


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([root(), call()], indent=1),
        json.dumps({"runs": [root(), call()], "cursors": {"next": None}}),
        json.dumps(root(child_runs=[call()])),
        "\n".join(json.dumps({**run, "run_id": run["id"]}) for run in (root(), call())),
    ],
    ids=["list", "page", "children", "lines"],
)
def test_every_layout_gives_the_same_trace(tmp_path: Path, text: str) -> None:
    (found,), log = read_as(langsmith_runs, tmp_path, text)
    assert (found.input_text, found.output_text, found.model, log.n_counted) == ("Refund?", "30 days", "gpt-4o-mini", 2)


def test_serialised_messages_of_a_lone_model_call(tmp_path: Path) -> None:
    (found,), _ = read_as(langsmith_runs, tmp_path, [call(id=ROOT, parent_run_id=None, dotted_order=None)])
    assert (found.input_text, found.output_text) == ("Refund?", "30 days")


def test_what_an_sdk_sends_is_joined_by_run(tmp_path: Path) -> None:
    started = {key: value for key, value in root().items() if key not in ("end_time", "outputs", "parent_run_id")}
    ended = {"dotted_order": root()["dotted_order"], "outputs": {"answer": "30 days"}, "end_time": 1785000002000}
    (found,), log = read_as(
        langsmith_runs, tmp_path, json.dumps({"post": [started | {"outputs": {}}], "patch": [ended]})
    )
    assert (found.trace_id, found.input_text, found.output_text) == (ROOT, "Refund?", "30 days")
    assert log.n_counted == 1
    (found,), log = read_as(langsmith_runs, tmp_path, json.dumps([{"post": [started]}, {"patch": [ended]}]))
    assert (found.input_text, found.output_text, log.n_counted) == ("Refund?", "30 days", 2)


def test_csv_with_cells_of_json_and_columns_of_feedback(tmp_path: Path) -> None:
    text = (
        "id,trace_id,run_type,name,start_time,inputs,outputs,error,feedback.user_score\n"
        f"{ROOT},{ROOT},chain,support,2026-07-25T17:20:00,"
        '"{""question"": ""Refund?""}","{""answer"": ""Yes""}",,1\n'
    )
    (found,), _ = read_as(langsmith_runs, tmp_path, text)
    assert (found.input_text, found.output_text, found.error) == ("Refund?", "Yes", None)
    assert found.feedback == (Feedback("user_score", 1.0, None, FeedbackSource.USER),)


def test_a_bulk_export_is_a_folder_of_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    run = root(inputs='{"question": "Refund?"}', outputs='{"answer": "Yes"}', extra='{"metadata": {"thread_id": "t"}}')
    run |= {"tags": ["beta"], "feedback_stats": "{}", "parent_run_ids": "[]"}
    folder = tmp_path / "export_id=1/tenant_id=2/session_id=3/resource=runs/year=2026/month=7/day=25"
    folder.mkdir(parents=True)
    parquet.write_table(pyarrow.Table.from_pylist([run]), folder / "runs.parquet")
    (found,), _ = read_as(langsmith_runs, tmp_path, tmp_path / "export_id=1")
    assert (found.input_text, found.output_text, found.session_id) == ("Refund?", "Yes", "t")


def test_feedback_is_a_users_a_reviewers_or_a_judges(tmp_path: Path) -> None:
    stats = {
        "user_rating": {"n": 2, "avg": 3.5, "values": {}},
        "tone": {"n": 1, "avg": None, "values": {"kind": 2, "rude": 1}, "sources": ['{"type": "app"}']},
        "helpfulness": {"n": 1, "avg": 0.9, "sources": ['{"type": "auto_eval"}']},
        "hallucination": {"n": 1, "avg": 0.1},
        "none_yet": {"n": 0, "avg": None, "values": {}},
    }
    (found,), _ = read_as(langsmith_runs, tmp_path, [root(feedback_stats=stats)])
    assert found.feedback == (
        Feedback("user_rating", 3.5, None, FeedbackSource.USER),
        Feedback("tone", None, "kind", FeedbackSource.ANNOTATOR),
        Feedback("helpfulness", 0.9, None, FeedbackSource.JUDGE),
        Feedback("hallucination", 0.1, None, FeedbackSource.JUDGE),
    )


def test_an_error_of_the_root_is_the_traces_last_line_of_its_traceback(tmp_path: Path) -> None:
    failed = root(
        error="Traceback (most recent call last):\n  File\nTimeoutError: too slow", status="error", outputs=None
    )
    (found,), _ = read_as(langsmith_runs, tmp_path, [failed])
    assert (found.error, found.output_text) == ("TimeoutError: too slow", None)
    (found,), _ = read_as(langsmith_runs, tmp_path, [root(status="error")])
    assert found.error == "error"


def test_runs_of_experiments_are_left_out(tmp_path: Path) -> None:
    runs = [root(), *(root(id=f"e{n}", trace_id=f"e{n}", dotted_order=None) for n in range(2))]
    runs[1]["reference_example_id"] = "7"
    runs[2]["session_name"] = "gpt-5-experiment-1a2b"
    found, log = read_as(langsmith_runs, tmp_path, runs)
    assert [trace.trace_id for trace in found] == [ROOT]
    assert (log.n_skipped, log.n_counted) == (2, 3)
    assert any("2 traces are eval runs and left out" in text for text in log.warnings)


def test_the_project_is_no_session(tmp_path: Path) -> None:
    (found,), _ = read_as(langsmith_runs, tmp_path, [root(extra={})])
    assert found.session_id is None
