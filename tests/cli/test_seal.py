"""`driftcheck seal` and `unseal` as their users meet them: what is left in the open, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fakes import FakeEncoder
from tests.sealing.projects import DAY, MARCH, Project, make_project, snapshot, texts_below, write_run

from driftcheck.checks import sealed_gap
from driftcheck.cli import run
from driftcheck.gathering import gather
from driftcheck.ledger import Memory
from driftcheck.renderers.formats import FORMATS
from driftcheck.sealing.key import KEY_VARIABLE, make_key
from driftcheck.watching import Unwatched

Out = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path)
    monkeypatch.chdir(made.folder)
    monkeypatch.setenv(KEY_VARIABLE, made.key)
    return made


def seal(*options: str) -> int:
    return run(["seal", "--holdout", "30%", "--yes", "--as-of", "2026-03-02", *options])


def unseal(release: str, *options: str) -> int:
    return run(["unseal", "--release", release, "--by", "ana@example.com", "--as-of", "2026-03-03", *options])


@pytest.mark.parametrize("suffix", [".yaml", ".jsonl", ".csv", ".json"])
def test_no_plaintext_of_a_sealed_case_is_left(
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cache_folder: Path,
    fake_encoder: type[FakeEncoder],
    capsys: Out,
) -> None:
    project = make_project(tmp_path, suffix=suffix)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.chdir(project.folder)
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv(KEY_VARIABLE, project.key)
    assert run(["audit", "-v"]) in (0, 1)
    capsys.readouterr()  # what was shown before the seal was not sealed

    assert seal() == 0
    gone = project.gone()
    assert len(gone) == 36
    outputs = [f"-o{form.name}:out/{form.name}" for form in FORMATS]
    (project.folder / "out").mkdir()
    assert run(["audit", "-v", "--text", "--export", "out/export", *outputs]) in (0, 1)
    assert run(["audit", "-v", "--eval-set", project.eval_set.name, "--no-record"]) in (0, 1)
    assert run(["trend", "-o", "out/trend.json", "-o", "out/trend.md"]) == 0
    assert run(["trend", "--verify"]) == 0
    assert run(["inspect", str(project.eval_set), "--json"]) == 0
    run(["inspect", str(project.sealed)])
    # what goes wrong says nothing either
    monkeypatch.setenv(KEY_VARIABLE, "driftcheck-seal-" + "A" * 43)
    assert unseal("v1") == 2
    monkeypatch.setenv(KEY_VARIABLE, project.key)
    assert seal("--holdout", "1e-9") == 2
    monkeypatch.setattr("driftcheck.sealing.opening._write_private", _breaks)
    assert unseal("v1", "--force") == 4
    told = capsys.readouterr()

    places = {"the screen": (told.out + told.err).encode()}
    for folder in (project.folder, cache_folder, temporary):
        places |= {str(path): data for path, data in texts_below(folder)}
    assert any(name.endswith(".log") for name in places), "the traceback of the bug is among them"
    assert len(places) > len(FORMATS) + 8
    for case in gone:
        for word in (case.secret, case.answer, case.input, case.expected):
            found = [name for name, data in places.items() if word.encode() in data]
            assert not found, f"{case.id} stands in {found}"
    for word in (project.key, project.key.removeprefix("driftcheck-seal-")):
        assert not [name for name, data in places.items() if word.encode() in data]


def _breaks(target: Path, data: bytes) -> None:
    raise ValueError(f"could not write {data!r}")


def test_what_is_opened_is_what_was_sealed(project: Project, capsys: Out) -> None:
    before = project.eval_set.read_text()
    assert seal() == 0
    gone = project.gone()
    after = project.eval_set.read_text()
    assert [line for line in before.splitlines() if line not in set(after.splitlines())], "lines went, and none came"
    assert set(after.splitlines()) <= set(before.splitlines())
    assert unseal("v1") == 0
    opened = project.folder / ".driftcheck" / "unsealed" / "v1.yaml"
    assert os.stat(opened).st_mode & 0o077 == 0
    assert (opened.parent / ".gitignore").read_text() == "*\n"
    capsys.readouterr()
    assert run(["inspect", str(opened), "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert report["n_records"] == len(gone)
    text = opened.read_text()
    assert all(case.secret in text and case.answer in text and case.id in text for case in gone)
    entry = json.loads(project.ledger.read_text().splitlines()[-1])
    assert entry["kind"] == "unseal"
    assert (entry["release"], entry["who"], entry["is_forced"]) == ("v1", "ana@example.com", False)


def test_the_choice_is_by_content_and_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    chosen = []
    for name, options in (("a", []), ("b", []), ("c", ["--seed", "1"])):
        (tmp_path / name).mkdir()
        made = make_project(tmp_path / name, suffix=".jsonl")
        if name == "b":
            lines = made.eval_set.read_text().splitlines(keepends=True)
            made.eval_set.write_text("".join(lines[::-1]))
        monkeypatch.chdir(made.folder)
        monkeypatch.setenv(KEY_VARIABLE, made.key)
        assert seal(*options) == 0
        chosen.append({case.id for case in made.gone()})
    assert chosen[0] == chosen[1] != chosen[2]
    capsys.readouterr()


def test_what_will_be_done_is_shown_and_not_done_without_a_yes(project: Project, capsys: Out) -> None:
    before = snapshot(project.folder)
    assert run(["seal", "--holdout", "30%"]) == 2
    told = capsys.readouterr()
    assert "support.yaml: 36 cases leave" in told.out
    assert "84 cases stay in the eval set." in told.out
    assert told.err.count("\n") == 1
    assert "nothing was changed" in told.err
    assert run(["seal", "--holdout", "30%", "--dry-run"]) == 0
    assert snapshot(project.folder) == before
    assert not [case for case in project.cases if case.secret in told.out]


def test_ids_that_are_texts_are_not_shown(project: Project, capsys: Out) -> None:
    text = project.eval_set.read_text()
    for case in project.cases:
        text = text.replace(f"description: {case.id}\n", f"description: how to {case.secret} it\n")
    project.eval_set.write_text(text)
    assert run(["seal", "--holdout", "30%", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "- line " in told.out
    assert not [case for case in project.cases if case.secret in told.out + told.err]


def test_marked_cases_are_sealed_and_a_share_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = make_project(tmp_path, suffix=".jsonl")
    rows = [json.loads(line) for line in made.eval_set.read_text().splitlines()]
    for row in rows[:40]:
        row["split"] = "sealed"
    made.eval_set.write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(made.folder)
    monkeypatch.setenv(KEY_VARIABLE, made.key)
    assert run(["seal", "--holdout", "10%", "--yes"]) == 2
    assert "40 records are marked" in capsys.readouterr().err
    assert run(["seal", "--yes"]) == 0
    assert {case.id for case in made.gone()} == {row["id"] for row in rows[:40]}
    assert run(["seal", "--yes"]) == 2
    assert "no case is marked to be sealed" in capsys.readouterr().err


def test_marked_cases_whose_copies_would_stay_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = make_project(tmp_path, suffix=".jsonl")
    rows = [json.loads(line) for line in made.eval_set.read_text().splitlines()]
    for row in rows[:40]:
        row["split"] = "sealed"
    rows += [rows[0] | {"id": "copy", "input": f"please say, {rows[0]['input']} now", "split": "tuned"}]
    made.eval_set.write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(made.folder)
    monkeypatch.setenv(KEY_VARIABLE, made.key)
    before = snapshot(made.folder)
    assert run(["seal", "--yes"]) == 2
    told = capsys.readouterr().err
    assert "copy is not marked and holds the input of a case to be sealed" in told
    assert not [case for case in made.cases if case.secret in told]
    assert snapshot(made.folder) == before
    made.eval_set.write_text("".join(json.dumps(row | {"split": "sealed"}) + "\n" for row in rows[:40] + rows[-1:]))
    with made.eval_set.open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows[40:-1])
    assert run(["seal", "--yes"]) == 0
    assert len(made.gone()) == 40


def _other_key(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    make_key(project.folder.parent / "keys" / "other", project=project.folder)
    monkeypatch.setenv(KEY_VARIABLE, (project.folder.parent / "keys" / "other").read_text())


def _cut(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.sealed.write_bytes(project.sealed.read_bytes()[:-100])


def _turned(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(project.sealed.read_bytes())
    data[-20] ^= 1
    project.sealed.write_bytes(data)


def _gone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.sealed.unlink()


def _edited(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = project.ledger.read_text()
    project.ledger.write_text(text.replace('"n_cases":36', '"n_cases":35'))


def _shortened(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.ledger.write_text("")


def _no_key(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE)


def _no_ledger(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with (project.folder / "drift.yaml").open("a") as file:
        file.write("ledger: off\n")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_other_key, "was sealed with key"),
        (_cut, "is not the file that the ledger vouches for since 2026-03-02: it was altered, or cut"),
        (_turned, "is not the file that the ledger vouches for"),
        (_gone, "is missing: the ledger vouches for 36 cases in it"),
        (_edited, "was altered"),
        (_shortened, "the ledger"),
        (_no_key, "no key (set DRIFTCHECK_SEAL_KEY, or name a file"),
        (_no_ledger, "a seal needs the ledger, which is off"),
    ],
)
@pytest.mark.parametrize("command", [unseal, lambda release: seal("--holdout", "50%")], ids=["unseal", "seal"])
def test_what_cannot_be_trusted_is_one_line_and_changes_nothing(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Out,
    command: Callable[[str], int],
    harm: Callable[[Project, pytest.MonkeyPatch], None],
    said: str,
) -> None:
    assert seal() == 0
    harm(project, monkeypatch)
    before = snapshot(project.folder)
    capsys.readouterr()
    assert command("v1") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert said in told.err
    assert snapshot(project.folder) == before


def test_a_release_opens_once_and_another_needs_a_fresh_sample(project: Project, capsys: Out) -> None:
    assert seal() == 0
    assert unseal("v1") == 0
    before = snapshot(project.folder)
    capsys.readouterr()
    assert unseal("v1") == 2
    assert "release v1 was opened for on 2026-03-03" in capsys.readouterr().err
    assert unseal("v2") == 2
    assert "the sample was opened for release v1 on 2026-03-03" in capsys.readouterr().err
    assert snapshot(project.folder) == before
    assert unseal("v2", "--force") == 0
    assert json.loads(project.ledger.read_text().splitlines()[-1])["is_forced"] is True


def test_fresh_cases_open_alone(project: Project, capsys: Out) -> None:
    assert seal() == 0
    first = {case.id for case in project.gone()}
    assert unseal("v1") == 0
    assert seal() == 0
    fresh = [case for case in project.gone() if case.id not in first]
    assert len(fresh) == 25, "of the 84 that were left"
    assert unseal("v2") == 0
    text = (project.folder / ".driftcheck" / "unsealed" / "v2.yaml").read_text()
    assert [case for case in project.cases if case.secret in text] == fresh
    assert unseal("v3") == 2
    assert unseal("v3", "--force", "--to", "../all.yaml") == 0
    both = "".join(path.read_text() for path in sorted(project.folder.parent.glob("all*.yaml")))
    assert {case.id for case in project.cases if case.secret in both} == first | {case.id for case in fresh}
    capsys.readouterr()


@pytest.mark.parametrize("name", ["", "../v1", "a/b", ".x", "a\nb", "x" * 101])
def test_a_release_is_named_as_a_file(project: Project, capsys: Out, name: str) -> None:
    assert seal() == 0
    capsys.readouterr()
    assert unseal(name) == 2
    assert "is no name of a release" in capsys.readouterr().err


def test_plaintext_replaces_nothing(project: Project, capsys: Out) -> None:
    assert seal() == 0
    lines = project.ledger.read_text()
    (project.folder.parent / "mine.yaml").write_text("mine")
    assert unseal("v1", "--to", "../mine.yaml") == 2
    assert unseal("v1", "--to", "../mine.csv") == 2
    assert project.ledger.read_text() == lines
    assert (project.folder.parent / "mine.yaml").read_text() == "mine"
    capsys.readouterr()


def test_opened_cases_are_no_eval_set(project: Project, capsys: Out) -> None:
    assert seal() == 0
    assert unseal("v1") == 0
    capsys.readouterr()
    assert run(["audit", "--eval-set", ".driftcheck/unsealed/v1.yaml"]) == 2
    assert "holds opened cases" in capsys.readouterr().err
    assert run(["audit", "--eval-set", "support.sealed"]) == 2
    assert "holds sealed cases" in capsys.readouterr().err


def test_a_lost_seal_can_be_begun_anew(project: Project, capsys: Out) -> None:
    assert seal() == 0
    project.sealed.unlink()
    assert seal() == 2
    assert "--anew" in capsys.readouterr().err
    assert seal("--anew") == 0
    assert json.loads(project.ledger.read_text().splitlines()[-1])["n_cases"] == 25
    assert unseal("v1") == 0
    capsys.readouterr()


def test_a_new_key_is_written_for_its_owner_alone(project: Project, tmp_path: Path, capsys: Out) -> None:
    target = tmp_path / "keys" / "new"
    assert run(["seal", "--new-key", str(target)]) == 0
    assert os.stat(target).st_mode & 0o077 == 0
    told = capsys.readouterr()
    assert target.read_text().strip().removeprefix("driftcheck-seal-") not in told.out + told.err
    assert run(["seal", "--new-key", str(target)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(["seal", "--new-key", "here"]) == 2
    assert not Path("here").exists()


def test_old_results_and_committed_cases_are_named(project: Project, capsys: Out) -> None:
    (project.folder / ".git").mkdir()
    with (project.folder / "run-texts.jsonl").open("w") as file:
        for case in project.cases:
            file.write(json.dumps({"run": "texts", "id": case.id, "input": case.input, "passed": True}) + "\n")
    assert run(["seal", "--holdout", "30%", "--dry-run"]) == 0
    told = capsys.readouterr().err
    assert "warning: run-texts.jsonl holds inputs of 36 sealed cases" in told
    assert "git's history" in told


def test_the_opened_run_meets_the_tuned_one(project: Project, fake_encoder: type[FakeEncoder], capsys: Out) -> None:
    assert seal() == 0
    gone = project.gone()
    assert unseal("v1") == 0
    write_run(project.folder / "run-tuned.jsonl", project.left(), MARCH + 3 * DAY, failing=0.05)
    write_run(project.folder / "run-opened.jsonl", gone, MARCH + 3 * DAY, failing=0.6)
    comparison = gather(
        project.config,
        Memory(project.config, dt.date(2026, 3, 5), Unwatched()),
        eval_set=None,
        runs=None,
        production=None,
        since=None,
        until=None,
        sample=None,
        seed=0,
        cache_folder=None,
        watcher=Unwatched(),
        load_encoder=FakeEncoder,
        outputs=(),
    ).comparison
    assert comparison.runs is not None
    assert set(comparison.runs.sealed["own_id"]) == {case.id for case in gone}
    assert set(comparison.runs.sealed["run_id"]) == {"run-opened"}
    assert comparison.runs.n_unjoined == 0, "results of sealed cases from before the seal are not told as unjoined"
    assert set(comparison.runs.frame["own_id"]) == {case.id for case in project.left()}
    assert comparison.latest_run == "run-tuned"
    measured = sealed_gap.measure(comparison)
    assert measured.n == {"sealed cases": 36, "tuned cases": 84}
    assert measured.value > 0.3
    assert comparison.seal is not None
    assert (comparison.seal.problem, comparison.seal.leaks) == ("", ())
    assert [one.release for one in comparison.seal.openings] == ["v1"]
    capsys.readouterr()


def test_a_key_can_be_made_before_there_is_a_drift_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    assert run(["seal", "--new-key", str(tmp_path / "key")]) == 0
    assert (tmp_path / "key").is_file()
    assert run(["seal", "--new-key", "key"]) == 2
    assert "must not lie beside drift.yaml" in capsys.readouterr().err
