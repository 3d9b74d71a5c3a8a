"""Langfuse experiments: run items with and without scores, the dump of run_experiment()."""

from pathlib import Path
from typing import Any

from tests.loaders.reading import jsonl, load

from driftcheck.loaders import langfuse_experiment


def item(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"n{number}",
        "datasetRunId": "u1",
        "datasetRunName": "nightly",
        "datasetItemId": f"i{number}",
        "traceId": f"t{number}",
        "observationId": None,
        "createdAt": "2026-08-11T06:07:08.000Z",
        **more,
    }


def test_run_items_with_scores(tmp_path: Path) -> None:
    listed = [
        {"name": "correct", "value": 1, "dataType": "BOOLEAN", "source": "EVAL"},
        {"name": "tone", "value": 0.6, "dataType": "NUMERIC"},
    ]
    label = [{"name": "grade", "value": 0, "stringValue": "incorrect", "dataType": "CATEGORICAL"}]
    rows = [item(1, scores=listed), item(2, scores={"correct": [0.0]}), item(3, scores=label), item(4, scores=[])]
    found = load(tmp_path, langfuse_experiment, "r.jsonl", jsonl(*rows))
    assert found.statuses == ["pass", "fail", "fail", "unscored"]
    first = found.results[0]
    assert (first.run_id, first.case_id, first.score, first.run_time) == ("nightly", "i1", 0.8, 1786428428.0)


def test_items_without_scores_are_unscored(tmp_path: Path) -> None:
    run = {"id": "u1", "name": "nightly", "datasetName": "support", "datasetRunItems": [item(1), item(2)]}
    for name, content in (("r.json", run), ("p.json", {"data": [item(1), item(2)], "meta": {"page": 1}})):
        found = load(tmp_path, langfuse_experiment, name, content)
        assert found.statuses == ["unscored", "unscored"]
        assert "run items without their scores" in found.log.warnings[0]


def test_the_dump_of_run_experiment(tmp_path: Path) -> None:
    result = {
        "item": {"id": "i1", "input": {"question": "Q"}, "expected_output": "A"},
        "output": "A",
        "evaluations": [{"name": "exact", "value": True}],
        "trace_id": "t1",
    }
    found = load(tmp_path, langfuse_experiment, "x.json", {"run_name": "try", "item_results": [result]})
    assert (found.statuses, found.results[0].run_id) == (["pass"], "try")
    assert (found.results[0].input_text, found.results[0].case_id) == ("Q", "i1")


def test_reviewers_annotations_are_kept_beside_the_judges_scores(tmp_path: Path) -> None:
    both = [
        {"name": "correct", "value": 1, "dataType": "NUMERIC", "source": "EVAL"},
        {"name": "correct", "value": 0, "dataType": "NUMERIC", "source": "ANNOTATION"},
        {"name": "tone", "value": 0.6, "source": "API"},
    ]
    rows = [item(1, scores=both, output="- fine"), item(2, scores=both[:1], output="fine")]
    first, second = load(tmp_path, langfuse_experiment, "r.jsonl", jsonl(*rows)).results
    said = [(one.name, one.value, one.source.value) for one in first.feedback]
    assert said == [("correct", 1, "judge"), ("correct", 0, "human_annotator"), ("tone", 0.6, "judge")]
    assert (first.output_text, second.output_text, second.feedback) == ("- fine", None, ())
