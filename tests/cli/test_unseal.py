"""Where and when a seal is opened: no place that an audit reads, no day before the seal."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from tests.sealing.projects import Project, make_project, plant, snapshot, write_eval_set

from driftcheck.cli import run
from driftcheck.errors import ConfigError
from driftcheck.sealing.key import KEY_VARIABLE, find_key
from driftcheck.sealing.opening import plan_opening

Out = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path, suffix=".jsonl")
    monkeypatch.chdir(made.folder)
    monkeypatch.setenv(KEY_VARIABLE, made.key)
    return made


def seal(*options: str) -> int:
    return run(["seal", "--holdout", "30%", "--yes", "--as-of", "2026-03-02", *options])


def unseal(release: str, *options: str, at: str = "2026-03-03") -> int:
    return run(["unseal", "--release", release, "--by", "ana@example.com", "--as-of", at, *options])


def test_no_day_before_the_seal_is_taken(project: Project, capsys: Out) -> None:
    assert seal() == 0
    before = snapshot(project.folder)
    capsys.readouterr()
    assert unseal("v1", at="2026-03-01") == 2
    assert "--as-of: 2026-03-01 is before the seal, of 2026-03-02" in capsys.readouterr().err
    assert snapshot(project.folder) == before
    assert unseal("v1", at="2026-03-02") == 0
    capsys.readouterr()


def test_a_clock_west_of_the_seals_opens_it(project: Project, capsys: Out) -> None:
    assert seal() == 0
    key = find_key(None, {KEY_VARIABLE: project.key}, project=project.folder)
    noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC).timestamp()
    plan = plan_opening(project.config, key, "v1", at=dt.date(2026, 3, 1), time=noon, who="ana")
    assert plan.n_cases == 36
    with pytest.raises(ConfigError, match="before the seal"):
        plan_opening(project.config, key, "v1", at=dt.date(2026, 3, 1), time=noon - 3 * 3_600, who="ana")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("declared", "to", "section"),
    [
        ("eval_set: [support.jsonl, sets]", "sets/opened.jsonl", "eval_set"),
        ("eval_set: [support.jsonl, 'sets/**/*.jsonl']", "sets/deep/opened.jsonl", "eval_set"),
        ("eval_set: s*.jsonl", "sealed-cases.jsonl", "eval_set"),
        ("eval_set: support.jsonl\nruns: [run-*.jsonl, out]", "out/opened.jsonl", "runs"),
        ("eval_set: support.jsonl\nproduction: 't*.jsonl'", "there.jsonl", "production"),
        ("eval_set: support.jsonl\nproduction: 't*.jsonl'", "../project/there.jsonl", "production"),
    ],
)
def test_plaintext_lies_where_no_audit_reads_it(
    project: Project, capsys: Out, declared: str, to: str, section: str
) -> None:
    for name in ("sets", "out"):
        Path(name).mkdir()
    write_eval_set(Path("sets/more.jsonl"), plant(40, seed=9))
    Path("out/run.jsonl").write_text("")
    Path("drift.yaml").write_text(f"{declared}\nsealed: my.sealed\n")
    assert seal() == 0
    before = snapshot(project.folder)
    capsys.readouterr()
    assert unseal("v1", "--to", to) == 2
    assert f"would be read by `{section}:`" in capsys.readouterr().err
    assert snapshot(project.folder) == before
    assert unseal("v1", "--to", "elsewhere/opened.jsonl") == 0
    capsys.readouterr()


def test_a_set_in_two_formats_opens_into_two_files(project: Project, capsys: Out) -> None:
    write_eval_set(Path("more.csv"), plant(60, seed=9))
    Path("drift.yaml").write_text("eval_set: [support.jsonl, more.csv]\n")
    assert seal() == 0
    capsys.readouterr()
    assert unseal("v1", "--to", "../opened.yaml") == 2
    assert (
        "the cases are a .jsonl and a .csv file (name it ../opened.jsonl or ../opened.csv)" in capsys.readouterr().err
    )
    assert unseal("v1", "--to", "../opened.csv") == 0
    rows = [json.loads(line) for line in Path("../opened.jsonl").read_text().splitlines()]
    table = Path("../opened-2.csv").read_text().splitlines()
    assert len(rows) + len(table) - 1 == 54
    assert table[0] == "id,input,expected"
    assert not Path("../opened.csv").exists()
    capsys.readouterr()
