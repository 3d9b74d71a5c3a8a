"""`driftcheck retire`: worn cases move to a file beside the set, as an audit finds them or by name."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fakes import EVEN, FakeEncoder, draw, write_lines, write_world

from driftcheck.cli import run
from driftcheck.config import Config, Settings
from driftcheck.intake import read_eval_set
from driftcheck.ledger.events import Retired
from driftcheck.ledger.store import open_ledger
from driftcheck.loaders.source import find_sources
from driftcheck.watching import Unwatched

Out = pytest.CaptureFixture[str]
DAY = ["--as-of", "2026-04-01"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def retired(folder: Path) -> dict[str, str]:
    """Reasons by id."""
    path = folder / "evalset.retired.jsonl"
    return {row["id"]: row["retired_reason"] for row in lines(path)} if path.exists() else {}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    write_world(tmp_path, n_cases=60, n_traces=300)
    (tmp_path / "drift.yaml").write_text("eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(folder: Path, changes: dict[str, dict[str, object]]) -> None:
    path = folder / "evalset.jsonl"
    write_lines(path, [{**row, **changes.get(row["id"], {})} for row in lines(path)])


def test_named_cases_move_with_reason_and_day(folder: Path, capsys: Out) -> None:
    before = (folder / "evalset.jsonl").read_text().splitlines(keepends=True)
    assert run(["retire", "c0003", "c0005", "--reason", "policy of 2025", "--yes", *DAY]) == 0
    assert (folder / "evalset.jsonl").read_text() == "".join(before[:3] + before[4:5] + before[6:])
    assert lines(folder / "evalset.retired.jsonl") == [
        {**json.loads(before[n]), "retired": "2026-04-01", "retired_reason": "policy of 2025"} for n in (3, 5)
    ]
    out = capsys.readouterr().out
    assert "named: 2 cases\n c0003 policy of 2025" in out.replace("  ", " ")
    assert "Retired 2 cases; 58 are left." in out
    assert run(["retire", "c0007", "--yes", *DAY]) == 0
    assert list(retired(folder)) == ["c0003", "c0005", "c0007"]
    with open_ledger(folder / ".driftcheck") as ledger:
        events = ledger.events(Retired, "drift.yaml")
    assert [(one.at, one.reasons) for one in events] == [
        (dt.date(2026, 4, 1), {"named": 2}),
        (dt.date(2026, 4, 1), {"named": 1}),
    ]


def test_expired_cases_go_but_the_guards(folder: Path, capsys: Out) -> None:
    change(folder, {"c0001": {"expires": "2026-03-31"}, "c0002": {"expires": "2026-04-01"}})
    change(folder, {"c0004": {"expires": "2026-01-01", "guard": True}, "c0005": {"guard": False}})
    assert run(["retire", "--expired", "--yes", *DAY]) == 0
    assert retired(folder) == {"c0001": "expired: past its expires"}
    assert "1 case stays: guards against a known regression (c0004)" in capsys.readouterr().out
    # who names it knows
    assert run(["retire", "c0004", "--yes", *DAY]) == 0
    assert list(retired(folder)) == ["c0001", "c0004"]


def test_old_cases_expire_by_the_age_that_drift_yaml_sets(folder: Path) -> None:
    change(folder, {row["id"]: {"created": "2026-03-20"} for row in lines(folder / "evalset.jsonl")})
    change(folder, {"c0001": {"created": "2025-03-20"}, "c0002": {"created": "2025-01-01", "validated": "2026-03-01"}})
    with (folder / "drift.yaml").open("a") as file:
        file.write("max_age: 26w\n")
    assert run(["retire", "--expired", "--yes", *DAY]) == 0
    assert list(retired(folder)) == ["c0001"]


def test_of_repeats_the_one_with_most_outcomes_stays(folder: Path) -> None:
    rows = lines(folder / "evalset.jsonl")
    text = rows[0]["input"]
    twins = [{**rows[0], "id": f"twin{n}", "created": f"2026-0{3 - n}-01"} for n in range(2)]
    unique = [row for row in rows if len({*row["input"].split()} & {*text.split()}) < 4]
    kept = [row for n, row in enumerate(unique) if row["input"] not in {one["input"] for one in unique[:n]}]
    write_lines(folder / "evalset.jsonl", [twins[0], *kept, twins[1], rows[0]])
    assert run(["retire", "--duplicates", "--yes", *DAY]) == 0
    reasons = retired(folder)
    # c0000 has outcomes in the runs; but for the history the older of the twins would be kept
    assert {name: reasons[name] for name in ("twin0", "twin1")} == {
        "twin0": f"duplicate: repeats {rows[0]['id']}",
        "twin1": f"duplicate: repeats {rows[0]['id']}",
    }
    assert rows[0]["id"] in {row["id"] for row in lines(folder / "evalset.jsonl")}


def test_saturated_cases_passed_always_and_suspects_stay(folder: Path, capsys: Out) -> None:
    ids = [row["id"] for row in lines(folder / "evalset.jsonl")]
    results = [
        {
            "run": f"r{version}",
            "timestamp": f"2026-03-0{version + 1}T00:00:00Z",
            "model": f"m{version}",
            "id": one,
            # the first five always pass, the next five never, the others by turns
            "passed": n < 5 or (n >= 10 and (n + version) % 2 == 0),
        }
        for version in range(4)
        for n, one in enumerate(ids)
    ]
    write_lines(folder / "runs.jsonl", results)
    assert run(["retire", "--saturated", "--yes", *DAY]) == 0
    assert retired(folder) == dict.fromkeys(ids[:5], "saturated: passed in all of 4 versions")
    write_lines(folder / "runs.jsonl", [row for row in results if row["run"] == "r0"])
    capsys.readouterr()
    assert run(["retire", "--saturated", "--yes", *DAY]) == 3
    out = capsys.readouterr().out
    assert "saturated: cannot be told: 1 run of 1 version of model or prompt" in out
    assert "No case to retire." in out


def test_cases_of_dead_slices_go(folder: Path) -> None:
    rng = np.random.default_rng(1)
    mix = {**EVEN, "zeppelin airship mooring gondola helium ballast": 3.0}
    drawn = draw(rng, 200, mix)
    write_lines(
        folder / "evalset.jsonl",
        [{"id": f"d{n:03}", "input": text, "expected": "ok", "topic": topic} for n, (topic, text) in enumerate(drawn)],
    )
    assert run(["retire", "--dead", "--yes", *DAY]) == 0
    planted = {f"d{n:03}" for n, (topic, _) in enumerate(drawn) if "zeppelin" in topic}
    found = retired(folder)
    assert len(planted & found.keys()) >= 0.9 * len(planted)
    assert len(found.keys() - planted) <= 0.1 * len(found)
    assert all(reason.startswith("dead slice: s") for reason in found.values())


def test_too_few_are_not_left_by_a_finding(folder: Path, capsys: Out) -> None:
    before = (folder / "evalset.jsonl").read_bytes()
    change(folder, {f"c{n:04}": {"expires": "2026-01-01"} for n in range(35)})
    assert run(["retire", "--expired", "--yes", *DAY]) == 2
    err = capsys.readouterr().err
    assert "only 25 cases would be left of 60, and an audit needs 30" in err
    assert not (folder / "evalset.retired.jsonl").exists()
    (folder / "evalset.jsonl").write_bytes(before)
    names = [f"c{n:04}" for n in range(60)]
    assert run(["retire", *names[:40], "--yes", *DAY]) == 0
    assert run(["retire", *names[40:], "--yes", *DAY]) == 2


def test_a_test_of_several_cases_goes_with_all_of_them(folder: Path, capsys: Out) -> None:
    tests = "".join(f"- vars: {{question: 'what about {n}?'}}\n  description: one {n}\n" for n in range(31))
    (folder / "set.yaml").write_text(
        f"{tests}- vars: {{question: ['what of a?', 'what of b?']}}\n  metadata: {{id: m}}\n"
    )
    assert run(["validate", "one 3", "--eval-set", "set.yaml", "--yes", *DAY]) == 0
    frame = read_eval_set(find_sources(["set.yaml"], base=Path()), Config(Settings(), None), Unwatched()).frame
    both = frame[frame["input"].str.startswith("what of")]["case_id"].tolist()
    assert len(both) == 2
    capsys.readouterr()
    assert run(["retire", both[0], "--eval-set", "set.yaml", "--yes", *DAY]) == 0
    assert f"1 case stays: shares its record with {both[1]} ({both[0]})" in capsys.readouterr().out
    assert run(["retire", *both, "--eval-set", "set.yaml", "--yes", *DAY]) == 0
    assert "what of" not in (folder / "set.yaml").read_text()


def test_what_is_wrong_is_one_line(folder: Path, capsys: Out) -> None:
    for words, line in (
        (["retire"], "retire: which cases? (name their ids, or --expired, --duplicates, --dead, --saturated)"),
        (["retire", "c00033", "--yes"], "c00033: no case has this id (did you mean c0033?)"),
        (["retire", "c0033"], "--yes: nobody is there to ask, and nothing was changed"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin.isatty", lambda: False, raising=False)
            assert run(words) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"driftcheck: {line}")
        assert err.count("\n") == 1
    assert not (folder / "evalset.retired.jsonl").exists()
