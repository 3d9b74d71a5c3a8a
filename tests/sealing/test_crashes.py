"""A seal that is killed between any two of its steps: nothing is lost, it is noticed, and the next one ends it."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.sealing.projects import Project, environment, make_project, snapshot

from driftcheck.errors import OutputError
from driftcheck.intake import Sources, read_eval_set
from driftcheck.leak_search import search_leaks
from driftcheck.ledger.events import Sealed
from driftcheck.ledger.store import note
from driftcheck.seal_file import read_closed
from driftcheck.sealing import closing
from driftcheck.sealing.contents import decode
from driftcheck.sealing.crypto import decrypt
from driftcheck.sealing.key import find_key
from driftcheck.seals import SealState
from driftcheck.watching import Unwatched


class Killed(BaseException):
    """As SIGKILL, but that it can be caught here."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path)
    monkeypatch.chdir(made.folder)
    return made


def plan(project: Project, **options: object) -> closing.SealPlan:
    key = find_key(None, environment(project), project=project.folder)
    return closing.plan_seal(
        project.config,
        key,
        at=dt.date(2026, 3, 2),
        **{"holdout": 0.3, **options},  # type: ignore[arg-type]  # its own
    )


def sealed_texts(project: Project) -> str:
    key = find_key(None, environment(project), project=project.folder)
    closed = read_closed(project.config)
    assert closed is not None
    if closed.envelope is None:
        return ""
    batches = decode(decrypt(closed.envelope, key, "x"), "x")
    return "".join(one.data.decode() for batch in batches for one in batch)


def state(project: Project) -> SealState | None:
    with ExitStack() as stack:
        sources = Sources(project.config, stack, ()).find("eval_set", None, required=True)
        cases = read_eval_set(sources, project.config, Unwatched())
    closed = read_closed(project.config)
    assert closed is not None
    return search_leaks(closed, project.config, cases)


@pytest.mark.parametrize("second", [False, True], ids=["the first seal", "one that adds to another"])
@pytest.mark.parametrize(
    ("step", "is_noticed"),
    [("replace_whole", False), ("note", False), ("os.replace", True), ("write_all", True)],
)
def test_a_seal_that_was_killed_is_brought_to_its_end(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: str, is_noticed: bool, second: bool
) -> None:
    if second:
        closing.carry_out(plan(project))
    n_before = len(project.gone())
    planned = plan(project)

    really = os.replace

    def killed(*arguments: Path, **options: object) -> None:
        if step == "os.replace" and arguments[0].name != closing.pending_path(project.sealed).name:
            really(*arguments)
            return
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"driftcheck.sealing.closing.{step}", killed)
        with pytest.raises(Killed):
            closing.carry_out(planned)
    text = project.eval_set.read_text() + sealed_texts(project)
    assert all(case.secret in text and case.answer in text for case in project.cases), "nothing is lost"
    found = state(project)
    assert bool(found and (found.problem or found.leaks)) is is_noticed

    again = plan(project, holdout=0.3)
    assert again.is_resumed is is_noticed
    closing.carry_out(again)
    found = state(project)
    assert found is not None
    assert (found.problem, found.leaks) == ("", ())
    inside = sealed_texts(project)
    left, gone = project.left(), project.gone()
    assert len(gone) == n_before + planned.n_new
    assert all(case.secret in inside for case in gone)
    assert not [case for case in left if case.secret in inside]
    assert found.n_cases == len(gone)
    assert not closing.pending_path(project.sealed).exists()


def test_a_file_that_changed_meanwhile_stops_it_before_anything(project: Project) -> None:
    planned = plan(project)
    with project.eval_set.open("a") as file:
        file.write("# a comment\n")
    before = snapshot(project.folder)
    with pytest.raises(OutputError, match="has changed since it was read"):
        closing.carry_out(planned)
    assert snapshot(project.folder) == before


def test_a_sealed_case_that_was_put_back_is_taken_out_again_with_what_is_marked(project: Project) -> None:
    whole = project.eval_set.read_text()
    closing.carry_out(plan(project))
    gone = project.gone()
    project.eval_set.write_text(whole)
    found = state(project)
    assert found is not None
    assert len(found.leaks) == len(gone)
    again = plan(project)
    assert (again.is_resumed, again.n_new, again.n_before) == (True, 0, len(gone))
    closing.carry_out(again)
    assert project.gone() == gone


def test_of_two_seals_at_once_the_second_is_refused(project: Project) -> None:
    first, second = plan(project), plan(project, seed=1)
    closing.carry_out(first)
    before = snapshot(project.folder)
    with pytest.raises(OutputError, match="has changed since it was read"):
        closing.carry_out(second)
    assert snapshot(project.folder) == before


def test_a_tuned_file_that_cannot_be_written_is_told_with_what_to_do(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(edits: object) -> None:
        raise OutputError("support.yaml", "cannot be written: disk full", "nothing was changed")

    with monkeypatch.context() as patch:
        patch.setattr("driftcheck.sealing.closing.write_all", full)
        with pytest.raises(OutputError, match=r"disk full \(its cases are sealed and still in it: driftcheck seal"):
            closing.carry_out(plan(project))
    closing.carry_out(plan(project))
    found = state(project)
    assert found is not None
    assert (found.problem, found.leaks) == ("", ())


@pytest.mark.parametrize("second", [False, True], ids=["the first seal", "one that adds to another"])
def test_an_interrupt_right_after_the_ledgers_line_is_no_dead_end(
    project: Project, monkeypatch: pytest.MonkeyPatch, second: bool
) -> None:
    if second:
        closing.carry_out(plan(project))
    n_before = len(project.gone())
    planned = plan(project)

    def interrupted(folder: Path, event: Sealed) -> None:
        note(folder, event)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("driftcheck.sealing.closing.note", interrupted)
        with pytest.raises(KeyboardInterrupt):
            closing.carry_out(planned)
    assert closing.pending_path(project.sealed).exists(), "the ledger vouches for it"
    again = plan(project)
    assert again.is_resumed
    closing.carry_out(again)
    found = state(project)
    assert found is not None
    assert (found.problem, found.leaks) == ("", ())
    assert len(project.gone()) == n_before + planned.n_new


@pytest.mark.parametrize("step", ["replace_whole", "note", "os.replace", "write_all"])
def test_a_seal_begun_anew_that_is_interrupted_loses_neither(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    closing.carry_out(plan(project))
    before = snapshot(project.folder)
    first = project.sealed.read_bytes()
    planned = plan(project, anew=True)
    really = os.replace

    def interrupted(*arguments: Path, **options: object) -> None:
        if step == "os.replace" and arguments[0].name != closing.pending_path(project.sealed).name:
            really(*arguments)
            return
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"driftcheck.sealing.closing.{step}", interrupted)
        with pytest.raises(KeyboardInterrupt):
            closing.carry_out(planned)
    if step in ("replace_whole", "note"):
        assert snapshot(project.folder) == before
        return
    again = plan(project)
    assert again.is_resumed
    closing.carry_out(again)
    assert project.sealed.with_name("support.sealed.1").read_bytes() == first != project.sealed.read_bytes()
    found = state(project)
    assert found is not None
    assert (found.problem, found.leaks, found.n_cases) == ("", (), planned.n_new)


def test_an_interrupt_before_the_ledgers_line_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(project.folder)
    with monkeypatch.context() as patch:
        patch.setattr("driftcheck.sealing.closing.note", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            closing.carry_out(plan(project))
    assert snapshot(project.folder) == before


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt
