"""How the records of an eval set are laid out, so that a new one looks like its neighbours.

No table of formats: where id, input and expected answer stand is put to the vote of the file's own records, each
beside the case that the loader read of it. The path whose value is the case's input, in most records, is where an
input belongs. What stands around it and is the same in most records (a system message, an assertion of all tests,
the other variables of a prompt) comes along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from driftcheck.editing.fields import PROMPTFOO, Fields, fields_of
from driftcheck.editing.record_paths import (
    ANY,
    EXPECTED_COLUMN,
    Path,
    at,
    copied,
    folded,
    generalised,
    is_below,
    leaves,
    put,
    text_of,
    texts_at,
)
from driftcheck.editing.record_template import ASSERTION, Template
from driftcheck.errors import InputError
from driftcheck.records import Case

_MOST = 400
"""Records that are asked."""
_HALF = 0.5
_ID_KEYS = {"deepeval-goldens": "name", "pydantic-evals": "name"}
WAY_OUT = "--out x.proposals.jsonl writes generic JSON lines instead"


@dataclass(frozen=True)
class RecordLayout:
    """Where in a record stand id, input, expected answer and what else is said about the case."""

    fields: Fields
    input: Path
    expected: Path | None
    """None where no record says by itself what is expected: a rubric of all cases, or code, judges them."""
    id: Path | None
    """None where the records have no ids."""
    language: Path | None = None
    template: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The part of a neighbour that new records share, with blanks for what is theirs."""
    id_key: Path = ("id",)
    """Where an id goes if the records have none."""

    def record(
        self,
        case_id: str,
        input_text: str,
        fields: Mapping[str, Any],
        *,
        expected: Any = None,
        language: str | None = None,
    ) -> dict[str, Any]:
        """Make a record; `expected` None leaves a blank, a field that is None is left out."""
        made: dict[str, Any] = {}
        if self.id is None and len(self.id_key) == 1:
            put(made, self.id_key, case_id)
        made |= copied(self.template)
        put(made, self.id or self.id_key, case_id)
        put(made, self.input, input_text)
        if expected is not None and self.expected is not None:
            blank = at(made, self.expected)
            # behind what stands before an answer in a promptfoo CSV's cell, such as `icontains: `
            put(made, self.expected, f"{blank}{expected}" if self._is_cell else expected)
        if language is not None and self.language is not None:
            put(made, self.language, language)
        for name, value in fields.items():
            if value is not None:
                put(made, self.fields.path(name), value)
        return made

    @property
    def _is_cell(self) -> bool:
        return self.expected is not None and str(self.expected[0]).startswith(EXPECTED_COLUMN)

    def case_id(self, record: Mapping[str, Any]) -> str | None:
        """Id of a record."""
        return text_of(at(record, self.id or self.id_key)) or None

    def input_of(self, record: Mapping[str, Any]) -> str:
        """Input of a record; empty where it has none."""
        return text_of(at(record, self.input))

    def language_of(self, record: Mapping[str, Any]) -> str | None:
        """Declared language of a record's input."""
        return text_of(at(record, self.language)) or None if self.language else None

    def expected_of(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """What a person wrote into a record as expected: whatever is there and not in the blank one."""
        if self.expected is None:
            return ()
        if self._is_cell:
            cells = [(key, value) for key, value in record.items() if str(key).startswith(EXPECTED_COLUMN)]
            return tuple(text for key, value in cells for text in texts_at((str(key),), value))
        kind = generalised(self.expected)
        blank = Counter(text_of(value) for path, value in leaves(self.template) if is_below(path, kind))
        found = []
        for path, value in leaves(record):
            text = text_of(value)
            if text and is_below(path, kind):
                blank[text] -= 1
                if blank[text] < 0:
                    found.append(text)
        return tuple(found)


GENERIC = RecordLayout(
    Fields(), ("input",), ("expected",), ("id",), ("language",), {"id": "", "input": "", "expected": ""}
)
"""Of JSON lines that are nobody's format."""


def find_record_layouts(
    records: Sequence[Mapping[str, Any]], cases: Sequence[tuple[int, Case]], *, format: str, is_csv: bool, name: str
) -> list[RecordLayout]:
    """Tell how the records of a file may be laid out, the likeliest first: an answer may stand in several places.

    Args:
        records: of the file.
        cases: the cases that were read of it, each with the number of its record.
        format: name of its loader.
        is_csv: whether the records are rows of a CSV.
        name: what the user calls the file.

    Raises:
        InputError: it cannot be told.

    """
    n_cases = Counter(number for number, _ in cases)
    single = [(records[number], case) for number, case in cases if n_cases[number] == 1 and case.input_text]
    # a new record is put behind the last one, so the neighbours are asked from there on
    asked = [_Asked(record, case) for record, case in single[::-1][:: len(single) // _MOST + 1]]
    question = next(iter(_voted(asked, lambda case: (case.input_text or "",))), None)
    if question is None:
        raise InputError(name, "where the input stands in a record cannot be told", WAY_OUT)
    labelled = [one for one in asked if one.case.expected]
    n_answers = len({one.case.expected for one in labelled})
    answers: list[Path | None] = [None]
    # one assertion for all tests is a rubric, which comes along
    if not (format in PROMPTFOO and n_answers == 1 < len(labelled)):
        answers = [*_voted(labelled, lambda case: case.expected, taken=(question,))]
        if not answers and n_answers > 1 and len(labelled) >= _HALF * len(asked):
            raise InputError(name, "where the expected answer stands in a record cannot be told", WAY_OUT)
    fields = fields_of(format, records, is_csv=is_csv)
    found = [_laid_out(records, asked, question, answer, fields, format) for answer in answers or [None]]
    layouts = [layout for layout in found if layout]
    if not layouts:
        raise InputError(name, "its records are too different for a new one", WAY_OUT)
    return [*layouts, *(replace(one, fields=one.fields.quiet()) for one in layouts)]


def _laid_out(
    records: Sequence[Mapping[str, Any]],
    asked: Sequence[_Asked],
    question: Path,
    answer: Path | None,
    fields: Fields,
    format: str,
) -> RecordLayout | None:
    """Lay a new record out like a neighbour, with input and answer of these kinds; None where no record has both."""
    named = [one for one in asked if one.case.case_id]
    identity = next(iter(_voted(named, lambda case: (case.case_id or "",), taken=(question, answer))), None)
    spoken = [one for one in asked if one.case.language]
    language = next(iter(_voted(spoken, lambda case: (case.language or "",), taken=(question, answer, identity))), None)
    kinds = [kind for kind in (question, answer, identity) if kind]
    neighbour = _neighbour(asked, kinds)
    targets = {kind: path for kind in kinds if (path := neighbour.path_of(kind))}
    if question not in targets or (answer and answer not in targets):
        return None
    expected = targets[answer] if answer else None
    template = Template(
        neighbour.record,
        records,
        targets=list(targets.values()),
        expected=expected,
        fields_at=fields.at,
        is_promptfoo=format in PROMPTFOO,
    )
    expected_at = template.moved[expected] if expected else None
    is_judged = any(one.case.expected for one in asked) or "assert" in template.value
    if format in PROMPTFOO and not is_judged:
        expected_at = _asserted(template.value, is_cell=bool(fields.prefix))
    return RecordLayout(
        fields=fields,
        input=template.moved[targets[question]],
        expected=expected_at,
        id=template.moved[targets[identity]] if identity in targets else None,
        language=language if language and ANY not in language else None,
        template=template.value,
        id_key=(_ID_KEYS[format],) if format in _ID_KEYS else fields.path("id"),
    )


def _asserted(template: dict[str, Any], *, is_cell: bool) -> Path:
    """Put an assertion to be filled in where no neighbour has an answer: a test without any passes whatever comes."""
    if is_cell:
        template[EXPECTED_COLUMN] = f"{ASSERTION}: "
        return (EXPECTED_COLUMN,)
    template["assert"] = [{"type": ASSERTION, "value": ""}]
    return ("assert", 0, "value")


class _Asked:
    """A record, its leaves by their texts, and the case read of it."""

    def __init__(self, record: Mapping[str, Any], case: Case) -> None:
        self.record = record
        self.case = case
        self._paths: dict[str, list[Path]] = {}
        lists: dict[Path, list[str]] = {}
        for path, value in leaves(record):
            for text in texts_at(path, value):
                self._paths.setdefault(folded(text), []).append(path)
            if isinstance(path[-1], int):
                lists.setdefault(path[:-1], []).append(text_of(value))
        for path, texts in lists.items():  # all of a list together are one answer to `contains-all`
            self._paths.setdefault(folded(", ".join(texts)), []).append((*path, 0))
        self._of_kind: dict[Path, Path] = {}

    def vote(self, texts: Sequence[str]) -> list[Path]:
        """Kinds of path that hold one of the texts."""
        found = [path for text in texts for path in self._paths.get(folded(text), ())]
        for path in found:
            self._of_kind.setdefault(generalised(path), path)
        return list(dict.fromkeys(map(generalised, found)))

    def path_of(self, kind: Path) -> Path | None:
        """The path of a kind that the record voted for."""
        return self._of_kind.get(kind)


def _voted(
    asked: Sequence[_Asked], texts: Callable[[Case], Sequence[str]], taken: Sequence[Path | None] = ()
) -> list[Path]:
    """The kinds of path that at least half of the records name, most votes first."""
    votes: Counter[Path] = Counter()
    for one in asked:
        votes.update(kind for kind in one.vote(texts(one.case)) if kind not in taken)
    return [kind for kind, n in votes.most_common() if n >= _HALF * len(asked)]


def _neighbour(asked: Sequence[_Asked], kinds: Sequence[Path]) -> _Asked:
    """The last record of the commonest shape, among those that have most of what is looked for."""
    n_found = [sum(one.path_of(kind) is not None for kind in kinds) for one in asked]
    whole = [one for one, n in zip(asked, n_found, strict=True) if n == max(n_found)]
    shapes = Counter(frozenset(one.record) for one in whole)
    return max(whole, key=lambda one: shapes[frozenset(one.record)])
