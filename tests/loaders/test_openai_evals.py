"""OpenAI evals: samples in all their variants, and the registry that names them."""

from pathlib import Path

import pytest

from driftcheck.loaders import openai_evals
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case, Kind

SAMPLES = """\
{"input": [{"role": "system", "content": "Answer A-D."}, {"role": "user", "content": "2+2?"}], "ideal": ["B", "B."]}
{"input": "Capital of Peru?", "ideal": "Lima"}
{"input": [{"role": "system", "content": "Be terse"}, {"role": "system", "content": "Hi", "name": "example_user"}, \
{"role": "system", "content": "2*3?"}], "ideal": 6}

{"input": [{"role": "user", "content": "Broken"
{"input": [{"role": "user", "content": "Last"}], "ideal": "[A: 1]", "id": 4}
"""


def opened(folder: Path, name: str, text: str) -> Document:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return open_document(find_sources([name], base=folder)[0])


def load(folder: Path, name: str, text: str) -> tuple[list[Case], ReadLog]:
    doc = opened(folder, name, text)
    assert openai_evals.sniff(doc) is not None
    log = ReadLog()
    return list(openai_evals.read(doc, log, ColumnMap())), log


def test_samples(tmp_path: Path) -> None:
    cases, log = load(tmp_path, "maths/samples.jsonl", SAMPLES)
    assert cases[0] == Case(
        case_id=None,
        input_text="2+2?",
        where="maths/samples.jsonl:1",
        conversation="system: Answer A-D.\nuser: 2+2?",
        expected=("B", "B."),
        tags={"eval": "maths"},
    )
    assert [case.input_text for case in cases] == ["2+2?", "Capital of Peru?", "2*3?", "Last"]
    assert [case.expected for case in cases[1:]] == [("Lima",), ("6",), ("[A: 1]",)]
    assert cases[3].case_id == "4"
    assert log.n_skipped == 1
    assert openai_evals.KIND is Kind.EVALSET


def test_pretty_printed_samples(tmp_path: Path) -> None:
    text = '{\n  "input": "a",\n  "ideal": "b"\n}\n{\n  "input": "c",\n  "ideal": "d"\n}\n'
    cases, _ = load(tmp_path, "samples.jsonl", text)
    assert [case.input_text for case in cases] == ["a", "c"]


def test_multiple_choice(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        "qa.jsonl",
        '{"id": 9, "question": "Which?", "choices": {"text": ["a", "green"], "label": ["A", "B"]}, "answerKey": "B"}\n'
        '{"id": 10, "question": "Who?", "choices": ["x"], "answerKey": "A"}\n',
    )
    assert [(case.case_id, case.input_text, case.expected) for case in cases] == [
        ("9", "Which?", ("B", "green")),
        ("10", "Who?", ("A",)),
    ]


def test_model_graded_samples(tmp_path: Path) -> None:
    text = '{"input": [{"role": "user", "content": "A joke about tea"}], "criteria": "funny"}\n' * 2
    cases, _ = load(tmp_path, "joke.jsonl", text)
    assert [(case.input_text, case.expected) for case in cases] == [("A joke about tea", ())] * 2


REGISTRY = """\
shop:
  id: shop.dev.v0
  metrics: [accuracy]
shop.dev.v0:
  class: evals.elsuite.basic.match:Match
  args: {samples_jsonl: shop/samples.jsonl}
shop.dev.v1:
  class: evals.elsuite.modelgraded.classify:ModelBasedClassify
  args: {samples_jsonl: shop/samples.jsonl, modelgraded_spec: fact}
gone.dev.v0:
  class: evals.elsuite.basic.match:Match
  args: {samples_jsonl: gone/samples.jsonl}
plain.dev.v0:
  class: evals.elsuite.other:Other
"""


def test_registry(tmp_path: Path) -> None:
    opened(tmp_path, "registry/data/shop/samples.jsonl", '{"input": "Where?", "ideal": "Here"}\n["?"]\n')
    cases, log = load(tmp_path, "registry/evals/shop.yaml", REGISTRY)
    assert [(case.input_text, case.tags) for case in cases] == [("Where?", {"eval": "shop"})]
    assert cases[0].where == "registry/data/shop/samples.jsonl:1"
    assert log.n_counted == 5
    assert len(log.warnings) == 1
    assert "gone/samples.jsonl is missing" in log.warnings[0]


def test_registry_of_lfs_pointers(tmp_path: Path) -> None:
    path = tmp_path / "registry/data/shop/samples.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2\nsize 12\n")
    cases, log = load(tmp_path, "registry/evals/shop.yaml", REGISTRY)
    assert cases == []
    assert "its samples are not loaded" in log.warnings[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"input": "a", "target": "b"}\n{"input": "a", "target": "b"}\n'),
        ("a.jsonl", '{"input": "a", "expected": "b"}\n{"input": "a", "expected": "b"}\n'),
        ("a.jsonl", '{"input": "a", "ideal": "b", "sampled": "c", "correct": true}\n' * 2),
        ("a.jsonl", '{"input": [{"role": "user", "content": "a"}], "output": "b"}\n' * 2),
        ("a.jsonl", '{"input": [{"role": "user", "content": "a"}], "expectedOutput": "b"}\n' * 2),
        ("a.jsonl", '{"input": [{"role": "user", "content": "a"}], "traceId": "b"}\n' * 2),
        ("a.jsonl", '{"input": []}\n' * 2),
        ("a.jsonl", '{"prompt": "a", "completion": "b"}\n' * 2),
        ("a.jsonl", "[1]\n[2]\n"),
        ("a.json", "[1]"),
        ("a.yaml", "shop: {class: myapp.Shop}\n"),
        ("a.yaml", "shop: {class: evals.x}\nname: y\n"),
        ("a.yaml", "- class: evals.x\n"),
        ("a.csv", "input,ideal\na,b\n"),
    ],
)
def test_other_files_are_not_recognised(tmp_path: Path, name: str, text: str) -> None:
    assert openai_evals.sniff(opened(tmp_path, name, text)) is None


def test_few_shot_examples_are_cases(tmp_path: Path) -> None:
    turn = '{"role": "system", "content": "%s", "name": "example_%s"}'
    pair = f'{{"sample": [{turn % ("netlis", "user")}, {turn % ("listen", "assistant")}]}}\n'
    cases, log = load(tmp_path, "anagrams/few_shot.jsonl", pair + f'{{"sample": [{turn % ("tac", "user")}]}}\n')
    assert [case.input_text for case in cases] == ["netlis", "tac"]
    assert [case.expected for case in cases] == [("listen",), ()]
    assert log.n_skipped == 0
