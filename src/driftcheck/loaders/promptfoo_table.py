"""promptfoo's CSV results: one row a test, then some columns for each provider and prompt."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftcheck.loaders.csv_rows import keys_of
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.promptfoo_prompts import used_by
from driftcheck.loaders.promptfoo_rows import prompt_label, read_score
from driftcheck.loaders.promptfoo_vars import input_of, vars_id, written_description
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.statuses import read_status
from driftcheck.records import Result, Status

_HEADER = re.compile(r"\[([^\]\n]+)\]\s*(.*)", re.DOTALL)
_VERDICT = re.compile(r"\s*\[(PASS|FAIL|ERROR)\]\s*(?:\((-?\d+(?:\.\d+)?)\))?\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class _Output:
    """The columns of one provider and prompt."""

    key: str
    model: str | None
    prompt_id: str | None
    status_key: str | None = None
    score_key: str | None = None
    reason_key: str | None = None


@dataclass(frozen=True)
class _Table:
    variables: Sequence[str]
    description: str | None
    outputs: Sequence[_Output]
    used: frozenset[str] = frozenset()
    """Names that the prompts fill in, where the headers are templates; empty where that is unknown."""


def sniff_table(doc: Document) -> Match | None:
    """Recognise Status, Score and Grader Reason behind an output, or cells that start with [PASS] or [FAIL]."""
    table = _table_of(doc)
    if table is None:
        return None
    if table.outputs[0].status_key:
        return Match(0.97, "the columns Status, Score and Grader Reason of a promptfoo CSV")
    return Match(0.9, "cells that start with [PASS] or [FAIL], as promptfoo wrote them")


def read_table(doc: Document, log: ReadLog) -> Iterator[Result]:
    """Read one result a row and output; the file's own count is that of its rows."""
    table = _table_of(doc)
    seen: Counter[tuple[str, ...]] = Counter()
    log.counted(0)
    for where, row in doc.records(log):
        log.counted(1)
        if table is None:
            log.skip(where, "no column tells whether it passed")
            continue
        variables = {key: row[key] for key in table.variables if row.get(key)}
        description = row.get(table.description) if table.description else None
        text, _ = input_of(variables, used=table.used if len(variables) > 1 else ())
        case_id = written_description(description) or vars_id(variables)
        repeat = seen[(case_id or "", *variables.values())]
        seen[(case_id or "", *variables.values())] += 1
        for output in table.outputs:
            status, score, message = _verdict(row, output)
            yield Result(
                run_id=None,
                case_id=case_id,
                input_text=text,
                status=status,
                where=where,
                score=score,
                model=output.model,
                prompt_id=output.prompt_id,
                repeat=repeat,
                error=message if status is Status.ERROR else None,
            )


def _verdict(row: Mapping[str, str], output: _Output) -> tuple[Status, float | None, str | None]:
    if output.status_key is None:
        match = _VERDICT.match(row.get(output.key, ""))
        if match is None:
            return Status.UNSCORED, None, None
        return read_status(match[1]) or Status.UNSCORED, float(match[2]) if match[2] else None, match[3] or None
    status = read_status(row.get(output.status_key)) or Status.UNSCORED
    message = row.get(output.reason_key or "") or row.get(output.key) or None
    return status, read_score(row.get(output.score_key or "")), message


def _table_of(doc: Document) -> _Table | None:
    """Tell the columns of the variables from those of the outputs."""
    keys = keys_of(doc.columns)
    names = tuple(name.strip() for name in doc.columns)
    at_status = [
        number
        for number, name in enumerate(names)
        if name == "Status" and number and names[number + 1 : number + 2] == ("Score",)
    ]
    if at_status and "Grader Reason" in names:
        starts = [number - 1 for number in at_status]
        ends = [*starts[1:], len(names)]
        outputs = [
            _output(names[start], dict(zip(names[start + 1 : end], keys[start + 1 : end], strict=True)), keys[start])
            for start, end in zip(starts, ends, strict=True)
        ]
    else:
        marked = [key for key in keys if _is_marked(doc, key)]
        if not marked:
            return None
        starts = [keys.index(key) for key in marked]
        outputs = [_output(names[start], {}, keys[start]) for start in starts]
    variables = list(keys[: starts[0]])
    if not starts[0]:  # promptfoo wrote the variables behind the outputs until 2023
        variables = [key for key in keys[starts[-1] + 1 :] if not at_status]
    description = "Description" if variables[:1] == ["Description"] else None
    used = used_by(_display(names[start]) for start in starts)
    return _Table(variables[1:] if description else variables, description, outputs, used)


def _output(header: str, behind: Mapping[str, str], key: str) -> _Output:
    match = _HEADER.fullmatch(_display(header))
    model, label = (match[1], match[2]) if match else (None, header)
    reason = behind.get("Grader Reason")
    return _Output(key, model, prompt_label(label), behind.get("Status"), behind.get("Score"), reason)


def _display(header: str) -> str:
    """Return what promptfoo showed of a prompt: its headers of 2023 are the whole prompt as JSON."""
    if not header.startswith("{"):
        return header
    try:
        shown = json.loads(header).get("display")
    except ValueError:
        return header
    return shown if isinstance(shown, str) else header


def _is_marked(doc: Document, key: str) -> bool:
    cells = [row.get(key, "") for row in doc.head if isinstance(row, Mapping) and row.get(key, "").strip()]
    return bool(cells) and all(_VERDICT.match(cell) for cell in cells)
