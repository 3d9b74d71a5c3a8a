"""Inspection: what was understood of an input, counted while its records are read."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from driftcheck.errors import InputError
from driftcheck.loaders import Recognition, candidates, missing, recognise
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.likeness import nearest
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import Source
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
    ) -> None:
        """Open and recognise the input; `insist` takes it as `kind`, whatever it looks like.

        Raises:
            InputError: it cannot be read, is of no known format, or holds another kind than `kind`.

        """
        self._columns = columns or ColumnMap()
        self._document = open_document(source)
        self.recognition = recognise(self._document, kind=kind, format=format, columns=self._columns, insist=insist)
        self.kind = self.recognition.loader.KIND
        self._log = ReadLog()
        for warning in self._document.warnings:
            self._log.warn(warning)
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

    `kind` and `format` are the user's word against what the file looks like.

    Raises:
        InputError: it cannot be read at all, or not as `kind` or `format`.

    """
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
        self._feedback: set[str] = set()
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
        if trace.trace_id is not None:
            self._id(trace.trace_id)
        if trace.timestamp is not None:
            self._time(trace.timestamp)
        if trace.output_text is None:
            self.n_missing_output += 1
        if trace.error is not None:
            self.n_errors += 1
        if trace.feedback:
            is_rated = False
            for rating in trace.feedback:
                self._feedback.add(rating.name)
                is_rated = is_rated or rating.source is not FeedbackSource.JUDGE
            self.n_rated += is_rated
        if trace.tags:
            self._values(trace)

    def _result(self, result: Result) -> None:
        if result.case_id is not None:
            self._id((result.run_id, result.case_id, result.model, result.prompt_id, result.repeat))
        if result.run_time is not None:
            self._time(result.run_time)
        self.n_errors += result.status is Status.ERROR
        self.n_pass += result.status is Status.PASS
        self.n_fail += result.status is Status.FAIL

    def _case(self, case: Case) -> None:
        if case.case_id is not None:
            self._id(case.case_id)
        if case.created_at is not None:
            self._time(case.created_at)
        self.n_missing_output += not case.expected
        if case.tags:
            self._values(case)

    def _id(self, key: Hashable) -> None:
        number = hash(key)  # 64 bits: two of a million ids share one with a chance of 3e-8
        if number in self._ids:
            self.n_duplicate_ids += 1
        else:
            self._ids.add(number)

    def _time(self, time: float) -> None:
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
            n_duplicate_ids=self.n_duplicate_ids,
            first_time=self.first_time,
            last_time=self.last_time,
            n_rated=self.n_rated,
            feedback_fields=tuple(sorted(self._feedback)),
            tag_fields=tuple(tags),
            first=self.first,
            warnings=warnings,
            runner_up=(second.FORMAT, second_match.confidence) if second and second_match else None,
            tag_counts=tags,
        )
