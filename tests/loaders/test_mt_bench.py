"""MT-Bench questions: one turn and several."""

from pathlib import Path

from tests.loaders.reading import jsonl, load

from driftcheck.loaders import mt_bench


def test_questions(tmp_path: Path) -> None:
    rows = [
        {"question_id": 81, "category": "writing", "turns": ["Write a poem.", "Make it shorter."]},
        {"question_id": 82, "category": "math", "turns": ["1+1?"], "reference": ["2"]},
        {"question_id": "u3", "cluster": "x", "turns": [{"content": "Hi"}]},
    ]
    cases = load(tmp_path, mt_bench, "question.jsonl", jsonl(*rows)).cases
    assert [(case.case_id, case.input_text) for case in cases] == [
        ("81", "Write a poem."),
        ("82", "1+1?"),
        ("u3", "Hi"),
    ]
    assert cases[0].conversation == "user: Write a poem.\nuser: Make it shorter."
    assert (cases[1].conversation, cases[1].expected, cases[1].tags) == (None, ("2",), {"category": "math"})
