"""Random files, randomly written: what is edited is what was meant, and what was appended can be taken out again."""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from driftcheck.editing import EditableFile, open_editable
from driftcheck.editing.values import same
from driftcheck.errors import InputError
from driftcheck.loaders.yaml_text import YamlText

RARE = "'\"\\:#,-[]{}&*!|>%@`=+;\t\n\r é🎉\u2028\x85\ufeffyn0~?.<"
texts = st.one_of(
    st.sampled_from(["yes", "no", "12:30", "2026-01-01", "1e3", "0x1F", "null", "~", "<<", "a: b", "a #b", "- a", ""]),
    st.text(st.one_of(st.sampled_from(RARE), st.characters(codec="utf-8", exclude_characters="\0")), max_size=12),
    st.sampled_from(
        ["How do I get a refund?", "It's 30 days", 'He said "no"', "first line\nsecond line\n", "a\n\n  b\nc"]
    ),
)
numbers = st.one_of(st.integers(-(10**9), 10**9), st.floats(allow_nan=True, allow_infinity=False), st.booleans())
names = st.sampled_from(["topic", "id", "notes", "k 1", "1", "yes", "a-b", "x.y", "ünï"])
values = st.recursive(
    st.one_of(texts, numbers, st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=5,
)
records = st.builds(
    lambda asked, more: {"input": f"Q {asked}", "expected": "A", **more},
    texts,
    st.dictionaries(names, values, max_size=3),
)
paths = st.sampled_from(
    [("topic",), ("metadata", "owner"), ("metadata", "split"), ("id",), ("new key",), ("expected",)]
)
changes = st.dictionaries(paths, st.one_of(texts, numbers, st.none(), values), min_size=1, max_size=3)
many = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def opened(data: bytes, suffix: str) -> EditableFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"set{suffix}"
        path.write_bytes(data)
        return open_editable(path)


def wanted(value: dict[str, Any], change: dict[tuple[str, ...], Any]) -> dict[str, Any] | None:
    """Apply a change by hand; None where something in the way is no mapping."""
    result = json.loads(json.dumps(value))
    for path, new in change.items():
        here = result
        for key in path[:-1]:
            if here.get(key) is None:
                if new is None:
                    here = {}
                    break
                here[key] = {}
            here = here[key]
            if not isinstance(here, dict):
                return None
        if new is None:
            here.pop(path[-1], None)
        else:
            here[path[-1]] = new
    return result


def check(data: bytes, suffix: str, new: list[dict[str, Any]], change: dict[tuple[str, ...], Any], pick: int) -> None:
    file = opened(data, suffix)
    before = [dict(record.value) for record in file.records]
    n = len(before)

    longer = opened(file.edited(append=new).after, suffix)
    assert [dict(one.value) for one in longer.records[:n]] == before or same(
        [dict(one.value) for one in longer.records[:n]], before
    )
    assert same([sorted_keys(dict(one.value)) for one in longer.records[n:]], [sorted_keys(one) for one in new])
    if n:
        assert longer.edited(remove=range(n, n + len(new))).after == data

    number = pick % n
    if n > 1:
        left = opened(file.edited(remove=[number]).after, suffix)
        assert same([dict(one.value) for one in left.records], before[:number] + before[number + 1 :])

    if (value := wanted(before[number], change)) is None:
        with pytest.raises(InputError, match="no mapping"):
            file.edited(update={number: change})
        return
    changed = opened(file.edited(update={number: change}).after, suffix)
    found = [dict(one.value) for one in changed.records]
    assert same(sorted_keys(found[number]), sorted_keys(value))
    assert same(found[:number] + found[number + 1 :], before[:number] + before[number + 1 :])

    both = file.edited(remove={0} - {number}, append=new, update={number: change})
    assert len(opened(both.after, suffix).records) == n + len(new) - (number > 0)


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(item) for item in value] if isinstance(value, list) else value


@st.composite
def json_files(draw: Callable[..., Any]) -> bytes:
    items = draw(st.lists(records, min_size=1, max_size=4))
    indent = draw(st.sampled_from([None, 1, 2, 4, "\t"]))
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": "), (",", ": ")]))
    wrapped = draw(st.booleans())
    value = {"version": 1, "data": items, "end": [1, {"a": []}]} if wrapped else items
    text = json.dumps(
        value, indent=indent, separators=(comma if indent is None else ",", colon), ensure_ascii=draw(st.booleans())
    )
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))) + draw(st.sampled_from(["", "\n"]))
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()


@many
@given(json_files(), st.lists(records, min_size=1, max_size=2), changes, st.integers(0, 9))
def test_json(data: bytes, new: list[dict[str, Any]], change: dict[tuple[str, ...], Any], pick: int) -> None:
    check(data, ".json", new, change, pick)


@st.composite
def json_lines(draw: Callable[..., Any]) -> bytes:
    items = draw(st.lists(records, min_size=2, max_size=4))
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    eol = draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
    lines = [json.dumps(item, separators=(comma, colon), ensure_ascii=draw(st.booleans())) for item in items]
    return (eol.join(lines) + draw(st.sampled_from(["", eol]))).encode()


@many
@given(json_lines(), st.lists(records, min_size=1, max_size=2), changes, st.integers(0, 9))
def test_json_lines(data: bytes, new: list[dict[str, Any]], change: dict[tuple[str, ...], Any], pick: int) -> None:
    check(data, ".jsonl", new, change, pick)


@st.composite
def yaml_files(draw: Callable[..., Any]) -> bytes:
    items = draw(st.lists(records, min_size=1, max_size=4))
    key = draw(st.sampled_from([None, "tests", "data"]))
    options = {
        "default_flow_style": draw(st.sampled_from([False, None])),
        "default_style": draw(st.sampled_from([None, None, "'", '"', "|"])),
        "width": draw(st.sampled_from([20, 80, 10_000])),
        "allow_unicode": draw(st.booleans()),
        "sort_keys": False,
        "indent": draw(st.sampled_from([2, 4])),
    }
    if draw(st.integers(0, 4)) == 0:
        body = yaml.safe_dump(items, **{**options, "default_flow_style": True, "default_style": None})
        text = body if key is None else f"a: 1\n{key}: {body.replace(chr(10), chr(10) + '  ').rstrip()}\nz: [1]\n"
    else:
        indent = 0 if key is None else draw(st.sampled_from([0, 2, 4]))
        between = draw(
            st.sampled_from(["", "\n", "\n\n", "# about the next\n", "\n# apart\n\n", "    # deeper\n", "\n  # c\n"])
        )
        pieces = [yaml.safe_dump([item], **options) for item in items]
        body = between.join(
            "".join(" " * indent + line if line.strip() else line for line in piece.splitlines(keepends=True))
            for piece in pieces
        )
        lead = "" if key is None else f"# head\na: 1  # one\n{key}:\n"
        tail = draw(st.sampled_from(["", "\n", "# the end\n"])) + (
            "" if key is None else draw(st.sampled_from(["", "z:\n  - b: 1\n"]))
        )
        text = lead + body + tail
    if draw(st.booleans()):
        text = text.rstrip("\n")
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"]))).encode()


@many
@given(yaml_files(), st.lists(records, min_size=1, max_size=2), changes, st.integers(0, 9))
def test_yaml(data: bytes, new: list[dict[str, Any]], change: dict[tuple[str, ...], Any], pick: int) -> None:
    try:
        YamlText(data.decode())
        opened(data, ".yaml")
    except (ValueError, InputError):
        event("not read")
        return
    try:
        check(data, ".yaml", new, change, pick)
    except InputError as refusal:
        # its last text is a literal block, which another line behind it would end with a line end
        if "end its last line" not in refusal.hint or data.endswith(b"\n") or not (b"|" in data or b">" in data):
            raise
        event("refused")


@many
@given(
    st.lists(records, min_size=1, max_size=3), st.sampled_from(["- {input: a}\n", "- input: a\n", "- 'input': \"a\"\n"])
)
def test_what_is_written_means_the_same_to_readers_of_yaml_1_1(new: list[dict[str, Any]], text: str) -> None:
    """PyYAML takes `no`, `12:30` and `2026-01-01` for no texts, js-yaml 4 only the last, our loader none."""
    found = yaml.safe_load(opened(text.encode(), ".yaml").edited(append=new).after)[1:]
    assert same([sorted_keys(one) for one in found], [sorted_keys(one) for one in new])


cells = texts.filter(lambda text: text[:1] != "'" and not any(sign < " " and sign not in "\t\r\n" for sign in text))


@st.composite
def csv_files(draw: Callable[..., Any]) -> bytes:
    columns = ["input", "expected", *draw(st.lists(st.sampled_from(["topic", "id", "k 1"]), max_size=3, unique=True))]
    rows = draw(st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=5))
    out = io.StringIO(newline="")
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    writer = csv.writer(
        out,
        delimiter=draw(st.sampled_from(",;\t")),
        lineterminator=eol,
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
    )
    writer.writerow(columns)
    # Python's writer leaves some carriage returns without the quotes that its reader wants
    writer.writerows(
        [f"Q {row[0]}", "A", *row[2:]] for row in [[cell.replace("\r", "") for cell in row] for row in rows]
    )
    text = out.getvalue()
    text += draw(st.sampled_from(["", eol]))
    text = text[: -len(eol)] if draw(st.booleans()) else text
    lead = draw(st.sampled_from(["", "", "\ufeff"]))
    return (lead + text).encode()


@many
@given(
    csv_files(),
    st.lists(st.tuples(cells, cells), min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["expected", "topic", "owner"]), cells, min_size=1),
    st.integers(0, 9),
)
def test_csv(data: bytes, new: list[tuple[str, str]], change: dict[str, str], pick: int) -> None:
    file = opened(data, ".csv")
    before = [dict(record.value) for record in file.records]
    n = len(before)
    columns = file.columns
    added = [{columns[0]: f"Q {asked}", columns[-1]: answer} for asked, answer in new]
    longer = opened(file.edited(append=added).after, ".csv")
    assert [dict(one.value) for one in longer.records[:n]] == before
    assert [dict(one.value) for one in longer.records[n:]] == [{**dict.fromkeys(columns, ""), **one} for one in added]
    assert longer.edited(remove=range(n, n + len(added))).after == data
    number = pick % n
    if n > 1:
        left = opened(file.edited(remove=[number]).after, ".csv")
        assert [dict(one.value) for one in left.records] == before[:number] + before[number + 1 :]
    changed = opened(file.edited(update={number: {(key,): value for key, value in change.items()}}).after, ".csv")
    blank = dict.fromkeys(change, "")
    expected = [{**blank, **row, **(change if place == number else {})} for place, row in enumerate(before)]
    assert [dict(one.value) for one in changed.records] == expected
