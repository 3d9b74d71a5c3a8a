"""`driftcheck validate`: cases are renewed, and only their lines change."""

import json
from pathlib import Path

import pytest

from driftcheck.cli import run
from driftcheck.config import load_config
from driftcheck.intake import read_eval_set
from driftcheck.ledger.events import Validated
from driftcheck.ledger.store import open_ledger
from driftcheck.loaders.source import find_sources
from driftcheck.watching import Unwatched

Out = pytest.CaptureFixture[str]
DAY = ["--as-of", "2026-06-01"]
SET = """\
# the set
- {description: one, vars: {question: "What?"}, metadata: {topic: a}}  # flow
- description: two
  vars:
    question: |
      Where
      to?
  metadata:
    last_validated: 2025-01-01  # by ana
    expires: 2026-05-31
- description: three   # no metadata
  vars: {question: Who?}

- description: four
  vars: {question: When?}
  metadata: {expires: 2026-12-31}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "set.yaml"
    path.write_text(SET)
    (tmp_path / "drift.yaml").write_text("eval_set: set.yaml\n")
    monkeypatch.chdir(tmp_path)
    return path


def validated(path: Path) -> dict[str, bool]:
    frame = read_eval_set(find_sources([path], base=Path()), load_config("drift.yaml"), Unwatched()).frame
    day = 1780272000.0
    return dict(zip(frame["case_id"], frame["validated_at"] == day, strict=True))


def test_the_day_is_set_where_it_stands_and_a_past_expiry_goes(path: Path, capsys: Out) -> None:
    assert run(["validate", "two", "three", "four", "--yes", *DAY]) == 0
    text = path.read_text()
    assert validated(path) == {"one": False, "two": True, "three": True, "four": True}
    changed = [line for line in SET.splitlines() if line not in text.splitlines()]
    assert changed == [
        "    last_validated: 2025-01-01  # by ana",
        "    expires: 2026-05-31",
        "  metadata: {expires: 2026-12-31}",
    ]
    assert "# by ana" in text
    assert "expires: 2026-12-31" in text
    out = capsys.readouterr().out
    assert "3 cases validated on 2026-06-01: four, three, two" in out
    assert "two: the `expires` that has passed is taken out (--expires sets another)" in out
    with open_ledger(path.parent / ".driftcheck") as ledger:
        assert [one.n_cases for one in ledger.events(Validated, "drift.yaml")] == [3]


def test_all_that_have_expired_with_a_new_end(path: Path) -> None:
    assert run(["validate", "--expired", "--expires", "2027-01-01", "--yes", *DAY]) == 0
    assert validated(path) == {"one": False, "two": True, "three": False, "four": False}
    assert "2027-01-01" in path.read_text()
    assert "2026-05-31" not in path.read_text()
    before = path.read_bytes()
    assert run(["validate", "--expired", "--yes", *DAY]) == 0
    assert path.read_bytes() == before


def test_rows_of_a_promptfoo_csv_are_renewed_in_its_own_columns(path: Path) -> None:
    (path.parent / "vars.csv").write_text("question,note\nWhat?,x\nWho?,y\n")
    (path.parent / "promptfooconfig.yaml").write_text("prompts: ['{{question}}']\ntests: file://vars.csv\n")
    (path.parent / "drift.yaml").write_text("eval_set: promptfooconfig.yaml\n")
    config = path.parent / "promptfooconfig.yaml"
    frame = read_eval_set(find_sources([config], base=Path()), load_config("drift.yaml"), Unwatched()).frame
    (case_id,) = frame[frame["input"] == "Who?"]["case_id"]
    assert run(["validate", case_id, "--yes", *DAY]) == 0
    assert (path.parent / "vars.csv").read_text() == (
        "question,note,__metadata:validated\nWhat?,x,\nWho?,y,2026-06-01\n"
    )
    assert validated(config)[case_id]


def test_what_is_wrong_is_one_line_and_changes_nothing(path: Path, capsys: Out) -> None:
    for words, line in (
        (["validate"], "validate: which cases? (name their ids, or --expired)"),
        (["validate", "tow"], "tow: no case has this id (did you mean two?)"),
        (["validate", "two", "--expires", "2026-05-01"], "--expires: 2026-05-01 is past"),
        (["validate", "two", "--eval-set", "gone.yaml"], "gone.yaml: no such file or folder"),
    ):
        assert run([*words, "--yes", *DAY]) == 2
        assert capsys.readouterr().err == f"driftcheck: {line}\n"
    assert path.read_text() == SET


def test_json_keeps_its_style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cases = [{"id": f"c{n}", "input": f"what {n}?", "expected": f"é {n}"} for n in range(3)]
    path = tmp_path / "set.json"
    path.write_text(json.dumps({"examples": cases}, indent=4))
    before = path.read_text().splitlines()
    assert run(["validate", "c1", "--eval-set", "set.json", "--yes", *DAY]) == 0
    after = path.read_text().splitlines()
    assert len(after) == len(before) + 1
    assert sum(line not in after for line in before) == 1  # the comma behind the line above
