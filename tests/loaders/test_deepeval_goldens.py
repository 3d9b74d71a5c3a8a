"""DeepEval goldens: as deepeval 4.3.1 saves them, as Confident AI exports them, conversational ones."""

import json
from pathlib import Path

import pytest
from tests.loaders.reading import jsonl, load, recognised

from driftcheck.loaders import deepeval_goldens
from driftcheck.records import Case

GOLDEN = {
    "input": "Where is my parcel?",
    "actual_output": None,
    "expected_output": "On its way",
    "retrieval_context": None,
    "context": ["Parcels take two days"],
    "name": "g1",
    "comments": None,
    "source_file": "docs\\faq.md",
    "tools_called": None,
    "expected_tools": None,
    "token_cost": None,
    "additional_metadata": {"topic": "delivery", "lang": "en"},
    "custom_column_key_values": {"tier": "gold"},
}


def test_json_as_deepeval_saves_it(tmp_path: Path) -> None:
    found = load(tmp_path, deepeval_goldens, "goldens.json", [GOLDEN, {**GOLDEN, "name": None, "expected_output": ""}])
    assert found.cases[0] == Case(
        case_id="g1",
        input_text="Where is my parcel?",
        where="goldens.json#1",
        expected=("On its way",),
        tags={"tier": "gold", "topic": "delivery", "lang": "en"},
        language="en",
    )
    assert (found.cases[1].case_id, found.cases[1].expected) == (None, ())


def test_csv_and_json_lines_with_joined_lists(tmp_path: Path) -> None:
    flat = {**GOLDEN, "context": "a|b", "retrieval_context": "['a', 'b']", "team": "post"}
    flat["additional_metadata"] = json.dumps(GOLDEN["additional_metadata"])
    header = ",".join(flat)
    cells = ",".join('"' + str("" if cell is None else cell).replace('"', '""') + '"' for cell in flat.values())
    for name, text in (("g.csv", f"{header}\n{cells}\n"), ("g.jsonl", jsonl(flat))):
        case = load(tmp_path, deepeval_goldens, name, text).cases[0]
        assert case.tags == {"team": "post", "tier": "gold", "topic": "delivery", "lang": "en"}
        assert case.expected == ("On its way",)


def test_camel_case_of_confident_ai(tmp_path: Path) -> None:
    content = {
        "goldens": [{"input": "Hi", "expectedOutput": "Hello", "sourceFile": "a.md"}],
        "conversationalGoldens": [{"scenario": "Angry user", "expectedOutcome": "Calm", "userDescription": "Ann"}],
    }
    cases = load(tmp_path, deepeval_goldens, "dataset.json", content).cases
    assert [(case.input_text, case.expected) for case in cases] == [("Hi", ("Hello",)), ("Angry user", ("Calm",))]


def test_conversational_goldens_with_turns_as_text(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "!"},
    ]
    golden = {"scenario": "A greeting", "turns": json.dumps(turns), "expected_outcome": "Greeted", "name": "c1"}
    case = load(tmp_path, deepeval_goldens, "c.json", [golden]).cases[0]
    assert (case.input_text, case.expected, case.case_id) == ("Hi", ("Greeted",), "c1")
    assert case.conversation == "user: Hi\nassistant: Yes?\nuser: !"


def test_what_is_no_golden_is_skipped_and_counted(tmp_path: Path) -> None:
    found = load(tmp_path, deepeval_goldens, "g.json", [*[GOLDEN] * 9, "?"])
    assert (len(found.cases), found.log.n_skipped) == (9, 1)


@pytest.mark.parametrize("extra", [{"success": True}, {"metrics_data": []}, {"Faithfulness_score": 0.5}])
def test_results_are_no_goldens(tmp_path: Path, extra: dict[str, object]) -> None:
    assert recognised(tmp_path, "x.json", [{**GOLDEN, **extra}]) != deepeval_goldens.FORMAT
