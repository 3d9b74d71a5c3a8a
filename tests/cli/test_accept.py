"""`driftcheck accept`: what people labelled enters the eval set, and nothing else does."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeEncoder, write_lines, write_world

from driftcheck.auditing import audit
from driftcheck.cli import run
from driftcheck.config import load_config
from driftcheck.editing import write_all
from driftcheck.editing.proposals import plan_proposals
from driftcheck.errors import ConfigError, InputError
from driftcheck.intake import read_eval_set
from driftcheck.ledger.events import Accepted, token_of
from driftcheck.ledger.store import open_ledger
from driftcheck.loaders.source import find_sources
from driftcheck.proposals import Proposal, Why
from driftcheck.scaffold import look_around
from driftcheck.watching import Unwatched

Out = pytest.CaptureFixture[str]
DAY = ["--as-of", "2026-06-02"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def propose(folder: Path, n: int = 4) -> Path:
    config = load_config(folder / "drift.yaml")
    asked = [
        Proposal(f"p{i}", f"may pet {i} fly?", f"t{i}", "s3", "pets", Why.THIN, None, "no\x1b[2J", 0.5)
        for i in range(n)
    ]
    sources = find_sources([folder / "set.jsonl"], base=Path())
    edit = plan_proposals(sources, asked, config=config, created=dt.date(2026, 6, 1))
    write_all([edit])
    return edit.path


def fill(path: Path, changes: dict[str, dict[str, str]]) -> None:
    write_lines(path, [{**row, **changes.get(row["id"], {})} for row in lines(path)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_lines(tmp_path / "set.jsonl", [{"id": f"c{i}", "input": f"what {i}?", "expected": f"a{i}"} for i in range(3)])
    (tmp_path / "drift.yaml").write_text("eval_set: set.jsonl\nproduction: traces.jsonl\nowner: ana\n")
    monkeypatch.chdir(tmp_path)
    propose(tmp_path)
    return tmp_path


def test_the_labelled_and_reviewed_enter_and_the_rest_stay(folder: Path, capsys: Out) -> None:
    proposals = folder / "set.proposals.jsonl"
    fill(
        proposals,
        {"p0": {"expected": "in a cage", "reviewer": "bea"}, "p1": {"expected": "no"}, "p2": {"reviewer": "b"}},
    )
    before, waiting = (folder / "set.jsonl").read_bytes(), proposals.read_bytes()
    assert run(["accept", "--yes", *DAY]) == 0
    after = (folder / "set.jsonl").read_bytes()
    assert after.startswith(before)
    (made,) = [json.loads(line) for line in after[len(before) :].splitlines()]
    assert made == {
        "id": "p0",
        "input": "may pet 0 fly?",
        "expected": "in a cage",
        "created": "2026-06-02",
        "source_trace_id": "t0",
        "provenance": "production",
        "validated": "2026-06-02",
    }
    assert proposals.read_bytes() == b"".join(waiting.splitlines(keepends=True)[1:])
    out = capsys.readouterr().out
    assert "1 of 4 proposals (set.proposals.jsonl) can be accepted into set.jsonl." in out
    assert "2 stay: no expected answer (p2, p3)" in out
    assert "1 stays: no reviewer (p1)" in out
    assert "\x1b[2J" not in out
    with open_ledger(folder / ".driftcheck") as ledger:
        (event,) = ledger.events(Accepted, "drift.yaml")
    assert event == Accepted(dt.date(2026, 6, 2), "drift.yaml", ("bea",), 1, 0, (token_of("trace", "t0"),))


def test_one_reviewer_for_all_and_the_last_ones_take_the_file_along(folder: Path) -> None:
    proposals = folder / "set.proposals.jsonl"
    fill(proposals, {f"p{i}": {"expected": "no"} for i in range(4)})
    assert run(["accept", "--reviewer", "bea", "--yes", *DAY]) == 0
    assert len(lines(folder / "set.jsonl")) == 7
    assert not proposals.exists()
    propose(folder)  # ids that are taken, and a new file
    assert [row["id"] for row in lines(proposals)] == ["p0-2", "p1-2", "p2-2", "p3-2"]


def test_what_a_case_asks_already_stays_and_an_id_is_given_once(folder: Path, capsys: Out) -> None:
    proposals = folder / "set.proposals.jsonl"
    rows = lines(proposals)
    rows[0] |= {"input": "WHAT  1?", "expected": "x"}
    rows[1] |= {"id": "c2", "expected": "x"}
    rows[2] |= {"expected": "x"}
    rows[3] |= {"input": rows[2]["input"], "expected": "y"}
    write_lines(proposals, rows)
    assert run(["accept", "--reviewer", "bea", "--yes", *DAY]) == 0
    assert [row["id"] for row in lines(folder / "set.jsonl")][3:] == ["p2"]
    out = capsys.readouterr().out
    assert "2 stay: asks what a case asks already (p0, p3)" in out
    assert "1 stays: its id is that of a case (c2)" in out


def test_a_holdout_is_a_matter_of_hash_and_seed_alone(folder: Path, capsys: Out) -> None:
    proposals, cases = folder / "set.proposals.jsonl", (folder / "set.jsonl").read_bytes()
    fill(proposals, {f"p{i}": {"expected": "no"} for i in range(4)})
    waiting = proposals.read_bytes()
    chosen = []
    for rows in (waiting, b"".join(waiting.splitlines(keepends=True)[::-1])):
        proposals.write_bytes(rows)
        (folder / "set.jsonl").write_bytes(cases)
        assert run(["accept", "--reviewer", "bea", "--holdout", "50%", "--yes", *DAY]) == 0
        chosen.append({row["id"]: row["split"] for row in lines(folder / "set.jsonl")[3:]})
    assert chosen[0] == chosen[1]
    assert sorted(chosen[0].values()) == ["sealed", "sealed", "tuned", "tuned"]
    out = capsys.readouterr().out
    assert "2 for the seal: those whose inputs hash least (SHA-256 with seed 0)" in out
    assert "  driftcheck seal   # until then 2 sealed cases lie in the clear\n" in out
    with open_ledger(folder / ".driftcheck") as ledger:
        assert [(one.n_tuned, one.n_sealed) for one in ledger.events(Accepted, "drift.yaml")] == [(2, 2), (2, 2)]


LONG = "may I take my old grey parrot number {} on the night train to the sea"


def test_near_copies_are_never_parted_by_the_seal(
    folder: Path, capsys: Out, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cases = [*lines(folder / "set.jsonl"), {"id": "c9", "input": LONG.format("nine"), "expected": "no"}]
    write_lines(folder / "set.jsonl", cases)
    rows = lines(folder / "set.proposals.jsonl")
    rows[0] |= {"input": f"please tell me {LONG.format('nine')}"}
    rows[1] |= {"input": "where do I find the form for a refund of the whole fare"}
    rows[2] |= {"input": "so where do I find the form for a refund of the whole fare"}
    for row in rows:
        row["expected"] = "no"
    proposals, before = folder / "set.proposals.jsonl", (folder / "set.jsonl").read_bytes()
    key = tmp_path_factory.mktemp("keys") / "key"
    assert run(["seal", "--new-key", str(key)]) == 0
    for seed in range(8):
        write_lines(proposals, rows)
        (folder / "set.jsonl").write_bytes(before)
        assert run(["accept", "--reviewer", "b", "--holdout", "50%", "--seed", str(seed), "--yes", *DAY]) == 0
        split = {row["id"]: row["split"] for row in lines(folder / "set.jsonl")[4:]}
        assert split["p0"] == "tuned", "a copy of it is tuned"
        assert split["p1"] == split["p2"]
        if "sealed" in split.values():
            assert run(["seal", "--key-file", str(key), "--dry-run"]) == 0
    assert "near copies of tuned cases aside" in capsys.readouterr().out


def test_a_copy_of_a_proposal_that_stays_in_the_clear_is_tuned(folder: Path) -> None:
    rows = lines(folder / "set.proposals.jsonl")[:2]
    rows[0] |= {"input": LONG.format(9), "expected": "no"}
    rows[1] |= {"input": f"please tell me {LONG.format(9)}"}
    write_lines(folder / "set.proposals.jsonl", rows)
    assert run(["accept", "--reviewer", "b", "--holdout", "99%", "--yes", *DAY]) == 0
    assert lines(folder / "set.jsonl")[-1]["split"] == "tuned"


def test_a_copy_of_a_case_that_waits_for_the_seal_waits_with_it(folder: Path) -> None:
    cases = [*lines(folder / "set.jsonl"), {"id": "c9", "input": LONG.format(9), "expected": "no", "split": "sealed"}]
    write_lines(folder / "set.jsonl", cases)
    rows = lines(folder / "set.proposals.jsonl")
    rows[0] |= {"input": f"please tell me {LONG.format(9)}", "expected": "no"}
    write_lines(folder / "set.proposals.jsonl", rows)
    assert run(["accept", "--reviewer", "b", "--holdout", "10%", "--yes", *DAY]) == 0
    assert lines(folder / "set.jsonl")[-1]["split"] == "sealed"


def test_what_a_sealed_case_asks_stays(folder: Path, capsys: Out, tmp_path_factory: pytest.TempPathFactory) -> None:
    held = [{"id": f"h{i}", "input": LONG.format(i), "expected": "no", "split": "sealed"} for i in range(3)]
    held += [{"id": "short", "input": "and cats?", "expected": "no", "split": "sealed"}]
    write_lines(folder / "set.jsonl", lines(folder / "set.jsonl") + held)
    key = tmp_path_factory.mktemp("keys") / "key"
    assert run(["seal", "--new-key", str(key)]) == 0
    assert run(["seal", "--key-file", str(key), "--yes", *DAY]) == 0
    rows = lines(folder / "set.proposals.jsonl")
    rows[0] |= {"input": f"please tell me {LONG.format(1)}"}
    rows[1] |= {"input": "And  cats?"}
    write_lines(folder / "set.proposals.jsonl", [row | {"expected": "yes"} for row in rows])
    assert run(["accept", "--reviewer", "b", "--yes", *DAY]) == 0
    assert [row["id"] for row in lines(folder / "set.jsonl")][3:] == ["p2", "p3"]
    said = "2 stay: asks what a sealed case asks, so take it out of the file (p0, p1)"
    assert said in " ".join(capsys.readouterr().out.split())


def test_only_those_named_by_id_or_trace(folder: Path, capsys: Out) -> None:
    fill(folder / "set.proposals.jsonl", {f"p{i}": {"expected": "no"} for i in range(4)})
    assert run(["accept", "--reviewer", "bea", "--id", "p1", "--id", "t3", "--yes", *DAY]) == 0
    assert [row["id"] for row in lines(folder / "set.jsonl")][3:] == ["p1", "p3"]
    assert run(["accept", "--id", "p9", "--yes"]) == 2
    assert "no proposal 'p9' (known: p0, t0, p2, t2)" in capsys.readouterr().err


def test_a_set_without_answers_takes_no_name_for_all(folder: Path, capsys: Out) -> None:
    write_lines(folder / "set.jsonl", [{"id": f"c{i}", "input": f"what {i}?"} for i in range(3)])
    (folder / "set.proposals.jsonl").unlink()
    propose(folder)
    fill(folder / "set.proposals.jsonl", {"p0": {"reviewer": "bea"}})
    assert run(["accept", "--reviewer", "carl", "--yes", *DAY]) == 0
    assert [row["id"] for row in lines(folder / "set.jsonl")][3:] == ["p0"]
    assert (
        "3 stay: nothing is to be filled in, so --reviewer holds for those named by --id (p1, p2, p3)"
        in capsys.readouterr().out
    )
    assert run(["accept", "--reviewer", "carl", "--id", "p2", "--yes", *DAY]) == 0
    assert [row["id"] for row in lines(folder / "set.jsonl")][3:] == ["p0", "p2"]


def test_an_owner_is_named_where_the_others_have_one(folder: Path) -> None:
    owned = [{"id": f"c{i}", "input": f"what {i}?", "expected": "a", "owner": "olga"} for i in range(3)]
    write_lines(folder / "set.jsonl", owned)
    fill(folder / "set.proposals.jsonl", {"p0": {"expected": "x"}})
    assert run(["accept", "--reviewer", "bea", "--yes", *DAY]) == 0
    assert lines(folder / "set.jsonl")[-1]["owner"] == "bea"


def test_json_lines_of_ours_enter_a_set_of_another_format(folder: Path) -> None:
    tests = "# mine\ntests:\n" + "".join(
        f"  - vars: {{question: 'what {i}?'}}\n    assert: [{{type: icontains, value: a{i}}}]\n" for i in range(3)
    )
    (folder / "set.yaml").write_text(tests)
    write_lines(
        folder / "x.proposals.jsonl",
        [
            {
                "id": "n1",
                "input": "and pets?",
                "expected": "no",
                "source_trace_id": "t1",
                "reviewer": "bea",
                "topic": "pets",
            }
        ],
    )
    assert run(["accept", "x.proposals.jsonl", "--eval-set", "set.yaml", "--yes", *DAY]) == 0
    text = (folder / "set.yaml").read_text()
    assert text.startswith(tests)
    assert "question: 'and pets?'" in text or "question: and pets?" in text
    assert "topic: pets" in text
    assert "source_trace_id: t1" in text


@pytest.mark.parametrize("flag", [[], ["--dry-run"]])
def test_nothing_changes_without_a_word(
    folder: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, flag: list[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    fill(folder / "set.proposals.jsonl", {"p0": {"expected": "no", "reviewer": "b"}})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(["accept", *flag, *DAY]) == (0 if flag else 2)
    printed = capsys.readouterr()
    assert '+{"id": "p0"' in printed.out
    assert printed.err.count("\n") == (0 if flag else 1)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_ledger_that_cannot_be_written_takes_the_edit_back(folder: Path, capsys: Out) -> None:
    fill(folder / "set.proposals.jsonl", {f"p{i}": {"expected": "no", "reviewer": "b"} for i in range(4)})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / ".driftcheck").mkdir()
    (folder / ".driftcheck" / "ledger.jsonl").write_text("no entry\n")
    assert run(["accept", "--yes", *DAY]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_no_proposals_is_one_line(folder: Path, capsys: Out) -> None:
    (folder / "set.proposals.jsonl").unlink()
    assert run(["accept"]) == 2
    assert "set.proposals.jsonl: no such file (driftcheck refresh proposes cases)" in capsys.readouterr().err


def test_proposals_are_out_of_every_gate(folder: Path, fake_encoder: type[FakeEncoder], capsys: Out) -> None:
    (folder / "sets").mkdir()
    for path in folder.glob("set.*"):
        path.unlink()
    write_world(folder, n_cases=60, n_traces=200)
    (folder / "evalset.jsonl").rename(folder / "sets" / "evalset.jsonl")
    for name in ("evalset.proposals.jsonl", "evalset.retired.jsonl"):
        write_lines(folder / "sets" / name, [{"id": "x", "input": "not to be read", "expected": "a"}])
    (folder / "sets" / "evalset.sealed").write_bytes(b"\0sealed")
    for pattern in ("sets", "sets/*"):
        config = folder / "drift.yaml"
        config.write_text(f"eval_set: {pattern}\nproduction: traces.jsonl\n")
        found = read_eval_set(find_sources([pattern], base=Path()), load_config(config), Unwatched())
        assert found.n_cases == 60
        assert found.reports[0].warnings[-3:] == (
            "left out beside it: sets/evalset.proposals.jsonl (proposals)",
            "left out beside it: sets/evalset.retired.jsonl (retired)",
            "left out beside it: sets/evalset.sealed (sealed)",
        )
        assert run(["audit", "-q", "--no-record", "-o", "report.md"]) in (0, 1)
        said = (folder / "report.md").read_text()
        assert "`sets/evalset.jsonl`: left out beside it: `sets/evalset.sealed` (sealed)" in said, "whose warning it is"
    for name in ("sets/evalset.proposals.jsonl", "sets/*.retired.jsonl", "sets/evalset.sealed"):
        assert run(["audit", "-q", "--eval-set", name]) == 2
        assert "which are no part of an eval set" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="driftcheck accept takes reviewed ones in"):
        audit(load_config(config), eval_set="sets/evalset.proposals.jsonl")
    with pytest.raises(InputError, match="they are proposed, retired or sealed"):
        read_eval_set(find_sources(["sets/evalset.proposals.jsonl"], base=Path()), load_config(config), Unwatched())
    chosen = look_around(folder, lambda _: None).eval_set
    assert chosen is not None
    assert chosen.pattern == "sets/evalset.jsonl"
    assert not any("proposals" in str(other) or "retired" in str(other) for other in chosen.others)


def test_a_promptfoo_glob_takes_no_proposals_in(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    for name in ("a.yaml", "a.proposals.yaml"):
        (tmp_path / "tests" / name).write_text(f"- vars: {{question: from {name}?}}\n")
    (tmp_path / "promptfooconfig.yaml").write_text("prompts: ['{{question}}']\ntests: file://tests/*.yaml\n")
    (tmp_path / "drift.yaml").write_text("eval_set: promptfooconfig.yaml\n")
    found = read_eval_set(
        find_sources([tmp_path / "promptfooconfig.yaml"], base=Path()),
        load_config(tmp_path / "drift.yaml"),
        Unwatched(),
    )
    assert found.frame["input"].tolist() == ["from a.yaml?"]
    assert found.reports[0].warnings == ("tests/a.proposals.yaml is left out: proposals",)
