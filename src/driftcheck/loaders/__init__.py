"""Loaders: one module per format, and the registry that finds the one for a file.

To add a format: its module (`FORMAT`, `KIND`, `sniff`, `read`), one line in LOADERS, its test.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from driftcheck.errors import InputError
from driftcheck.loaders import (
    braintrust_dataset,
    braintrust_experiment,
    braintrust_logs,
    chat_conversations,
    datadog_spans,
    deepeval_goldens,
    deepeval_runs,
    deepeval_traces,
    generic_cases,
    generic_results,
    generic_traces,
    helicone,
    hf_viewer,
    inspect_logs,
    inspect_samples,
    junit,
    langfuse,
    langfuse_dataset,
    langfuse_experiment,
    langsmith_dataset,
    langsmith_experiment,
    langsmith_runs,
    litellm,
    lm_eval,
    mlflow_dataset,
    mlflow_results,
    mlflow_traces,
    mt_bench,
    mt_bench_judgments,
    openai_evals,
    openai_evals_records,
    openai_logs,
    otel_console,
    otel_spans,
    otlp,
    phoenix,
    promptfoo_config,
    promptfoo_results,
    promptfoo_tests,
    pydantic_evals,
    pydantic_evals_report,
    ragas_results,
    ragas_testset,
    rated_dialogues,
    span_logs,
    weave_calls,
)
from driftcheck.loaders.columns import ColumnMap, listed
from driftcheck.loaders.document import Document, Match, Shape, unwrapped
from driftcheck.loaders.generic_table import IS_KNOWN
from driftcheck.loaders.read_log import ReadLog
from driftcheck.records import Kind, Record

UNSURE = 0.3
"""Confidence below which a match counts as none."""
MAX_GENERIC = 0.5
"""Confidence that no generic format exceeds."""


class Loader(Protocol):
    """What a module of a format offers."""

    FORMAT: str
    """Unique, in kebab-case."""
    KIND: Kind
    """What its files hold."""

    def sniff(self, doc: Document) -> Match | None:
        """Say how sure it is that the document is of its format, from shape, head and columns alone."""
        ...

    def read(self, doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Record]:
        """Stream the records."""
        ...


LOADERS: tuple[Loader, ...] = (
    promptfoo_config,
    promptfoo_tests,
    promptfoo_results,
    inspect_samples,
    inspect_logs,
    openai_evals,
    deepeval_goldens,
    deepeval_runs,
    lm_eval,
    ragas_testset,
    ragas_results,
    openai_evals_records,
    braintrust_dataset,
    braintrust_experiment,
    langsmith_dataset,
    langsmith_experiment,
    langfuse_dataset,
    langfuse_experiment,
    mlflow_dataset,
    pydantic_evals,
    mt_bench,
    mt_bench_judgments,
    pydantic_evals_report,
    mlflow_results,
    hf_viewer,
    junit,
    langfuse,
    langsmith_runs,
    deepeval_traces,
    braintrust_logs,
    helicone,
    litellm,
    mlflow_traces,
    weave_calls,
    datadog_spans,
    openai_logs,
    chat_conversations,
    rated_dialogues,
    phoenix,
    otlp,
    otel_console,
    otel_spans,
    span_logs,
    generic_results,
    generic_traces,
    generic_cases,
)
"""Every format; of two that are equally sure, the first."""

_OWN_KEYS = frozenset({"schema_version", "verdict", "findings"})
_OWN_REPORT = "a report of driftcheck"
_NAMES = {Kind.EVALSET: "an eval set", Kind.RESULTS: "eval results", Kind.TRACES: "production traces"}
_KEYS = {Kind.EVALSET: "eval_set", Kind.RESULTS: "runs", Kind.TRACES: "production"}
_GENERIC: dict[Kind, Loader] = {
    Kind.EVALSET: generic_cases,
    Kind.RESULTS: generic_results,
    Kind.TRACES: generic_traces,
}


@dataclass(frozen=True)
class Recognition:
    """The loader for a document, and why."""

    loader: Loader
    match: Match
    runner_up: Loader | None = None
    """The next most likely loader, if any."""
    runner_up_match: Match | None = None
    inner: Document | None = None
    """The list in the document, where that is of the format, and not the document itself."""


def candidates(doc: Document, kind: Kind | None = None) -> list[Recognition]:
    """List the formats that a document may be of, the most likely first, each with its runner-up.

    Where none but a generic one fits, the list that an object wraps (`{"data": [...]}`) may be of one that does.
    """
    if is_own_report(doc):
        return []
    found = _matches(doc, kind)
    n_wrapped = 0
    inner = None
    if all(match.confidence <= MAX_GENERIC for _, match in found) and (inner := unwrapped(doc)) is not None:
        within = [pair for pair in _matches(inner, kind) if pair[1].confidence > MAX_GENERIC]
        n_wrapped = len(within)
        found = within + found
    following: list[tuple[Loader | None, Match | None]] = [*found[1:], (None, None)]
    return [
        Recognition(loader, match, *second, inner if number < n_wrapped else None)
        for number, ((loader, match), second) in enumerate(zip(found, following, strict=False))
    ]


def _matches(doc: Document, kind: Kind | None) -> list[tuple[Loader, Match]]:
    found: list[tuple[Loader, Match]] = []
    for loader in LOADERS:
        if kind in (None, loader.KIND) and (match := loader.sniff(doc)) and match.confidence >= UNSURE:
            found.append((loader, match))
            if match.confidence > MAX_GENERIC:
                doc.memo[IS_KNOWN] = True  # the generic formats, which come last, need not look far
    doc.memo.pop(IS_KNOWN, None)
    return sorted(found, key=lambda pair: -pair[1].confidence)


def recognise(
    doc: Document,
    *,
    kind: Kind | None = None,
    format: str | None = None,
    columns: ColumnMap | None = None,
    insist: bool = False,
) -> Recognition:
    """Find the loader for a document; `kind` is what the caller needs, `format` forces a loader by its name.

    Columns that the user names in drift.yaml make any table readable as the kind that is needed. `insist` takes the
    likeliest format of `kind`, even where one of another kind is likelier: the user said so.

    Raises:
        InputError: no format matches, it holds another kind, or `format` is no format.

    """
    name = doc.source.name
    if format is not None:
        loader = loader_of(format)
        if kind is not None and kind is not loader.KIND:
            raise InputError(name, f"{format} reads {_NAMES[loader.KIND]}, not {_NAMES[kind]}")
        inner = None if loader.sniff(doc) else unwrapped(doc)
        inner = inner if inner and loader.sniff(inner) else None
        return Recognition(loader, Match(1.0, "the format was given"), inner=inner)
    if is_own_report(doc):
        raise InputError(name, f"is {_OWN_REPORT}", "only `baseline` in drift.yaml reads one")
    best = next(iter(candidates(doc)), None)
    if insist and kind is not None:
        if (found := next(iter(candidates(doc, kind)), None)) is not None:
            return found
        if doc.shape in (Shape.XML, Shape.ZIP):
            raise InputError(name, f"cannot be read as {_NAMES[kind]}: {missing(doc)}")
        return Recognition(_GENERIC[kind], Match(UNSURE, "the kind was given; nothing in the file says so"))
    if best is not None and kind in (None, best.loader.KIND):
        return best
    if kind is None:
        raise InputError(name, f"unknown format: {missing(doc)}", "give --format, or name its columns in drift.yaml")
    if best is None or best.match.confidence <= MAX_GENERIC:  # a table may be read as more than one kind
        if columns:
            return Recognition(_GENERIC[kind], Match(MAX_GENERIC, "drift.yaml names its columns"))
        if second := candidates(doc, kind):
            return second[0]
    if best is None:
        key = f"columns: {{{_KEYS[kind]}: {{input: <column>}}}}"
        raise InputError(name, f"unknown format: {missing(doc)}", f"name its columns in drift.yaml: {key}")
    raise InputError(
        name,
        f"this looks like {_NAMES[best.loader.KIND]} ({best.loader.FORMAT}: {best.match.why}), not {_NAMES[kind]}",
        f"it belongs under `{_KEYS[best.loader.KIND]}` in drift.yaml",
    )


def loader_of(format: str) -> Loader:
    """Find a loader by the name of its format.

    Raises:
        InputError: there is none; it suggests the nearest name.

    """
    by_name = {loader.FORMAT: loader for loader in LOADERS}
    if format in by_name:
        return by_name[format]
    near = difflib.get_close_matches(format, by_name, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(by_name)}"
    raise InputError("--format", f"no format {format!r}", hint)


def is_own_report(doc: Document) -> bool:
    """Tell driftcheck's own JSON report, which has slices and findings like the rows of a table, from an input."""
    return doc.is_object and isinstance(doc.head, dict) and doc.head.keys() >= _OWN_KEYS


def missing(doc: Document) -> str:
    """Say what a document of no known format is, what a generic one would need, and which format is nearest."""
    if is_own_report(doc):
        return _OWN_REPORT
    match doc.shape:
        case Shape.XML:
            what = f"XML with the root tag {listed(doc.head[:1])}, which no format has"
        case Shape.ZIP:
            what = f"a ZIP file of {listed(doc.head, 3)}, which no format has"
        case _:
            what = f"{doc.shape} without a column for an input; it has: {listed(doc.columns, 12)}"
    matches = [(match, loader) for loader in LOADERS if (match := loader.sniff(doc))]
    if not matches:
        return what
    match, loader = max(matches, key=lambda pair: pair[0].confidence)
    return f"{what}; nearest is {loader.FORMAT}: {match.why}"
