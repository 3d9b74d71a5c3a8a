"""The corpus of real exports: every format has to be recognised, and counted, on at least 95 % of its files."""

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest

from driftcheck.errors import InputError
from driftcheck.loaders.inspection import inspect_source
from driftcheck.loaders.source import find_sources

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FORMATS = (
    *("promptfoo", "inspect", "openai_evals", "openai_evals_like", "generic_csv", "generic_json", "generic_jsonl"),
    *("langfuse", "phoenix", "openinference", "otlp", "junit", "traps_lfs"),
    *("deepeval", "lm_eval", "ragas", "langsmith", "braintrust", "pydantic_evals", "mtbench"),
)
EXPLAINED = {
    "evals/datasets/test_cases.json": "an object of lists: the manifest counts the object, we count its cases",
    "report-data-example.json": "a report on clusters of failures, without results",
    "non-junit.xml": "XML of another kind, which is unknown",
    "fashion_mnist_sample_base64.csv": "pictures and labels, which only their promptfoo config makes cases",
}
"""Files that we read in another way than the manifest expects, and why: they do not count."""
UNREADABLE = ("corrupt-xml.xml", "test_fuzzy_match/samples.jsonl")
"""Broken XML and a git-lfs pointer: these have to be refused."""

csv.field_size_limit(1 << 30)


def manifest() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "MANIFEST.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in rows if row["format"] in FORMATS and row["role"] != "support"]


def miss(row: dict[str, str]) -> str | None:
    """Say what is wrong with how a file of the corpus is read; None where nothing is."""
    kind, n_records = row["kind"].partition("_")[0], int(row["n_records"] or -1)
    unreadable = row["path"].endswith(UNREADABLE)
    try:
        report = inspect_source(find_sources([row["path"]], base=CORPUS)[0])
    except InputError as error:
        return None if unreadable else str(error)
    if unreadable:
        return f"{report.kind} ({report.format}), and not refused"
    if report.kind != kind:
        return f"{report.kind} ({report.format}: {report.why}), not {kind}"
    if n_records not in (-1, report.n_records):  # -1: the manifest has no count
        return f"{report.n_records} records ({report.format}), not {n_records}"
    return None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real exports is not beside this repository")
@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_recognised_and_counted(name: str) -> None:
    counts: Counter[str] = Counter()
    for row in manifest():
        if row["format"] == name and not row["path"].endswith(tuple(EXPLAINED)):
            what = miss(row)
            counts["right" if what is None else "wrong"] += 1
            if what is not None:
                print(f"{row['path']}: {what}", file=sys.stderr)
    print(f"{name}: {counts['right']} of {counts.total()}")
    assert counts["right"] >= 0.95 * counts.total() > 0
