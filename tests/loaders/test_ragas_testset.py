"""Ragas testsets: 0.2 and later, 0.1, several turns."""

from pathlib import Path

from tests.loaders.reading import jsonl, load, recognised

from driftcheck.loaders import ragas_testset
from driftcheck.loaders.inspection import inspect_source
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case


def test_csv_of_0_2(tmp_path: Path) -> None:
    text = (
        ",user_input,reference_contexts,reference,persona_name,query_style,synthesizer_name\n"
        "0,Who pays?,\"['The sender pays.', 'Or not.']\",The sender,Clerk,PERFECT_GRAMMAR,single_hop\n"
    )
    case = load(tmp_path, ragas_testset, "t.csv", text).cases[0]
    assert (case.input_text, case.expected, case.case_id) == ("Who pays?", ("The sender",), None)
    assert case.tags == {"persona_name": "Clerk", "query_style": "PERFECT_GRAMMAR", "synthesizer_name": "single_hop"}


def test_json_lines_with_turns(tmp_path: Path) -> None:
    turns = [
        {"content": "Hi", "type": "human"},
        {"content": "Yes?", "type": "ai"},
        {"content": "Who?", "type": "human"},
    ]
    rows = [{"user_input": turns, "reference": "Ann", "synthesizer_name": "s"}]
    case = load(tmp_path, ragas_testset, "t.jsonl", jsonl(*rows)).cases[0]
    assert (case.input_text, case.conversation) == ("Who?", "user: Hi\nassistant: Yes?\nuser: Who?")


def test_0_1_and_wrapped_samples(tmp_path: Path) -> None:
    old = [{"question": "Q", "contexts": ["c"], "ground_truth": "A", "evolution_type": "simple", "episode_done": True}]
    case = load(tmp_path, ragas_testset, "old.json", old).cases[0]
    assert (case.input_text, case.expected, case.tags) == ("Q", ("A",), {"evolution_type": "simple"})
    wrapped = {"samples": [{"eval_sample": {"user_input": "Q", "reference": "A"}, "synthesizer_name": "s"}]}
    assert load(tmp_path, ragas_testset, "w.json", wrapped).cases[0].input_text == "Q"


def test_parquet_with_real_lists(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    columns = {"user_input": ["Q"], "reference": ["A"], "reference_contexts": [["c1", "c2"]], "synthesizer_name": ["s"]}
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    report = inspect_source(find_sources(["t.parquet"], base=tmp_path)[0])
    assert (report.format, report.n_records) == (ragas_testset.FORMAT, 1)
    assert isinstance(report.first, Case)
    assert (report.first.input_text, report.first.expected) == ("Q", ("A",))


def test_a_metric_beside_samples_makes_them_results(tmp_path: Path) -> None:
    rows = [{"user_input": "Q", "reference": "A", "response": "A", "faithfulness": 1.0}]
    assert recognised(tmp_path, "r.json", rows) == "ragas-results"
    assert recognised(tmp_path, "g.json", [{"question": "Q", "ground_truth": "A"}]) == "generic-cases"
