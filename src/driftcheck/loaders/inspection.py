"""Inspection: what was understood of an input, counted while its records are read."""

from __future__ import annotations

import math
from array import array
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import TypeGuard, TypeVar

from driftcheck.errors import InputError
from driftcheck.loaders import Recognition, candidates, missing, recognise
from driftcheck.loaders.blocks import batches
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.likeness import nearest
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import Source, set_aside_as
from driftcheck.loaders.text import MAX_TEXT
from driftcheck.numbers import count
from driftcheck.records import Case, FeedbackSource, Kind, LoadReport, Record, Result, Status, Trace
from driftcheck.satisfaction import Ratings

_UNKNOWN = "unknown"
_MAX_VALUES = 1_000
"""Distinct values of a tag that are told apart; more make it no slice."""
_MAX_FIELDS = 500
_FEW = 20
_N_EXAMPLES = 3
_FEW_SHARE = 0.05
_OF_CASES = {"proposals": "holds proposals for an eval set", "retired": "holds retired cases"}
"""What files beside an eval set hold, which are in its format."""
_AT_ONCE = 128
"""Records counted at a time."""
Kept = TypeVar("Kept", Case, Result, Trace)


class Reading:
    """One reading of one input: `records()` streams it, `report()` then says what was in it.

    Memory does not grow with the input, but for one number per id.
    """

    def __init__(
        self,
        source: Source,
        *,
        kind: Kind | None = None,
        format: str | None = None,
        columns: ColumnMap | None = None,
        insist: bool = False,
        keeps_eval_runs: bool = False,
    ) -> None:
        """Open and recognise the input; `insist` takes it as `kind`, whatever it looks like.

        `keeps_eval_runs` reads traces that look like eval runs as production.

        Raises:
            InputError: it cannot be read, is of no known format, or holds another kind than `kind`.

        """
        self._columns = columns or ColumnMap()
        self._document = open_document(source)
        self.recognition = recognise(self._document, kind=kind, format=format, columns=self._columns, insist=insist)
        self.kind = self.recognition.loader.KIND
        self._log = ReadLog(keeps_eval_runs=keeps_eval_runs)
        for warning in self._document.warnings:
            self._log.warn(warning)
        if source.parts:
            shown = ", ".join(part.name for part in source.parts[:_N_EXAMPLES])
            more = f" and {len(source.parts) - _N_EXAMPLES} more" if len(source.parts) > _N_EXAMPLES else ""
            self._log.warn(f"read as one export with {shown}{more}")
        if source.part_of:
            self._log.warn(f"is a part of an export: an audit reads it with {source.part_of}")
        self._counts = _Counts()

    def records(self) -> Iterator[Record]:
        """Stream the records; to be called once."""
        document = self.recognition.inner or self._document
        return self._counts.counted(self.recognition.loader.read(document, self._log, self._columns))

    def report(self) -> LoadReport:
        """Say what has been read so far; complete once `records()` has come to its end."""
        return self._counts.report(self._document.source.name, self.recognition, self._log)


def inspect_source(
    source: Source,
    *,
    kind: Kind | None = None,
    format: str | None = None,
    columns: ColumnMap | None = None,
) -> LoadReport:
    """Read an input once and say what is in it; of an unknown format too.

    `kind` and `format` are the user's word against what the file looks like.

    Raises:
        InputError: it cannot be read at all, or not as `kind` or `format`.

    """
    aside = set_aside_as(source.name)
    if kind is None and format is None and aside in _OF_CASES:
        with suppress(InputError):  # their context, answers and ratings, would make them traces
            report = inspect_source(source, kind=Kind.EVALSET, columns=columns)
            return replace(report, warnings=(f"{_OF_CASES[aside]}, which no audit reads", *report.warnings))
    if kind is None and format is None:
        document = open_document(source)
        if not candidates(document):
            return _unknown(document)
    reading = Reading(source, kind=kind, format=format, columns=columns, insist=True)
    ratings = Ratings()
    examples: list[Record] = []
    for number, record in enumerate(reading.records()):
        if number < _N_EXAMPLES:
            examples.append(record)
        if isinstance(record, Trace) and record.feedback:
            ratings.add(number, record.feedback)
    return replace(reading.report(), feedback=ratings.fields(), examples=tuple(examples))


def _unknown(document: Document) -> LoadReport:
    log = ReadLog()
    try:
        n_records = sum(1 for _ in document.records(log))
    except InputError:
        n_records = 0
    for warning in document.warnings:
        log.warn(warning)
    return LoadReport(
        path=document.source.name,
        kind=Kind.UNKNOWN,
        format=_UNKNOWN,
        confidence=0.0,
        why=missing(document),
        n_records=n_records,
        n_skipped=log.n_skipped,
        skipped=tuple(log.skipped),
        warnings=log.warnings,
        nearest=nearest(document),
    )


def _are(records: Sequence[Record], kind: type[Kept]) -> TypeGuard[Sequence[Kept]]:
    """Tell whether the records of one loader, which are of one kind, are of this."""
    return isinstance(records[0], kind)


class _Counts:
    """Counts what a LoadReport says."""

    def __init__(self) -> None:
        self.n = 0
        self.n_missing_input = 0
        self.n_missing_output = 0
        self.n_errors = 0
        self.n_pass = 0
        self.n_fail = 0
        self.n_rated = 0
        self.n_cut = 0
        self.first: Record | None = None
        self.first_time: float | None = None
        self.last_time: float | None = None
        self._ids = array("q")
        self._feedback: set[str] = set()
        self._tags: dict[str, set[str]] = {}

    def counted(self, records: Iterator[Record]) -> Iterator[Record]:
        """Pass the records on, counted a few at a time."""
        return chain.from_iterable(map(self._count, batches(records, _AT_ONCE)))

    def _count(self, records: Sequence[Record]) -> Sequence[Record]:
        self.n += len(records)
        if self.first is None:
            self.first = records[0]
        if _are(records, Trace):
            self._traces(records)
        elif _are(records, Result):
            self._results(records)
        elif _are(records, Case):
            self._cases(records)
        return records

    def _traces(self, traces: Sequence[Trace]) -> None:
        first, last = math.inf, -math.inf
        tags: dict[int, Mapping[str, str]] = {}  # by identity: traces with the same may share them
        for trace in traces:  # one pass with a look at each field: several passes cost twice as much
            text = trace.input_text
            if text is None:
                self.n_missing_input += 1
            elif len(text) >= MAX_TEXT:
                self.n_cut += 1
            if trace.output_text is None:
                self.n_missing_output += 1
            if trace.error is not None:
                self.n_errors += 1
            if trace.trace_id is not None:
                self._ids.append(hash(trace.trace_id))
            time = trace.timestamp
            if time is not None:
                first = time if time < first else first
                last = time if time > last else last
            tags[id(trace.tags)] = trace.tags
            is_rated = False
            for rating in trace.feedback:
                self._feedback.add(rating.name)
                is_rated = is_rated or rating.source is not FeedbackSource.JUDGE
            self.n_rated += is_rated
        if first <= last:
            self._count_times([first, last])
        self._values(tags.values())

    def _texts(self, texts: Sequence[str | None]) -> None:
        self.n_missing_input += texts.count(None)
        self.n_cut += sum(len(text) >= MAX_TEXT for text in texts if text)

    def _results(self, results: Sequence[Result]) -> None:
        self._texts([result.input_text for result in results])
        named = [result for result in results if result.case_id is not None]
        self._count_ids([(one.run_id, one.case_id, one.model, one.prompt_id, one.variant, one.repeat) for one in named])
        self._count_times([result.run_time for result in results])
        statuses = [result.status for result in results]
        self.n_errors += statuses.count(Status.ERROR)
        self.n_pass += statuses.count(Status.PASS)
        self.n_fail += statuses.count(Status.FAIL)

    def _cases(self, cases: Sequence[Case]) -> None:
        self._texts([case.input_text for case in cases])
        self._count_ids([case.case_id for case in cases if case.case_id is not None])
        self._count_times([case.created_at for case in cases])
        self._values([case.tags for case in cases])
        self.n_missing_output += sum([not case.expected for case in cases])

    def _count_ids(self, keys: Iterable[Hashable]) -> None:
        self._ids.extend(map(hash, keys))  # 64 bits: two of a million ids share one with a chance of 3e-8

    def _count_times(self, times: Iterable[float | None]) -> None:
        known = [time for time in times if time is not None]
        if known:
            self.first_time = min([*known, known[0] if self.first_time is None else self.first_time])
            self.last_time = max([*known, known[0] if self.last_time is None else self.last_time])

    def _values(self, tags: Iterable[Mapping[str, str]]) -> None:
        for field, value in set(chain.from_iterable([one.items() for one in tags])):
            values = self._tags.get(field)
            if values is None:
                if len(self._tags) >= _MAX_FIELDS:  # the first by name, so that the order of records says nothing
                    last = max(self._tags)
                    if field > last:
                        continue
                    del self._tags[last]
                values = self._tags[field] = set()
            if len(values) <= _MAX_VALUES:
                values.add(value)

    def report(self, path: str, recognition: Recognition, log: ReadLog) -> LoadReport:
        warnings = log.warnings
        if self.n_cut:
            longer = f"{count(self.n_cut, 'text is', 'texts are')} longer than {MAX_TEXT:,} characters"
            warnings += (f"{longer}: the rest is not read",)
        few = min(max(_FEW, _FEW_SHARE * self.n), _MAX_VALUES)
        tags = {field: len(values) for field, values in sorted(self._tags.items()) if 1 < len(values) <= few}
        second, second_match = recognition.runner_up, recognition.runner_up_match
        return LoadReport(
            path=path,
            kind=recognition.loader.KIND,
            format=recognition.loader.FORMAT,
            confidence=recognition.match.confidence,
            why=recognition.match.why,
            n_records=self.n if log.n_counted is None else log.n_counted,
            n_skipped=log.n_skipped,
            skipped=tuple(log.skipped),
            n_missing_input=self.n_missing_input,
            n_missing_output=self.n_missing_output,
            n_errors=self.n_errors,
            n_pass=self.n_pass,
            n_fail=self.n_fail,
            n_duplicate_ids=len(self._ids) - len(set(self._ids)),
            first_time=self.first_time,
            last_time=self.last_time,
            n_rated=self.n_rated,
            n_eval_runs=log.n_eval_runs,
            eval_runs=log.eval_runs,
            feedback_fields=tuple(sorted(self._feedback)),
            tag_fields=tuple(tags),
            first=self.first,
            warnings=warnings,
            runner_up=(second.FORMAT, second_match.confidence) if second and second_match else None,
            tag_counts=tags,
            n_read=None if log.n_counted in (None, self.n) else self.n,
        )
