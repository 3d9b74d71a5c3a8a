"""promptfoo results: JSON from v1 to v4, JSON lines, CSV old and new, XML."""

import json
from pathlib import Path
from typing import Any

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders import promptfoo_results
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Kind, Result, Status

JUNE = 1780315200.0  # 2026-06-01T12:00:00Z


def opened(folder: Path, name: str, content: Any) -> Document:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")
    return open_document(find_sources([name], base=folder)[0])


def load(folder: Path, name: str, content: Any) -> tuple[list[Result], ReadLog]:
    doc = opened(folder, name, content)
    assert promptfoo_results.sniff(doc) is not None
    log = ReadLog()
    return list(promptfoo_results.read(doc, log, ColumnMap())), log


def row(**more: Any) -> dict[str, Any]:
    return {
        "id": "u1",
        "testIdx": 0,
        "promptIdx": 0,
        "provider": {"id": "openai:gpt-4o-mini", "label": ""},
        "prompt": {"raw": "Say hi", "label": "Say {{q}}"},
        "vars": {"q": "hi"},
        "response": {"output": "hi"},
        "success": True,
        "score": 1,
        "failureReason": 0,
        "gradingResult": {"pass": True, "score": 1, "reason": "ok"},
        "testCase": {"vars": {"q": "hi"}},
        **more,
    }


def v3(*rows: dict[str, Any], **stats: int) -> dict[str, Any]:
    return {
        "evalId": "eval-x1-2026-06-01T11:00:00",
        "results": {"version": 3, "timestamp": "2026-06-01T12:00:00Z", "prompts": [], "results": rows, "stats": stats},
        "config": {"tests": [{"vars": {"q": "hi"}}]},
        "shareableUrl": None,
    }


def test_v3(tmp_path: Path) -> None:
    failed = {"success": False, "score": 0.4, "error": "Expected x", "failureReason": 1, "vars": {"q": "b"}}
    crashed = {"success": False, "score": 0, "error": "429 from the API", "failureReason": 2, "gradingResult": None}
    results, log = load(
        tmp_path,
        "r.json",
        v3(
            row(testCase={"vars": {"q": "hi"}, "description": "greets"}),
            row(**failed),
            row(**crashed, vars={"q": "c"}, provider="openai:gpt-4o"),
            successes=1,
            failures=1,
            errors=1,
        ),
    )
    assert results[0] == Result(
        run_id="eval-x1-2026-06-01T11:00:00",
        case_id="greets",
        input_text="hi",
        status=Status.PASS,
        where="r.json#1",
        run_time=JUNE,
        score=1.0,
        model="openai:gpt-4o-mini",
        prompt_id="Say {{q}}",
    )
    assert (results[1].status, results[1].score, results[1].error) == (Status.FAIL, 0.4, None)
    assert (results[2].status, results[2].error, results[2].model) == (
        Status.ERROR,
        "429 from the API",
        "openai:gpt-4o",
    )
    assert log.warnings == ()
    assert promptfoo_results.KIND is Kind.RESULTS


def test_v2_without_failure_reason(tmp_path: Path) -> None:
    old = row()
    del old["failureReason"], old["testIdx"], old["testCase"]
    content = {
        "results": {
            "version": 2,
            "timestamp": "2026-06-01T12:00:00.000Z",
            "results": [
                old,
                {**old, "success": False, "error": "Expected x", "gradingResult": {"pass": False}},
                {**old, "success": False, "error": "no key", "gradingResult": None},
                {key: value for key, value in {**old, "success": False, "error": "no key"}.items() if key != "response"}
                | {"gradingResult": None},
            ],
            "stats": {"successes": 1, "failures": 3},
            "table": {"head": {}, "body": []},
        }
    }
    results, log = load(tmp_path, "r.json", content)
    assert [result.status for result in results] == [Status.PASS, Status.FAIL, Status.ERROR, Status.ERROR]
    assert results[0].run_time == JUNE
    assert log.warnings == ()


def test_under_data(tmp_path: Path) -> None:
    results, _ = load(tmp_path, "r.json", {"data": {**v3(row()), "author": "a"}})
    assert [result.input_text for result in results] == ["hi"]


def test_flat(tmp_path: Path) -> None:
    content = {
        "version": 1,
        "results": [
            {"prompt": {"raw": "Say hi", "display": "Say {{q}}"}, "vars": {"q": "hi"}, "response": {}, "success": True},
            {
                "prompt": {"raw": "a"},
                "vars": {"q": "a"},
                "response": {"output": "x"},
                "error": "no x",
                "success": False,
            },
            {"prompt": {"raw": "b"}, "vars": {"q": "b"}, "error": "timeout", "success": False},
            {"prompt": {"raw": "c"}, "vars": {"q": "c"}, "success": False},
        ],
        "stats": {},
        "table": [],
    }
    results, _ = load(tmp_path, "r.json", content)
    assert [result.status for result in results] == [Status.PASS, Status.FAIL, Status.ERROR, Status.FAIL]
    assert results[0].prompt_id == "Say {{q}}"
    assert results[0].run_time is None


def test_saved_eval(tmp_path: Path) -> None:
    saved = row()
    saved["providerResponse"] = saved.pop("response")
    del saved["vars"]
    content = {"createdAt": 1780315200000, "id": "eval-7", "config": {}, "results": [saved], "prompts": []}
    results, _ = load(tmp_path, "r.json", content)
    assert (results[0].run_id, results[0].run_time, results[0].input_text) == ("eval-7", JUNE, "hi")


def test_rows_that_were_not_saved(tmp_path: Path) -> None:
    content = {"_resultsLoaded": False, "createdAt": 1780315200000, "id": "e", "config": {}, "results": []}
    results, log = load(tmp_path, "r.json", content)
    assert results == []
    assert "promptfoo export" in log.warnings[0]


def test_stats_that_do_not_fit(tmp_path: Path) -> None:
    results, log = load(tmp_path, "r.json", v3(row(), successes=2, failures=0, errors=0))
    assert len(results) == 1
    assert "claims 2 passes of 2 results" in log.warnings[0]


def test_time_from_the_id(tmp_path: Path) -> None:
    content = v3(row())
    del content["results"]["timestamp"]
    results, _ = load(tmp_path, "r.json", content)
    assert results[0].run_time == JUNE - 3600


def test_json_lines(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(row(testIdx=index, vars={"q": str(index)})) for index in (1, 0)) + "\n"
    results, _ = load(tmp_path, "r.jsonl", lines)
    assert [(result.input_text, result.run_id) for result in results] == [("1", None), ("0", None)]


def test_variables_for_assertions_alone_are_no_input(tmp_path: Path) -> None:
    content = v3(row(vars={"mail": "Where is it?", "tone": "calm", "must_name": "parcel"}))
    content["results"]["prompts"] = [{"raw": "Reply to {{mail}}", "label": "one"}, {"raw": "{{mail}} {{tone}}"}]
    results, _ = load(tmp_path, "r.json", content)
    assert results[0].input_text == "mail: Where is it?\ntone: calm"
    content["config"]["defaultTest"] = {"vars": {"tone": "calm", "must_name": "x"}}
    results, _ = load(tmp_path, "r.json", content)
    assert results[0].input_text == "Where is it?"
    content["results"]["prompts"].append({"raw": "({vars}) => vars.mail"})
    results, _ = load(tmp_path, "r.json", content)
    assert results[0].input_text == "mail: Where is it?\nmust_name: parcel"


def test_rows_with_an_id_of_their_run_alone(tmp_path: Path) -> None:
    content = {"evalId": "eval-7", "results": {"results": [{"success": True, "testCase": {"description": "a"}}]}}
    content["results"]["results"][0]["gradingResult"] = {"pass": True}  # type: ignore[index]
    results, _ = load(tmp_path, "r.json", content)
    assert [(one.run_id, one.case_id, one.status) for one in results] == [("eval-7", "a", Status.PASS)]


def test_repeats_are_counted_per_provider_and_prompt(tmp_path: Path) -> None:
    rows = [
        row(testIdx=0),
        row(testIdx=1),
        row(testIdx=0, promptIdx=1),
        row(testIdx=0, provider="other"),
        row(testIdx=2, testCase={"vars": {"q": "hi"}, "assert": [{"type": "is-json"}]}),
    ]
    results, _ = load(tmp_path, "r.json", v3(*rows))
    assert [result.repeat for result in results] == [0, 1, 0, 0, 0]


def test_row_number_is_no_id(tmp_path: Path) -> None:
    results, _ = load(tmp_path, "r.json", v3(row(testCase={"description": "Row #1", "metadata": {"id": "c-9"}})))
    assert results[0].case_id == "c-9"


def test_prompt_is_the_input_of_a_test_without_variables(tmp_path: Path) -> None:
    chat = '[{"role": "system", "content": "x"}, {"role": "user", "content": "Write a haiku"}]'
    results, _ = load(tmp_path, "r.json", v3(row(vars={}, testCase={}, prompt={"raw": chat, "label": "x" * 200})))
    assert results[0].input_text == "Write a haiku"
    assert len(results[0].prompt_id or "") == 80


def test_one_broken_grader_fails_everything(tmp_path: Path) -> None:
    broken = {"success": False, "error": "Unexpected token 'return'", "failureReason": 1}
    results, log = load(tmp_path, "r.json", v3(*(row(vars={"q": str(n)}, **broken) for n in range(4))))
    assert all(result.status is Status.FAIL for result in results)
    assert "all 4 results failed with the same message" in log.warnings[0]


def test_missing_verdict_is_unscored(tmp_path: Path) -> None:
    results, _ = load(tmp_path, "r.json", v3(row(success=None, gradingResult=None), row(success=None)))
    assert [result.status for result in results] == [Status.UNSCORED, Status.PASS]


def test_rows_that_are_no_objects(tmp_path: Path) -> None:
    results, _ = load(tmp_path, "r.json", v3(row(), "?"))  # type: ignore[arg-type]
    assert len(results) == 1


NEW_CSV = """Description,body,tone,"[openai:gpt-4o] Rephrase
{{body}}",Status,Score,Named Scores,Grader Reason,Comment,"[echo] Say
{{body}}",Status,Score,Named Scores,Metric: Tone,Grader Reason,Comment
late parcel,Where is it?,calm,out,PASS,1.00,,ok,,out,FAIL,0.30,"{""Tone"":0}",0.00,no,
Row #2,Hello,calm,,ERROR,0.00,,API key is missing,,out,PASS,1.00,,,ok,
Row #2,Hello,calm,out,PASS,1.00,,ok,,out,PASS,1.00,,,ok,
"""


def test_csv_headers_say_which_variables_are_input(tmp_path: Path) -> None:
    text = '"mail","code","[echo] Reply to {{mail}}",Status,Score,Named Scores,Grader Reason,Comment\n'
    results, _ = load(tmp_path, "r.csv", text + "Where is it?,X7,out,PASS,1,,ok,\n")
    assert results[0].input_text == "Where is it?"


def test_new_csv(tmp_path: Path) -> None:
    results, log = load(tmp_path, "r.csv", NEW_CSV)
    assert [result.status for result in results] == [
        Status.PASS,
        Status.FAIL,
        Status.ERROR,
        Status.PASS,
        Status.PASS,
        Status.PASS,
    ]
    assert [result.model for result in results[:2]] == ["openai:gpt-4o", "echo"]
    assert [result.prompt_id for result in results[:2]] == ["Rephrase {{body}}", "Say {{body}}"]
    assert [result.score for result in results[:2]] == [1.0, 0.3]
    assert results[0].case_id == "late parcel"
    assert results[0].input_text == "Where is it?"
    assert (results[2].case_id or "").startswith("vars-")
    assert results[2].error == "API key is missing"
    assert [result.repeat for result in results] == [0, 0, 0, 0, 1, 1]
    assert log.n_counted == 3


def test_old_csv(tmp_path: Path) -> None:
    text = (
        'q,"[openai:gpt-4] Say {{q}}","{""raw"": ""x""}"\n'
        'hi,[PASS] hi there,"[FAIL] (0.50) Expected x\n---\nno"\n'
        "bye,[PASS] (1.00) bye,[ERROR] timeout\n"
    )
    results, log = load(tmp_path, "r.csv", text)
    assert [(result.input_text, result.status, result.score) for result in results] == [
        ("hi", Status.PASS, None),
        ("hi", Status.FAIL, 0.5),
        ("bye", Status.PASS, 1.0),
        ("bye", Status.ERROR, None),
    ]
    assert [result.model for result in results[:2]] == ["openai:gpt-4", None]
    assert results[3].error == "timeout"
    assert log.n_counted == 2


XML = """<promptfoo>
  <evalId>eval-x1-2026-06-01T11:00:00</evalId>
  <results>
    <version>3</version>
    <timestamp>2026-06-01T12:00:00Z</timestamp>
    <prompts><raw>Say {{q}}</raw></prompts>
    <results>
      <success>true</success><score>1</score><failureReason>0</failureReason>
      <provider><id>echo</id><label></label></provider><promptIdx>0</promptIdx>
      <prompt><raw>Say hi</raw><label>Say {{q}}</label></prompt>
      <vars><q>hi</q></vars>
      <testCase><vars><q>hi</q></vars><description>greets</description></testCase>
    </results>
    <results>
      <success>false</success><score>0</score><failureReason>2</failureReason><error>timeout</error>
      <vars><q>a</q><q>b</q></vars>
    </results>
    <stats><successes>1</successes></stats>
  </results>
  <config><tests><vars><q>hi</q></vars></tests></config>
</promptfoo>
"""


def test_csv_of_2023_has_its_variables_behind_the_outputs(tmp_path: Path) -> None:
    shown = json.dumps({"raw": "Say {{q}}", "display": "[openai:gpt-4] short"}).replace('"', '""')
    text = f'"{shown}",Echo {{{{q}}}},tone,mood\n[PASS] (1.00) hi,"[FAIL] (0.00) why\n---\nhi",calm,warm\n'
    results, _ = load(tmp_path, "output.csv", text)
    assert [(result.status, result.model) for result in results] == [(Status.PASS, "openai:gpt-4"), (Status.FAIL, None)]
    assert [result.prompt_id for result in results] == ["short", "Echo {{q}}"]
    assert {result.input_text for result in results} == {"mood: warm\ntone: calm"}


def test_xml(tmp_path: Path) -> None:
    results, _ = load(tmp_path, "r.xml", XML)
    assert results[0] == Result(
        run_id="eval-x1-2026-06-01T11:00:00",
        case_id="greets",
        input_text="hi",
        status=Status.PASS,
        where="r.xml#1",
        run_time=JUNE,
        score=1.0,
        model="echo",
        prompt_id="Say {{q}}",
    )
    assert (results[1].status, results[1].error, results[1].input_text) == (Status.ERROR, "timeout", "a\nb")


def test_broken_xml(tmp_path: Path) -> None:
    doc = opened(tmp_path, "r.xml", XML[:700])
    with pytest.raises(InputError, match="broken XML"):
        list(promptfoo_results.read(doc, ReadLog(), ColumnMap()))


def test_xml_without_rows(tmp_path: Path) -> None:
    results, _ = load(tmp_path, "r.xml", "<promptfoo><evalId>e</evalId><results/></promptfoo>")
    assert results == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("summary.json", {"results": [{"name": "greets", "passed": True, "score": 1}], "summary": {"passed": 1}}),
        ("summary.json", {"timestamp": "2026-06-01", "results": {"total": 3, "passed": 2, "results": "see below"}}),
        ("summary.json", {"results": {"version": 3, "results": [{"test": "a", "status": "ok"}], "stats": {}}}),
        ("summary.json", {"results": {"results": []}}),
        ("inspect.json", {"version": 2, "status": "success", "eval": {}, "results": {"scores": []}}),
        ("config.json", {"prompts": ["p"], "providers": ["echo"], "tests": [{"vars": {"q": "a"}}]}),
        ("tests.jsonl", '{"vars": {"q": "Hi"}, "assert": []}\n{"vars": {"q": "Bye"}}\n'),
        ("other.csv", "name,Status,Score\na,PASS,1\n"),
        ("other.csv", "text,label\n[PASSAGE] a,b\n"),
        ("empty.json", {"results": []}),
        ("other.xml", "<testsuites name='promptfoo'/>"),
    ],
)
def test_other_files_are_not_recognised(tmp_path: Path, name: str, content: Any) -> None:
    assert promptfoo_results.sniff(opened(tmp_path, name, content)) is None


def test_rows_without_a_label_take_that_of_their_prompt_index(tmp_path: Path) -> None:
    rows = [
        {"vars": {"q": "hi"}, "success": True, "promptIdx": 1, "prompt": {"raw": "Be short: hi"}},
        {"vars": {"q": "hi"}, "success": True, "promptIdx": 0, "prompt": {"raw": "Say hi", "label": "own"}},
        {"vars": {"q": "hi"}, "success": True, "promptIdx": 7, "prompt": {"raw": "Say hi"}},
        {"vars": {"q": "hi"}, "success": True, "promptIdx": 7},
    ]
    prompts = [{"raw": "Say {{q}}", "label": "plain"}, {"raw": "Be short: {{q}}", "label": "short"}]
    run = {"evalId": "e", "results": {"version": 3, "prompts": prompts, "results": rows}}
    results, _ = load(tmp_path, "r.json", json.dumps(run))
    assert [result.prompt_id for result in results] == ["short", "own", "Say hi", None]
