"""pydantic-evals: datasets as YAML and JSON."""

from pathlib import Path

from tests.loaders.reading import load, recognised

from driftcheck.loaders import pydantic_evals


def test_yaml(tmp_path: Path) -> None:
    text = """\
# yaml-language-server: $schema=quiz_schema.json
name: quiz
cases:
- name: capital
  inputs: {question: Capital of Peru?, now: '2026-08-11'}
  expected_output: Lima
  metadata: {topic: geography}
  evaluators:
  - EqualsExpected
- inputs: Plain?
evaluators:
- LLMJudge: {rubric: polite}
"""
    cases = load(tmp_path, pydantic_evals, "quiz.yaml", text).cases
    assert (cases[0].case_id, cases[0].input_text, cases[0].expected) == ("capital", "Capital of Peru?", ("Lima",))
    assert (cases[0].tags, cases[0].where) == ({"topic": "geography"}, "quiz.yaml:4")
    assert (cases[1].case_id, cases[1].input_text) == (None, "Plain?")


def test_json_with_an_object_as_answer(tmp_path: Path) -> None:
    content = {"cases": [{"name": "a", "inputs": {"text": "Q"}, "expected_output": {"from": 1, "to": 2}}]}
    case = load(tmp_path, pydantic_evals, "d.json", content).cases[0]
    assert case.expected == ('{"from": 1, "to": 2}',)


def test_other_cases_are_not_taken(tmp_path: Path) -> None:
    text = "cases:\n- {id: a, inputs: Q, expected: A}\n"
    assert recognised(tmp_path, "c.yaml", text) != pydantic_evals.FORMAT
