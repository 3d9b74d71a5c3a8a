"""Inspect logs: .json and .eval, whole and broken off, with epochs and several scorers."""

import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
import zstandard

from driftcheck.errors import InputError
from driftcheck.loaders import inspect_logs
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Kind, Result, Status

EVAL = {"task": "support", "model": "openai/gpt-4o", "run_id": "run7", "created": "2026-06-01T14:00:00+02:00"}
SCORES = {"scores": [{"name": "match", "scorer": "match"}, {"name": "grade", "scorer": "model_graded_qa"}]}


def sample(identity: int | str = 1, epoch: int = 1, value: Any = "C", **more: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "epoch": epoch,
        "input": [{"role": "system", "content": "Be terse"}, {"role": "user", "content": "Where is it?"}],
        "target": "x",
        "output": {"model": "gpt-4o-2024", "choices": [{"message": {"content": "here"}}]},
        "scores": {"grade": {"value": "I"}, "match": {"value": value, "answer": "here"}},
        **more,
    }


def log_of(*samples: dict[str, Any], status: str = "success", **more: Any) -> dict[str, Any]:
    return {
        "version": 2,
        "status": status,
        "eval": EVAL,
        "plan": {},
        "results": SCORES,
        "stats": {},
        "samples": samples,
        **more,
    }


def opened(path: Path) -> Document:
    return open_document(find_sources([path.name], base=path.parent)[0])


def read(doc: Document) -> tuple[list[Result], ReadLog]:
    assert inspect_logs.sniff(doc) is not None
    log = ReadLog()
    return list(inspect_logs.read(doc, log, ColumnMap())), log


def load(folder: Path, content: dict[str, Any]) -> tuple[list[Result], ReadLog]:
    path = folder / "log.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read(opened(path))


def members_of(*samples: dict[str, Any], header: bool = True) -> dict[str, Any]:
    members: dict[str, Any] = {"_journal/start.json": {"version": 2, "eval": EVAL, "plan": {}}}
    members |= {f"samples/{one['id']}_epoch_{one['epoch']}.json": one for one in samples}
    members["_journal/summaries/1.json"] = [{"id": one["id"]} for one in samples]
    if header:
        members["header.json"] = {"version": 2, "status": "success", "eval": EVAL, "results": SCORES}
    return members


def write_eval(folder: Path, members: dict[str, Any]) -> Document:
    path = folder / "log.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, str) else json.dumps(content))
    return opened(path)


def write_zstd_eval(folder: Path, members: dict[str, Any]) -> Document:
    """Write a ZIP whose members are packed with method 93, which the standard library cannot write."""
    body, directory = b"", b""
    for name, content in members.items():
        data = json.dumps(content).encode()
        packed = zstandard.ZstdCompressor().compress(data)
        sizes = struct.pack("<IIIHH", zlib.crc32(data), len(packed), len(data), len(name), 0)
        local = struct.pack("<IHHHHH", 0x04034B50, 63, 0, 93, 0, 33) + sizes + name.encode()
        directory += struct.pack("<IHHHHHH", 0x02014B50, 63, 63, 0, 93, 0, 33) + sizes
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += local + packed
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(members), len(members), len(directory), len(body), 0)
    path = folder / "log.eval"
    path.write_bytes(body + directory + end)
    return opened(path)


def test_json_log(tmp_path: Path) -> None:
    results, log = load(tmp_path, log_of(sample(7), sample("7", 2, "I")))
    assert results[0] == Result(
        run_id="run7",
        case_id="7",
        input_text="Where is it?",
        status=Status.PASS,
        where="log.json#1",
        run_time=1780315200.0,
        score=1.0,
        model="openai/gpt-4o",
        variant="support",
        rubric={"grade": False, "match": True},
    )
    assert (results[1].case_id, results[1].repeat, results[1].status) == ("7", 1, Status.FAIL)
    assert log.warnings == ()
    assert inspect_logs.KIND is Kind.RESULTS


@pytest.mark.parametrize(
    ("value", "status", "score"),
    [
        ("C", Status.PASS, 1.0),
        ("I", Status.FAIL, 0.0),
        ("P", Status.FAIL, 0.5),
        ("N", Status.FAIL, 0.0),
        (True, Status.PASS, 1.0),
        (False, Status.FAIL, 0.0),
        (1, Status.PASS, 1.0),
        (0.0, Status.FAIL, 0.0),
        (0.7, Status.UNSCORED, 0.7),
        (float("nan"), Status.UNSCORED, None),
        ("yes", Status.PASS, 1.0),
        ("maybe", Status.UNSCORED, None),
        ("7", Status.UNSCORED, 7.0),
        ({"helpful": 1, "safe": "C"}, Status.PASS, 1.0),
        ({"helpful": 0.5, "safe": 0}, Status.FAIL, 0.25),
        ({"helpful": 0.5, "safe": 1}, Status.UNSCORED, 0.75),
        ([1, 0], Status.FAIL, 0.5),
        ({}, Status.UNSCORED, None),
        (None, Status.UNSCORED, None),
    ],
)
def test_values(tmp_path: Path, value: Any, status: Status, score: float | None) -> None:
    results, log = load(tmp_path, log_of(sample(value=value)))
    assert (results[0].status, results[0].score) == (status, score)
    assert bool(log.warnings) is (status is Status.UNSCORED and score is not None)


def test_an_error_is_no_failure(tmp_path: Path) -> None:
    broken = sample(error={"message": "tool crashed", "traceback": "..."})
    results, _ = load(tmp_path, log_of(broken, sample(2, error="timeout", scores=None)))
    assert [(result.status, result.error, result.score) for result in results] == [
        (Status.ERROR, "tool crashed", None),
        (Status.ERROR, "timeout", None),
    ]


def test_scorers(tmp_path: Path) -> None:
    without_header = {**log_of(sample(1, scores={"grade": {"value": "I"}, "match": {"value": "C"}})), "results": None}
    assert load(tmp_path, without_header)[0][0].status is Status.FAIL
    other = log_of(sample(1, scores={"other": {"value": "C"}}), sample(2, scores={}), sample(3, scores=None))
    assert [result.status for result in load(tmp_path, other)[0]] == [Status.PASS, Status.UNSCORED, Status.UNSCORED]
    old = sample(1, score={"value": "C"})
    del old["scores"]
    assert load(tmp_path, log_of(old))[0][0].status is Status.PASS


def test_input_as_text_and_missing_fields(tmp_path: Path) -> None:
    results, _ = load(tmp_path, log_of({"input": "Where is it?"}, status="success"))
    assert (results[0].input_text, results[0].case_id, results[0].repeat) == ("Where is it?", None, 0)


@pytest.mark.parametrize("status", ["cancelled", "error", "started"])
def test_run_that_did_not_end_well(tmp_path: Path, status: str) -> None:
    results, log = load(tmp_path, log_of(sample(), status=status))
    assert len(results) == 1
    assert f"ended as {status}" in log.warnings[0]


def test_log_without_samples(tmp_path: Path) -> None:
    content = log_of()
    del content["samples"]
    results, log = load(tmp_path, content)
    assert results == []
    assert "holds no samples" in log.warnings[0]


def test_eval_file(tmp_path: Path) -> None:
    results, log = read(write_eval(tmp_path, members_of(sample("b", 2), sample("b", 1), sample("a", 1, "I"))))
    assert [(result.case_id, result.repeat, result.status) for result in results] == [
        ("b", 1, Status.PASS),
        ("b", 0, Status.PASS),
        ("a", 0, Status.FAIL),
    ]
    assert results[0].where == "log.eval!samples/b_epoch_2.json"
    assert results[0].run_id == "run7"
    assert log.warnings == ()


def test_eval_file_packed_with_zstd(tmp_path: Path) -> None:
    results, _ = read(write_zstd_eval(tmp_path, members_of(sample(1), sample(2, 1, "I"))))
    assert [result.status for result in results] == [Status.PASS, Status.FAIL]


def test_eval_file_of_a_run_that_broke_off(tmp_path: Path) -> None:
    members = members_of(sample(1), header=False)
    members["samples/2_epoch_1.json"] = '{"id": 2, "epo'
    results, log = read(write_eval(tmp_path, members))
    assert [(result.case_id, result.run_id, result.model) for result in results] == [("1", "run7", "openai/gpt-4o")]
    assert results[0].status is Status.FAIL  # no header names the first scorer: the sample's own order
    assert log.n_skipped == 1
    assert "ended as started" in log.warnings[0]


def test_broken_header(tmp_path: Path) -> None:
    doc = write_eval(tmp_path, {**members_of(sample()), "header.json": "{"})
    with pytest.raises(InputError, match="broken JSON"):
        list(inspect_logs.read(doc, ReadLog(), ColumnMap()))


def test_samples_that_are_no_objects(tmp_path: Path) -> None:
    results, log = load(tmp_path, log_of(sample(), 5))  # type: ignore[arg-type]  # 5 is no sample: that is tested
    assert len(results) == 1
    assert log.n_skipped == 1


@pytest.mark.parametrize(
    "content",
    [
        {"version": 3, "results": [], "stats": {}},
        {"eval": {"task": "a"}, "status": "success"},
        {"eval": "support", "status": "success"},
        {"eval": EVAL},
    ],
)
def test_other_json_is_not_recognised(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert inspect_logs.sniff(opened(path)) is None


@pytest.mark.parametrize("members", [{"a.txt": "x"}, {"header.json": {}}, {"samples/1_epoch_1.json": {}}])
def test_other_zip_files_are_not_recognised(tmp_path: Path, members: dict[str, Any]) -> None:
    assert inspect_logs.sniff(write_eval(tmp_path, members)) is None
