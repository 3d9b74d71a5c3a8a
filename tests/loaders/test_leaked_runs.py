"""Eval runs inside production exports are left out, counted, and named with what gave them away."""

import json
from pathlib import Path
from typing import Any

import pytest

from driftcheck.config import Config, EvalRunsChoice, Settings
from driftcheck.errors import InputError
from driftcheck.intake import read_production
from driftcheck.loaders.inspection import inspect_source
from driftcheck.loaders.leaked_runs import EvalRuns, mark_in, marked, marked_project
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import LoadReport, Production, Trace
from driftcheck.watching import Unwatched

TIME = "2026-08-10T12:00:00Z"


def inspected(folder: Path, records: Any) -> LoadReport:
    """What is understood of records, written one a line, or of one document."""
    lines = records if isinstance(records, list) else [records]
    (folder / "export").write_text("\n".join(map(json.dumps, lines)))
    return inspect_source(find_sources(["export"], base=folder)[0])


@pytest.mark.parametrize(
    ("trace", "why"),
    [
        (Trace("t", "Hi", "f", environment="evaluation"), "environment evaluation"),
        (Trace("t", "Hi", "f", environment="langfuse-llm-as-a-judge"), "environment langfuse-llm-as-a-judge"),
        (Trace("t", "Hi", "f", environment="CI"), "environment CI"),
        (Trace("t", "Hi", "f", tags={"tags": "beta, eval-run"}), "tag eval-run"),
        (Trace("t", "Hi", "f", tags={"source": "benchmark"}), "source benchmark"),
        (Trace("t", "Hi", "f", tags={"env": "test"}), "env test"),
        (Trace("t", "Hi", "f", tags={"name": "dataset-run-item-7f"}), "name dataset-run-item-7f"),
        (Trace("t", "Hi", "f", tags={"name": "nightly eval"}), "name nightly eval"),
        (Trace("t", "Hi", "f", tags={"dataset_item_id": "7"}), "dataset_item_id"),
    ],
)
def test_marks(trace: Trace, why: str) -> None:
    assert marked(trace) == why


@pytest.mark.parametrize(
    "trace",
    [
        Trace("t", "Hi", "f", environment="production"),
        Trace("t", "Hi", "f", environment="staging"),
        Trace("t", "Hi", "f", tags={"experiment": "checkout-b", "tags": "beta, latest", "topic": "test drive"}),
        Trace("t", "Hi", "f", tags={"name": "essay-evaluation-assistant", "source": "web", "mode": "test drive"}),
        Trace("t", "Evaluate this eval", "f", tags={"name": "medieval"}),
    ],
)
def test_production_is_not_taken_for_an_eval_run(trace: Trace) -> None:
    assert marked(trace) is None


def test_fields_and_projects() -> None:
    assert mark_in({"topic": "a"}, None, {"langfuse.experiment.item.id": "7"}) == "langfuse.experiment.item.id"
    assert mark_in({"metadata.reference_example_id": "7", "is_eval": "false"}) == "metadata.reference_example_id"
    assert mark_in({"reference_example_id": "", "is_eval": False}) is None
    assert marked_project("Evaluators") == "project Evaluators"
    assert marked_project("retrieval-bot") is None


def test_they_are_counted_by_reason_and_stay_in_the_files_count() -> None:
    log = ReadLog()
    runs = EvalRuns(log)
    traces = [Trace(str(n), "Hi", f"f:{n}", environment="eval" if n % 2 else "production") for n in range(5)]
    assert [trace.trace_id for trace in traces if not runs.leaves_out(trace)] == ["0", "2", "4"]
    runs.tell()
    assert (log.n_skipped, log.n_counted) == (2, 5)
    assert log.skipped[0].why == "is an eval run, not production (environment eval)"
    assert log.warnings == ("2 traces are eval runs and left out of production (environment eval: 2)",)


LANGFUSE = {
    **{"id": "t1", "timestamp": TIME, "name": "chat", "userId": "u", "sessionId": "s", "release": None},
    **{"version": None, "public": False, "bookmarked": False, "tags": [], "input": "Hi", "output": "Yo"},
}
GENERIC = {"trace_id": "t1", "timestamp": TIME, "user_message": "Hi", "response": "Yo", "session_id": "s"}
SPAN = {
    **{"name": "chat", "context": {"trace_id": "0x" + "a" * 32, "span_id": "0x" + "b" * 16}, "parent_id": None},
    **{"start_time": TIME, "end_time": TIME, "status": {"status_code": "OK"}, "events": [], "kind": "INTERNAL"},
    "attributes": {"gen_ai.prompt": "Hi", "gen_ai.completion": "Yo"},
}
OTHER = {"context": {"trace_id": "0x" + "c" * 32, "span_id": "0x" + "d" * 16}}


@pytest.mark.parametrize(
    ("clean", "leaked"),
    [
        (LANGFUSE, {"id": "t2", "environment": "sdk-experiment"}),
        (LANGFUSE, {"id": "t2", "name": "experiment-item-run"}),
        (LANGFUSE, {"id": "t2", "metadata": {"dataset_item_id": "7"}}),
        (GENERIC, {"trace_id": "t2", "reference_example_id": "7"}),
        (GENERIC, {"trace_id": "t2", "environment": "eval"}),
        (GENERIC, {"trace_id": "t2", "tags": "vip,eval"}),
        (GENERIC, {"trace_id": "t2", "metadata": {"eval_run_id": "7"}}),
        (SPAN, OTHER | {"attributes": {**SPAN["attributes"], "langfuse.experiment.id": "7"}}),
        (SPAN, OTHER | {"resource": {"attributes": {"deployment.environment.name": "evaluation"}}}),
        (SPAN, OTHER | {"resource": {"attributes": {"openinference.project.name": "Experiment-7f"}}}),
    ],
)
def test_every_loader_leaves_them_out(tmp_path: Path, clean: dict[str, Any], leaked: dict[str, Any]) -> None:
    report = inspected(tmp_path, [clean, {**clean, **leaked}])
    assert (report.n_records, report.n_skipped) == (2, 1)
    assert "is an eval run, not production" in report.skipped[0].why
    assert any("1 trace is an eval run and left out of production" in text for text in report.warnings)


def test_an_export_of_nothing_else_says_so(tmp_path: Path) -> None:
    report = inspected(tmp_path, [{**LANGFUSE, "id": str(n), "environment": "eval"} for n in range(3)])
    assert (report.n_records, report.n_skipped, report.first) == (3, 3, None)
    assert report.warnings == ("all 3 traces are eval runs and left out of production (environment eval: 3)",)


def production_of(folder: Path, environments: list[str], choice: EvalRunsChoice) -> Production:
    """Production out of an export with one trace per environment."""
    rows = [
        {"id": f"t{number}", "input": f"Where is parcel {number}?", "output": "Here.", "timestamp": TIME, "env": name}
        for number, name in enumerate(environments)
    ]
    (folder / "export").write_text("\n".join(map(json.dumps, rows)))
    config = Config(Settings(eval_runs=choice), None)
    return read_production(find_sources(["export"], base=folder), config, None, None, None, Unwatched())


def test_an_export_of_eval_runs_only_is_no_production(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        production_of(tmp_path, ["ci", "ci", "evaluation"], EvalRunsChoice.LEAVE_OUT)
    assert "3 traces are all eval runs (environment ci: 2, environment evaluation: 1)" in str(caught.value)
    assert "eval_runs: keep" in str(caught.value)


def test_drift_yaml_overrides_wrong_marks(tmp_path: Path) -> None:
    production = production_of(tmp_path, ["ci", "ci", "live"], EvalRunsChoice.KEEP)
    assert production.n_traces == 3
    assert production.reports[0].warnings == (
        "2 traces look like eval runs (environment ci: 2): kept, as drift.yaml's eval_runs says",
    )
    assert production.reports[0].n_skipped == 0
    assert production_of(tmp_path, ["ci", "ci", "live"], EvalRunsChoice.LEAVE_OUT).n_traces == 1
