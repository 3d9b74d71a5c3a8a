"""Copies of what is sealed are found without the key, and what is merely like it is not."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.sealing.projects import Project, environment, make_project

from driftcheck.intake import Sources, read_eval_set
from driftcheck.leak_search import leaks_in_text, search_leaks
from driftcheck.lengths import words_of
from driftcheck.seal_file import read_closed
from driftcheck.sealing import closing
from driftcheck.sealing.key import find_key
from driftcheck.seals import LeakFinder, Marks, SealState
from driftcheck.watching import Unwatched

LONG = "I ordered a new card two weeks ago and it has still not arrived, what should I do now?"
SHORT = "where is my card"


def finder(*inputs: str, expected: str | None = "soon") -> LeakFinder:
    empty = Marks(b"0123456789abcdef", ())
    return LeakFinder(Marks(empty.salt, tuple(empty.mark(text, expected, None, batch=0) for text in inputs)))


@pytest.mark.parametrize(
    "copy",
    [
        LONG,
        LONG.upper(),
        LONG.replace(" ", "\n\t "),
        LONG.rstrip("?") + "...",
        f"Hello there! {LONG} Thank you.",
        LONG.replace("two weeks", "three weeks"),
        LONG.replace("I ordered", "We ordered").replace("now?", "?"),
        "\n".join(["Examples of what users ask:", *("filler words " * 40 for _ in range(20)), LONG, "end"]),
    ],
)
def test_copies_are_found(copy: str) -> None:
    assert [case for case, _ in finder(LONG).in_words(words_of(copy))] == [0]
    assert finder(LONG).in_case(copy, None) == {0}
    assert finder(LONG).in_case("What do users ask?", copy) == {0}, "in the expected answer too"


@pytest.mark.parametrize(
    "other",
    [
        "I ordered a new phone and it has arrived broken, what can you do?",
        "How long does a new card take to arrive?",
        "My card has not arrived",
        SHORT,
        "",
    ],
)
def test_others_are_not(other: str) -> None:
    assert not finder(LONG).in_case(other, "soon")


def test_pieces_that_lie_far_apart_are_no_copy() -> None:
    words = words_of(LONG)
    spread = " ".join(" ".join([*words[start : start + 4], *["filler"] * 60]) for start in range(0, len(words), 3))
    assert not list(finder(LONG).in_words(words_of(spread)))


def test_short_inputs_are_found_as_whole_cases_alone() -> None:
    one = finder(SHORT)
    assert one.in_case("Where is my CARD?", "Soon.") == {0}
    assert not one.in_case("Where is my card?", "in a week"), "another case on purpose"
    assert not one.in_case("and where is my card please", "soon")
    assert not list(one.in_words(words_of(SHORT)))


def test_scripts_without_spaces_have_shingles() -> None:
    text = "我的新卡两周前就订了,为什么还没有到?"
    assert finder(text).in_case(f"你好,{text}谢谢", None) == {0}
    assert not finder(text).in_case("我想知道怎么重置密码", None)


def test_hashes_tell_no_word_and_differ_by_salt() -> None:
    one, two = (Marks(salt * 16, ()).mark(LONG, "soon", "c1", batch=0) for salt in (b"a", b"b"))
    assert len(one.sketch) == 8
    assert max(one.sketch) < 1 << 12
    assert (one.input, one.id, one.sketch) != (two.input, two.id, two.sketch)
    assert one.whole is None, "the expected answer of a long case is in no hash"
    other = Marks(b"a" * 16, ()).mark(LONG, "never", "c1", batch=0)
    assert other == one


def test_unrelated_words_in_any_number_are_no_leak() -> None:
    rng = random.Random(0)
    vocabulary = [f"w{number}" for number in range(3_000)]
    sealed = [" ".join(rng.choices(vocabulary, k=10)) for _ in range(300)]
    prompt = rng.choices(vocabulary, k=40_000)
    assert not list(finder(*sealed).in_words(prompt))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path)
    monkeypatch.chdir(made.folder)
    key = find_key(None, environment(made), project=made.folder)
    closing.carry_out(closing.plan_seal(made.config, key, at=dt.date(2026, 3, 2), holdout=0.3))
    return made


def state(project: Project) -> SealState:
    with ExitStack() as stack:
        sources = Sources(project.config, stack, ()).find("eval_set", None, required=True)
        cases = read_eval_set(sources, project.config, Unwatched())
    closed = read_closed(project.config)
    assert closed is not None
    found = search_leaks(closed, project.config, cases)
    assert found is not None
    return found


def test_a_clean_project_has_none(project: Project) -> None:
    assert state(project).leaks == ()


def test_leaks_are_named_by_id_or_line_and_never_by_text(project: Project) -> None:
    one, two, three, four, five = project.gone()[:5]
    text = project.eval_set.read_text()
    text = text.replace("prompts: ['{{question}}']", f"prompts: ['Such as: {one.input} Now: {{{{question}}}}']")
    text += f"- description: mine\n  vars:\n    question: Hello, {two.input}\n# - question: {three.input}\n"
    project.eval_set.write_text(text)
    (project.folder / "prompts").mkdir()
    (project.folder / "prompts" / "system.txt").write_text(f"Be kind.\n\nQ: {four.input}\nA: ...\n")
    with (project.folder / "drift.yaml").open("a") as file:
        file.write("prompts: prompts/*.txt\n")
    (project.folder / "support.retired.yaml").write_text(f"- vars:\n    question: {five.input}\n")
    found = state(project).leaks
    n_lines = text.count("\n")
    assert [leak.where for leak in found] == [
        "mine",
        "support.yaml:2",
        f"support.yaml:{n_lines}",
        "prompts/system.txt:3",
        "support.retired.yaml:2",
    ]
    assert [leak.case_id for leak in found] == ["mine", None, None, None, None]
    assert not [case for case in project.cases if case.secret in repr(found)]


def test_json_escapes_hide_no_copy() -> None:
    line = '{"q": "Hi.\\n' + LONG.replace(" and ", "\\tand\\n") + '"}'
    (leak,) = leaks_in_text(finder(LONG), line.encode(), "a.json", ())
    assert leak.where == "a.json:1"


def test_a_copy_that_is_wrapped_over_lines_is_found_and_one_of_neighbours_is_none() -> None:
    words = LONG.split()
    wrapped = "\n".join([" ".join(words[:6]), "  " + " ".join(words[6:12]), "  " + " ".join(words[12:])])
    (leak,) = leaks_in_text(finder(LONG), f"Be kind.\n\n{wrapped}\n".encode(), "p.md", ())
    assert leak.where == "p.md:3"
    items = "\n".join(f"- {' '.join(words[start : start + 9])}" for start in (0, 5, 10))
    assert not list(leaks_in_text(finder(LONG), items.encode(), "p.md", ()))
