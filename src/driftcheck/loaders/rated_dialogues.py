"""Rated dialogues: the text files of the User Satisfaction Simulation (USS) data, and of who writes theirs so.

Recognised by lines of a speaker (`USER`, `SYSTEM`), a text, an action and ratings (`3,4,3`, the `satisfaction`),
separated by tabs, with an empty line after each dialogue.

One dialogue is one interaction. Several annotators rate from 1 to 5 (`3,4,3`): their mean
is the `satisfaction`; the line whose text is `OVERALL` rates the whole dialogue and goes before the mean of the
turns. Ratings are the annotators', not the users' own.

How to get it: github.com/sunnweiwei/user-satisfaction-simulation, folder `dataset`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from driftcheck.errors import InputError
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, ReadLog, Shape
from driftcheck.records import Feedback, FeedbackSource, Kind, Trace

FORMAT = "rated-dialogues"
KIND = Kind.TRACES

_SPEAKERS = {"USER": "user", "SYSTEM": "assistant"}
_RATINGS = re.compile(r"\s*\d(?:\.\d+)?(?:\s*,\s*\d(?:\.\d+)?)*\s*")
_OVERALL = "OVERALL"
_N_LINES = 40
_MOST = 0.9


def sniff(doc: Document) -> Match | None:
    """Recognise the first lines."""
    if doc.shape not in (Shape.CSV, Shape.YAML) or not any(
        column.startswith(tuple(_SPEAKERS)) for column in doc.columns[:1]
    ):
        return None
    lines = [line for line in islice(doc.lines(), _N_LINES) if line.strip()]
    cells = [line.rstrip("\r\n").split("\t") for line in lines]
    spoken = [row for row in cells if len(row) >= 2 and row[0].strip() in _SPEAKERS]
    rated = any(len(row) >= 3 and _RATINGS.fullmatch(row[-1] or row[-2]) for row in spoken)
    if not rated or len(spoken) < _MOST * len(cells):
        return None
    return Match(0.9, "lines of speaker, text, action and ratings (USS)")


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Trace]:
    """Yield one trace per dialogue.

    Raises:
        InputError: it is no text.

    """
    if doc.shape in (Shape.ZIP, Shape.PARQUET, Shape.XML):
        raise InputError(doc.source.name, f"is {doc.shape}, which this format does not read")
    name = doc.source.name
    dialogue = _Dialogue(name, 1)
    number = 0
    for number, line in enumerate(doc.lines(), start=1):
        if not line.strip():
            yield from dialogue.trace()
            dialogue = _Dialogue(name, number + 1)
        elif not dialogue.add(line):
            log.skip(f"{name}:{number}", "is no turn: speaker, text, action and ratings, separated by tabs")
    yield from dialogue.trace()


class _Dialogue:
    """One dialogue, while its lines are read."""

    def __init__(self, name: str, line: int) -> None:
        self._where = f"{name}:{line}"
        self._turns: list[tuple[str, str]] = []
        self._ratings: list[float] = []
        self._overall: float | None = None

    def add(self, line: str) -> bool:
        speaker, _, rest = line.rstrip("\r\n").partition("\t")
        role = _SPEAKERS.get(speaker.strip())
        if role is None or not rest.strip():
            return False
        text, *cells = rest.split("\t")
        rating = next((mean for cell in reversed(cells) if (mean := _mean(cell)) is not None), None)
        said = text.strip()
        if said.startswith(_OVERALL):
            said = said.removeprefix(_OVERALL).strip(" :")
            self._overall = rating
        elif rating is not None:
            self._ratings.append(rating)
        if said:
            self._turns.append((role, said))
        return True

    def trace(self) -> Iterator[Trace]:
        if not self._turns:
            return
        rating = self._overall
        if rating is None and self._ratings:
            rating = sum(self._ratings) / len(self._ratings)
        asked = [text for role, text in self._turns if role == "user"]
        answered = [text for role, text in self._turns if role == "assistant"]
        yield Trace(
            trace_id=None,
            input_text=asked[-1] if asked else None,
            where=self._where,
            session_id=self._where,
            conversation="\n".join(f"{role}: {text}" for role, text in self._turns) if len(self._turns) > 1 else None,
            output_text=answered[-1] if answered else None,
            feedback=(Feedback("satisfaction", rating, None, FeedbackSource.ANNOTATOR),) if rating is not None else (),
        )


def _mean(cell: str) -> float | None:
    if not _RATINGS.fullmatch(cell):
        return None
    values = [float(value) for value in cell.split(",")]
    return sum(values) / len(values)
