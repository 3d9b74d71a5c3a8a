"""Every eval set of the corpus of real files: appended to, taken from, changed, and nothing else of it touched."""

import csv
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from driftcheck.editing import EditableFile, open_editable, write_all
from driftcheck.errors import InputError
from driftcheck.loaders.inspection import Reading
from driftcheck.loaders.source import file_source
from driftcheck.records import Case, Kind

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
PROMPTFOO = "promptfoo/evalset/theLucasAntunes__promptfoo/examples"
REGISTRY = "openai_evals/evalset/openai__evals/evals/registry"
REFUSED = (
    {
        f"{REGISTRY}/evals/{name}.yaml": "names its samples in other files"
        for name in ("abstract2title", "already_said_that", "born-first", "logic", "test-modelgraded")
    }
    | {
        f"{PROMPTFOO}/{name}/promptfooconfig.yaml": "its tests stand elsewhere: file://"
        for name in (
            "custom-provider",
            "custom-provider-mjs",
            "custom-provider-typescript",
            "cyberseceval",
            "f-score",
            "harmbench",
            "image-classification",
            "javascript-test-cases",
            "python-test-cases",
        )
    }
    | {
        f"{PROMPTFOO}/{name}/promptfooconfig.yaml": "its tests stand elsewhere: huggingface://"
        for name in (
            "deepseek-r1-vs-openai-o1",
            "huggingface-dataset",
        )
    }
    | {
        f"{PROMPTFOO}/{name}/promptfooconfig.yaml": "is a redteam config without tests"
        for name in (
            "redteam-chatbot",
            "redteam-guardrails",
            "redteam-langchain",
            "redteam-layer-strategy",
            "redteam-medical-agent",
            "redteam-minimal",
            "redteam-rag",
            "redteam-starter",
            "xstest",
        )
    }
    | {
        "traps_lfs/evalset/openai__evals/evals/registry/data/test_fuzzy_match/samples.jsonl": "git-lfs pointer",
    }
)
"""Files whose records cannot be edited, with the reason that the user reads."""

LEFT_BROKEN = ("human-security.jsonl",)
"""Of two records and one that is broken, the loaders refuse what is left once one is taken out."""

csv.field_size_limit(1 << 30)
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real exports is not beside this repository")


@cache
def paths() -> tuple[str, ...]:
    if not CORPUS.is_dir():
        return ()
    with (CORPUS / "MANIFEST.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple(row["path"] for row in rows if row["kind"] == "evalset" and row["role"] != "support")


def cases(path: Path) -> list[Case]:
    reading = Reading(file_source(path, str(path)), kind=Kind.EVALSET, insist=True)
    return [record for record in reading.records() if isinstance(record, Case)]


def copied(path: str, folder: Path) -> Path:
    """Copy a file with the folder that it stands in: configs name files beside them."""
    source = CORPUS / path
    shutil.copytree(source.parent, folder / "set", copy_function=shutil.copyfile)
    return folder / "set" / source.name


def new_record(file: EditableFile, number: int) -> dict[str, Any]:
    """Make a record like the last, with another question."""
    record = dict(file.records[-1].value)
    question = f"New question {number}: how do I get a refund, «exactly»? 30%, #1 & more: 'quotes' \"too\""
    if file.columns:
        key = next(
            (one for one in file.columns if one in ("question", "input", "text", "body", "Behavior")), file.columns[0]
        )
        return {**record, key: question}
    for key in ("input", "question", "inputs", "query", "user_message", "vars", "turns"):
        if isinstance(record.get(key), str):
            return {**record, key: question}
        if isinstance(record.get(key), Mapping):
            inner = dict(record[key])
            first = next((one for one, value in inner.items() if isinstance(value, str)), None)
            return {**record, key: {**inner, first or "question": question}}
        if isinstance(record.get(key), list):
            return (
                {**record, key: [*record[key][:-1], f"{record[key][-1]} {number}"]}
                if isinstance(record[key][-1], str)
                else record
            )
    return {**record, "description": question}


def as_read(file: EditableFile, record: dict[str, Any]) -> dict[str, Any]:
    """Say what a record is once it was written and read: of a CSV, all columns as text."""
    return {column: record.get(column, "") for column in file.columns} if file.columns else record


def cases_of(data: bytes, place: Path) -> list[Case]:
    now = place.read_bytes()
    place.write_bytes(data)
    try:
        return cases(place)
    finally:
        place.write_bytes(now)


def comments_above(file: EditableFile, number: int, before: bytes) -> int:
    """Comments and blank lines above a record of a YAML file, which may go with it."""
    if not str(file.path).endswith(".yaml"):
        return 0
    above = before.splitlines()[: file.records[number].line - 1][::-1]
    return next((n for n, line in enumerate(above) if line.strip() and not line.strip().startswith(b"#")), len(above))


def assert_only_within(first: int, last: int, before: bytes, after: bytes, diff: str) -> None:
    """Check that all lines but those from `first` to `last` (from 1) are there as they were, and in order."""
    old, new = before.split(b"\n"), after.split(b"\n")
    n_behind = len(old) - last
    assert len(new) >= first - 1 + n_behind, diff
    assert new[: first - 1] == old[: first - 1], diff
    assert new[len(new) - n_behind :] == old[last:], diff


def span_of(file: EditableFile, number: int, before: bytes) -> tuple[int, int]:
    """First and last line between the record above and the one below; of the first and last, up to the file's end."""
    lines = [record.line for record in file.records]
    below = [line for line in lines if line > lines[number]]
    return lines[number], min(below) - 1 if below else before.count(b"\n") + 1


def change_of(file: EditableFile) -> tuple[dict[tuple[str, ...], Any], dict[tuple[str, ...], Any]]:
    """A new piece of metadata, and another value for something that a record has."""
    if file.columns:
        column = next(one for one in file.columns if file.records[0].value[one])
        return {("__metadata:owner" if file.format == "promptfoo-tests" else "owner",): "ann"}, {
            (column,): "=changed, too"
        }
    value = file.records[0].value
    if isinstance(value.get("metadata"), Mapping):
        inner = next(one for one, old in value["metadata"].items() if isinstance(old, str))
        return {("metadata", "owner"): "ann"}, {("metadata", inner): "changed: 'it' #1"}
    key = next((one for one, inner in value.items() if isinstance(inner, str) and one != "group"), None)
    if key is not None:
        return {("metadata", "owner"): "ann"}, {(key,): "changed: 'it' #1"}
    key = next((one for one, inner in value.items() if isinstance(inner, Mapping) and inner), None)
    if key is not None:
        inner = next((one for one, old in value[key].items() if isinstance(old, str)), next(iter(value[key])))
        old = value[key][inner]
        changed = ["changed: 'it' #1", *old[1:]] if isinstance(old, list) else "changed: 'it' #1"
        return {("metadata", "owner"): "ann"}, {(key, inner): changed}
    return {("metadata", "owner"): "ann"}, {(next(iter(value)),): "changed"}


@pytest.mark.parametrize("path", [path for path in paths() if path not in REFUSED])
def test_only_the_lines_concerned_change(path: str, tmp_path: Path) -> None:
    place = copied(path, tmp_path)
    before = place.read_bytes()
    file = open_editable(place)
    n, n_cases = len(file.records), len(cases(place))
    for case in cases(place):  # those of files that a config names stand in those files
        if case.where.startswith(str(place)):
            assert 0 <= file.number_of(case.where) < n
    first, last = span_of(file, n - 1, before)

    new = [new_record(file, 1), new_record(file, 2)]
    appended = file.edited(append=new)
    assert_only_within(first, last, before, appended.after, appended.diff())
    assert not set(before.split()) - set(appended.after.split()) or path.endswith((".json", ".yaml"))
    write_all([appended])
    longer = open_editable(place)
    assert [record.value for record in longer.records[:n]] == [record.value for record in file.records]
    assert [dict(record.value) for record in longer.records[n:]] == [as_read(file, record) for record in new]
    found = cases(place)
    assert len({case.where for case in found}) == len({case.where for case in cases_of(before, place)}) + 2
    restored = longer.edited(remove=[n, n + 1])
    assert restored.after == before, restored.diff()
    place.write_bytes(before)

    if n > 1 and not path.endswith(LEFT_BROKEN):
        number = n // 2
        first, last = span_of(file, number, before)
        removed = file.edited(remove=[number])
        is_json = path.endswith(".json")
        assert_only_within(
            first - 1 if number == n - 1 and is_json else first - comments_above(file, number, before),
            last + is_json,
            before,
            removed.after,
            removed.diff(),
        )
        write_all([removed])
        left = open_editable(place)
        assert [record.value for record in left.records] == [one.value for one in file.records if one.number != number]
        assert len({case.where for case in cases(place)}) == len({case.where for case in cases_of(before, place)}) - 1
        place.write_bytes(before)

    first, last = span_of(file, 0, before)
    for change, is_new in zip(change_of(file), (True, False), strict=True):
        updated = file.edited(update={0: change})
        if file.columns and is_new:
            assert next(line for line in updated.after.splitlines() if line).startswith(before.splitlines()[0])
        else:
            assert_only_within(first, last, before, updated.after, updated.diff())
        write_all([updated])
        assert len(cases(place)) == n_cases
        place.write_bytes(before)


@pytest.mark.parametrize("path", sorted(REFUSED))
def test_what_cannot_be_edited_is_refused_with_its_reason(path: str) -> None:
    with pytest.raises(InputError) as refusal:
        open_editable(CORPUS / path)
    assert REFUSED[path] in str(refusal.value)
