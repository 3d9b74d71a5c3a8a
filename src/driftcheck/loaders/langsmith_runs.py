"""LangSmith runs, as its API, its SDK and its bulk export write them.

Recognised by `run_type` beside `trace_id`, `dotted_order`, `parent_run_id` or `inputs`: a list or lines of runs,
`{"runs": [...]}`, a run with its `child_runs`, the CSV of the web page, the Parquet of a bulk export (name the folder:
its `export_id=.../year=...` folders are read through), and the payloads that SDKs send (`post` and `patch`, joined by
run). Runs are rolled up to one interaction per trace. `session_id` of a run is its project; the user's session is
`session_id`, `thread_id` or `conversation_id` of its metadata.

Feedback is what `feedback_stats` averages, on the scale it was given; evaluators' is kept apart from users'. Runs of
experiments (`reference_example_id`, or a project of experiments) are left out.

How to get it: `[run.dict() for run in Client().list_runs(project_name=...)]` written as JSON, Runs > Export, or a
bulk export (Settings > Data export). Written to langsmith-sdk 0.6 and its run data format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.comments import comment_of, is_comment_name
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.loaders.feedback import is_judge_name, read_feedback
from driftcheck.loaders.invocation import answered, said
from driftcheck.loaders.leaked_runs import mark_in, marked_project
from driftcheck.loaders.spans import Role, RollUp, Step
from driftcheck.loaders.text import parsed
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.trace_fields import id_of, object_of, text_at
from driftcheck.loaders.trace_tags import tags_of, tags_of_list
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "langsmith-runs"
KIND = Kind.TRACES

_ROLES = {
    "llm": Role.MODEL,
    "chain": Role.CHAIN,
    "tool": Role.TOOL,
    "retriever": Role.RETRIEVER,
    "prompt": Role.ASIDE,
    "parser": Role.ASIDE,
    "embedding": Role.ASIDE,
}
_BESIDE = frozenset(
    ["trace_id", "dotted_order", "parent_run_id", "inputs", "session_id", "start_time", "parent_run_ids"]
)
_WIRE = ("post", "patch")
_LISTS = ("runs", "data")
_SESSIONS = ("session_id", "thread_id", "conversation_id")
_FEEDBACK = ("feedback.", "feedback_stats.")
_DEPTH = 20


def sniff(doc: Document) -> Match | None:
    """Recognise the keys of a run, or of a payload of runs."""
    if doc.shape in (Shape.CSV, Shape.PARQUET):
        return _match([dict.fromkeys(doc.columns, ""), *(row for row in doc.head if isinstance(row, Mapping))][:1])
    if doc.shape not in (Shape.JSON, Shape.JSONL, Shape.CONCATENATED):
        return None
    records = doc.head if isinstance(doc.head, list) else [doc.head]
    objects = [record for record in records if isinstance(record, Mapping)]
    if not objects:
        return None
    if sum(map(_is_wire, objects)) >= 0.8 * len(objects):
        return Match(0.95, "post and patch (payloads of the LangSmith SDK)")
    if isinstance(doc.head, Mapping) and (path := _path(doc.head)):
        return _match(doc.head[path])
    return _match(objects)


def _match(records: Iterable[Any]) -> Match | None:
    objects = [record for record in records if isinstance(record, Mapping)]
    runs = [record for record in objects if _is_run(record)]
    if not runs or len(runs) < 0.8 * len(objects):
        return None
    if all(id_of(run.get("reference_example_id")) for run in runs):
        return Match(0.6, "run_type beside the keys of a run, each of a dataset's example (an experiment)")
    return Match(0.93, "run_type beside the keys of a run")


def _is_run(record: Mapping[str, Any]) -> bool:
    return "run_type" in record and ("id" in record or "run_id" in record) and len(_BESIDE & record.keys()) >= 2


def _is_wire(record: Mapping[str, Any]) -> bool:
    items = [item for key in _WIRE if isinstance(record.get(key), list) for item in record[key]]
    return bool(items) and all(isinstance(item, Mapping) and "dotted_order" in item for item in items)


def _path(head: Mapping[str, Any]) -> str | None:
    for path in _LISTS:
        inner = head.get(path)
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping) and _is_run(inner[0]):
            return path
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per trace id."""
    rollup = RollUp(log)
    path = (_path(doc.head) or "") if isinstance(doc.head, Mapping) else ""
    sent: dict[str, dict[str, Any]] = {}
    wheres: dict[str, str] = {}
    n_runs = 0
    for where, record in doc.records(log, path):
        if isinstance(record, Mapping) and _is_wire(record):
            n_runs += 1
            for key in _WIRE:
                for run in record.get(key) or ():
                    if isinstance(run, Mapping):
                        run_id = _run_id(run) or where
                        wheres.setdefault(run_id, where)
                        _merge(sent.setdefault(run_id, {}), run)
        elif isinstance(record, Mapping) and _is_run(record):
            for run in _with_children(record, 0):
                n_runs += 1
                yield from rollup.add(_step(where, run))
        else:
            log.skip(where, "is no run")
    for run_id, run in sent.items():  # a run is sent when it starts and again when it ends
        yield from rollup.add(_step(wheres[run_id], run))
    log.counted(n_runs)
    yield from rollup.finish()


def _merge(held: dict[str, Any], update: Mapping[str, Any]) -> None:
    held.update({key: value for key, value in update.items() if value not in (None, "", [], {}) or key not in held})


def _with_children(run: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    yield run
    children = run.get("child_runs")
    if isinstance(children, list) and depth < _DEPTH:
        for child in children:
            if isinstance(child, Mapping):
                trace_id, parent_id = run.get("trace_id") or run.get("id"), run.get("id")
                yield from _with_children({"trace_id": trace_id, "parent_run_id": parent_id, **child}, depth + 1)


def _run_id(run: Mapping[str, Any]) -> str | None:
    return id_of(run.get("id")) or id_of(run.get("run_id")) or _last(run.get("dotted_order"))


def _last(dotted_order: Any) -> str | None:
    """Return the run's own id, which ends its dotted order: `20260102T030405000000Z<id>.20260102...Z<id>`."""
    return id_of(str(dotted_order).rpartition(".")[2].partition("Z")[2]) if dotted_order else None


def _trace_id(run: Mapping[str, Any]) -> str | None:
    order = str(run.get("dotted_order") or "").partition(".")[0].partition("Z")[2]
    return id_of(run.get("trace_id")) or id_of(order) or _run_id(run)


def _is_root(run: Mapping[str, Any], trace_id: str | None) -> bool:
    if trace_id is not None and _run_id(run) == trace_id:
        return True
    has_parent = (
        id_of(run.get("parent_run_id"))
        or parsed(run.get("parent_run_ids"))
        or "." in str(run.get("dotted_order") or "")
    )
    return not has_parent


def _step(where: str, run: Mapping[str, Any]) -> Step:
    extra = object_of(run.get("extra"))
    metadata = {**object_of(run.get("metadata")), **object_of(run.get("custom_metadata"))}
    metadata |= object_of(extra.get("metadata"))
    kind = str(run.get("run_type") or "chain").casefold()
    role = _ROLES.get(kind, Role.CHAIN)
    name = text_at(run, "name") or ""
    trace_id = _trace_id(run)
    is_root = _is_root(run, trace_id)
    error = text_at(run, "error")
    if error is None and str(run.get("status") or "").casefold() == "error":
        error = "error"
    tags = tags_of(metadata)
    if is_root and name:
        tags["name"] = name
    tags.update(tags_of_list(parsed(run.get("tags"))))
    outputs = _side(run, "outputs")
    return Step(
        trace_id=trace_id,
        where=where,
        role=role,
        is_root=is_root,
        name=name,
        start=parse_timestamp(run.get("start_time")),
        end=parse_timestamp(run.get("end_time")),
        input=said(_side(run, "inputs")),
        output=answered(outputs),
        model=_model(extra, metadata, outputs) if role is Role.MODEL else None,
        session_id=text_at(metadata, *_SESSIONS),
        user_id=text_at(metadata, "user_id", "userId", "user"),
        error=_first_line(error),
        tools=(name,) if role is Role.TOOL and name else (),
        feedback=tuple(_feedback(run)),
        comments=tuple(_comments(run)),
        tags=tags,
        language=text_at(metadata, "language", "lang", "locale"),
        environment=text_at(metadata, "environment", "env"),
        eval_mark=mark_in(run, metadata)
        or marked_project(run.get("session_name") or run.get("project_name") or metadata.get("ls_project")),
    )


def _side(run: Mapping[str, Any], side: str) -> Any:
    """Inputs or outputs, which a table may spread over columns (`inputs.question`)."""
    whole = parsed(run.get(side))
    if whole not in (None, "", {}):
        return whole
    spread = {
        key[len(side) + 1 :]: value
        for key, value in run.items()
        if key.startswith((side + ".", side + "_")) and value not in (None, "") and not key.endswith("_preview")
    }
    return spread or run.get(f"{side}_preview")


def _first_line(error: str | None) -> str | None:
    """Return what an error says; LangSmith's errors are whole tracebacks."""
    if error is None or "\n" not in error:
        return error
    lines = [line for line in error.splitlines() if line.strip()]
    return lines[-1].strip() if lines and lines[0].startswith("Traceback") else lines[0] if lines else None


def _model(extra: Mapping[str, Any], metadata: Mapping[str, Any], outputs: Any) -> str | None:
    asked = object_of(extra.get("invocation_params"))
    return (
        text_at(metadata, "ls_model_name", "model", "model_name")
        or text_at(asked, "model", "model_name")
        or (text_at(outputs, "model") if isinstance(outputs, Mapping) else None)
    )


def _feedback(run: Mapping[str, Any]) -> Iterator[Feedback]:
    for key, stats in object_of(run.get("feedback_stats")).items():
        if (found := _average(str(key), stats)) is not None:
            yield found
    for column, value in run.items():
        prefix = next((prefix for prefix in _FEEDBACK if column.startswith(prefix)), None)
        if prefix and (found := read_feedback(column.removeprefix(prefix), value)) is not None:
            yield found
    given = parsed(run.get("feedback"))
    for item in given if isinstance(given, list) else ():
        if isinstance(item, Mapping) and (name := text_at(item, "key", "name")):
            source = _source(name, object_of(item.get("feedback_source")).get("type"))
            values = (read_feedback(name, item.get(key), source) for key in ("score", "value"))
            yield from [found for found in values if found is not None][:1]


def _comments(run: Mapping[str, Any]) -> Iterator[str]:
    """What people wrote in feedback: beside a score, among the statistics of a key, in a column of its own."""
    for key, value in object_of(run.get("feedback_stats")).items():
        stats = object_of(value)
        listed = parsed(stats.get("comments"))
        if isinstance(listed, list) and _source(str(key), _kind(stats)) is not FeedbackSource.JUDGE:
            yield from filter(None, map(comment_of, listed))
    for column, value in run.items():
        name = next((column.removeprefix(prefix) for prefix in _FEEDBACK if column.startswith(prefix)), "")
        if is_comment_name(name) and (text := comment_of(value)):
            yield text
    given = parsed(run.get("feedback"))
    for item in given if isinstance(given, list) else ():
        if isinstance(item, Mapping) and (text := comment_of(item.get("comment"))):
            kind = object_of(item.get("feedback_source")).get("type")
            if _source(text_at(item, "key", "name") or "", kind) is not FeedbackSource.JUDGE:
                yield text


def _kind(stats: Mapping[str, Any]) -> Any:
    """Who gave the feedback of one key: the first of its sources."""
    sources = parsed(stats.get("sources"))
    kinds = [object_of(source).get("type") for source in sources] if isinstance(sources, list) else []
    return kinds[0] if kinds else None


def _average(name: str, stats: Any) -> Feedback | None:
    """Read the statistics of one feedback key: its mean, else the category given most."""
    stats = object_of(stats)
    source = _source(name, _kind(stats))
    if (found := read_feedback(name, stats.get("avg"), source)) is not None:
        return found
    labels = {str(label): n for label, n in object_of(stats.get("values")).items() if isinstance(n, int | float)}
    return read_feedback(name, max(labels, key=lambda label: (labels[label], label)), source) if labels else None


def _source(name: str, kind: Any) -> FeedbackSource:
    if kind in ("model", "auto_eval") or is_judge_name(name):
        return FeedbackSource.JUDGE
    return FeedbackSource.ANNOTATOR if kind == "app" else FeedbackSource.UNKNOWN
