"""OpenAI evals records: the events of a run, joined by sample."""

from pathlib import Path
from typing import Any

from tests.loaders.reading import jsonl, load

from driftcheck.loaders import openai_evals_records

SPEC = {
    "spec": {
        "completion_fns": ["gpt-4o-mini"],
        "eval_name": "quiz.s1.v0",
        "base_eval": "quiz",
        "split": "s1",
        "run_id": "260811060708ABC",
        "created_at": "2026-08-11 06:07:08.000000",
    }
}
REPORT = {"final_report": {"accuracy": 0.5}, "run_id": "260811060708ABC"}


def event(sample: int, kind: str, **data: Any) -> dict[str, Any]:
    return {"run_id": "r", "event_id": 0, "sample_id": f"quiz.s1.{sample}", "type": kind, "data": data}


def test_events_are_joined(tmp_path: Path) -> None:
    prompt = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Capital of Peru?"}]
    events = [
        event(0, "sampling", prompt=prompt, sampled=["Lima"]),
        event(1, "sampling", prompt="Q1", sampled=["?"]),
        event(0, "match", correct=True, expected="Lima", picked="Lima"),
        event(1, "sampling", prompt="Is this right?", sampled=["N"]),
        event(1, "metrics", choice="N", score=0.0),
        event(2, "sampling", prompt="Q2", sampled=["?"]),
        event(3, "error", message="rate limit"),
        event(4, "metrics", score=0.4),
    ]
    found = load(tmp_path, openai_evals_records, "run.jsonl", jsonl(SPEC, REPORT, *events))
    assert found.statuses == ["pass", "fail", "unscored", "error", "unscored"]
    first = found.results[0]
    assert (first.run_id, first.model, first.variant) == ("260811060708ABC", "gpt-4o-mini", "quiz.s1.v0")
    assert (first.input_text, first.case_id, first.run_time) == ("Capital of Peru?", "quiz.s1.0", 1786428428.0)
    assert found.results[1].input_text == "Q1"
    assert found.results[3].error == "rate limit"
    assert found.log.n_counted is None
    assert "scores between 0 and 1 are no verdict" in found.log.warnings[0]


def test_a_run_without_events(tmp_path: Path) -> None:
    found = load(tmp_path, openai_evals_records, "run.jsonl", jsonl(SPEC, REPORT))
    assert found.log.warnings == ("run.jsonl holds no samples; run the eval to its end",)
