"""New records look like their neighbours, in every format: where id, input and expected answer stand is voted on."""

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from tests.fakes import write_lines

from driftcheck.config import Config, Settings
from driftcheck.editing import write_all
from driftcheck.editing.case_files import read_case_files
from driftcheck.editing.proposals import default_path, open_proposals, plan_proposals
from driftcheck.editing.record_paths import at
from driftcheck.errors import ConfigError, InputError
from driftcheck.loaders.source import find_sources
from driftcheck.proposals import Proposal, Why

CONFIG = Config(Settings(), None)
DAY = dt.date(2026, 6, 1)
ASKED = Proposal(
    "p-1", "May the cat fly?", "t-9", "s3", "pets, cabin", Why.UNCOVERED, "en", "In the hold.", 0.256, "rude"
)
CONTEXT = {
    "created": "2026-06-01",
    "source_trace_id": "t-9",
    "provenance": "production",
    "slice": "s3 pets, cabin",
    "reason": "uncovered slice",
    "production_answer": "In the hold.",
    "production_rating": 0.256,
    "production_comment": "rude",
    "reviewer": "",
}


def proposed(path: Path) -> Any:
    """The one record of the proposals file beside an eval set."""
    edit = plan_proposals(find_sources([path], base=Path()), [ASKED], config=CONFIG, created=DAY)
    assert edit.path == default_path(path)
    text = edit.after.decode()
    if path.suffix == ".jsonl":
        return json.loads(text)
    found = yaml.safe_load(text) if path.suffix == ".yaml" else json.loads(text)
    (record,) = found if isinstance(found, list) else next(iter(found.values()))
    return record


def rows(n: int = 3) -> range:
    return range(1, n + 1)


def test_promptfoo_tests_take_the_assertion_of_the_others_and_what_all_share(tmp_path: Path) -> None:
    shared = {"type": "llm-rubric", "value": "is polite"}
    tests = [
        {
            "description": f"case {n}",
            "vars": {"question": f"What about {n}?", "tone": "formal", "context": f"Article {n}"},
            "assert": [{"type": "icontains", "value": f"answer {n}", "weight": 2}, shared],
            "metadata": {"topic": "flights", "owner": "ana", "language": "en"},
            "options": {"transform": "output.text"},
        }
        for n in rows()
    ]
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(yaml.safe_dump({"prompts": ["{{question}} {{context}}"], "tests": tests}, sort_keys=False))
    assert proposed(path) == {
        "description": "p-1",
        "vars": {"question": "May the cat fly?", "tone": "formal", "context": ""},
        "assert": [{"type": "icontains", "value": "", "weight": 2}, shared],
        # what is said of the others (their topic, who owns them) is not said of this one
        "metadata": {"language": "en", **CONTEXT},
        "options": {"transform": "output.text"},
    }


def test_an_assertion_of_lists_is_asked_as_one_text(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    tests = [
        {"vars": {"q": f"What {n}?"}, "assert": [{"type": "contains-all", "value": [f"a{n}", "b"]}]} for n in rows()
    ]
    path.write_text(yaml.safe_dump(tests))
    # `contains-all` of nothing passes, and promptfoo refuses to run an empty `icontains`
    assert proposed(path)["assert"] == [{"type": "icontains", "value": ""}]


def test_tests_without_any_answer_get_an_assertion_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump([{"vars": {"q": f"What {n}?"}, "metadata": {"a": n}} for n in rows()]))
    assert proposed(path)["assert"] == [{"type": "icontains", "value": ""}]


def test_a_rubric_of_all_tests_leaves_nothing_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    rubric = [{"type": "llm-rubric", "value": "answers the question"}]
    path.write_text(yaml.safe_dump([{"vars": {"q": f"What {n}?"}, "assert": rubric} for n in rows()]))
    (file,) = read_case_files(find_sources([path], base=Path()), CONFIG)
    assert file.layout.expected is None
    assert proposed(path)["assert"] == rubric


@pytest.mark.parametrize(
    ("cells", "blank"),
    [
        (["Lima", "Oslo", "Rome"], "equals: "),
        (["similar(0.8): the capital", "similar(0.8): a port", "similar(0.8): a hill"], "similar(0.8): "),
        (["contains-any: a,b", "contains-any: c,d", "contains-any: e,f"], "icontains: "),
    ],
)
def test_a_promptfoo_csv_keeps_the_kind_of_its_assertions(tmp_path: Path, cells: list[str], blank: str) -> None:
    path = tmp_path / "tests.csv"
    lines = [f'What about {n}?,"{cell}"' for n, cell in enumerate(cells)]
    path.write_text("\n".join(["question,__expected", *lines]) + "\n")
    edit = plan_proposals(find_sources([path], base=Path()), [ASKED], config=CONFIG, created=DAY)
    header, row = csv.reader(io.StringIO(edit.after.decode()))
    assert header[:5] == ["question", "__expected", "__metadata:id", "__metadata:created", "__metadata:source_trace_id"]
    assert row[:5] == ["May the cat fly?", blank, "p-1", "2026-06-01", "t-9"]


def test_openai_evals_keep_the_system_message(tmp_path: Path) -> None:
    system = {"role": "system", "content": "You are terse."}
    samples = [{"input": [system, {"role": "user", "content": f"What {n}?"}], "ideal": [f"a{n}", "b"]} for n in rows()]
    path = write_lines(tmp_path / "samples.jsonl", samples)
    assert proposed(path) == {
        "id": "p-1",
        "input": [system, {"role": "user", "content": "May the cat fly?"}],
        "ideal": [],
        **CONTEXT,
    }


def test_formats_of_tools_keep_their_places(tmp_path: Path) -> None:
    langsmith = [{"id": f"e{n}", "inputs": {"question": f"What {n}?"}, "outputs": {"answer": f"a{n}"}} for n in rows()]
    path = tmp_path / "langsmith.json"
    path.write_text(json.dumps(langsmith))
    assert proposed(path) == {
        "id": "p-1",
        "inputs": {"question": "May the cat fly?"},
        "outputs": {"answer": ""},
        "metadata": CONTEXT,
    }
    inspect = [{"id": n, "input": f"What {n}?", "target": f"a{n}", "metadata": {"topic": "x"}} for n in rows()]
    path = write_lines(tmp_path / "inspect.jsonl", inspect)
    assert proposed(path) == {"id": "p-1", "input": "May the cat fly?", "target": "", "metadata": CONTEXT}
    goldens = [{"name": f"g{n}", "input": f"What {n}?", "expected_output": f"a{n}", "context": ["x"]} for n in rows()]
    path = tmp_path / "goldens.json"
    path.write_text(json.dumps(goldens))
    assert proposed(path) == {
        "name": "p-1",
        "input": "May the cat fly?",
        "expected_output": "",
        "additional_metadata": CONTEXT,
    }
    cases = [{"name": f"c{n}", "inputs": f"What {n}?", "expected_output": f"a{n}"} for n in rows()]
    path = tmp_path / "pydantic.yaml"
    path.write_text(yaml.safe_dump({"cases": cases}))
    assert proposed(path) == {
        "name": "p-1",
        "inputs": "May the cat fly?",
        "expected_output": "",
        "metadata": CONTEXT,
    }


def test_dates_go_by_the_name_that_the_neighbours_have(tmp_path: Path) -> None:
    cases = [{"id": f"c{n}", "input": f"What {n}?", "expected": f"a{n}", "created_at": "2026-01-01"} for n in rows()]
    made = proposed(write_lines(tmp_path / "set.jsonl", cases))
    assert made["created_at"] == "2026-06-01"
    assert "created" not in made


def test_a_trace_does_not_make_langfuse_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("id,input,expected_output\n" + "".join(f"c{n},What {n}?,a{n}\n" for n in rows()))
    edit = plan_proposals(find_sources([path], base=Path()), [ASKED], config=CONFIG, created=DAY)
    assert "source_trace," in edit.after.decode().splitlines()[0]


@pytest.mark.parametrize("name", ["set.jsonl", "set.json", "set.csv", "tests.yaml", "x.parquet"])
def test_hostile_text_is_written_so_that_it_is_read_back(tmp_path: Path, name: str) -> None:
    path, out = tmp_path / name, None
    cases = [{"id": f"c{n}", "input": f"What {n}?", "expected": f"a{n}"} for n in rows()]
    if name == "set.jsonl":
        write_lines(path, cases)
    elif name == "set.json":
        path.write_text(json.dumps(cases))
    elif name == "set.csv":
        path.write_text("id,input,expected\n" + "".join(f"c{n},What {n}?,a{n}\n" for n in rows()))
    elif name == "tests.yaml":
        tests = [{"vars": {"q": f"What {n}?"}, "assert": [{"type": "equals", "value": f"a{n}"}]} for n in rows()]
        path.write_text(yaml.safe_dump(tests))
    else:
        pd.DataFrame(cases).to_parquet(path)
        out = tmp_path / "x.proposals.jsonl"
    texts = [
        "=HYPERLINK(1)",
        "'",
        "- a: b\n  # c",
        "\x00\x1b[2J\u202e\ud800\r\nend",
        "{{ prompt }} ${x} %s",
        "null",
        "true",
        "2026-01-01",
        "~",
        '"',
        "a\n\n  b\n",
        "é漢字🙂",
        "x" * 20_000,
        ": ",
        "file://etc/passwd",
    ]
    asked = [
        Proposal(f"p{n}", text, f"t{n}", "s1", text, Why.THIN, None, text, None, text) for n, text in enumerate(texts)
    ]
    sources = find_sources([path], base=Path())
    write_all([plan_proposals(sources, asked, config=CONFIG, created=DAY, out=out)])
    found = open_proposals(sources, CONFIG, out=out)
    assert [one.case_id for one in found] == [f"p{n}" for n in range(len(texts))]
    readable = [text.replace("\r\n", "\n") for text in texts]
    readable[3] = "\ufffd\ufffd[2J\u202e\ufffd\nend"
    readable[4], readable[-1] = "{ { prompt } } ${x} %s", "file: //etc/passwd"  # promptfoo would fill in and load them
    assert [one.input_text for one in found] == [text.strip() for text in readable]
    assert all(one.expected == () and one.reviewer is None for one in found)


def test_what_is_open_is_known_and_added_to(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "set.jsonl", [{"id": f"p-{n}", "input": f"What {n}?", "expected": "a"} for n in rows()]
    )
    sources = find_sources([path], base=Path())
    assert open_proposals(sources, CONFIG) == ()
    write_all([plan_proposals(sources, [ASKED], config=CONFIG, created=DAY)])
    write_all([plan_proposals(sources, [ASKED], config=CONFIG, created=DAY)])
    found = open_proposals(sources, CONFIG)
    assert [one.case_id for one in found] == ["p-1-2", "p-1-3"]  # p-1 is a case
    assert {one.trace_id for one in found} == {"t-9"}
    assert {(one.input_text, one.expected, one.reviewer) for one in found} == {("May the cat fly?", (), None)}


def test_what_cannot_be_laid_out_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump([{"vars": {"city": f"c{n}", "month": f"m{n}"}} for n in rows()]))
    sources = find_sources([path], base=Path())
    with pytest.raises(InputError, match=r"cannot be told \(--out x.proposals.jsonl"):
        plan_proposals(sources, [ASKED], config=CONFIG, created=DAY)
    out = tmp_path / "x.proposals.jsonl"
    edit = plan_proposals(sources, [ASKED], config=CONFIG, created=DAY, out=out)
    made = {"id": "p-1", "input": "May the cat fly?", "expected": "", "language": "en", **CONTEXT}
    assert json.loads(edit.after) == made
    with pytest.raises(InputError, match=r"would be read as an eval set \(name it x.proposals.jsonl\)"):
        plan_proposals(sources, [ASKED], config=CONFIG, created=DAY, out=tmp_path / "x.jsonl")
    with pytest.raises(ConfigError, match="no file of the eval set"):
        plan_proposals(sources, [ASKED], config=CONFIG, created=DAY, into=tmp_path / "other.yaml")


def test_turns_of_other_conversations_do_not_come_along_as_context(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    turns = [
        {"role": "system", "content": "You sell flights."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "How may I help?"},
    ]
    write_lines(
        path, [{"messages": [*turns, {"role": "user", "content": f"Is {n} free?"}], "ideal": f"{n}"} for n in rows(6)]
    )
    assert proposed(path)["messages"] == [turns[0], {"role": "user", "content": "May the cat fly?"}]


def test_the_conversation_is_inert_context(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "set.jsonl", [{"id": f"p-{n}", "input": f"What {n}?", "expected": "a"} for n in rows()]
    )
    asked = replace(ASKED, conversation="user: {{ env.KEY }}\nassistant: Where to?")
    edit = plan_proposals(find_sources([path], base=Path()), [asked], config=CONFIG, created=DAY)
    said = json.loads(edit.after)["production_conversation"]
    assert said == "user: { { env.KEY } }\nassistant: Where to?"


@pytest.mark.parametrize(
    ("neighbour", "place"),
    [
        ({"id": "c", "input": "What?", "expected": "a", "plan": "pro"}, ("plan",)),
        ({"id": "c", "input": "What?", "expected": "a", "metadata": {"plan": "pro"}}, ("metadata", "plan")),
        ({"id": "c", "input": "What?", "expected": "a", "other": "pro"}, None),
    ],
)
def test_declared_slices_stand_where_the_neighbours_keep_theirs(
    tmp_path: Path, neighbour: dict[str, Any], place: tuple[str, ...] | None
) -> None:
    path = write_lines(tmp_path / "set.jsonl", [neighbour | {"id": f"c{n}", "input": f"What {n}?"} for n in rows(6)])
    config = Config(Settings(slices=["plan", "language"]), None)
    asked = replace(ASKED, slices={"plan": "fr\x1bee", "language": "en"})
    edit = plan_proposals(find_sources([path], base=Path()), [asked], config=config, created=DAY)
    record = json.loads(edit.after)
    if place is None:
        assert "plan" not in edit.after.decode()
    else:
        assert at(record, place) == "fr\ufffdee"
