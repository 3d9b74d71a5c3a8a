"""The corpus of real exports: kind and count right for 98 % of its files, and the first input where it is known."""

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders.inspection import inspect_source
from driftcheck.loaders.source import find_sources
from driftcheck.records import LoadReport

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
BAR = 0.98
EXPLAINED = {
    "evals/datasets/test_cases.json": "an object of lists: the manifest counts the object, we count its 43 cases",
    "report-data-example.json": "a report on clusters of failures, which has no result of any case: unknown",
    "non-junit.xml": "XML of another kind, without test cases: unknown",
}
"""Files whose kind or count we read in another way than the manifest, and why."""
UNREADABLE = ("corrupt-xml.xml", "test_fuzzy_match/samples.jsonl")
"""Broken XML and a git-lfs pointer: these have to be refused."""
FIRST_EXPLAINED = {
    "agno-2025-06-11.trace.json": "the fact ends before the user's message, which stands deep in the trace's input",
    "crewai-2025-07-11.trace.json": "the trace has no input; its first model call has, and that is read",
    "french_riddle/samples.jsonl": "the fact ends within the system message, before the user's",
    "claude-vision/promptfooconfig.yaml": "the input is a picture, written as [image] instead of its Base64",
    "google-live/promptfooconfig.tools.yaml": "the variable has another one in it, which is filled in",
    "hyperbolic/promptfooconfig.yaml": "the test has no variables: its input is the prompt",
}
"""Files whose first input is not the one of the manifest's facts, and why."""
FIRST_FACTS = ("first_input", "first_question", "first_text", "first_vars")

csv.field_size_limit(1 << 30)
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real exports is not beside this repository")


@cache
def manifest() -> tuple[dict[str, str], ...]:
    if not CORPUS.is_dir():
        return ()
    with (CORPUS / "MANIFEST.tsv").open(newline="") as file:
        return tuple(row for row in csv.DictReader(file, delimiter="\t") if row["role"] != "support")


FORMATS = sorted({row["format"] for row in manifest()})


@cache
def read(path: str) -> LoadReport | str:
    """Read a file of the corpus; the one line that it is refused with, where it is."""
    try:
        return inspect_source(find_sources([path], base=CORPUS)[0])
    except InputError as error:
        return str(error)


def miss(row: dict[str, str]) -> str | None:
    """Say what is wrong with how a file of the corpus is read; None where nothing is."""
    kind, n_records = row["kind"].partition("_")[0], int(row["n_records"] or -1)
    report = read(row["path"])
    if row["path"].endswith(UNREADABLE):
        return None if isinstance(report, str) else f"{report.kind} ({report.format}), and not refused"
    if isinstance(report, str):
        return report
    if report.kind != kind:
        return f"{report.kind} ({report.format}: {report.why}), not {kind}"
    if n_records not in (-1, report.n_records):  # -1: the manifest has no count
        return f"{report.n_records} records ({report.format}), not {n_records}"
    return None


def first_inputs() -> Iterator[tuple[str, str, str | None]]:
    """Yield (path, fact, the first input that we read) of the files whose first input is known."""
    for row in manifest():
        facts = json.loads(row["expected_facts"] or "{}")
        name = next((name for name in FIRST_FACTS if facts.get(name) not in (None, "", "{}")), None)
        if name is not None:
            report = read(row["path"])
            first = None if isinstance(report, str) else report.first
            yield row["path"], str(facts[name]), first.input_text if first else None


def plain(text: str) -> str:
    r"""Write a text as the facts do: their JSON within JSON undone, white space as single spaces."""
    while text != (text := re.sub(r"\\+n", " ", text).replace('\\"', '"').replace("\\\\", "\\")):
        pass
    return " ".join(text.split())


def holds(fact: str, text: str | None) -> bool:
    """Tell whether a fact, which is cut after its first 60 to 80 characters, holds the start of a text.

    The fact is the text; or JSON with the text, or of the variables that the text lists as `name: value`.
    """
    if text is None:
        return fact == "null"
    fact, said = plain(fact), plain(text)
    if said in fact or any(said.startswith(fact[start:]) for start in range(max(len(fact) - 8, 1))):
        return True
    listed = [line.partition(": ") for line in text.splitlines()]
    return any(f'"{name}": "{plain(value)[:20]}' in fact or f'"{name}": {value}' in fact for name, _, value in listed)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_recognised_and_counted(name: str) -> None:
    rows = [row for row in manifest() if row["format"] == name]
    misses = {row["path"]: what for row in rows if (what := miss(row)) is not None}
    print(f"{name}: {len(rows) - len(misses)} of {len(rows)}", *misses.items(), sep="\n", file=sys.stderr)
    assert [path for path in misses if not path.endswith(tuple(EXPLAINED))] == []


def test_of_all_files_enough_are_recognised_and_counted() -> None:
    counts = Counter(miss(row) is None for row in manifest())
    print(f"all: {counts[True]} of {counts.total()}", file=sys.stderr)
    assert counts[True] >= BAR * counts.total() > 0
    assert counts[False] == len(EXPLAINED)


def test_the_first_input_is_right_where_it_is_known() -> None:
    known = list(first_inputs())
    misses = {path: (fact, text) for path, fact, text in known if not holds(fact, text)}
    print(f"first inputs: {len(known) - len(misses)} of {len(known)}", *misses.items(), sep="\n", file=sys.stderr)
    assert [path for path in misses if not path.endswith(tuple(FIRST_EXPLAINED))] == []
    assert len(misses) == len(FIRST_EXPLAINED)
    assert len(known) > 100
