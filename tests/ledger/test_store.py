"""The ledger on disk: whole or not at all, two writers, two branches, and lines by strangers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.worlds import audit_of, slice_at

from driftcheck.errors import InputError, OutputError
from driftcheck.ledger import store
from driftcheck.ledger.chain import hash_of, link
from driftcheck.ledger.entries import AuditEntry, as_fields
from driftcheck.ledger.recording import record_audit
from driftcheck.ledger.store import HEADS, LEDGER, append, open_ledger

ROOT = Path(__file__).parents[2]


def problems(folder: Path) -> tuple[str, ...]:
    with open_ledger(folder) as ledger:
        return ledger.problems()


def notes(folder: Path) -> tuple[str, ...]:
    with open_ledger(folder) as ledger:
        return ledger.chain.notes


def write_raw(folder: Path, *lines: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / LEDGER).write_bytes(b"".join(line + b"\n" for line in lines))
    (folder / HEADS).write_text(f"{hash_of(lines[-1])}\n")


def test_an_entry_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / ".driftcheck"
    entry = audit_of(0, slices=[slice_at(number, f"s{number + 1}") for number in range(20)], highest=20)
    assert record_audit(folder, entry)
    with open_ledger(folder) as ledger:
        (kept,) = ledger.audits
        assert kept.entry == replace(entry, findings={}, slices=())
        assert ledger.whole(kept) == entry
        assert entry.centroids()["s3"][2] == 1
    line = (folder / LEDGER).read_bytes()
    assert json.loads(line)["previous"] == ""
    assert len(line) < 30_000
    assert {path.name for path in folder.iterdir()} == {LEDGER, HEADS, "lock", ".gitattributes", ".gitignore"}
    assert problems(folder) == ()


def test_the_same_audit_is_not_added_twice(tmp_path: Path) -> None:
    assert record_audit(tmp_path, audit_of(0))
    assert not record_audit(tmp_path, replace(audit_of(0), at=audit_of(9).at, slices=(slice_at(1, "s1"),)))
    assert record_audit(tmp_path, audit_of(1))
    with open_ledger(tmp_path) as ledger:
        assert [one.line.number for one in ledger.audits] == [1, 2]


def test_audits_come_in_the_order_of_their_windows(tmp_path: Path) -> None:
    for week in (3, 1, 2):
        record_audit(tmp_path, audit_of(week))
    with open_ledger(tmp_path) as ledger:
        assert [one.line.number for one in ledger.audits] == [2, 3, 1]


def test_other_kinds_are_kept_and_passed_over(tmp_path: Path) -> None:
    record_audit(tmp_path, audit_of(0))
    append(tmp_path, "seal", {"cases": "f" * 64})
    record_audit(tmp_path, audit_of(1))
    with open_ledger(tmp_path) as ledger:
        assert [one.line.number for one in ledger.audits] == [1, 3]
        assert [line.kind for line in ledger.chain.lines] == ["audit", "seal", "audit"]
    assert problems(tmp_path) == ()


def test_what_a_newer_version_adds_is_ignored(tmp_path: Path) -> None:
    fields = as_fields(audit_of(0))
    fields["scores"]["new"] = {"value": 1}
    write_raw(tmp_path, link("audit", "", {"newest": [1], **fields}))
    with open_ledger(tmp_path) as ledger:
        assert ledger.whole(ledger.audits[0]) == audit_of(0)


def test_a_process_killed_between_ledger_and_heads_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_audit(tmp_path, audit_of(0))

    def killed(folder: Path, heads: object) -> None:
        raise KeyboardInterrupt

    for week in (1, 2):
        with monkeypatch.context() as patch:
            calls = iter([store._write_heads, killed] if week == 2 else [killed])
            patch.setattr(store, "_write_heads", lambda folder, heads: next(calls)(folder, heads))  # noqa: B023
            with pytest.raises(KeyboardInterrupt):
                record_audit(tmp_path, audit_of(week))
        assert problems(tmp_path) == ()
    assert len((tmp_path / HEADS).read_text().split()) == 1
    assert not record_audit(tmp_path, audit_of(2))  # nothing to add, and the heads are mended all the same
    assert (tmp_path / HEADS).read_text().strip() == hash_of((tmp_path / LEDGER).read_bytes().splitlines()[-1])


def test_a_line_without_its_newline_is_followed_all_the_same(tmp_path: Path) -> None:
    record_audit(tmp_path, audit_of(0))
    (tmp_path / LEDGER).write_bytes((tmp_path / LEDGER).read_bytes().rstrip())
    record_audit(tmp_path, audit_of(1))
    assert len((tmp_path / LEDGER).read_bytes().splitlines()) == 2
    assert problems(tmp_path) == ()


def test_killed_writers_lose_and_tear_nothing(tmp_path: Path) -> None:
    """Two at once, a dozen killed; the benchmark kills two hundred whole audits."""
    torture = [sys.executable, "-m", "tests.ledger.torture", str(tmp_path / "kept"), "12", "1"]
    done = subprocess.run(torture, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["killed"] == 12


def test_leftovers_of_killed_writers_are_taken_away_when_they_are_old(tmp_path: Path) -> None:
    old, new = tmp_path / ".driftcheck-aa.tmp", tmp_path / ".driftcheck-bb.tmp"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (0, 0))
    append(tmp_path, "seal", {})
    assert not old.exists()
    assert new.exists()


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("autocrlf", ["false", "true"])
def test_branches_merged_by_git_verify(tmp_path: Path, autocrlf: str) -> None:
    folder = tmp_path / ".driftcheck"
    git(tmp_path, "init")
    git(tmp_path, "config", "core.autocrlf", autocrlf)
    record_audit(folder, audit_of(0))

    def commit() -> None:
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-m", "audited")

    commit()
    git(tmp_path, "checkout", "-b", "other")
    for week in (1, 2):
        record_audit(folder, audit_of(week))
    commit()
    git(tmp_path, "checkout", "main")
    record_audit(folder, audit_of(3))
    commit()
    git(tmp_path, "merge", "other")
    assert problems(folder) == ()
    assert notes(folder) == ("a fork after line 1: 2 branches were merged",)
    with open_ledger(folder) as ledger:
        assert len(ledger.audits) == 4
        assert set(ledger.chain.heads or ()) == set(ledger.chain.leaves)
    record_audit(folder, audit_of(4))
    commit()
    assert problems(folder) == ()
    git(tmp_path, "checkout", "other")
    record_audit(folder, audit_of(5))
    commit()
    git(tmp_path, "merge", "main")
    assert problems(folder) == ()
    assert "lock" not in git(tmp_path, "ls-files")
    lines = (folder / LEDGER).read_bytes().splitlines()
    assert len(lines) == 6
    for number in range(6):
        (folder / LEDGER).write_bytes(b"".join(line + b"\n" for line in lines[:number] + lines[number + 1 :]))
        assert problems(folder) != ()


def test_histories_that_began_apart_can_be_merged(tmp_path: Path) -> None:
    record_audit(tmp_path / "a", audit_of(0))
    record_audit(tmp_path / "b", audit_of(1))
    for name in (LEDGER, HEADS):
        together = (tmp_path / "a" / name).read_bytes() + (tmp_path / "b" / name).read_bytes()
        (tmp_path / "a" / name).write_bytes(together)
    assert problems(tmp_path / "a") == ()
    assert notes(tmp_path / "a") == ("2 histories that began apart were merged",)


def altered(**changes: Any) -> dict[str, Any]:
    fields = as_fields(audit_of(0, slices=[slice_at(0, "s1")]))
    for path, value in changes.items():
        *above, last = path.split("__")
        place: Any = fields
        for key in above:
            place = place[int(key)] if isinstance(place, list) else place[key]
        place[last] = value
    return fields


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({}, "at: Field required"),
        (altered(at=3), "at: "),
        (altered(at="yesterday"), "at: "),
        (altered(verdict="fine"), "verdict: "),
        (altered(exit_code="0"), "exit_code: "),
        (altered(scores__pass_rate__value="0.9"), "scores.pass_rate.value: "),
        (altered(scores__pass_rate__value=True), "scores.pass_rate.value: "),
        (altered(findings=[]), "findings: "),
        (altered(subject__inputs__runs="x" * 64), "subject.inputs.runs: "),
        (altered(against="-" * 64), "against: "),
        (altered(highest_slice=10**12), "highest_slice: "),
        (altered(highest_slice=-1), "highest_slice: "),
    ],
)
def test_hostile_lines_are_refused_in_one_line(tmp_path: Path, fields: dict[str, Any], what: str) -> None:
    write_raw(tmp_path, link("seal", "", {}), link("audit", "", fields))
    with open_ledger(tmp_path) as ledger, pytest.raises(InputError) as error:
        _ = ledger.audits
    assert str(error.value).startswith(f"{tmp_path / LEDGER}:2: is no audit: {what}")
    assert "\n" not in str(error.value)
    assert any("is no audit" in problem for problem in problems(tmp_path))


@pytest.mark.parametrize("number", ["1e999", "NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(tmp_path: Path, number: str) -> None:
    line = link("audit", "", as_fields(audit_of(0))).replace(
        b'"response_rate":0.12', f'"response_rate":{number}'.encode()
    )
    write_raw(tmp_path, line)
    with open_ledger(tmp_path) as ledger, pytest.raises(InputError):
        _ = ledger.audits


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"slices__0__id": "s1\u001b[2J"}, "slices.0.id: "),
        ({"slices__0__centroid": "AAA"}, "a centroid cannot be read"),
        ({"slices__0__centroid": "AHw="}, "a centroid cannot be read"),
        ({"slices__0__centroid": "A" * 70_000}, "slices.0.centroid: "),
        ({"slices": None}, "slices: "),
    ],
)
def test_hostile_slices_are_found(tmp_path: Path, changes: dict[str, Any], what: str) -> None:
    write_raw(tmp_path, link("audit", "", altered(**changes)))
    (found,) = problems(tmp_path)
    assert what in found


def test_a_line_laid_out_otherwise_is_read_too(tmp_path: Path) -> None:
    """Slices in the middle, or inside of something else: the headline does not end where it seems to."""
    fields = as_fields(audit_of(0, slices=[slice_at(0, "s1")]))
    first = link("audit", "", {"nested": {"a": 1, "findings": {}}, **fields})
    write_raw(tmp_path, first, link("audit", hash_of(first), {"a": 1, "findings": fields.pop("findings"), **fields}))
    with open_ledger(tmp_path) as ledger:
        assert [one.entry for one in ledger.audits] == [replace(audit_of(0), findings={})] * 2
        assert all(len(ledger.whole(one).slices) == 1 for one in ledger.audits)


def test_links_are_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in (LEDGER, HEADS, "lock", ".gitignore"):
        folder = tmp_path / name.strip(".")
        folder.mkdir()
        (folder / name).symlink_to(victim)
        with pytest.raises(InputError, match="is no plain file"):
            record_audit(folder, audit_of(0))
    assert victim.read_text() == "mine"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".driftcheck").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link, not a folder"):
        record_audit(tmp_path / ".driftcheck", audit_of(0))
    with pytest.raises(InputError, match="is a link, not a folder"), open_ledger(tmp_path / ".driftcheck"):
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_heads_that_are_none(tmp_path: Path) -> None:
    record_audit(tmp_path, audit_of(0))
    (tmp_path / HEADS).write_text("<<<<<<< HEAD\n")
    with pytest.raises(InputError, match=r"ledger.head:1: is no hash of a line"):
        problems(tmp_path)


def test_nothing_is_added_to_what_nobody_can_read(tmp_path: Path) -> None:
    record_audit(tmp_path, audit_of(0))
    with (tmp_path / LEDGER).open("ab") as file:
        file.write(b"<<<<<<< HEAD\n")
    before = (tmp_path / LEDGER).read_bytes()
    with pytest.raises(InputError, match=r"ledger.jsonl:2: is a conflict that git left"):
        append(tmp_path, "seal", {})
    assert (tmp_path / LEDGER).read_bytes() == before


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    wrong: AuditEntry = replace(audit_of(0), highest_slice=10**10)
    with pytest.raises(OutputError, match="does not take the audit: highest_slice"):
        record_audit(tmp_path, wrong)
    assert not (tmp_path / LEDGER).exists()


def test_texts_with_half_a_character_are_kept_in_part(tmp_path: Path) -> None:
    assert record_audit(tmp_path, replace(audit_of(0), models=("gpt\ud800",)))
    with open_ledger(tmp_path) as ledger:
        assert ledger.audits[0].entry.models == ("gpt?",)


def test_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        record_audit(tmp_path / "file", audit_of(0))
    monkeypatch.setattr(store, "_WAIT", 0.05)
    with store.FileLock(tmp_path / "lock"), pytest.raises(OutputError, match="another process has held it"):
        record_audit(tmp_path, audit_of(0))
