"""DeepEval runs: test runs with and without their wrapper, dumped results, the cache."""

import json
from pathlib import Path
from typing import Any

from tests.loaders.reading import load

from driftcheck.loaders import deepeval_runs


def metric(success: bool, score: float | None = None, error: str | None = None) -> dict[str, Any]:
    return {"name": "Correct [GEval]", "threshold": 0.5, "success": success, "score": score, "error": error}


def case(name: str, success: bool | None, *metrics: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "input": f"Q {name}", "actualOutput": "A", "success": success, "metricsData": list(metrics)}


RUN = {
    "identifier": "nightly",
    "hyperparameters": {"model": "gpt-4o-mini"},
    "testCases": [
        case("a", True, metric(True, 1.0), metric(True, 0.8)),
        case("b", False, metric(False, 0.2), metric(False, error="timed out")),
        case("c", False, metric(True, 0.9), metric(False, error="timed out")),
        case("d", None),
    ],
    "conversationalTestCases": [
        {
            "name": "e",
            "scenario": "A refund",
            "turns": [{"role": "user", "content": "Refund?"}, {"role": "assistant", "content": "Yes"}],
            "success": True,
            "metricsData": [metric(True, 1.0)],
        }
    ],
    "testPassed": 2,
    "testFailed": 2,
}


def test_the_latest_test_run(tmp_path: Path) -> None:
    found = load(tmp_path, deepeval_runs, "latest.json", {"testRunData": RUN})
    assert found.statuses == ["pass", "fail", "error", "unscored", "pass"]
    first, _, broken, _, talk = found.results
    assert (first.run_id, first.case_id, first.input_text) == ("nightly", "a", "Q a")
    assert (first.model, first.score) == ("gpt-4o-mini", 0.9)
    assert (broken.error, broken.score) == ("timed out", None)
    assert (talk.input_text, talk.where) == ("Refund?", "latest.json#1 in testRunData.conversationalTestCases")


def test_a_run_in_a_results_folder_has_its_time_in_its_name(tmp_path: Path) -> None:
    found = load(tmp_path, deepeval_runs, "20260811_060708.json", RUN)
    assert {result.run_time for result in found.results} == {1786428428.0}


def test_a_dumped_evaluation_result(tmp_path: Path) -> None:
    row = {"name": "a", "input": "Q", "success": True, "metrics_data": [metric(True, 1.0)]}
    for content in ({"test_results": [row], "confident_link": None}, [row]):
        assert load(tmp_path, deepeval_runs, "r.json", content).statuses == ["pass"]


def test_the_cache_is_read_with_a_warning(tmp_path: Path) -> None:
    key = json.dumps({"input": "Q", "actual_output": "A", "hyperparameters": None})
    entries = [{"metric_data": metric(True, 1.0)}, {"metric_data": metric(False, 0.0)}]
    cache = {"test_cases_lookup_map": {key: {"cached_metrics_data": entries}, "no json": {}}}
    found = load(tmp_path, deepeval_runs, "cache.json", cache)
    assert [(result.input_text, result.status.value) for result in found.results] == [("Q", "fail")]
    assert found.log.n_skipped == 1
    assert "is a cache" in found.log.warnings[0]


def test_a_run_that_did_not_end(tmp_path: Path) -> None:
    found = load(tmp_path, deepeval_runs, "r.json", {"testCases": [], "metricsScores": [], "runDuration": 0})
    assert "r.json holds no test cases" in found.log.warnings[0]
    found = load(tmp_path, deepeval_runs, "l.json", {"testRunLink": "https://app.confident-ai.com/x"})
    assert (found.results, "l.json holds only a link to its run" in found.log.warnings[0]) == ([], True)


def test_a_metric_without_a_score_gave_no_verdict(tmp_path: Path) -> None:
    unscored = {"name": "Tone [GEval]", "threshold": 0.7, "success": False, "evaluationCost": 0.0}
    run = {
        "testCases": [
            case("a", False, unscored),
            case("b", False, unscored, metric(False, 0.1)),
            case("c", True, metric(True, 1.0)),
        ],
        "metricsScores": [{"metric": "Tone [GEval]", "scores": [], "passes": 0, "fails": 0, "errors": 2}],
        "testPassed": 1,
        "testFailed": 2,
    }
    assert load(tmp_path, deepeval_runs, ".latest_run_full.json", run).statuses == ["error", "fail", "pass"]
