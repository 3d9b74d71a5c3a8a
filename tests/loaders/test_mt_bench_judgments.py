"""MT-Bench judgments of one model and of two, and answers."""

from pathlib import Path

from tests.loaders.reading import jsonl, load

from driftcheck.loaders import mt_bench_judgments


def test_judgments_of_one_model(tmp_path: Path) -> None:
    row = {
        "question_id": 81,
        "model": "m",
        "judge": ["gpt-4", "single-v1"],
        "judgment": "...",
        "turn": 1,
        "tstamp": 1786428428.0,
    }
    found = load(
        tmp_path, mt_bench_judgments, "single.jsonl", jsonl({**row, "score": 9}, {**row, "turn": 2, "score": -1})
    )
    assert found.statuses == ["unscored", "error"]
    first, failed = found.results
    assert (first.case_id, first.model, first.variant, first.score) == ("81", "m", "turn 1", 9.0)
    assert (first.run_time, failed.score, failed.error) == (1786428428.0, None, "the judge gave no score")
    assert "names no pass mark" in found.log.warnings[0]


def test_judgments_of_two_models_and_answers(tmp_path: Path) -> None:
    pair = {"question_id": 81, "model_1": "a", "model_2": "b", "g1_winner": "model_1", "g2_winner": "tie", "turn": 1}
    found = load(
        tmp_path, mt_bench_judgments, "pair.jsonl", jsonl(pair, {**pair, "g1_winner": "error", "g2_winner": "error"})
    )
    assert (found.statuses, found.results[0].model) == (["unscored", "error"], "a vs b")
    answer = {"question_id": 81, "answer_id": "z", "model_id": "m", "choices": [{"index": 0, "turns": ["A"]}]}
    assert load(tmp_path, mt_bench_judgments, "m.jsonl", jsonl(answer)).results[0].model == "m"
