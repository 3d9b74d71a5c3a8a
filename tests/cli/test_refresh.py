"""`driftcheck refresh` as its user meets it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fakes import NEW_TOPIC, FakeEncoder, write_lines, write_world

from driftcheck.cli import run

Out = pytest.CaptureFixture[str]
NEW = set(NEW_TOPIC.split())
MAIL = "ana.lopez@example.org"
DAY = ("--as-of", "2026-04-01")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: type[FakeEncoder]) -> Path:
    """An eval set that knows nothing of what a sixth of its traffic asks; whoever asks it leaves an address."""
    write_world(tmp_path, new_share=0.16)
    cases = [row | {"expected": f"answer {number}"} for number, row in enumerate(lines(tmp_path / "evalset.jsonl"))]
    write_lines(tmp_path / "evalset.jsonl", cases)
    traces = lines(tmp_path / "traces.jsonl")
    for trace in traces:
        if trace["topic"] == "new":
            trace["input"] += f" {MAIL}"
            trace["output"] = f"We write to {MAIL}."
    write_lines(tmp_path / "traces.jsonl", traces)
    (tmp_path / "drift.yaml").write_text(
        "eval_set: evalset.jsonl\nruns: runs.jsonl\nproduction: traces.jsonl\nminutes_per_case: 6\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refresh(*words: str) -> int:
    return run(["refresh", "--quiet", *DAY, *words])


def report(*words: str) -> dict[str, Any]:
    assert refresh("-o", "r.json", *words) == 0
    found: dict[str, Any] = json.loads(Path("r.json").read_text(encoding="utf-8"))
    return found


def test_proposals_lie_beside_the_set_masked_and_unlabelled(world: Path) -> None:
    before = (world / "evalset.jsonl").read_bytes()
    found = report("--n", "30", "-o", "r.md")
    rows = lines(world / "evalset.proposals.jsonl")
    assert len(rows) == 30
    assert not any(row["expected"] for row in rows)
    traces = {trace["trace_id"]: trace for trace in lines(world / "traces.jsonl")}
    sessions = [traces[row["source_trace_id"]]["session_id"] for row in rows]
    assert len(set(sessions)) == 30
    first = rows[: sum(one["reason"] == "uncovered slice" for one in rows)]
    assert len(first) >= 15
    assert np.mean([bool(NEW & set(row["input"].split())) for row in first]) >= 0.9
    assert first[0]["production_answer"].startswith("We write to [")
    for name in ("evalset.proposals.jsonl", "r.json", "r.md", ".driftcheck/ledger.jsonl"):
        assert MAIL not in (world / name).read_text(encoding="utf-8"), name
    assert (world / "evalset.jsonl").read_bytes() == before
    assert [one["trace_id"] for one in found["proposals"]] == [row["source_trace_id"] for row in rows]
    assert found["written"] is True
    assert (world / "r.md").read_text().startswith("## Refresh\n")
    inputs = [row["input"] for row in rows]
    assert not any(text in (world / "r.json").read_text() for text in inputs), "reports hold no texts"


def test_the_bill_names_cases_and_hours(world: Path) -> None:
    bill = report("--dry-run")["bill"]
    needed = bill["unblocks"]["n_cases"]
    assert 5 <= needed <= 80
    assert bill["unblocks"]["hours"] == pytest.approx(needed / 10)
    assert sum(bill["unblocks"]["by_slice"].values()) == needed
    assert bill["curve"][0]["n_cases"] == 0
    assert bill["curve"][0]["blocking"]
    assert not (world / "evalset.proposals.jsonl").exists()
    assert not (world / ".driftcheck").exists()


def test_a_gate_that_another_check_shuts_is_not_called_open(world: Path) -> None:
    with (world / "drift.yaml").open("a") as file:
        file.write("checks:\n  topic-divergence: {warn: null, fail: null}\n  slice-coverage: off\n")
    bill = report("--dry-run")["bill"]
    assert bill["unblocks"]["n_cases"] == 0
    assert bill["block_beside"] == ["novel-traffic"]
    assert bill["sentence"].endswith("novel-traffic would block even so, and is not priced.")


def test_the_next_step_finds_the_file_wherever_it_lies(world: Path) -> None:
    assert report("--n", "3")["next_step"].endswith("then: driftcheck accept")
    (world / "nodir").mkdir()
    out = "nodir/y.proposals.jsonl"
    assert report("--n", "3", "--out", out)["next_step"].endswith(f"in {out}, then: driftcheck accept {out}")
    (world / "drift.yaml").rename(world / "other drift.yaml")
    told = report("--n", "3", "-c", "other drift.yaml", "--out", out)["next_step"]
    assert told.endswith(f"driftcheck accept {out} -c 'other drift.yaml'")
    write_lines(world / out, [row | {"expected": "x", "reviewer": "ana"} for row in lines(world / out)])
    assert run(["accept", out, "-c", "other drift.yaml", "--yes", *DAY]) == 0
    bare = ["--eval-set", "evalset.jsonl", "--production", "traces.jsonl", "--n", "3"]
    assert report(*bare)["next_step"].endswith("driftcheck accept --eval-set evalset.jsonl")


def test_what_was_proposed_once_is_not_proposed_again(world: Path) -> None:
    for number in range(3):
        assert refresh("--n", "20") == 0
        assert len(lines(world / "evalset.proposals.jsonl")) == 20 * (number + 1)
    rows = lines(world / "evalset.proposals.jsonl")
    assert len({row["source_trace_id"] for row in rows}) == 60
    assert len({row["id"] for row in rows}) == 60
    # the ledger knows it though the file is gone, and whoever came back in the same session
    (world / "evalset.proposals.jsonl").unlink()
    asked = {row["source_trace_id"] for row in rows}
    traces = lines(world / "traces.jsonl")
    for trace in traces:
        if trace["trace_id"] in asked:
            trace["trace_id"] += "-again"
    write_lines(world / "traces.jsonl", traces)
    found = report("--n", "20")
    assert found["left_out"]["proposed_before"] >= 60
    again = {row["source_trace_id"].removesuffix("-again") for row in lines(world / "evalset.proposals.jsonl")}
    assert again.isdisjoint(asked)


def test_without_a_ledger_the_file_alone_protects_and_that_is_said(world: Path) -> None:
    first = report("--n", "10", "--no-record")
    assert "nothing is noted" in first["not_measured"]["ledger"]
    assert not (world / ".driftcheck").exists()
    assert refresh("--n", "10", "--no-record") == 0
    rows = lines(world / "evalset.proposals.jsonl")
    assert len({row["source_trace_id"] for row in rows}) == 20


def test_the_second_refresh_is_held_against_the_first(world: Path) -> None:
    assert report("--n", "5")["diff"]["against"] == "the eval set"
    traces = lines(world / "traces.jsonl")
    for number, trace in enumerate(traces):
        trace["error"] = "ToolTimeout: no answer" if number % 5 == 0 else None
        trace["model"] = "new-model"
    write_lines(world / "traces.jsonl", traces)
    diff = report("--n", "5")["diff"]
    assert diff["against"] == "the refresh of 2026-04-01"
    moved = {(one["field"], one["value"]) for one in diff["changes"] if one["moved"]}
    assert moved == {("error", "ToolTimeout"), ("model", "new-model")}


def test_what_sealed_cases_ask_is_not_proposed(world: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    traces = lines(world / "traces.jsonl")
    drawn = [trace for trace in traces if trace["topic"] == "new"]
    rare = [" ".join([*trace["input"].split(), f"order{number}", "it"]) for number, trace in enumerate(drawn)]
    for trace, text in zip(drawn, rare, strict=True):
        trace["input"] = text.replace(f" {MAIL}", "")
    write_lines(world / "traces.jsonl", traces)
    asked = [trace["input"] for trace in drawn][::2]
    held = [{"id": f"h{n}", "input": text, "expected": "x", "split": "sealed"} for n, text in enumerate(asked)]
    write_lines(world / "evalset.jsonl", [*lines(world / "evalset.jsonl"), *held])
    key = tmp_path_factory.mktemp("keys") / "key"
    assert run(["seal", "--new-key", str(key)]) == 0
    assert run(["seal", "--key-file", str(key), "--yes", *DAY]) == 0
    found = report("--n", "60", "-o", "r.md")
    inputs = {row["input"] for row in lines(world / "evalset.proposals.jsonl")}
    assert len(inputs) == 60
    assert inputs.isdisjoint(asked)
    assert found["left_out"]["sealed"] >= 0.8 * len(asked), "most of them lie in the window"
    assert f"{found['left_out']['sealed']} asking what sealed cases ask" in (world / "r.md").read_text()
    assert run(["audit", "--quiet", *DAY, "-o", "a.json"]) in (0, 1)
    (integrity,) = [
        one for one in json.loads((world / "a.json").read_text())["findings"] if one["name"] == "seal-integrity"
    ]
    assert integrity["status"] == "pass"


def test_a_slice_can_be_named_and_an_unknown_one_is_refused(world: Path, capsys: Out) -> None:
    whole = report("--dry-run")
    slices = whole["slices"]
    settled = report("--dry-run", "--slice", slices[-1]["id"])["bill"]
    assert settled["n_usable"] < whole["bill"]["n_usable"]
    assert "of the slices asked for would not do" in settled["sentence"]
    found = report("--n", "12", "--slice", slices[0]["id"])
    assert {one["slice"] for one in found["proposals"]} == {slices[0]["id"]}
    capsys.readouterr()
    assert refresh("--slice", "s99") == 2
    assert "--slice: there is no slice 's99'" in capsys.readouterr().err


def test_the_terminal_shows_masked_texts_and_what_to_do(world: Path, capsys: Out) -> None:
    assert run(["refresh", "--no-color", "--n", "25", *DAY]) == 0
    out = capsys.readouterr().out
    assert MAIL not in out
    assert "[EMAIL" in out
    for title in ("What needs cases", "The labelling bill", "Production against the eval set", "Proposals"):
        assert f" {title}" in out
    assert "driftcheck accept" in " ".join(out.split())
    assert all(len(line) <= 80 for line in out.splitlines())


def test_hostile_texts_do_nothing_to_the_terminal(world: Path, capsys: Out) -> None:
    traces = lines(world / "traces.jsonl")
    for trace in traces:
        trace["input"] = f"\x1b[2J[bold]\u202e ::error:: {trace['input']}"
    write_lines(world / "traces.jsonl", traces)
    assert run(["refresh", "--n", "25", *DAY]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out.replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert "\u202e" not in out


def test_too_few_cases_for_slices_still_get_proposals(world: Path) -> None:
    write_lines(world / "evalset.jsonl", lines(world / "evalset.jsonl")[:8])
    found = report("--n", "15")
    assert "uniform sample" in found["not_measured"]["slices"]
    assert {one["reason"] for one in found["proposals"]} == {"proportional to traffic"}
    assert len(found["proposals"]) == 15
    assert found["slices"] == []
    # with more cases there are slices: the bill can be priced
    assert found["bill"]["curve"][0]["blocking"] == ["topic-divergence", "slice-coverage"]
    assert refresh("--slice", "s1") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "traces.jsonl"), "is an input"),
        (("--out", "evalset.jsonl"), "is an input"),
        (("--out", "new.jsonl"), "would be read as an eval set"),
        (("-o", "r.html"), "no known format"),
        (("-o", "r.json", "-o", "nodir/r.md"), "its folder nodir does not exist"),
        (("-o", "json:evalset.proposals.jsonl"), "is for proposals: the report would replace them"),
        (("-o", "json:./evalset.proposals.jsonl", "--dry-run"), "is for proposals"),
        (("--out", "a.proposals.jsonl", "-o", "markdown:a.proposals.jsonl"), "is for proposals"),
        (("--as-of", "yesterday"), "not a day"),
        (("--n", "0"), "--n"),
    ],
)
def test_errors_are_one_line_and_change_nothing(world: Path, capsys: Out, words: Sequence[str], said: str) -> None:
    before = {path.name: path.read_bytes() for path in world.iterdir() if path.is_file()}
    assert refresh(*words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in world.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("evalset.proposals.jsonl", "proposals"),
        ("other.proposals.csv", "proposals"),
        ("evalset.retired.jsonl", "retired cases"),
        ("evalset.sealed", "sealed cases"),
    ],
)
def test_no_report_takes_the_place_of_what_people_reviewed(world: Path, capsys: Out, name: str, holds: str) -> None:
    reviewed = b'{"id": "p", "input": "where is it", "expected": "here", "reviewer": "ana"}\n'
    (world / name).write_bytes(reviewed)
    (world / "link.md").symlink_to(name)
    for target in (f"markdown:{name}", "link.md"):
        assert refresh("--n", "5", "-o", target) == 2
        assert f"is for {holds}: the report would replace them" in capsys.readouterr().err
        assert (world / name).read_bytes() == reviewed


def test_a_file_that_cannot_be_written_leaves_nothing_in_the_ledger(world: Path, capsys: Out) -> None:
    (world / "evalset.proposals.jsonl").mkdir()
    code = refresh("--n", "5")
    assert code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (world / ".driftcheck").exists()


def test_the_same_again_writes_the_same(world: Path) -> None:
    def made(seed: str) -> tuple[bytes, bytes]:
        for name in ("evalset.proposals.jsonl", "r.json"):
            (world / name).unlink(missing_ok=True)
        assert refresh("--no-record", "--seed", seed, "-o", "r.json") == 0
        return (world / "evalset.proposals.jsonl").read_bytes(), (world / "r.json").read_bytes()

    first = made("0")
    rows = lines(world / "traces.jsonl")
    write_lines(world / "traces.jsonl", [rows[number] for number in np.random.default_rng(0).permutation(len(rows))])
    assert made("0") == first
    assert os.listdir(world).count("evalset.proposals.jsonl") == 1


def test_errors_that_tell_of_a_user_leave_no_trace_in_reports_and_ledger(world: Path) -> None:
    traces = lines(world / "traces.jsonl")
    for trace in traces[::8]:
        trace["error"] = f"User Ana Lopez ({MAIL}) is locked"
    write_lines(world / "traces.jsonl", traces)
    for _ in range(2):  # the second is held against the first
        assert refresh("--n", "5", "-o", "r.json", "-o", "r.md") == 0
    assert run(["audit", "--quiet", *DAY, "-o", "a.json", "-o", "a.md", "-o", "a.html"]) in (0, 1)
    assert "User [PERSON] ([EMAIL]) is locked" in (world / "a.json").read_text()
    for name in ("r.json", "r.md", "a.json", "a.md", "a.html", ".driftcheck/ledger.jsonl", "evalset.proposals.jsonl"):
        said = (world / name).read_text()
        assert not any(word in said for word in (MAIL, "Lopez")), name


def test_of_a_conversation_the_last_turn_is_the_case_and_the_others_help_to_label_it(world: Path) -> None:
    cases = lines(world / "evalset.jsonl")
    for case in cases:
        hello = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "How may I help?"}]
        case["messages"] = [*hello, {"role": "user", "content": case.pop("input")}]
    write_lines(world / "evalset.jsonl", cases)
    traces = lines(world / "traces.jsonl")
    asked = {trace["trace_id"]: trace["input"] for trace in traces}
    for trace in traces:
        before = [{"role": "user", "content": f"I am {MAIL}"}, {"role": "assistant", "content": "What is it?"}]
        trace["input"] = [*before, {"role": "user", "content": trace["input"]}]
    write_lines(world / "traces.jsonl", traces)
    settings = (world / "drift.yaml").read_text()
    for text in ("conversation", "last_turn"):
        (world / "drift.yaml").write_text(f"{settings}text: {text}\n")
        assert refresh("--n", "9", "--no-record") == 0
        for row in lines(world / "evalset.proposals.jsonl"):
            (turn,) = row["messages"]
            wanted = asked[row["source_trace_id"]].replace(MAIL, "[EMAIL]")
            assert turn == {"role": "user", "content": wanted}
            assert row["production_conversation"] == "user: I am [EMAIL]\nassistant: What is it?"
        (world / "evalset.proposals.jsonl").unlink()


def test_proposals_have_their_declared_slices_and_lose_what_is_context(world: Path) -> None:
    with (world / "drift.yaml").open("a") as file:
        file.write("slices: [topic]\n")
    assert refresh("--n", "20") == 0
    topics = {trace["trace_id"]: trace["topic"] for trace in lines(world / "traces.jsonl")}
    rows = lines(world / "evalset.proposals.jsonl")
    assert [row["topic"] for row in rows] == [topics[row["source_trace_id"]] for row in rows]
    assert "new" in {row["topic"] for row in rows}
    write_lines(
        world / "evalset.proposals.jsonl",
        [row | {"expected": "x", "reviewer": "bo", "production_conversation": "user: hi"} for row in rows],
    )
    assert run(["accept", "--yes", *DAY]) == 0
    taken = [row for row in lines(world / "evalset.jsonl") if row["id"].startswith("prod-")]
    assert [row["topic"] for row in taken] == [row["topic"] for row in rows]
    assert not any("production_conversation" in row for row in taken)


def test_ids_are_cleaned_and_people_named_in_them_are_warned_of(world: Path) -> None:
    traces = lines(world / "traces.jsonl")
    for trace in traces:
        trace["trace_id"] = f"\x1b[31m{trace['trace_id']} of {MAIL}"
    write_lines(world / "traces.jsonl", traces)
    found = report("--n", "8", "--no-record", "-o", "r.md")
    assert sum("ids of traces look like personal data" in one for one in found["warnings"]) == 1
    for name in ("evalset.proposals.jsonl", "r.md", "r.json"):
        said = (world / name).read_text(encoding="utf-8")
        assert "\\u001b" not in said
        assert "\x1b" not in said
    assert refresh("--n", "8", "--no-record") == 0
    ids = [row["source_trace_id"] for row in lines(world / "evalset.proposals.jsonl")]
    assert len(set(ids)) == 16, "though the ledger knows nothing"
