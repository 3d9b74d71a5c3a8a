"""What `driftcheck seal` shows before it does it: the very cases, what stays tuned, what lies open."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.fakes import write_lines
from tests.sealing.projects import MARCH, Project, make_project, write_run

from driftcheck.cli import run
from driftcheck.sealing.key import KEY_VARIABLE

Out = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path, suffix=".jsonl")
    monkeypatch.chdir(made.folder)
    monkeypatch.setenv(KEY_VARIABLE, made.key)
    return made


def near(n: int) -> list[dict[str, object]]:
    """Cases in pairs that differ by a word or two of twelve: whether they are near copies lies with the salt."""
    rows = []
    for number in range(n):
        words = [f"w{number * 11 + step}" for step in range(12)]
        other = [*words[:5], f"x{number}", *words[6:]]
        rows += [{"id": f"a{number}", "input": " ".join(words), "expected": "yes"}]
        rows += [{"id": f"b{number}", "input": " ".join(other), "expected": "no"}]
    return rows


def leaving(text: str) -> list[str]:
    return re.findall(r"  - line \d+  (\w+)", text)


def test_what_is_shown_is_what_is_sealed(project: Project, capsys: Out) -> None:
    rows = near(60)
    write_lines(project.eval_set, rows)
    seen = []
    for _ in range(3):
        assert run(["seal", "--holdout", "30%", "--dry-run"]) == 0
        seen.append(leaving(capsys.readouterr().out))
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == pytest.approx(36, abs=1)
    assert run(["seal", "--holdout", "30%", "--yes"]) == 0
    left = {json.loads(line)["id"] for line in project.eval_set.read_text().splitlines()}
    assert {str(row["id"]) for row in rows} - left == set(seen[0])
    capsys.readouterr()


def test_a_share_leaves_as_many_cases_as_an_audit_needs(project: Project, capsys: Out) -> None:
    before = project.eval_set.read_bytes()
    assert run(["seal", "--holdout", "99%", "--yes"]) == 2
    assert "--holdout: only 1 case would stay tuned, and an audit needs 30" in capsys.readouterr().err
    assert project.eval_set.read_bytes() == before
    assert run(["seal", "--holdout", "75%", "--yes"]) == 0
    assert "30 cases stay in the eval set." in capsys.readouterr().out


def test_whoever_marks_cases_knows_what_is_left(project: Project, capsys: Out) -> None:
    rows = [json.loads(line) for line in project.eval_set.read_text().splitlines()]
    write_lines(project.eval_set, [row | {"split": "sealed"} if number else row for number, row in enumerate(rows)])
    assert run(["seal", "--dry-run"]) == 0
    assert "1 case stays in the eval set." in capsys.readouterr().out


def test_cases_that_lie_opened_are_named_by_the_next_seal(project: Project, capsys: Out) -> None:
    assert run(["seal", "--holdout", "30%", "--yes"]) == 0
    assert run(["unseal", "--release", "v1"]) == 0
    capsys.readouterr()
    assert run(["seal", "--holdout", "30%", "--dry-run"]) == 0
    opened = ".driftcheck/unsealed/v1.jsonl"
    told = capsys.readouterr().err
    assert f"warning: {opened} holds cases that were opened: delete it if its release is decided" in told
    assert ".gitignore" not in told
    Path(opened).unlink()
    assert run(["seal", "--holdout", "30%", "--dry-run"]) == 0
    assert "were opened" not in capsys.readouterr().err


@pytest.mark.parametrize(("n", "said"), [(2, ", as does 1 other file of results"), (3, ", as do 2 other files of")])
def test_other_results_are_counted(project: Project, capsys: Out, n: int, said: str) -> None:
    for number in range(n):
        path = write_run(project.folder / f"run-{number}.jsonl", project.cases, MARCH)
        rows = zip(map(json.loads, path.read_text().splitlines()), project.cases, strict=True)
        write_lines(path, [row | {"input": case.input} for row, case in rows])
    assert run(["seal", "--holdout", "30%", "--dry-run"]) == 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["seal", "--dry-run"], "interrupted; what it had begun, the next driftcheck seal brings to its end"),
        (["unseal", "--release", "v1"], "interrupted; where the ledger has the opening already, --force opens again"),
    ],
)
def test_an_interrupt_says_what_is_kept(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: Out, arguments: list[str], said: str
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("driftcheck.sealing.key.find_key", interrupted)
    assert run(arguments) == 130
    assert said in capsys.readouterr().err
