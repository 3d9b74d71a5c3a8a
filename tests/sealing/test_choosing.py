"""Which cases a share takes."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.fakes import write_lines

from driftcheck.config import load_config
from driftcheck.editing.case_files import read_case_files
from driftcheck.errors import ConfigError
from driftcheck.intake import Sources
from driftcheck.sealing.choosing import Candidate, candidates, choose
from driftcheck.seals import LeakFinder, Marks

SALT = b"0123456789abcdef"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(rows: list[dict[str, object]]) -> list[Candidate]:
    write_lines(Path("set.jsonl"), rows)
    Path("drift.yaml").write_text("eval_set: set.jsonl\n")
    config = load_config()
    with ExitStack() as stack:
        return candidates(read_case_files(Sources(config, stack, ()).find("eval_set", None, required=True), config))


def topic(number: int) -> str:
    return " ".join(f"w{number * 7 + step}" for step in range(12))


def rows(n: int) -> list[dict[str, object]]:
    return [{"id": f"c{number}", "input": topic(number), "expected": "yes"} for number in range(n)]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_a_share_is_met(share: float) -> None:
    records = read([{"id": f"c{number}", "input": f"q{number} " * 8, "expected": "yes"} for number in range(100)])
    assert len(choose(records, share, 0, SALT)) == round(100 * share)


def test_near_copies_go_together_whatever_the_seed() -> None:
    cases = rows(40)
    cases += [{"id": f"copy{n}", "input": f"Please tell me {topic(n)} now", "expected": "no"} for n in range(20)]
    cases += [{"id": f"short{n}", "input": f"yes {n % 5}", "expected": str(n)} for n in range(10)]
    records = read(cases)
    for seed in range(5):
        chosen = {one.cases[0].case_id for one in choose(records, 0.3, seed, SALT)}
        assert len(chosen) == pytest.approx(21, abs=1)
        for n in range(20):
            assert (f"c{n}" in chosen) is (f"copy{n}" in chosen)
        for n in range(5):
            assert (f"short{n}" in chosen) is (f"short{n + 5}" in chosen), "one input, two answers"
        empty = Marks(SALT, ())
        sealed = [case for one in records for case in one.cases if case.case_id in chosen]
        marks = Marks(SALT, tuple(empty.mark(case.input_text or "", None, None, batch=0) for case in sealed))
        stay = [case.input_text or "" for one in records for case in one.cases if case.case_id not in chosen]
        assert not [text for text in stay if LeakFinder(marks).in_case(text, None)]


def test_cases_of_one_record_go_together() -> None:
    tests = [{"vars": {"question": [topic(n), topic(n + 50)]}, "description": f"t{n}"} for n in range(20)]
    Path("set.yaml").write_text(
        json.dumps({"prompts": ["{{question}}"], "providers": ["echo"], "tests": tests}), encoding="utf-8"
    )
    Path("drift.yaml").write_text("eval_set: set.yaml\n")
    config = load_config()
    with ExitStack() as stack:
        records = candidates(read_case_files(Sources(config, stack, ()).find("eval_set", None, required=True), config))
    assert [len(one.cases) for one in records] == [2] * 20
    assert sum(len(one.cases) for one in choose(records, 0.5, 0, SALT)) == 20


@pytest.mark.parametrize("split", ["sealed", "Holdout", " held-out ", "held_out"])
def test_marks_are_read(split: str) -> None:
    cases = rows(10)
    cases[3]["split"] = split
    cases[4]["split"] = "test"
    cases[5]["split"] = "tuned"
    assert [one.cases[0].case_id for one in choose(read(cases), None, 0, SALT)] == ["c3"]


def test_what_cannot_be_chosen_is_said() -> None:
    with pytest.raises(ConfigError, match="no case is marked"):
        choose(read(rows(10)), None, 0, SALT)
    with pytest.raises(ConfigError, match="less than one case"):
        choose(read(rows(10)), 0.01, 0, SALT)
    alike = [{"id": f"c{n}", "input": f"what is the price of the large item number {n}"} for n in range(10)]
    with pytest.raises(ConfigError, match="near copies of each other"):
        choose(read(alike), 0.3, 0, SALT)
