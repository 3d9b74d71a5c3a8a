"""Whether each item of a rubric was met: what every format of results says of it."""

import csv
import gc
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.loaders.reading import jsonl, load
from tests.loaders.test_corpus import CORPUS

from driftcheck.loaders import (
    Loader,
    braintrust_experiment,
    candidates,
    deepeval_runs,
    generic_results,
    inspect_logs,
    langfuse_experiment,
    langsmith_experiment,
    lm_eval,
    mlflow_results,
    promptfoo_results,
    pydantic_evals_report,
    ragas_results,
)
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.rubric_verdicts import MAX_ITEMS, MAX_NAME, NO_VERDICTS, RubricItems
from driftcheck.loaders.source import find_sources
from driftcheck.records import Kind, Result


def rubrics(tmp_path: Path, loader: Any, name: str, content: Any) -> list[dict[str, bool]]:
    return [dict(result.rubric) for result in load(tmp_path, loader, name, content).results]


def promptfoo(*parts: dict[str, Any], **row: Any) -> dict[str, Any]:
    grading = {"pass": True, "score": 1, "reason": "", "componentResults": list(parts)}
    rows = [
        {"vars": {"q": "Where is it?"}, "success": True, "score": 1, "gradingResult": grading, "promptIdx": 0, **row}
    ]
    return {"evalId": "e", "results": {"version": 3, "stats": {}, "timestamp": "2026-06-01T12:00:00Z", "results": rows}}


def part(passed: bool, **assertion: Any) -> dict[str, Any]:
    return {"pass": passed, "score": float(passed), "reason": "", "assertion": assertion or None}


def test_promptfoo_names_an_item_by_its_metric_else_by_type_and_value(tmp_path: Path) -> None:
    content = promptfoo(
        part(True, type="llm-rubric", value="is polite\nand short"),
        part(False, type="icontains", value="30 days", metric="right"),
        part(True, type="contains", value="day", metric="right"),
        part(True, type="is-json"),
        {"pass": False, "componentResults": [part(False, type="latency", threshold=5)]},
        part(True),
        namedScores={"right": 0.5, "tone": 1, "style": 0.4},
    )
    assert rubrics(tmp_path, promptfoo_results, "r.json", content) == [
        {"llm-rubric: is polite and short": True, "right": False, "is-json": True, "latency": False, "tone": True}
    ]


def test_inspect_has_an_item_per_scorer_and_part(tmp_path: Path) -> None:
    scores = {
        "match": {"value": "C"},
        "grade": {"value": {"tone": 1, "facts": "P", "length": 0.3}},
        "f1": {"value": 0.7},
    }
    log = {
        "status": "success",
        "eval": {"task": "t", "model": "m"},
        "samples": [{"id": 1, "input": "q", "scores": scores}],
    }
    assert rubrics(tmp_path, inspect_logs, "log.json", log) == [
        {"match": True, "grade: tone": True, "grade: facts": False}
    ]


def test_deepeval_has_an_item_per_metric_that_gave_a_verdict(tmp_path: Path) -> None:
    metrics = [
        {"name": "Faithfulness", "success": False, "score": 0.4},
        {"name": "Tone", "success": True, "score": 0.9},
        {"name": "Broken", "success": False, "score": None, "error": "timeout"},
    ]
    content = {"testCases": [{"input": "q", "success": False, "metricsData": metrics}]}
    assert rubrics(tmp_path, deepeval_runs, "run.json", content) == [{"Faithfulness": False, "Tone": True}]


@pytest.mark.parametrize(
    ("loader", "name", "content"),
    [
        (
            ragas_results,
            "r.jsonl",
            jsonl(
                {
                    "user_input": "q",
                    "response": "a",
                    "faithfulness": 0.7,
                    "aspect_critic": 1,
                    "answer_accuracy": "fail",
                },
                {"user_input": "q", "response": "a", "faithfulness": 1, "aspect_critic": 0, "answer_accuracy": "pass"},
            ),
        ),
        (
            braintrust_experiment,
            "r.jsonl",
            jsonl(
                {
                    "experiment_id": "e",
                    "input": "q",
                    "scores": {"faithfulness": 0.7, "aspect_critic": 1, "answer_accuracy": 0},
                },
                {
                    "experiment_id": "e",
                    "input": "q",
                    "scores": {"faithfulness": 1, "aspect_critic": 0, "answer_accuracy": 1},
                },
            ),
        ),
        (
            langfuse_experiment,
            "r.json",
            {
                "data": [
                    {
                        "datasetItemId": str(n),
                        "datasetRunId": "d",
                        "scores": [
                            {"name": "faithfulness", "value": [0.7, 1][n]},
                            {"name": "aspect_critic", "value": 1 - n, "dataType": "BOOLEAN"},
                            {"name": "answer_accuracy", "value": n},
                            {"name": "latency", "value": 1},
                            {"name": "hallucination", "value": 0},
                        ],
                    }
                    for n in (0, 1)
                ]
            },
        ),
        (
            langsmith_experiment,
            "r.jsonl",
            jsonl(
                *[
                    {
                        "inputs.q": "q",
                        "outputs.a": "a",
                        "example_id": str(n),
                        "feedback.faithfulness": [0.7, 1][n],
                        "feedback.aspect_critic": 1 - n,
                        "feedback.answer_accuracy": n,
                    }
                    for n in (0, 1)
                ]
            ),
        ),
        (
            mlflow_results,
            "r.jsonl",
            jsonl(
                *[
                    {
                        "inputs": "q",
                        "faithfulness/value": [0.7, 1][n],
                        "aspect_critic/value": ["yes", "no"][n],
                        "answer_accuracy/value": n,
                    }
                    for n in (0, 1)
                ]
            ),
        ),
    ],
    ids=["ragas", "braintrust", "langfuse", "langsmith", "mlflow"],
)
def test_scores_are_items_where_they_are_verdicts(tmp_path: Path, loader: Any, name: str, content: Any) -> None:
    # faithfulness is a degree: that it is 1 now and then makes it no item that never fails
    assert rubrics(tmp_path, loader, name, content) == [
        {"aspect_critic": True, "answer_accuracy": False},
        {"aspect_critic": False, "answer_accuracy": True},
    ]


def test_pydantic_evals_has_an_item_per_assertion(tmp_path: Path) -> None:
    assertions = {"polite": {"value": True, "reason": "is"}, "short": {"value": False}}
    case = {"name": "c", "inputs": "q", "assertions": assertions, "scores": {}, "labels": {}}
    assert rubrics(tmp_path, pydantic_evals_report, "r.json", {"name": "r", "cases": [case]}) == [
        {"polite": True, "short": False}
    ]


def test_lm_eval_has_an_item_per_metric(tmp_path: Path) -> None:
    rows = [{"doc_id": 0, "doc": {"question": "q"}, "resps": [["a"]], "acc": 1.0, "f1": 0.4, "metrics": ["acc", "f1"]}]
    assert rubrics(tmp_path, lm_eval, "samples.jsonl", jsonl(*rows)) == [{"acc": True}]


def test_a_table_has_an_item_per_column_of_verdicts_or_per_metric(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "input": "q", "passed": True, "is_polite": True, "tone": "fail", "cached": True, "plan": "pro"},
        {"id": "2", "input": "p", "passed": False, "is_polite": False, "tone": "pass", "cached": True, "plan": "free"},
    ]
    assert rubrics(tmp_path, generic_results, "r.jsonl", jsonl(*rows)) == [
        {"is_polite": True, "tone": False},
        {"is_polite": False, "tone": True},
    ]
    long = [
        {"id": "1", "input": "q", "metric": "polite", "passed": True},
        {"id": "1", "input": "q", "metric": "right", "passed": False},
    ]
    assert rubrics(tmp_path, generic_results, "long.jsonl", jsonl(*long)) == [{"polite": True, "right": False}]


def test_items_and_names_are_bounded_and_said() -> None:
    items = RubricItems()
    for number in range(MAX_ITEMS + 5):
        assert len(items.of({f"contains: {number}": True})) == (number < MAX_ITEMS)
    assert len(RubricItems().of({"x" * 1_000_000: True})) == 1
    assert [len(name) for name in RubricItems().of({"x" * 1_000_000: True})] == [MAX_NAME]
    log = ReadLog()
    items.say(log)
    assert log.warnings == ("5 verdicts on items beyond the first 200 of the rubric are not used",)


def test_results_share_their_verdicts_and_those_without_any_cost_nothing() -> None:
    items = RubricItems()
    assert items.of({"a": True, "b": 0}) is items.of({"b": 0, "a": 1})
    assert items.of({}) is items.of({"a": None, "b": "because"}) is NO_VERDICTS
    gc.collect()
    before = len(gc.get_objects())
    held = [items.of({"a": number % 2, "b": True}) for number in range(1_000)]
    assert len(held) == 1_000
    assert len(gc.get_objects()) - before < 50


MIN_FILES = {"deepeval-runs": 4, "inspect-logs": 20, "lm-eval": 2, "promptfoo-results": 14}
"""Files of the corpus with items, by format: of junit, ragas (degrees only) and mt-bench there are none to tell."""


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real exports is not beside this repository")
def test_results_of_the_corpus_have_items() -> None:
    csv.field_size_limit(sys.maxsize)
    with (CORPUS / "MANIFEST.tsv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["kind"] == "results"]
    found = dict.fromkeys(MIN_FILES, 0)
    for row in rows:
        doc = open_document(find_sources([row["path"]], base=CORPUS)[0])
        loader: Loader | None = next((one.loader for one in candidates(doc)), None)
        if loader is None or loader.KIND is not Kind.RESULTS or loader.FORMAT not in found:
            continue
        results = [one for one in loader.read(doc, ReadLog(), ColumnMap()) if isinstance(one, Result)]
        found[loader.FORMAT] += any(result.rubric for result in results)
        if row["path"].endswith(".json") and loader.FORMAT == "promptfoo-results":
            text = json.dumps(json.loads((CORPUS / row["path"]).read_text()))
            assert any(result.rubric for result in results) or '"componentResults": [{' not in text, row["path"]
    assert all(found[name] >= least for name, least in MIN_FILES.items()), found
