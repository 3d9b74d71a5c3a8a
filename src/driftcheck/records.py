"""The nouns: a case, a result, a trace, and the frames that hold many of them.

Loaders yield the row types (`Case`, `Result`, `Trace`) one at a time, so that memory does not grow with a file.
`EvalSet`, `Runs` and `Production` hold what an audit keeps of them as pandas frames whose columns are declared
here and checked when the frame is made. P is production, Q the eval set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from enum import StrEnum
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # pandas costs half a second; the row types do not need it
    import pandas as pd


class Kind(StrEnum):
    """What a file holds."""

    EVALSET = "evalset"
    RESULTS = "results"
    TRACES = "traces"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Outcome of one case in one run. Only pass and fail enter the pass rate."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    SKIPPED = "skipped"
    UNSCORED = "unscored"


class FeedbackSource(StrEnum):
    """Who gave a rating. Judges are no users: only USER and ANNOTATOR count as satisfaction."""

    USER = "user"
    ANNOTATOR = "human_annotator"
    JUDGE = "judge"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a case says of its own age and origin."""

    validated_at: float | None = None
    """When a person last looked whether it still holds: unix seconds, UTC."""
    expires_at: float | None = None
    """From when on it no longer holds: unix seconds, UTC; a bare day holds to its end."""
    owner: str | None = None
    """Who answers for it."""
    source_trace_id: str | None = None
    """The production trace that it was taken from."""
    provenance: str | None = None
    """Where it comes from, in a word: production, synthetic, handwritten."""
    split: str | None = None
    """The partition that it is in, as written: `tuned`, or `sealed` for what nobody tunes against."""


UNDATED = Freshness()
"""Of a case that says nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One item of an eval set."""

    case_id: str | None
    """The file's own id; None where it has none (the collector then makes one from the content)."""
    input_text: str | None
    """Last user turn, as text; None where the record has no input."""
    where: str
    """File and line (or record number) to point a user at, such as `support.yaml:112`."""
    conversation: str | None = None
    """All turns as `role: text` lines; None where there is only the one turn."""
    expected: tuple[str, ...] = ()
    """Accepted answers (any of them), as text."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Low-cardinality metadata (topic, intent, priority, ...): candidates for declared slices."""
    language: str | None = None
    """Language as the file names it (`de`, `German`, `de-AT`)."""
    created_at: float | None = None
    """Unix seconds, UTC."""
    freshness: Freshness = UNDATED
    expects_rubric: bool = False
    """True where `expected` holds what is asked of an answer, and no answer."""


_NO_VERDICTS: Mapping[str, bool] = MappingProxyType({})
"""Shared: a dict of its own would cost every result 64 bytes."""


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one case in one run (one provider, prompt and repeat)."""

    run_id: str | None
    """Identifier of the run; None takes the file's name."""
    case_id: str | None
    """The eval set's id for the case, where the result names it."""
    input_text: str | None
    """Input of the case, to join by where ids do not match."""
    status: Status
    where: str
    run_time: float | None = None
    """When the run was made: unix seconds, UTC."""
    score: float | None = None
    """Score in the tool's own unit, usually 0..1."""
    model: str | None = None
    """Model, provider or system under test."""
    prompt_id: str | None = None
    """Prompt of the product, where the results name it: another one is another version of the product."""
    variant: str | None = None
    """What else tells results of a case in a run apart and is no version: metric, task, filter, turn, test."""
    repeat: int = 0
    """Epoch or repeat number of the case within the run."""
    error: str | None = None
    """Message of an error (not of a failed assertion)."""
    feedback: tuple[Feedback, ...] = ()
    """Scores of judges and labels of reviewers, of a result that reviewers labelled; empty for any other."""
    output_text: str | None = None
    """The answer, of a result that reviewers labelled; None for any other."""
    rubric: Mapping[str, bool] = field(default_factory=lambda: _NO_VERDICTS)
    """Whether each rubric item (metric, assertion, scorer) was met, by its name, where the format tells them apart."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One rating of a trace, still on its own scale: the scale is inferred from all values together."""

    name: str
    """Field or score name in the export, such as `csat` or `user-feedback`."""
    value: float | None
    """Numeric value; up/true/positive are 1, down/false/negative 0; None for a label that is no number."""
    label: str | None = None
    """Categorical value as written, where it is not a number."""
    source: FeedbackSource = FeedbackSource.UNKNOWN


@dataclass(frozen=True, slots=True)
class Trace:
    """One production interaction."""

    trace_id: str | None
    """The export's own id; None where it has none (the collector then makes one from the content)."""
    input_text: str | None
    """Last user turn, as text; None where the export captured no content."""
    where: str
    timestamp: float | None = None
    """Unix seconds, UTC."""
    session_id: str | None = None
    """Conversation the trace belongs to; None makes the trace a session of its own."""
    user_id: str | None = None
    """User as the export names it; hashed before it is kept."""
    conversation: str | None = None
    """All turns as `role: text` lines; None where there is only the one turn."""
    output_text: str | None = None
    model: str | None = None
    error: str | None = None
    """Error class or message; None for an interaction that ended well."""
    tools: tuple[str, ...] = ()
    """Names of the tools called."""
    language: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    """Low-cardinality metadata: candidates for declared slices."""
    feedback: tuple[Feedback, ...] = ()
    environment: str | None = None
    """Deployment environment (`production`, `staging`, ...), where the export says it."""
    comments: tuple[str, ...] = ()
    """What its user or a reviewer wrote beside a rating."""


Record = Case | Result | Trace

_EMPTY_TRACE = Trace(None, None, "")
_TRACE_FIELDS = {one.name: getattr(_EMPTY_TRACE, one.name) for one in fields(Trace)}
_Draft = make_dataclass("_Draft", _TRACE_FIELDS, slots=True)
"""A trace while it is made: the same slots, which can still be set."""


def make_traces(n: int, columns: Mapping[str, Iterable[Any]], tags: Iterable[Mapping[str, str]]) -> list[Trace]:
    """Make `n` traces from columns by the names of their fields; a field without a column has its default.

    A frozen dataclass sets every field of an object by a call of its own, which is what reading a large export would
    cost most for: a draft of the same slots, which then becomes a trace, is made three times as fast.

    >>> make_traces(2, {"trace_id": "ab"}, [{}, {"plan": "pro"}])[1].tags
    {'plan': 'pro'}
    """
    given: dict[str, Iterable[Any]] = {**columns, "tags": tags}
    drafts: list[Any] = list(map(_Draft, *[given.get(name, repeat(value, n)) for name, value in _TRACE_FIELDS.items()]))
    for draft in drafts:
        draft.__class__ = Trace
    return drafts


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that was left out."""

    where: str
    why: str


@dataclass(frozen=True)
class FeedbackField:
    """How the ratings of one field are read, where drift.yaml does not say it."""

    name: str
    source: FeedbackSource
    n: int
    """Ratings in it."""
    scale: str | None
    """In words, such as `1 to 5`; None where the values fill no customary one."""
    good: str | None
    """What counts as satisfied, such as `>= 4`; None for a judge, who is no user, and where nobody knows."""
    direction: str | None
    """`high is good`, `low is good` or `by label`."""
    share_good: float | None
    """Of the ratings that are read."""
    seen: str
    """A few of the values."""
    declare: str | None
    """The line of drift.yaml that says what is good, to change or confirm."""
    is_satisfaction: bool = False
    """True for the field that an audit reads as satisfaction."""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nearest:
    """A format that an unknown file is near to."""

    format: str
    has: tuple[str, ...]
    """What of the format's signs the file has."""
    lacks: tuple[str, ...]
    """What it would need besides."""


@dataclass(frozen=True)
class LoadReport:
    """What was understood of one input: shown by `inspect`, carried into the report."""

    path: str
    kind: Kind
    format: str
    confidence: float
    """0..1: how sure the sniffer is."""
    why: str
    """The signature that decided, in words."""
    n_records: int
    """Records in the file, in the format's own unit (rows, samples, spans)."""
    n_skipped: int = 0
    skipped: tuple[Skipped, ...] = ()
    """The first five records left out."""
    n_missing_input: int = 0
    n_missing_output: int = 0
    n_errors: int = 0
    n_pass: int = 0
    n_fail: int = 0
    n_duplicate_ids: int = 0
    first_time: float | None = None
    last_time: float | None = None
    n_rated: int = 0
    n_eval_runs: int = 0
    """Traces that are eval runs, and left out of production."""
    eval_runs: tuple[str, ...] = ()
    """What marks them, the most frequent first, with counts."""
    feedback_fields: tuple[str, ...] = ()
    tag_fields: tuple[str, ...] = ()
    """Metadata fields that can be slices."""
    first: Record | None = None
    warnings: tuple[str, ...] = ()
    runner_up: tuple[str, float] | None = None
    """The next likely format, and how sure it is."""
    nearest: tuple[Nearest, ...] = ()
    """Of an unknown file: the formats it is near to."""
    tag_counts: Mapping[str, int] = field(default_factory=dict)
    """Values of each of `tag_fields`."""
    feedback: tuple[FeedbackField, ...] = ()
    """How ratings are read; only `inspect` asks."""
    examples: tuple[Record, ...] = ()
    """The first records."""
    n_read: int | None = None
    """Cases, results or traces made of the records, where that is another number: tests multiply, spans roll up."""


def _check_columns(owner: str, frame: pd.DataFrame, columns: Mapping[str, str]) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise TypeError(f"{owner} lacks the columns {missing}")


SLICE_PREFIX = "slice:"
"""Begins the columns of declared slices."""

EVAL_SET_COLUMNS = {
    "case_id": "unique id (str)",
    "own_id": "id as the file has it, before repeated ones were told apart (str or None)",
    "text": "what is embedded: last user turn, or the whole conversation (str, never null)",
    "input": "last user turn (str, never null)",
    "expected": "first accepted answer, or rubric (str or None)",
    "accepted": "all accepted answers, none of them a rubric (tuple of str)",
    "language": "declared language (str or None)",
    "created_at": "unix seconds UTC, NaN where unknown (float)",
    "validated_at": "unix seconds UTC, NaN where unknown (float)",
    "expires_at": "unix seconds UTC, NaN where unknown (float)",
    "owner": "who answers for the case (str or None)",
    "source_trace_id": "production trace that the case was taken from (str or None)",
    "provenance": "where the case comes from (str or None)",
    "split": "partition as written (str or None)",
    "tags": "metadata as name=value, sorted, joined by a newline (str)",
    "where": "file and line (str)",
}

RUNS_COLUMNS = {
    "run_id": "id of the run (str)",
    "run_time": "unix seconds UTC, NaN where unknown (float)",
    "case_id": "case of the eval set the result was joined to, None where it could not be (str)",
    "status": "pass, fail, error, skipped or unscored (str)",
    "score": "the tool's own score, NaN where it gives none (float)",
    "model": "model or provider (str or None)",
    "prompt_id": "prompt of the product (str or None)",
    "variant": "metric, task, filter, turn or test that the result is of (str or None)",
    "repeat": "repeat or epoch (int)",
    "own_id": "what tells the result's case apart within its run, joined or not (str)",
    "error": "message of an error (str or None)",
    "path": "name of the file (str)",
}

SEALED_COLUMNS = {**RUNS_COLUMNS, "batch": "number of the seal that the case came with, from 0 (int)"}

RUBRIC_COLUMNS = {
    "run_id": "id of the run (str)",
    "case_id": "case of the eval set, None where the result could not be joined (str)",
    "own_id": "what tells the result's case apart within its run (str)",
    "item": "name of the rubric item (str)",
    "met": "1 where it was met, 0 where not (float)",
}

SAMPLE_COLUMNS = {
    "trace_id": "unique id (str)",
    "session": "hash of the session (uint64)",
    "timestamp": "unix seconds UTC, NaN where unknown (float)",
    "text": "what is embedded (str, never null)",
    "input": "last user turn (str, never null)",
    "conversation": "all turns as `role: text` lines, None where there is only the one turn (str or None)",
    "language": "declared language (str or None)",
    "model": "model (str or None)",
    "error": "error class (str or None)",
    "tools": "tool names, joined by a newline (str)",
    "satisfied": "share of the session's ratings that are good: 0..1, NaN where unrated (float)",
    "output": "answer (str or None)",
    "comment": "what people wrote beside their ratings, joined by a newline (str or None)",
}

TRAFFIC_COLUMNS = {
    "session": "hash of the session (uint64)",
    "timestamp": "unix seconds UTC, NaN where unknown (float)",
    "error": "error class, empty where the trace ended well (category)",
    "satisfied": "1 good, 0 bad, NaN unrated (float32)",
}


JUDGED_COLUMNS = {
    "judge": "field that the judge scored (str)",
    "verdict": "1 the judge calls the answer good, 0 bad (float)",
    "people": "1 people call it good, 0 bad (float)",
    "trace_id": "unique id (str)",
    "n_words": "words of the answer, NaN where the export holds none (float)",
    "n_bullets": "lines with a bullet or a number, NaN as above (float)",
    "n_headings": "headings, NaN as above (float)",
    "n_hedges": "words by which the answer takes itself back, NaN as above (float)",
}


def _nothing_judged() -> pd.DataFrame:
    return _no_rows(JUDGED_COLUMNS)


def _no_results() -> pd.DataFrame:
    return _no_rows(SEALED_COLUMNS)


def _no_rubric() -> pd.DataFrame:
    return _no_rows(RUBRIC_COLUMNS)


def _no_rows(columns: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})


@dataclass(frozen=True)
class Judge:
    """A field that a judge scored on traces that people rated as well, and how both were read."""

    name: str
    good: str | None
    """What of its scores counts as good, such as `>= 4`; None where they fill no customary scale."""
    people: str
    """The field of people's ratings that it is held against."""
    by_reviewers: bool
    """True where people are reviewers, who were asked; False where they are users, who chose to rate."""
    people_good: str
    is_alike: bool
    """False for a judge of one aspect (tone, toxicity) where people rated something else: the two need not agree."""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvalSet:
    """The eval set Q: one row a case, in the order of `case_id`."""

    frame: pd.DataFrame
    """Columns of EVAL_SET_COLUMNS, and one `slice:NAME` column per declared slice."""
    tag_fields: tuple[str, ...]
    """Metadata fields found, whether declared as slices or not."""
    reports: tuple[LoadReport, ...]

    def __post_init__(self) -> None:
        _check_columns("EvalSet", self.frame, EVAL_SET_COLUMNS)

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return len(self.frame)


@dataclass(frozen=True)
class Runs:
    """Results of the eval set's runs, oldest run first; one row a result."""

    frame: pd.DataFrame
    """Columns of RUNS_COLUMNS."""
    run_ids: tuple[str, ...]
    """Runs in order of time."""
    n_unjoined: int
    """Results whose case is not in the eval set."""
    reports: tuple[LoadReport, ...]
    judged: pd.DataFrame = field(default_factory=_nothing_judged)
    """Results that both a judge and reviewers rated, one of a case for each judge, columns of JUDGED_COLUMNS; their
    `trace_id` is the case's `own_id`."""
    judges: tuple[Judge, ...] = ()
    """The judges in `judged`, and those whose scores nobody can read, in the order of their names."""
    rubric: pd.DataFrame = field(default_factory=_no_rubric)
    """Verdicts of rubric items, one row a result and item, columns of RUBRIC_COLUMNS; runs in the order of `frame`."""
    sealed: pd.DataFrame = field(default_factory=_no_results)
    """Results of sealed cases made since they were opened, columns of SEALED_COLUMNS; none of them is in `frame`."""

    def __post_init__(self) -> None:
        _check_columns("Runs", self.frame, RUNS_COLUMNS)
        _check_columns("Runs.judged", self.judged, JUDGED_COLUMNS)
        _check_columns("Runs.rubric", self.rubric, RUBRIC_COLUMNS)
        _check_columns("Runs.sealed", self.sealed, SEALED_COLUMNS)


@dataclass(frozen=True)
class Satisfaction:
    """How ratings were read: which field, which scale, what counts as good."""

    field: str
    scale: str
    """The scale in words, such as `1 to 5` or `thumbs`."""
    good: str
    """What counts as satisfied, such as `>= 4`."""
    inferred: bool
    """True where driftcheck chose the field or the scale, False where drift.yaml declares both."""


@dataclass(frozen=True)
class Production:
    """Production P within the window."""

    sample: pd.DataFrame
    """One trace per sampled session, columns of SAMPLE_COLUMNS and `slice:NAME`; in the order of the session hash."""
    traffic: pd.DataFrame
    """Every trace of the window without its text, columns of TRAFFIC_COLUMNS."""
    n_sessions: int
    """Sessions in the window, of which `sample` is a uniform sample."""
    since: float | None
    until: float | None
    n_outside_window: int
    satisfaction: Satisfaction | None
    tag_fields: tuple[str, ...]
    reports: tuple[LoadReport, ...]
    warnings: tuple[str, ...] = ()
    judged: pd.DataFrame = field(default_factory=_nothing_judged)
    """Traces that both a judge and people rated, one of a session for each judge, columns of JUDGED_COLUMNS; in the
    order of the session hash."""
    judges: tuple[Judge, ...] = ()
    """The judges in `judged`, and those whose scores nobody can read, in the order of their names."""

    def __post_init__(self) -> None:
        _check_columns("Production.sample", self.sample, SAMPLE_COLUMNS)
        _check_columns("Production.traffic", self.traffic, TRAFFIC_COLUMNS)
        _check_columns("Production.judged", self.judged, JUDGED_COLUMNS)

    @property
    def n_traces(self) -> int:
        """Traces in the window."""
        return len(self.traffic)
