"""Joint exports: what a tool writes as several files that only together say what was asked, answered and rated.

Langfuse writes traces, observations and scores apart, OpenAI the questions of a batch and its answers, Phoenix spans
and annotations. Where several files are given, those of one export are found by what they hold, whatever their names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from driftcheck.errors import InputError
from driftcheck.loaders import langfuse, openai_logs, phoenix
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.source import Source


@dataclass(frozen=True)
class _Export:
    """How the files of one tool belong together."""

    part: Callable[[Document], str | None]
    """Names the part of an export that a file holds."""
    leads: tuple[str, ...]
    """Parts that hold interactions."""
    others: tuple[str, ...]
    """Parts that say something of them, read first."""
    is_one: bool
    """True where the leading parts are read as one, False where each is on its own."""


_EXPORTS = (
    _Export(langfuse.part, ("traces", "observations"), ("scores",), is_one=True),
    _Export(openai_logs.part, ("responses",), ("requests",), is_one=True),
    _Export(phoenix.part, ("spans",), ("annotations",), is_one=False),
)


def joined(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Give the files that lead an export their `parts`, and the others the name of the file that they are `part_of`.

    What cannot be opened is left as it is: reading it says why.
    """
    if len(sources) < 2:
        return tuple(sources)
    parts: list[dict[str, list[Source]]] = [{} for _ in _EXPORTS]
    for source in sources:
        document = _opened(source)
        for export, of_export in zip(_EXPORTS, parts, strict=True):
            if document is not None and (part := export.part(document)) is not None:
                of_export.setdefault(part, []).append(source)
    found: dict[str, Source] = {}
    for export, of_export in zip(_EXPORTS, parts, strict=True):
        found |= _joined(export, of_export)
    return tuple(found.get(source.name, source) for source in sources)


def _opened(source: Source) -> Document | None:
    try:
        return open_document(source)
    except InputError:
        return None


def _joined(export: _Export, parts: Mapping[str, Sequence[Source]]) -> dict[str, Source]:
    """Files that belong together, by name; none where one part alone is there."""
    # files of one period bear one name, and what a trace is made of is best read at once
    leads = sorted(
        ((source, rank) for rank, part in enumerate(export.leads) for source in parts.get(part, ())),
        key=lambda pair: (PurePath(pair[0].name).name, pair[1], pair[0].name),
    )
    leading = [source for source, _ in leads]
    others = [source for part in export.others for source in parts.get(part, ())]
    if not leading or (not others and len({rank for _, rank in leads}) < 2):
        return {}
    first = leading[0]
    if not export.is_one:
        joined = {source.name: replace(source, parts=tuple(others)) for source in leading}
    else:
        others += leading[1:]
        joined = {first.name: replace(first, parts=tuple(others))}
    return joined | {source.name: replace(source, part_of=first.name) for source in others}
