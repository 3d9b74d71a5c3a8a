"""Spans rolled up: one interaction per trace, out of the many steps that tracing tools record.

An interaction is told by the outermost step that has text: the root where it has some, else agents
and chains before model calls before retrievers, the earliest first; a text that somebody wrote goes
before the JSON of an object. Steps arrive in any order (children end first), so a trace stays open
until MAX_OPEN others have been seen since its last step, or until the end. Of an open trace only
the essentials are kept, so that a file of a million spans stays small.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from driftcheck.loaders.comments import MAX_COMMENTS
from driftcheck.loaders.document import ReadLog
from driftcheck.loaders.invocation import Said
from driftcheck.loaders.leaked_runs import EvalRuns
from driftcheck.records import Feedback, Trace

MAX_OPEN = 50_000
"""Traces that may be unfinished at the same time."""
MAX_OPEN_TEXT = 128 << 20
"""Characters that the unfinished traces may hold together."""
MAX_TAGS = 20

CAPTURE_HINT = (
    "turn it on: OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true (OpenTelemetry), "
    "TRACELOOP_TRACE_CONTENT=true (OpenLLMetry), OPENINFERENCE_HIDE_INPUTS=false (OpenInference), "
    "recordInputs: true (Vercel AI SDK)"
)


class Role(IntEnum):
    """What a step is, in the order in which its text stands for the interaction."""

    TRACE = -1
    """What is recorded of the trace itself, beside its steps."""
    ROOT = 0
    CHAIN = 1
    """An agent, workflow or function, or a step of unknown kind."""
    MODEL = 2
    RETRIEVER = 3
    TOOL = 4
    ASIDE = 5
    """Embedding, reranking, guardrails, evaluation: their text is nobody's question."""


@dataclass(slots=True)
class Step:
    """One span or observation, reduced to what an interaction needs of it."""

    trace_id: str | None
    """None makes the step a trace of its own."""
    where: str
    role: Role = Role.CHAIN
    is_root: bool = False
    name: str = ""
    start: float | None = None
    """Unix seconds, UTC."""
    end: float | None = None
    input: Said | None = None
    output: str | None = None
    model: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    error: str | None = None
    tools: tuple[str, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    comments: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    environment: str | None = None
    eval_mark: str | None = None
    """What shows that the step belongs to an eval run, where its tags and environment do not."""


@dataclass(slots=True)
class _Open:
    """A trace of which more steps may come."""

    trace_id: str | None
    where: str
    has_root: bool = False
    has_model: bool = False
    rank: tuple[bool, int, float, float] | None = None
    """Rank of the step whose input is kept; the smaller is the further out."""
    input: Said | None = None
    output: str | None = None
    """Output of the step whose input is kept."""
    last_output: str | None = None
    last_end: float = float("-inf")
    start: float | None = None
    root_start: float | None = None
    model: str | None = None
    model_end: float = float("-inf")
    session_id: str | None = None
    user_id: str | None = None
    language: str | None = None
    environment: str | None = None
    error: str | None = None
    inner_error: str | None = None
    tools: dict[str, None] = field(default_factory=dict)
    feedback: list[Feedback] = field(default_factory=list)
    comments: dict[str, None] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    eval_mark: str | None = None

    @property
    def n_chars(self) -> int:
        said = self.input
        return (
            (len(said.text) + len(said.conversation or "") if said else 0)
            + len(self.output or "")
            + len(self.last_output or "")
            + sum(map(len, self.comments))
        )

    def add(self, step: Step) -> None:
        is_root = step.is_root and not self.has_root
        outer = step.is_root or not self.has_root
        if is_root:
            self.has_root = True
            self.root_start, self.error = step.start, step.error
            self.where = step.where
        elif step.error:
            self.inner_error = self.inner_error or step.error
        if step.start is not None and (self.start is None or step.start < self.start):
            self.start = step.start
        self._add_text(step)
        end = step.end if step.end is not None else step.start
        if step.model and (end is None or end >= self.model_end):
            self.model, self.model_end = step.model, end if end is not None else self.model_end
        self.has_model |= step.role is Role.MODEL or step.model is not None
        if outer or self.session_id is None:
            self.session_id = step.session_id or self.session_id
        if outer or self.user_id is None:
            self.user_id = step.user_id or self.user_id
        self.language = self.language or step.language
        self.environment = self.environment or step.environment
        self.eval_mark = self.eval_mark or step.eval_mark
        self.tools.update(dict.fromkeys(step.tools))
        self.feedback += [given for given in step.feedback if given not in self.feedback]
        if step.comments:
            self.comments.update(dict.fromkeys(step.comments[: MAX_COMMENTS - len(self.comments)]))
        for key, value in step.tags.items():
            if is_root or (key not in self.tags and len(self.tags) < MAX_TAGS):
                self.tags[key] = value

    def _add_text(self, step: Step) -> None:
        if step.output and step.role <= Role.MODEL:
            end = step.end if step.end is not None else (step.start or 0.0)
            if end >= self.last_end:
                self.last_output, self.last_end = step.output, end
        if step.input is None or (step.role >= Role.TOOL and not step.is_root):
            return
        start = step.start if step.start is not None else float("inf")
        role = min(step.role, Role.ROOT) if step.is_root else step.role
        rank = (step.input.is_dump, int(role), start, -(step.end or start))
        if self.rank is None or rank < self.rank:
            self.rank, self.input, self.output = rank, step.input, step.output

    def trace(self, *, inner_errors: bool) -> Trace:
        output = self.output or self.last_output
        said = self.input
        return Trace(
            trace_id=self.trace_id,
            input_text=said.text if said else None,
            where=self.where,
            timestamp=self.root_start if self.root_start is not None else self.start,
            session_id=self.session_id,
            user_id=self.user_id,
            conversation=said.conversation if said else None,
            output_text=output,
            model=self.model,
            # what failed inside and was recovered from is no error of the interaction
            error=self.error or (self.inner_error if inner_errors or output is None else None),
            tools=tuple(self.tools),
            language=self.language,
            tags=dict(self.tags),
            feedback=tuple(self.feedback),
            environment=self.environment,
            comments=tuple(self.comments),
        )


def joined(steps: Sequence[Step], runs: EvalRuns, *, inner_errors: bool = False) -> Iterator[Trace]:
    """Join all the steps of one trace, whose first step names it; nothing of an eval run.

    `inner_errors` True takes an error of any step as the trace's.
    """
    held = _Open(steps[0].trace_id, steps[0].where)
    for step in steps:
        held.add(step)
    trace = held.trace(inner_errors=inner_errors)
    if not runs.leaves_out(trace, held.eval_mark):
        yield trace


class RollUp:
    """Joins the steps of each trace to one interaction, in bounded memory; leaves eval runs out.

    `inner_errors` True takes an error of any step as the trace's.
    """

    def __init__(self, log: ReadLog, *, inner_errors: bool = False) -> None:
        self._log = log
        self._inner_errors = inner_errors
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._n_chars = 0
        self._closed: set[int] = set()
        """Hashes of the ids of traces closed before the end."""
        self._n_traces = 0
        self._n_rootless = 0
        self._n_silent = 0
        self._n_no_model = 0
        self._runs = EvalRuns(log)

    def add(self, step: Step) -> Iterator[Trace]:
        """Take one step; yields traces that are old enough to be finished."""
        if step.trace_id is None:
            alone = _Open(None, step.where)
            alone.add(step)
            yield from self._finished(alone)
            return
        held = self._open.get(step.trace_id)
        if held is None:
            if self._closed and hash(step.trace_id) in self._closed:
                self._log.skip(step.where, f"comes more than {MAX_OPEN} traces after its trace")
                return
            held = self._open[step.trace_id] = _Open(step.trace_id, step.where)
        else:
            self._open.move_to_end(step.trace_id)
            self._n_chars -= held.n_chars
        held.add(step)
        self._n_chars += held.n_chars
        while len(self._open) > MAX_OPEN or (self._n_chars > MAX_OPEN_TEXT and len(self._open) > 1):
            trace_id, oldest = self._open.popitem(last=False)
            self._closed.add(hash(trace_id))
            self._n_chars -= oldest.n_chars
            yield from self._finished(oldest)

    def finish(self) -> Iterator[Trace]:
        """Yield the traces still open, and say what was odd about them all."""
        while self._open:
            yield from self._finished(self._open.popitem(last=False)[1])
        self._n_chars = 0
        self._runs.tell()
        self._say()

    def _finished(self, held: _Open) -> Iterator[Trace]:
        trace = held.trace(inner_errors=self._inner_errors)
        if self._runs.leaves_out(trace, held.eval_mark):
            return
        self._n_traces += 1
        self._n_rootless += not held.has_root
        if held.input is None:
            if held.has_model:
                self._n_silent += 1
            else:
                self._n_no_model += 1
        yield trace

    def _say(self) -> None:
        n = self._n_traces
        if self._n_silent:
            self._log.warn(
                f"no content captured in {self._n_silent} of {n} traces: they have model calls "
                f"but no text; {CAPTURE_HINT}"
            )
        if self._n_no_model:
            self._log.warn(
                f"no content captured in {self._n_no_model} of {n} traces: no step names a model "
                "or carries text; export the spans of the model calls too"
            )
        if self._n_rootless:
            self._log.warn(
                f"{self._n_rootless} of {n} traces have no root span (a filtered export?): "
                "the outermost span with text stands for them"
            )
