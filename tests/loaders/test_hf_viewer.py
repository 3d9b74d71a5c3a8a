"""Rows of the Hugging Face viewer whose columns no generic format knows."""

from pathlib import Path
from typing import Any

from tests.loaders.reading import load, recognised

from driftcheck.loaders import hf_viewer


def page(*rows: dict[str, Any]) -> dict[str, Any]:
    listed = [{"row_idx": number, "row": row, "truncated_cells": []} for number, row in enumerate(rows)]
    return {"features": [{"feature_idx": 0, "name": "x"}], "rows": listed, "num_rows_total": len(rows)}


def test_questions_about_a_text_are_turns(tmp_path: Path) -> None:
    row = {
        "source": "web",
        "story": "Ann ran.",
        "questions": ["Who?", "What?"],
        "answers": {"input_text": ["Ann", "Ran"]},
    }
    case = load(tmp_path, hf_viewer, "p.json", page(row)).cases[0]
    assert (case.input_text, case.expected) == ("What?", ("Ran",))
    assert case.conversation == "user: Who?\nuser: What?"
    assert case.tags["source"] == "web"


def test_what_a_generic_format_reads_is_left_to_it(tmp_path: Path) -> None:
    assert recognised(tmp_path, "p.json", page({"question": "Q", "answer": "A"})) == "generic-cases"
    assert recognised(tmp_path, "q.json", page({"a": 1, "b": 2})) is None
