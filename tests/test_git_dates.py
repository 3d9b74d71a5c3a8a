"""When git says that lines were written: only what is committed, and without letting a repository run anything."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from driftcheck.editing import open_editable, write_all
from driftcheck.git_dates import date_records, git, history
from driftcheck.git_dates.json_starts import json_starts

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

JANUARY, FEBRUARY, MARCH, MAY = (dt.datetime(2026, month, 1, 12, tzinfo=dt.UTC).timestamp() for month in (1, 2, 3, 5))


class Repository:
    """A git repository of a test, whose commits have the dates that it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q")

    def git(self, *words: str, at: float = JANUARY) -> str:
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _WHO.items()}
        dates = {"GIT_AUTHOR_DATE": f"{at:.0f} +0000", "GIT_COMMITTER_DATE": f"{MAY:.0f} +0000"}
        environment = {**os.environ, **who, **dates, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        return subprocess.run(
            ["git", *words], cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def ask_plainly(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.folder, check=False, capture_output=True, timeout=30)

    def commit(self, at: float, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / name.replace("__", ".")
            path.write_bytes(text.encode())
        self.git("add", "-A", at=at)
        self.git("commit", "-q", "-m", "x", at=at)


_WHO = {"NAME": "ana", "EMAIL": "ana@example.com"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.chdir(tmp_path)
    return Repository(tmp_path / "repo")


def ask(where: str, *numbers: int, mark: str = ":") -> dict[str, float]:
    return dict(date_records({str(n): f"{where}{mark}{n}" for n in numbers}).dates)


def test_a_line_is_as_old_as_its_commit(repository: Repository) -> None:
    repository.commit(JANUARY, a__jsonl='{"input": 1}\n{"input": 2}\n')
    repository.commit(MARCH, a__jsonl='{"input": 0}\n{"input": 1}\n{"input": 2, "changed": true}\n')
    assert ask("repo/a.jsonl", 1, 2, 3) == {"1": MARCH, "2": JANUARY, "3": MARCH}
    said = date_records({"x": "repo/a.jsonl:2"})
    assert said.why == ""


def test_lines_that_are_not_committed_have_no_date(repository: Repository) -> None:
    lines = [f'{{"input": {n}}}\n' for n in range(6)]
    repository.commit(JANUARY, a__jsonl="".join(lines))
    changed = [lines[0], "new\n", lines[1], lines[2].replace("2", "22"), lines[3], "new\n", lines[4], lines[5]]
    (repository.folder / "a.jsonl").write_text("".join(changed))
    said = date_records({str(n): f"repo/a.jsonl:{n}" for n in range(1, 9)})
    assert sorted(said.dates) == ["1", "3", "5", "7", "8"]
    assert "not committed" in said.why


def test_line_ends_that_git_changed_do_not_count(repository: Repository) -> None:
    repository.commit(JANUARY, a__csv="id,input\n1,a\n2,b\n")
    (repository.folder / "a.csv").write_bytes(b"id,input\r\n1,a\r\n2,b\r\n")
    assert ask("repo/a.csv", 2, 3) == {"2": JANUARY, "3": JANUARY}


@pytest.mark.parametrize("folder", ["", "sets/größe 1"])
def test_an_empty_cell_of_a_new_column_makes_no_row_new(repository: Repository, folder: str) -> None:
    where = repository.folder / folder / "a.csv"
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text("id,input\n" + "".join(f'{n},"how much is {n}?"\n' for n in range(1, 7)))
    repository.commit(JANUARY)
    shown = str(Path("repo") / folder / "a.csv")

    def renew(number: int, field: str) -> None:
        write_all([open_editable(Path(shown)).edited(update={number: {(field,): "2026-03-01"}})])

    renew(3, "validated")
    assert where.read_text().splitlines()[1] == '1,"how much is 1?",', "a table has as many cells in every row"
    committed = dict.fromkeys(map(str, (2, 3, 4, 6, 7)), JANUARY)
    assert ask(shown, *range(2, 8)) == committed, "what is not committed yet"
    repository.commit(FEBRUARY)
    assert ask(shown, *range(2, 8)) == {**committed, "5": FEBRUARY}
    renew(1, "owner")
    write_all([open_editable(Path(shown)).edited(append=[{"id": "7", "input": "new", "split": "tuned"}])])
    repository.commit(MARCH)
    assert ask(shown, *range(2, 9)) == {**committed, "3": MARCH, "5": FEBRUARY, "8": MARCH}


def test_a_comma_at_the_end_counts_where_lines_are_no_rows(repository: Repository) -> None:
    repository.commit(JANUARY, a__yaml="- {input: one}\n- two\n")
    repository.commit(MARCH, a__yaml="- {input: one}\n- two,\n")
    assert ask("repo/a.yaml", 1, 2) == {"1": JANUARY, "2": MARCH}


def test_only_so_many_commits_are_looked_through(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(JANUARY, a__csv="input,a\n1,\n2,\n")
    repository.commit(MARCH, a__csv="input,a,b\n1,,\n2,,\n")
    assert ask("repo/a.csv", 2, 3) == {"2": JANUARY, "3": JANUARY}
    monkeypatch.setattr(history, "_LOOKS", 0)
    assert ask("repo/a.csv", 2, 3) == {"2": MARCH, "3": MARCH}


@pytest.mark.parametrize("wrapped", [False, True])
def test_records_of_json_are_found_by_their_number(repository: Repository, wrapped: bool) -> None:
    def text(*records: dict[str, object]) -> str:
        return json.dumps({"meta": {"tags": ["x"]}, "data": records} if wrapped else records, indent=2)

    repository.commit(JANUARY, a__json=text({"input": "one"}, {"input": "two", "n": [{"a": 1}]}))
    repository.commit(MARCH, a__json=text({"input": "one"}, {"input": "two", "n": [{"a": 1}]}, {"input": "three"}))
    assert ask("repo/a.json", 1, 2, mark="#") == {"1": JANUARY, "2": JANUARY}
    assert ask("repo/a.json", 3, mark="#") == {"3": MARCH}


def test_records_that_share_a_line_are_told_apart_by_nobody(repository: Repository) -> None:
    repository.commit(JANUARY, a__json='[{"input": "one"}, {"input": "two"}]')
    said = date_records({"1": "repo/a.json#1", "2": "repo/a.json#2"})
    assert said.dates == {}
    assert "hold several cases" in said.why


def test_cases_of_one_record_share_its_date(repository: Repository) -> None:
    repository.commit(JANUARY, a__yaml="tests:\n- vars: {q: [a, b]}\n")
    assert date_records({"a": "repo/a.yaml:2", "b": "repo/a.yaml:2"}).dates == {"a": JANUARY, "b": JANUARY}


def test_what_is_no_repository_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    Path("a.jsonl").write_text("{}\n")
    assert "no git repository" in date_records({"1": "a.jsonl:1"}).why


def test_what_is_not_tracked_is_said(repository: Repository) -> None:
    repository.commit(JANUARY, a__jsonl="{}\n")
    (repository.folder / "b.jsonl").write_text("{}\n")
    said = date_records({"1": "repo/b.jsonl:1"})
    assert (said.dates, said.why) == ({}, "b.jsonl is not committed to git")
    Repository(repository.folder.parent / "empty")
    (repository.folder.parent / "empty" / "c.jsonl").write_text("{}\n")
    assert "not committed" in date_records({"1": "empty/c.jsonl:1"}).why


def test_a_shallow_clone_dates_nothing(repository: Repository) -> None:
    repository.commit(JANUARY, a__jsonl="1\n")
    repository.commit(MARCH, a__jsonl="1\n2\n")
    clone = repository.folder.parent / "clone"
    repository.git("clone", "-q", "--depth", "1", repository.folder.as_uri(), str(clone))
    said = date_records({"1": "clone/a.jsonl:1"})
    assert said.dates == {}
    assert "shallow" in said.why
    assert "fetch-depth: 0" in said.why


def test_without_git_it_is_said(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(JANUARY, a__jsonl="1\n")
    monkeypatch.setenv("PATH", "")
    assert date_records({"1": "repo/a.jsonl:1"}).why == "git is not installed"


def test_what_has_no_lines_of_text_is_said(repository: Repository) -> None:
    (repository.folder / "a.jsonl.gz").write_bytes(gzip.compress(b"{}\n{}\n"))
    (repository.folder / "a.bin").write_bytes("{}\n{}\n".encode("utf-16"))
    repository.commit(JANUARY)
    for name in ("a.jsonl.gz", "a.bin"):
        said = date_records({"1": f"repo/{name}:1"})
        assert said.dates == {}
        assert "packed or no UTF-8" in said.why
    for where in ("repo:1", "nowhere.jsonl:1", "eval_set (DataFrame)", "-", "a\0b:1", f"{'x' * 5000}:3"):
        assert date_records({"1": where}).dates == {}
        assert date_records({"1": where}).why


def test_other_repositories_of_the_environment_do_not_count(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(JANUARY, a__jsonl="1\n")
    other = Repository(repository.folder.parent / "other")
    other.commit(MARCH, a__jsonl="1\n")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.folder))
    assert ask("repo/a.jsonl", 1) == {"1": JANUARY}


def test_a_repository_runs_nothing(repository: Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\necho $0 $@ >> {ran}\nexit 1\n")
    program.chmod(0o755)
    repository.commit(JANUARY, a__jsonl="1\n2\n")
    hooks = repository.folder / ".git" / "hooks"
    for hook in ("post-index-change", "pre-auto-gc", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(program, hooks / hook)
    for key in (
        *("core.fsmonitor", "core.pager", "pager.blame", "core.sshCommand", "core.editor", "diff.external"),
        *("diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process"),
        *("credential.helper", "core.askPass", "gpg.program", "alias.blame", "alias.cat-file", "core.gitProxy"),
        *("uploadpack.packObjectsHook", "core.alternateRefsCommand"),
    ):
        repository.git("config", key, f"!{program}" if key.startswith("alias") else str(program))
    repository.git("config", "remote.origin.url", f"ext::{program}")
    repository.git("config", "remote.origin.promisor", "true")
    repository.git("config", "core.repositoryformatversion", "1")
    repository.git("config", "extensions.partialClone", "origin")
    repository.git("config", "protocol.ext.allow", "always")
    (repository.folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (repository.folder / "a.jsonl").write_text("1\n2\nnew\n")
    branch = repository.git("branch", "--show-current").strip()
    repository.ask_plainly("blame", "--", "a.jsonl")
    assert ran.exists(), "asked plainly, git would run what the repository wants"
    ran.unlink()
    assert ask("repo/a.jsonl", 1, 2, 3) == {"1": JANUARY, "2": JANUARY}
    assert not ran.exists()
    # a commit that is missing is fetched, by the repository's own command
    (repository.folder / ".git" / "refs" / "heads" / branch).write_text(f"{'1' * 40}\n")
    repository.ask_plainly("cat-file", "blob", "HEAD:./a.jsonl")
    assert ran.exists(), "asked plainly, git would fetch"
    ran.unlink()
    assert ask("repo/a.jsonl", 1) == {}
    assert not ran.exists()


def test_time_is_bounded(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(JANUARY, a__jsonl="1\n")
    monkeypatch.setattr(git, "SECONDS", 0.0)
    assert "took longer" in date_records({"1": "repo/a.jsonl:1"}).why
    slow = repository.folder.parent / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 30\n")
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git, "SECONDS", 0.2)
    assert "took longer" in date_records({"1": "repo/a.jsonl:1"}).why


def test_nothing_of_the_repository_changes(repository: Repository) -> None:
    repository.commit(JANUARY, a__jsonl="1\n2\n")
    (repository.folder / "a.jsonl").write_text("1\n2\n3\n")
    files = {path: path.read_bytes() for path in sorted(repository.folder.rglob("*")) if path.is_file()}
    ask("repo/a.jsonl", 1, 2, 3)
    assert {path: path.read_bytes() for path in sorted(repository.folder.rglob("*")) if path.is_file()} == files


def test_broken_json_has_no_starts() -> None:
    for text in (
        b"[{",
        b'{"a": [}',
        b"[" * 5_000,
        b'{"a" [{}]}',
        b"[{} {}]",
        b"nothing",
        b"",
        b'{"a": [{}], "b": [{}]}',
    ):
        assert json_starts(text, {None: 1}) == {}
    assert json_starts(b'{"a": [{}, {}],\n "b": [{},\n{},\n{}]}', {None: 3}) == {None: [2, 3, 4]}


def test_lists_of_several_keys_are_told_apart(repository: Repository) -> None:
    first = {"billing": [{"input": "a"}, {"input": "b"}], "returns": [{"input": "c"}]}
    repository.commit(JANUARY, a__json=json.dumps(first, indent=1))
    first["returns"].insert(0, {"input": "d"})
    repository.commit(MARCH, a__json=json.dumps(first, indent=1))
    places = {"a": "repo/a.json#1 in billing", "d": "repo/a.json#1 in returns", "c": "repo/a.json#2 in returns"}
    dates = date_records(places).dates
    assert dates == {"a": JANUARY, "d": MARCH, "c": JANUARY}, "whichever of two equal braces git calls the new one"
    assert date_records({"a": "repo/a.json#1"}).dates == {}, "one of two lists: nobody knows which"
