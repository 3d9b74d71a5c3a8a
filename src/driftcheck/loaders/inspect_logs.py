"""Inspect logs: the `.eval` (ZIP) and `.json` logs that the Inspect framework writes, one result a sample and epoch.

Runs that were cancelled or broke off are read as far as they got. Of several scorers the first one named in the
log's results decides; `C`, 1 and true pass, `P` (partly correct) does not; a number between needs a threshold that
only the scorer's author knows, so such results are unscored.
Recognised by `_journal/` and `samples/` in a ZIP, or by `eval.task`, `eval.model` and `status` in JSON.
How to get it: the files in `logs`, where `inspect eval` writes them; `inspect log convert --to json` makes JSON of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.json_mending import TOO_MUCH, holds_too_much
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.rubric_verdicts import RubricItems
from driftcheck.loaders.statuses import read_status
from driftcheck.loaders.text import to_text
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.zip_members import ZipMembers
from driftcheck.records import Kind, Result, Status

FORMAT = "inspect-logs"
KIND = Kind.RESULTS

_HEADER = "header.json"
_START = "_journal/start.json"
_SAMPLE = re.compile(r"samples/.+_epoch_\d+\.json")
_PARTIAL = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}


def sniff(doc: Document) -> Match | None:
    """Recognise the members of an `.eval` file, or the keys of a JSON log."""
    if doc.shape is Shape.ZIP:
        members = [name for name in doc.head if name in (_HEADER, _START)]
        if members and any(name == _START or _SAMPLE.fullmatch(name) for name in doc.head):
            return Match(0.98, f"{members[0]} in a ZIP file: an Inspect .eval log")
    elif doc.shape is Shape.JSON and isinstance(doc.head, dict):
        run = doc.head.get("eval")
        if isinstance(run, dict) and {"task", "model"} <= run.keys() and "status" in doc.head:
            return Match(0.98, "status, eval.task and eval.model of an Inspect log")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the samples of a log, however the run ended."""
    if doc.shape is Shape.ZIP:
        yield from _read_zip(doc, log)
        return
    run = _Run.of(_mapping(doc.head))
    n_samples = 0
    for where, sample in doc.records(log, "samples"):
        n_samples += 1
        yield from run.result(where, sample, log)
    run.say(n_samples, doc, log)


def _read_zip(doc: Document, log: ReadLog) -> Iterator[Result]:
    archive = ZipMembers(doc.source.open(), doc.source.name)
    try:
        names = set(archive.names)
        header = _mapping(_json(archive, _HEADER if _HEADER in names else _START))
        run = _Run.of(header if _HEADER in names else {**header, "status": "started"})
        members = [name for name in dict.fromkeys(archive.names) if _SAMPLE.fullmatch(name)]
        for member in members:
            where = f"{doc.source.name}!{member}"
            try:
                sample = _json(archive, member)
            except InputError as error:  # the last member of a run that broke off
                log.skip(where, error.what)
                continue
            yield from run.result(where, sample, log)
        run.say(len(members), doc, log)
    finally:
        archive.close()


def _json(archive: ZipMembers, member: str) -> Any:
    data = archive.read(member)
    if holds_too_much(data):
        raise InputError(member, TOO_MUCH)
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(member, f"broken JSON: {error}") from None


@dataclass(frozen=True)
class _Run:
    """What a log says of the whole run."""

    run_id: str | None
    run_time: float | None
    status: str | None
    task: str | None
    model: str | None
    scorer: str | None
    """The scorer that decides: the first in the results."""
    items: RubricItems = field(default_factory=RubricItems)
    """One for each scorer, or each part of what it gives."""

    @staticmethod
    def of(header: Mapping[str, Any]) -> _Run:
        run = _mapping(header.get("eval"))
        stats = _mapping(header.get("stats"))
        scores = _mapping(header.get("results")).get("scores")
        first = _mapping(scores[0]) if isinstance(scores, list) and scores else {}
        return _Run(
            run_id=_text(run.get("run_id")),
            run_time=parse_timestamp(run.get("created")) or parse_timestamp(stats.get("started_at")),
            status=_text(header.get("status")),
            task=_text(run.get("task")),
            model=_text(run.get("model")),
            scorer=_text(first.get("name")) or _text(first.get("scorer")),
        )

    def result(self, where: str, sample: Any, log: ReadLog) -> Iterator[Result]:
        """Make the result of one sample in one epoch."""
        if not isinstance(sample, Mapping):
            log.skip(where, "no sample: an object was expected")
            return
        name, value = self._score(sample)
        status, score = _verdict(value)
        if status is None and score is not None:
            log.warn(
                f"scorer {name or 'of this log'} gives numbers between fail and pass; such results are not counted in "
                "the pass rate, give the scorer a threshold to count them"
            )
        error = sample.get("error")
        message = _mapping(error).get("message") or error
        epoch = sample.get("epoch")
        identity = sample.get("id")
        yield Result(
            run_id=self.run_id,
            case_id=None if identity is None else str(identity),
            input_text=to_text(sample.get("input")),
            status=Status.ERROR if error else status or Status.UNSCORED,
            where=where,
            run_time=self.run_time,
            score=None if error else score,
            model=self.model or _text(_mapping(sample.get("output")).get("model")),
            variant=self.task,
            repeat=max(epoch - 1, 0) if isinstance(epoch, int) else 0,
            error=str(message) if error else None,
            rubric=self.items.of(_parts(sample.get("scores"))),
        )

    def say(self, n_samples: int, doc: Document, log: ReadLog) -> None:
        """Warn of a run that is not whole, and of a log without samples."""
        self.items.say(log)
        name = doc.source.name
        if self.status not in (None, "success"):
            log.warn(f"{name}: the run ended as {self.status}; its {n_samples} samples may be a part, run it again")
        elif not n_samples:
            log.warn(f"{name} holds no samples; run the eval with --log-samples")

    def _score(self, sample: Mapping[str, Any]) -> tuple[str | None, Any]:
        """Return the deciding scorer and its value; logs before 2024-07 have one `score`."""
        scores = sample.get("scores")
        if isinstance(scores, Mapping) and scores:
            name = self.scorer if self.scorer in scores else next(iter(scores))
            return str(name), _value(scores[name])
        return self.scorer, _value(sample.get("score"))


def _parts(scores: Any) -> Iterator[tuple[str, Any]]:
    """Values of all scorers; of one that gives several, each by itself."""
    for name, score in scores.items() if isinstance(scores, Mapping) else ():
        value = _value(score)
        parts = value.items() if isinstance(value, Mapping) else ((None, value),)
        for part, one in parts:
            yield f"{name}: {part}" if part is not None else str(name), "fail" if one == "P" else one


def _value(score: Any) -> Any:
    return score.get("value") if isinstance(score, Mapping) else score


def _verdict(value: Any) -> tuple[Status | None, float | None]:
    """Read a score's value as a verdict and a number; of parts, all must pass."""
    if isinstance(value, Mapping | list):
        return _verdict_of_parts(value.values() if isinstance(value, Mapping) else value)
    if value == "P":
        return Status.FAIL, 0.5
    status = read_status(value)
    if isinstance(value, str) and value in _PARTIAL:
        return status, _PARTIAL[value]
    try:
        number = float(value)
    except (TypeError, ValueError):
        return status, {Status.PASS: 1.0, Status.FAIL: 0.0}.get(status) if status else None
    return status, number if number == number else None


def _verdict_of_parts(values: Iterable[Any]) -> tuple[Status | None, float | None]:
    verdicts = [_verdict(value) for value in values]
    numbers = [number for _, number in verdicts if number is not None]
    statuses = [status for status, _ in verdicts]
    status = None
    if Status.FAIL in statuses:
        status = Status.FAIL
    elif statuses and all(status is Status.PASS for status in statuses):
        status = Status.PASS
    return status, sum(numbers) / len(numbers) if numbers else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None
