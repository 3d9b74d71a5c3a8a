"""Joint exports: files that only together say what was asked, answered and rated, whatever their names."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from driftcheck.config import Config, Settings
from driftcheck.intake import Sources, read_production
from driftcheck.loaders.inspection import Reading
from driftcheck.loaders.joint_exports import joined
from driftcheck.loaders.source import Source, find_sources
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace
from driftcheck.watching import Unwatched

SCORE = {"source": "API", "data_type": "NUMERIC", "string_value": None, "observation_id": None}


def write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def read(sources: tuple[Source, ...]) -> tuple[list[Trace], list[str]]:
    """Read what leads each export, as an audit does."""
    found: list[Trace] = []
    warnings: list[str] = []
    for source in sources:
        if source.part_of is None:
            reading = Reading(source, kind=Kind.TRACES)
            found += [record for record in reading.records() if isinstance(record, Trace)]
            warnings += reading.report().warnings
    return found, warnings


def langfuse(folder: Path, period: str = "p1", numbers: tuple[int, ...] = (0, 1)) -> None:
    """Write what Langfuse's export to blob storage writes of some traces; the first has no input of its own."""
    table = {"project_id": "p", "environment": "default", "metadata": {}}
    traces = [
        {
            **table,
            **{"id": f"t{n}", "timestamp": "2026-08-10 12:00:00.123456", "name": "chat", "public": False},
            **{"user_id": "u", "session_id": f"s{n}", "release": None, "version": None, "bookmarked": False},
            **{"tags": [], "input": f'"Question {n}"' if n else None, "output": None},
        }
        for n in numbers
    ]
    observations = [
        {
            **table,
            **{"id": f"o{n}", "trace_id": f"t{n}", "type": "GENERATION", "name": "llm", "level": "DEFAULT"},
            **{"parent_observation_id": None, "start_time": "2026-08-10 12:00:00.2", "status_message": None},
            **{"end_time": "2026-08-10 12:00:01.2", "input": '"Asked"', "output": '"Answer"'},
            "provided_model_name": "gpt-4o",
        }
        for n in numbers
    ]
    write(folder, f"traces/{period}.jsonl", traces)
    write(folder, f"observations/{period}.jsonl", observations)


def score(trace: str | None, value: float, session: str | None = None) -> dict[str, Any]:
    ids = {"id": "x", "trace_id": trace, "session_id": session, "timestamp": "2026-08-10 13:00:00.1"}
    return {**ids, **SCORE, "name": "user-feedback", "value": value, "project_id": "p", "comment": ""}


def test_langfuse_blob_storage_is_one_export(tmp_path: Path) -> None:
    langfuse(tmp_path)
    langfuse(tmp_path, "p2", (2,))
    write(tmp_path, "scores/p2.jsonl", [score("t1", 1), score(None, 0, "s2")])
    sources = joined(find_sources([tmp_path], base=tmp_path))
    found, warnings = read(sources)
    assert [source.part_of is None for source in sources].count(True) == 1
    assert [(one.trace_id, one.input_text, one.output_text, one.model) for one in found] == [
        ("t0", "Asked", "Answer", "gpt-4o"),
        ("t1", "Question 1", "Answer", "gpt-4o"),
        ("t2", "Question 2", "Answer", "gpt-4o"),
    ]
    rated = [Feedback("user-feedback", float(value), None, FeedbackSource.USER) for value in (1, 0)]
    assert [one.feedback for one in found] == [(), (rated[0],), (rated[1],)]
    assert [one.session_id for one in found] == ["s0", "s1", "s2"]
    assert any(text.startswith("read as one export with") and "and 1 more" in text for text in warnings)


def test_what_a_trace_says_goes_before_its_observations_whenever_they_start(tmp_path: Path) -> None:
    langfuse(tmp_path)
    path = tmp_path / "observations" / "p1.jsonl"
    path.write_text(path.read_text().replace("2026-08-10 12:00:00.2", "2026-08-10 12:00:00.1"))
    found, _ = read(joined(find_sources([tmp_path], base=tmp_path)))
    assert [one.input_text for one in found] == ["Asked", "Question 1"]


def test_langfuse_traces_and_scores_without_observations(tmp_path: Path) -> None:
    langfuse(tmp_path)
    (tmp_path / "observations" / "p1.jsonl").unlink()
    write(tmp_path, "scores/p1.jsonl", [score("t1", 1)])
    found, _ = read(joined(find_sources([tmp_path], base=tmp_path)))
    assert [(one.trace_id, one.input_text, len(one.feedback)) for one in found] == [
        ("t0", None, 0),
        ("t1", "Question 1", 1),
    ]


def test_scores_alone_say_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path, "scores.jsonl", [score("t1", 1)])
    found, warnings = read(joined(find_sources([tmp_path], base=tmp_path)))
    assert not found
    assert any("name the files of the traces too" in text for text in warnings)


def test_traces_of_two_files_are_no_joint_export(tmp_path: Path) -> None:
    langfuse(tmp_path)
    langfuse(tmp_path, "p2", (2,))
    sources = joined(find_sources([tmp_path / "traces"], base=tmp_path))
    assert not any(source.parts or source.part_of for source in sources)


def request(number: int, text: str) -> dict[str, Any]:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}
    return {"custom_id": f"r{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}


def response(number: int, text: str) -> dict[str, Any]:
    choices = [{"index": 0, "message": {"role": "assistant", "content": text}}]
    body = {"id": "c", "object": "chat.completion", "created": 1785000000, "model": "gpt-4o", "choices": choices}
    ids = {"id": f"b{number}", "custom_id": f"r{number}"}
    return {**ids, "response": {"status_code": 200, "body": body}, "error": None}


def failure(number: int) -> dict[str, Any]:
    body = {"error": {"code": "rate_limit"}}
    return {"id": f"b{number}", "custom_id": f"r{number}", "response": {"status_code": 429, "body": body}}


@pytest.mark.parametrize("names", [("in.jsonl", "out.jsonl", "err.jsonl"), ("z.jsonl", "a.jsonl", "b.jsonl")])
def test_questions_answers_and_errors_of_a_batch(tmp_path: Path, names: tuple[str, str, str]) -> None:
    write(tmp_path, names[0], [request(number, f"Q {number}?") for number in range(4)])
    write(tmp_path, names[1], [response(2, "A 2"), response(0, "A 0")])
    write(tmp_path, names[2], [failure(1)])
    found, _ = read(joined(find_sources([tmp_path], base=tmp_path)))
    said = {(one.input_text, one.output_text, one.error) for one in found}
    assert said == {
        ("Q 0?", "A 0", None),
        ("Q 1?", None, "rate_limit"),
        ("Q 2?", "A 2", None),
        ("Q 3?", None, None),
    }


def test_questions_of_two_batches_under_one_id_are_not_guessed(tmp_path: Path) -> None:
    write(tmp_path, "in1.jsonl", [request(0, "Refund?")])
    write(tmp_path, "in2.jsonl", [request(0, "Why?"), request(1, "When?")])
    write(tmp_path, "out.jsonl", [response(0, "30 days"), response(1, "Now")])
    found, _ = read(joined(find_sources([tmp_path], base=tmp_path)))
    assert [(one.input_text, one.output_text) for one in found] == [(None, "30 days"), ("When?", "Now")]


def test_phoenix_annotations_in_a_file_of_their_own(tmp_path: Path) -> None:
    span = {
        **{"context.span_id": "a1", "context.trace_id": "c1", "parent_id": None, "name": "chat", "span_kind": "CHAIN"},
        **{"start_time": "2026-08-10T12:00:00Z", "attributes.input.value": "Refund?"},
    }
    note = {"span_id": "a1", "annotation_name": "user_feedback", "annotator_kind": "HUMAN", "result.score": 1}
    write(tmp_path, "spans.jsonl", [span])
    write(tmp_path, "annotations.jsonl", [note])
    (found,), _ = read(joined(find_sources([tmp_path], base=tmp_path)))
    assert (found.input_text, found.feedback) == (
        "Refund?",
        (Feedback("user_feedback", 1.0, None, FeedbackSource.USER),),
    )


def test_an_audit_reads_an_export_once_and_finds_its_ratings(tmp_path: Path) -> None:
    langfuse(tmp_path)
    write(tmp_path, "scores/p1.jsonl", [score("t0", 1), score("t1", 0)])
    config = Config(Settings(), tmp_path / "drift.yaml")
    with ExitStack() as stack:
        sources = Sources(config, stack, ()).find("production", tmp_path, required=True)
    production = read_production(sources, config, None, None, None, Unwatched())
    assert (production.n_traces, len(production.reports)) == (2, 1)
    assert production.satisfaction is not None
    assert production.satisfaction.field == "user-feedback"
    assert sorted(production.sample["text"]) == ["Asked", "Question 1"]
