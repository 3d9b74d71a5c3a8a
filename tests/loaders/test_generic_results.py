"""Generic results: outcomes of runs in tables of the users' own making."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import generic_results
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import ReadLog, open_document
from driftcheck.loaders.source import find_sources
from driftcheck.records import Result, Status

Read = Callable[..., tuple[list[Result], ReadLog]]


@pytest.fixture
def results(tmp_path: Path) -> Read:
    """Read results from a text or from rows; the sniffer has to be sure first, where no columns are named."""

    def results(text: str | list[dict[str, object]], **columns: str) -> tuple[list[Result], ReadLog]:
        (tmp_path / "run").write_text(text if isinstance(text, str) else "\n".join(map(json.dumps, text)))
        doc = open_document(find_sources(["run"], base=tmp_path)[0])
        if not columns:
            assert generic_results.sniff(doc) is not None
        log = ReadLog()
        return list(generic_results.read(doc, log, ColumnMap(columns))), log

    return results


def statuses(found: tuple[list[Result], ReadLog]) -> list[Status]:
    return [result.status for result in found[0]]


def test_many_runs_in_one_file(results: Read) -> None:
    rows: list[dict[str, object]] = [
        {"run": f"week-{week}", "timestamp": f"2026-08-{week:02d}T00:00:00Z", "id": f"c{case}", "passed": case < week}
        for week in (1, 2)
        for case in range(3)
    ]
    found, _ = results(rows)
    assert [(result.run_id, result.case_id, result.status is Status.PASS) for result in found] == [
        ("week-1", "c0", True),
        ("week-1", "c1", False),
        ("week-1", "c2", False),
        ("week-2", "c0", True),
        ("week-2", "c1", True),
        ("week-2", "c2", False),
    ]
    assert found[3].run_time == 1785628800.0
    assert found[0].where == "run:1"


@pytest.mark.parametrize(
    "name", ["pass", "passed", "success", "correct", "is_correct", "result", "status", "verdict", "outcome"]
)
def test_every_name_of_the_verdict(results: Read, name: str) -> None:
    assert statuses(results(f"id,{name}\na,True\nb,False\nc,\n")) == [Status.PASS, Status.FAIL, Status.UNSCORED]


def test_wide_with_metrics(results: Read) -> None:
    found, _ = results("input,output,success,Accuracy_score,Style_score\nhi,yo,True,1.0,0.5\nho,yo,False,0.0,\n")
    assert [(result.input_text, result.status, result.score) for result in found] == [
        ("hi", Status.PASS, 0.75),
        ("ho", Status.FAIL, 0.0),
    ]


def test_long_rows_of_metrics_become_one_result(results: Read) -> None:
    found, log = results(
        "timestamp,input,actual_output,metric,score,passed,threshold,reason\n"
        "2026-08-01T00:00:00Z,hi,yo,faith,0.9,True,0.5,\n"
        "2026-08-01T00:00:01Z,ho,yo,faith,0.9,True,0.5,\n"
        "2026-08-01T00:00:02Z,hi,yo,style,0.1,False,0.5,bad\n"
    )
    assert [(result.input_text, result.status, result.score) for result in found] == [
        ("hi", Status.FAIL, 0.5),
        ("ho", Status.PASS, 0.9),
    ]
    assert log.n_counted == 3


def test_a_score_needs_a_threshold_and_says_so(results: Read) -> None:
    found, log = results("user_input,response,reference,faithfulness\na,b,c,0.8\na,b,c,0.2\na,b,c,\n")
    assert [result.status for result in found] == [Status.PASS, Status.FAIL, Status.UNSCORED]
    assert log.warnings == (
        "no column says pass or fail: faithfulness of 0.5 or more counts as a pass; "
        "name a verdict in columns: {runs: {status: ..}}",
    )


def test_scores_of_zero_and_one_are_verdicts(results: Read) -> None:
    found = results("id,run,score\na,1,1\nb,1,0\n")
    assert statuses(found) == [Status.PASS, Status.FAIL]
    assert found[1].warnings == ()


def test_scores_on_an_unknown_scale_are_not_guessed(results: Read) -> None:
    found = results("id,run,score\na,1,87\nb,1,12\n")
    assert statuses(found) == [Status.UNSCORED, Status.UNSCORED]
    assert "has no threshold" in found[1].warnings[0]


def test_a_threshold_column_decides(results: Read) -> None:
    assert statuses(results("id,run,score,threshold\na,1,87,80\nb,1,12,80\n")) == [Status.PASS, Status.FAIL]


def test_errors_are_no_failures(results: Read) -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "passed": True, "error": None},
        {"id": 2, "passed": False, "error": "HTTP 500"},
        {"id": 3, "passed": None, "error": "timeout"},
        {"id": 4, "passed": False, "error": ""},
        {"id": 5, "passed": "error"},
        {"id": 6, "passed": "skipped"},
    ]
    found = results(rows)
    assert statuses(found) == [
        *(Status.PASS, Status.ERROR, Status.ERROR, Status.FAIL, Status.ERROR, Status.SKIPPED),
    ]
    assert found[0][1].error == "HTTP 500"


def test_chat_logs_with_a_verdict(results: Read) -> None:
    (result,), _ = results([{"messages": [{"role": "user", "content": "2+2"}], "response": "4", "correct": True}])
    assert (result.input_text, result.status) == ("2+2", Status.PASS)


def test_repeats_models_and_prompts(results: Read) -> None:
    (result,), _ = results([{"id": 1, "passed": True, "epoch": 2, "model": "m", "variant": "p", "version": "v1"}])
    assert (result.repeat, result.model, result.prompt_id, result.run_id) == (2, "m", "p", "v1")


def test_a_text_column_called_result_is_no_verdict(results: Read) -> None:
    found = results("id,result,score,run\na,The sky,1,r\nb,The sea,0,r\n")
    assert statuses(found) == [Status.PASS, Status.FAIL]


def test_no_verdict_names_the_key(results: Read) -> None:
    with pytest.raises(
        InputError, match=r"no column for the status or the score; .*columns: \{runs: \{status: <column>\}\}"
    ):
        results("id,input\n1,a\n", id="id")


def test_no_case_names_the_key(results: Read) -> None:
    with pytest.raises(InputError, match=r"no column for an id or the input or the conversation; it has: a, ok"):
        results("a,ok\n1,True\n", status="ok")


def test_reviewers_labels_are_kept_beside_the_judges_scores(results: Read) -> None:
    rows: list[dict[str, object]] = [
        {"id": "c1", "output": "- fine", "llm_judge_score": 0.9, "human_score": 0.2},
        {"id": "c2", "output": "fine", "llm_judge_score": 0.8, "human_score": None},
    ]
    first, second = results(rows)[0]
    said = [(one.name, one.value, one.source.value) for one in first.feedback]
    assert said == [("human_score", 0.2, "human_annotator"), ("llm_judge_score", 0.9, "judge")]
    assert first.status is Status.PASS, "people's label is no metric of the bench"
    assert (first.output_text, second.output_text, second.feedback) == ("- fine", None, ())


def test_labels_beside_a_verdict(results: Read) -> None:
    rows: list[dict[str, object]] = [
        {"id": f"c{n}", "passed": n % 2 == 0, "human_label": "correct" if n else "wrong"} for n in range(4)
    ]
    found = results(rows)[0]
    assert [one.feedback[0].label for one in found] == ["wrong", "correct", "correct", "correct"]
    assert [one.status is Status.PASS for one in found] == [True, False, True, False]
