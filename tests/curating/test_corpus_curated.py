"""Propose, accept, validate, retire on every eval set of the corpus of real files: only the lines concerned change."""

import csv
import datetime as dt
import shutil
from functools import cache
from pathlib import Path

import pytest

from driftcheck.config import Config, Settings
from driftcheck.curating.accepting import plan_acceptance
from driftcheck.curating.carrying_out import carry_out
from driftcheck.curating.retiring import plan_retirement
from driftcheck.curating.validating import plan_validation
from driftcheck.curating.wearing_out import Reason, Worn
from driftcheck.editing import new_file, open_editable, write_all
from driftcheck.editing.case_files import CaseFile, read_case_files
from driftcheck.editing.proposals import beside, plan_proposals, read_proposals
from driftcheck.editing.record_paths import copied, put
from driftcheck.errors import InputError
from driftcheck.intake import read_eval_set
from driftcheck.loaders.source import Source, find_sources
from driftcheck.proposals import Proposal, Why
from driftcheck.records import EvalSet
from driftcheck.watching import Unwatched

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
PROMPTFOO = "promptfoo/evalset/theLucasAntunes__promptfoo/examples"
CONFIG = Config(Settings(), None)
DAY = dt.date(2026, 6, 1)
NO_INPUT = "where the input stands in a record cannot be told"
NO_ANSWER = "where the expected answer stands in a record cannot be told"
UNTOLD = {
    # tests without variables, whose input is the prompt, or with several of which none is named as an input is
    f"{PROMPTFOO}/{name}.yaml": NO_INPUT
    for name in (
        "claude-agent-sdk/advanced/promptfooconfig",
        "claude-agent-sdk/basic/promptfooconfig",
        "claude-agent-sdk/mcp/promptfooconfig",
        "claude-agent-sdk/working-dir/promptfooconfig",
        "claude-vision/promptfooconfig",
        "fal-image-generation/promptfooconfig",
        "google-imagen/promptfooconfig",
        "google-imagen/promptfooconfig-advanced",
        "google-live/promptfooconfig.multiline",
        "google-vertex/promptfooconfig.gemini",
        "headless-browser/calculator-example",
        "huggingface-similarity/promptfooconfig",
        "hyperbolic/promptfooconfig",
        "openai-responses/promptfooconfig.codex",
        "openai-responses/promptfooconfig.function-callback",
        "perplexity.ai-example/promptfooconfig.research-reasoning",
        "perplexity.ai-example/promptfooconfig.search-filters",
        "perplexity.ai-example/promptfooconfig.structured-output",
    )
} | {
    "inspect/evalset/UKGovernmentBEIS__inspect_ai/tests/dataset/test_dataset/images.jsonl": NO_INPUT,
    # the answer is a structure of several values
    f"{PROMPTFOO}/cyberseceval/promptfooconfig.yaml": NO_ANSWER,
    f"{PROMPTFOO}/cyberseceval/prompt_injection.json": NO_ANSWER,
    "pydantic_evals/evalset/pydantic__pydantic-ai/examples/pydantic_ai_examples/evals/datasets/time_range_v2.yaml": (
        NO_ANSWER
    ),
}
"""Files whose new records nobody could lay out, with the reason that the user reads."""

csv.field_size_limit(1 << 30)
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real exports is not beside this repository")


@cache
def paths() -> tuple[str, ...]:
    if not CORPUS.is_dir():
        return ()
    with (CORPUS / "MANIFEST.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    # a git-lfs pointer holds nothing at all
    return tuple(
        row["path"]
        for row in rows
        if row["kind"] == "evalset" and row["role"] != "support" and not row["path"].startswith("traps_lfs")
    )


def sources_in(path: str, folder: Path) -> tuple[Source, ...]:
    """Copy a file with the folder that it stands in: configs name files beside them."""
    place = CORPUS / path
    shutil.copytree(place.parent, folder / "set", copy_function=shutil.copyfile)
    return find_sources([folder / "set" / place.name], base=Path())


def eval_set_of(sources: tuple[Source, ...]) -> EvalSet:
    return read_eval_set(sources, CONFIG, Unwatched())


def proposal(number: int) -> Proposal:
    return Proposal(
        case_id=f"new-{number}",
        input_text=f"Where's my refund no. {number}: «30%», #1 & 'more' \"quotes\"\nof two lines?",
        trace_id=f"trace-{number}",
        slice_id="s3",
        slice_name="refund, late",
        why=Why.UNCOVERED,
        language=None,
        answer="= A1, as it\nsays",
        satisfied=0.25,
    )


def label(path: Path, files: tuple[CaseFile, ...]) -> None:
    """Fill in what a person would."""
    found = read_proposals(path, files)
    assert found is not None
    records = []
    for one in found.proposals:
        assert one.expected == ()
        record = copied(one.record)
        if found.layout.expected is not None:
            put(record, found.layout.expected, "within 30 days")
        records.append(record)
    path.unlink()
    write_all([new_file(path, found.file, records)])


def assert_kept(before: bytes, after: bytes, *, columns: bool) -> None:
    """Check that every line is there as it was, in its order; one may get a comma or a line end, or be of a list."""
    old, new = before.splitlines(), after.splitlines()
    if columns:  # of a CSV each row may get cells for new columns
        old = [line.rstrip(b",") for line in old]
        new = [line.rstrip(b",") for line in new]
    at, changed = 0, 0
    for line in old:
        found = next((n for n in range(at, len(new)) if new[n] == line or (columns and new[n].startswith(line))), None)
        if found is None:
            changed += 1
        else:
            at = found + 1
    assert changed <= 1


@pytest.mark.parametrize("path", [path for path in paths() if path not in UNTOLD])
def test_the_life_of_cases_in_a_file(path: str, tmp_path: Path) -> None:
    sources = sources_in(path, tmp_path)
    files = read_case_files(sources, CONFIG)
    if not files:  # its cases are generated, or stand in files that the corpus lacks
        with pytest.raises(InputError, match="holds no cases"):
            plan_proposals(sources, [proposal(1)], config=CONFIG, created=DAY)
        return
    place, is_csv = files[0].path, bool(files[0].file.columns)
    before, known = place.read_bytes(), eval_set_of(sources)

    proposed = plan_proposals(sources, [proposal(1), proposal(2)], config=CONFIG, created=DAY)
    write_all([proposed])
    assert place.read_bytes() == before
    assert eval_set_of(sources).n_cases == known.n_cases
    label(proposed.path, files)
    needs_answer = files[0].layout.expected is not None
    named = () if needs_answer else ("new-1", "trace-2")
    accepted = plan_acceptance(sources, CONFIG, as_of=DAY, reviewer="bea", ids=named)
    assert [one.case_id for one in accepted.taken] == ["new-1", "new-2"], accepted.staying
    carry_out(accepted.edits, CONFIG, accepted.event)
    assert_kept(before, place.read_bytes(), columns=is_csv)
    assert not read_proposals(proposed.path, files)
    now = eval_set_of(sources)
    added = now.frame[now.frame["source_trace_id"].isin(["trace-1", "trace-2"])]
    assert now.n_cases == known.n_cases + len(added) == known.n_cases + 2
    assert set(added["input"].str.split().str.join(" ")) == {" ".join(proposal(n).input_text.split()) for n in (1, 2)}
    assert set(added["provenance"]) == {"production"}
    assert (added["validated_at"] == dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp()).all()
    if needs_answer:
        assert set(added["expected"]) == {"within 30 days"}

    with_new = place.read_bytes()
    first = str(known.frame["case_id"].iloc[0])
    validation = plan_validation([first], now, CONFIG, as_of=DAY)
    carry_out(validation.edits, CONFIG, validation.event)
    renewed = eval_set_of(sources).frame
    renewed_cases = renewed[renewed["validated_at"].notna() & ~renewed["source_trace_id"].isin(["trace-1", "trace-2"])]
    assert len(renewed_cases) >= len(validation.case_ids) >= 1
    if validation.edits[0].path == place:
        old, new = with_new.splitlines(), place.read_bytes().splitlines()
        head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        tail = next(n for n, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b)
        assert len(old) - head - tail <= 2, validation.edits[0].diff()  # the last line of the record, or its one line
    place.write_bytes(with_new)

    retirement = (
        plan_retirement(
            [Worn(str(one), Reason.EXPIRED, "past its expires") for one in added["case_id"]],
            # so few that an audit would not do are refused: the corpus has examples of three
            EvalSet(now.frame, now.tag_fields, now.reports),
            CONFIG,
            as_of=DAY,
        )
        if now.n_cases > 32
        else plan_retirement([Worn(str(one), Reason.NAMED, "") for one in added["case_id"]], now, CONFIG, as_of=DAY)
    )
    carry_out(retirement.edits, CONFIG, retirement.event)
    left = eval_set_of(sources)
    assert left.n_cases == known.n_cases
    if not is_csv:
        assert place.read_bytes() == before
    aside = open_editable(beside(place, "retired"))
    assert len(aside.records) == 2
    assert eval_set_of(sources).frame["text"].tolist() == known.frame["text"].tolist()


@pytest.mark.parametrize("path", [path for path in paths() if path in UNTOLD])
def test_where_it_cannot_be_told_json_lines_take_proposals(path: str, tmp_path: Path) -> None:
    sources = sources_in(path, tmp_path)
    with pytest.raises(InputError) as refusal:
        plan_proposals(sources, [proposal(1)], config=CONFIG, created=DAY)
    assert UNTOLD[path] in refusal.value.what
    assert "--out x.proposals.jsonl" in refusal.value.hint
    out = tmp_path / "x.proposals.jsonl"
    write_all([plan_proposals(sources, [proposal(1)], config=CONFIG, created=DAY, out=out)])
    found = read_proposals(out, ())
    assert found is not None
    assert [(one.case_id, one.trace_id, one.expected) for one in found.proposals] == [("new-1", "trace-1", ())]
