"""Inspection: what was understood of an input, counted while its records are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator

from driftcheck.errors import InputError
from driftcheck.loaders import Recognition, candidates, missing, recognise
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import Source
from driftcheck.loaders.text import MAX_TEXT
from driftcheck.numbers import count
from driftcheck.records import Case, FeedbackSource, Kind, LoadReport, Record, Result, Status, Trace

_UNKNOWN = "unknown"
_MAX_VALUES = 1_000
"""Distinct values of a tag that are told apart; more make it no slice."""
_MAX_FIELDS = 500
_FEW = 20
_FEW_SHARE = 0.05


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
    ) -> None:
        """Open and recognise the input.

        Raises:
            InputError: it cannot be read, is of no known format, or holds another kind than `kind`.

        """
        self._columns = columns or ColumnMap()
        self._document = open_document(source)
        self.recognition = recognise(self._document, kind=kind, format=format, columns=self._columns)
        self.kind = self.recognition.loader.KIND
        self._log = ReadLog()
        self._counts = _Counts()

    def records(self) -> Iterator[Record]:
        """Stream the records; to be called once."""
        return self._counts.counted(self.recognition.loader.read(self._document, self._log, self._columns))

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

    Raises:
        InputError: it cannot be read at all, or holds another kind than `kind`.

    """
    if kind is None and format is None:
        document = open_document(source)
        if not candidates(document):
            return _unknown(document)
    reading = Reading(source, kind=kind, format=format, columns=columns)
    for _ in reading.records():
        pass
    return reading.report()


def _unknown(document: Document) -> LoadReport:
    log = ReadLog()
    try:
        n_records = sum(1 for _ in document.records(log))
    except InputError:
        n_records = 0
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
    )


class _Counts:
    """Counts what a LoadReport says."""

    def __init__(self) -> None:
        self.n = 0
        self.n_missing_input = 0
        self.n_missing_output = 0
        self.n_errors = 0
        self.n_pass = 0
        self.n_fail = 0
        self.n_duplicate_ids = 0
        self.n_rated = 0
        self.n_cut = 0
        self.first: Record | None = None
        self.first_time: float | None = None
        self.last_time: float | None = None
        self._ids: set[int] = set()
        self._feedback: Counter[str] = Counter()
        self._tags: dict[str, set[str]] = {}

    def counted(self, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            self.n += 1
            if self.first is None:
                self.first = record
            text = record.input_text
            if text is None:
                self.n_missing_input += 1
            elif len(text) >= MAX_TEXT:
                self.n_cut += 1
            if isinstance(record, Trace):
                self._trace(record)
            elif isinstance(record, Result):
                self._result(record)
            else:
                self._case(record)
            yield record

    def _trace(self, trace: Trace) -> None:
        self._id(trace.trace_id)
        self._time(trace.timestamp)
        if trace.output_text is None:
            self.n_missing_output += 1
        if trace.error is not None:
            self.n_errors += 1
        if trace.feedback:
            self._feedback.update(rating.name for rating in trace.feedback)
            if any(rating.source is not FeedbackSource.JUDGE for rating in trace.feedback):
                self.n_rated += 1
        if trace.tags:
            self._values(trace)

    def _result(self, result: Result) -> None:
        if result.case_id is not None:
            self._id((result.run_id, result.case_id, result.model, result.prompt_id, result.repeat))
        self._time(result.run_time)
        self.n_errors += result.status is Status.ERROR
        self.n_pass += result.status is Status.PASS
        self.n_fail += result.status is Status.FAIL

    def _case(self, case: Case) -> None:
        self._id(case.case_id)
        self._time(case.created_at)
        self.n_missing_output += not case.expected
        if case.tags:
            self._values(case)

    def _id(self, key: Hashable) -> None:
        if key is not None:
            number = hash(key)  # 64 bits: two of a million ids share one with a chance of 3e-8
            if number in self._ids:
                self.n_duplicate_ids += 1
            else:
                self._ids.add(number)

    def _time(self, time: float | None) -> None:
        if time is not None:
            if self.first_time is None or time < self.first_time:
                self.first_time = time
            if self.last_time is None or time > self.last_time:
                self.last_time = time

    def _values(self, record: Case | Trace) -> None:
        for field, value in record.tags.items():
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
        few = max(_FEW, _FEW_SHARE * self.n)
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
            n_duplicate_ids=self.n_duplicate_ids,
            first_time=self.first_time,
            last_time=self.last_time,
            n_rated=self.n_rated,
            feedback_fields=tuple(sorted(self._feedback)),
            tag_fields=tuple(
                sorted(field for field, values in self._tags.items() if 1 < len(values) <= min(few, _MAX_VALUES))
            ),
            first=self.first,
            warnings=warnings,
        )
