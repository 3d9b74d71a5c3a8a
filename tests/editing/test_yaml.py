"""YAML as people write it: comments, blank lines, brackets, anchors, quotes, line ends."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from driftcheck.editing import EditableFile, open_editable
from driftcheck.errors import InputError

CONFIG = """\
# my suite
prompts: [a.txt]
providers: [openai:gpt-4o]  # one is enough

tests:
  # the first
  - vars:
      question: How do I get a refund?   # seen often
    assert:
      - type: icontains
        value: 30 days

  # Shipping, all that follows

  # how long
  - vars:
      question: 'When does it ship?'
      # language: de
    # options: {}
  - vars: {question: "Where is it?", n: 1}
    metadata: {topic: tracking}
# the end
description: "Support"
"""
Open = Callable[[str], EditableFile]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def open_text(text: str) -> EditableFile:
        path = tmp_path / "suite.yaml"
        path.write_bytes(text.encode())
        return open_editable(path, name="suite.yaml")

    return open_text


def after(file: EditableFile, **edit: Any) -> str:
    return file.edited(**edit).after.decode()


def test_the_records_of_a_config_are_its_tests(opened: Open) -> None:
    file = opened(CONFIG)
    assert [(one.number, one.line) for one in file.records] == [(0, 7), (1, 16), (2, 20)]
    assert file.format == "promptfoo-config"
    assert file.records[2].value == {"vars": {"question": "Where is it?", "n": 1}, "metadata": {"topic": "tracking"}}


def test_a_removed_item_takes_its_own_comments_along_and_leaves_others(opened: Open) -> None:
    file = opened(CONFIG)
    assert after(file, remove=[1]) == CONFIG.replace(
        """\
  # how long
  - vars:
      question: 'When does it ship?'
      # language: de
    # options: {}
""",
        "",
    )
    first = CONFIG[CONFIG.index("  # the first") : CONFIG.index("  # Shipping")]
    assert after(file, remove=[0]) == CONFIG.replace(first, "")
    last = CONFIG[CONFIG.index("  - vars: {question") : CONFIG.index("# the end")]
    assert after(file, remove=[2]) == CONFIG.replace(last, "")


def test_removing_all_leaves_an_empty_list(opened: Open) -> None:
    left = after(opened(CONFIG), remove=[0, 1, 2])
    assert "\ntests: []\n\n  # Shipping, all that follows\n# the end\n" in left or "tests: []\n# the end\n" in left
    assert after(opened("tests:\n- vars: {q: a}\n- vars: {q: b}\n"), remove=[0, 1]) == "tests: []\n"
    assert after(opened("- vars: {q: a}\n- vars: {q: b}\n"), remove=[0, 1]) == "[]\n"


def test_new_items_are_written_like_their_neighbours(opened: Open) -> None:
    new = {"metadata": {"topic": "x"}, "vars": {"n": 2, "question": "yes"}}
    assert after(opened(CONFIG), append=[new]) == CONFIG.replace(
        "    metadata: {topic: tracking}\n",
        '    metadata: {topic: tracking}\n  - vars: {question: "yes", n: 2}\n    metadata: {topic: x}\n',
    )


def test_a_list_below_its_key_without_indentation_stays_so(opened: Open) -> None:
    text = "tests:\n-   vars:\n        q: a\n\n-   vars:\n        q: b\nprompts: [p]\n"
    assert after(opened(text), append=[{"vars": {"q": "c: d"}, "assert": [{"type": "x"}]}]) == text.replace(
        "prompts", "\n-   vars:\n        q: 'c: d'\n    assert:\n    - type: x\nprompts"
    )


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ({("metadata", "owner"): "ann"}, "value: 30 days\n", "value: 30 days\n    metadata:\n      owner: ann\n"),
        ({("vars", "question"): "So: what?"}, "How do I get a refund?  ", '"So: what?"  '),
        (
            {("vars", "question"): "one\ntwo"},
            ": How do I get a refund?   # seen often\n",
            ": |-   # seen often\n        one\n        two\n",
        ),
        ({("assert",): None}, "    assert:\n      - type: icontains\n        value: 30 days\n", ""),
        ({("assert",): "none"}, "assert:\n      - type: icontains\n        value: 30 days\n", "assert: none\n"),
        ({("vars", "validated"): "2026-11-22"}, "# seen often\n", '# seen often\n      validated: "2026-11-22"\n'),
    ],
)
def test_keys_are_set_where_they_stand(opened: Open, change: Mapping[tuple[str, ...], Any], old: str, new: str) -> None:
    found = after(opened(CONFIG), update={0: change})
    assert found == CONFIG.replace(old, new, 1)


def test_keys_in_braces_and_next_to_comments(opened: Open) -> None:
    file = opened(CONFIG)
    assert after(file, update={2: {("metadata", "owner"): "ann", ("vars", "n"): None}}) == CONFIG.replace(
        '{question: "Where is it?", n: 1}', '{question: "Where is it?"}'
    ).replace("{topic: tracking}", "{topic: tracking, owner: ann}")
    assert after(file, update={1: {("metadata", "owner"): "ann"}}) == CONFIG.replace(
        "      # language: de\n", "      # language: de\n    metadata:\n      owner: ann\n"
    )
    assert after(file, update={2: {("metadata", "topic"): None}}) == CONFIG.replace("{topic: tracking}", "{}")


def test_the_first_key_behind_a_dash_can_go(opened: Open) -> None:
    text = "tests:\n  - description: one  # why\n    vars:\n      q: a\n  - vars: {q: b}\n"
    assert after(opened(text), update={0: {("description",): None}}) == text.replace(
        "description: one  # why\n    ", ""
    )
    single = "tests:\n  - vars:\n      q: a\n  - vars: {q: b}\n"
    assert after(opened(single), update={0: {("vars", "q"): None}}) == single.replace("vars:\n      q: a", "vars: {}")
    assert after(opened(single), update={0: {("vars", "q"): None, ("vars", "r"): "x"}}) == single.replace(
        "q: a", "r: x"
    )


def test_parts_of_a_new_item_are_each_written_like_their_neighbour(opened: Open) -> None:
    text = (
        "tests:\n  - vars:\n      q: a\n    assert:\n"
        "      - type: contains-any\n        value: ['x', 'y']\n      - type: max-length\n        value: 9\n"
    )
    asked = [{"type": "contains-any", "value": ["z", "w"]}, {"type": "max-length", "value": 8}]
    assert after(opened(text), append=[{"vars": {"q": "b"}, "assert": asked}]) == text + text.removeprefix(
        "tests:\n"
    ).replace("q: a", "q: b").replace("'x', 'y'", "'z', 'w'").replace("9", "8")


ANCHORS = """\
tests:
  - &base
    vars: {q: a}
    metadata: &shared
      topic: x
  - vars: {q: b}
    metadata: *shared
  - <<: *base
    vars: {q: c}
  - *base
"""


def test_what_others_refer_to_is_neither_removed_nor_changed(opened: Open) -> None:
    file = opened(ANCHORS)
    with pytest.raises(InputError, match=r"suite\.yaml:2: &base cannot be taken out: line \d+ refers to it"):
        file.edited(remove=[0])
    with pytest.raises(InputError, match=r"&base cannot be changed here alone: line \d+ refers to it"):
        file.edited(update={0: {("metadata", "owner"): "ann"}})
    with pytest.raises(InputError, match="is an alias of shared"):
        file.edited(update={1: {("metadata", "owner"): "ann"}})
    with pytest.raises(InputError, match="is an alias of base"):
        file.edited(update={3: {("metadata", "owner"): "ann"}})
    assert after(file, remove=[1, 2, 3]) == ANCHORS[: ANCHORS.index("  - vars: {q: b}")]
    assert after(file, remove=[3]) == ANCHORS.replace("  - *base\n", "")
    assert after(file, remove=[0, 1, 2, 3]) == "tests: []\n"


def test_what_is_merged_is_written_out_where_a_key_is_added_to_it(opened: Open) -> None:
    found = after(opened(ANCHORS), update={2: {("metadata", "owner"): "ann"}})
    assert found == ANCHORS.replace(
        "    vars: {q: c}\n", "    vars: {q: c}\n    metadata:\n      topic: x\n      owner: ann\n"
    )


def test_brackets_on_one_line_and_on_several(opened: Open) -> None:
    text = "tests: [{vars: {q: a}}, {vars: {q: b}}]  # two\nprompts: [p]\n"
    assert after(opened(text), append=[{"vars": {"q": "c, d"}}]) == text.replace("}}]", "}}, {vars: {q: 'c, d'}}]")
    assert after(opened(text), remove=[0]) == text.replace("{vars: {q: a}}, ", "")
    assert after(opened(text), remove=[0, 1]) == "tests: []  # two\nprompts: [p]\n"
    several = "tests: [\n  { vars: { q: a } },  # one\n  { vars: { q: b } },\n]\n"
    assert after(opened(several), append=[{"vars": {"q": "c"}}]) == several.replace(
        "q: b } },", "q: b } },\n  { vars: { q: c } },"
    )
    with pytest.raises(InputError, match="2 records begin there"):
        opened(text).number_of("suite.yaml:1")


def test_an_empty_list_gets_items_and_loses_them_again(opened: Open) -> None:
    file = opened("prompts: [p]\nproviders: [x]\ntests: [{vars: {q: a}}]  # none yet\n")
    empty = after(file, remove=[0])
    assert empty.endswith("tests: []  # none yet\n")


def test_windows_line_ends_a_mark_and_no_last_line_end_stay(opened: Open) -> None:
    text = "\ufefftests:\r\n  - vars:\r\n      q: a\r\n  - vars:\r\n      q: b"
    file = opened(text)
    longer = after(file, append=[{"vars": {"q": "c"}}, {"vars": {"q": "one\ntwo\n"}}])
    assert longer == text + '\r\n  - vars:\r\n      q: c\r\n  - vars:\r\n      q: "one\\ntwo\\n"'
    assert after(opened(longer), remove=[2, 3]) == text
    longer = after(opened(f"{text}\r\n"), append=[{"vars": {"q": "one\ntwo\n"}}])
    assert longer == f"{text}\r\n  - vars:\r\n      q: |\r\n        one\r\n        two\r\n"


def test_a_literal_block_that_ends_the_file_keeps_its_value(opened: Open) -> None:
    text = "tests:\n  - vars:\n      q: |\n        one\n        two\n"
    assert after(opened(text), append=[{"vars": {"q": "x"}}]) == text + "  - vars:\n      q: x\n"
    without_end = text.rstrip("\n")
    with pytest.raises(InputError, match="end its last line with a line end first"):
        opened(without_end).edited(append=[{"vars": {"q": "x"}}])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("input: a\nexpected: b\n---\ninput: c\nexpected: d\n", "several documents"),
        ("prompts: [p]\nproviders: [x]\ntests: file://cases.csv\n", "its tests stand elsewhere: file://cases.csv"),
        ("prompts: [p]\nproviders: [x]\n", "has no tests"),
        (
            "prompts: [p]\nproviders: [x]\nscenarios:\n  - config: [{vars: {q: a}}]\n    tests: [{vars: {r: b}}]\n",
            "scenarios",
        ),
        ("prompts: [p]\nproviders: [x]\nredteam: {purpose: a}\n", "redteam"),
        ("x: &t\n  - vars: {q: a}\nprompts: [p]\nproviders: [x]\ntests: *t\n", "alias"),
        ("input: a\nexpected: b\n", "one record"),
        ("q1: {input: a, expected: b}\nq2: {input: c, expected: d}\n", "by column or by id"),
    ],
)
def test_what_cannot_be_edited_is_refused(opened: Open, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        opened(text)


def test_one_list_per_slice(opened: Open) -> None:
    billing = "billing:\n  - input: a\n    expected: b\n"
    text = f"{billing}returns:\n  - input: c\n    expected: d\n  - input: e\n    expected: f\n"
    file = opened(text)
    assert [one.value["group"] for one in file.records] == ["billing", "returns", "returns"]
    assert file.number_of("suite.yaml:5 in returns") == 1
    assert (
        after(file, append=[{"input": "x", "expected": "why", "group": "billing"}, {"input": "z"}])
        == text.replace("returns", "  - input: x\n    expected: why\nreturns") + "  - input: z\n"
    )
    with pytest.raises(InputError, match="has no list 'sales'"):
        file.edited(append=[{"input": "x", "group": "sales"}])
