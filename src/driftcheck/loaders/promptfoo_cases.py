"""Cases out of promptfoo tests: defaults merged, lists of values multiplied, ids that are unique."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from driftcheck.loaders.case_freshness import freshness_of, tags_among
from driftcheck.loaders.promptfoo_expected import assertion_from_cell, expected_of, values_of
from driftcheck.loaders.promptfoo_prompts import Prompts
from driftcheck.loaders.promptfoo_refs import FILE, References
from driftcheck.loaders.promptfoo_vars import (
    input_of,
    language_of,
    metadata_id,
    tags_of,
    vars_id,
    written_description,
)
from driftcheck.loaders.read_log import ReadLog
from driftcheck.records import Case

MAX_COMBINATIONS = 10_000
"""Cases that the lists of values of one test may multiply to."""

_ALIKE = 0.5
"""Share of different inputs that must be left where only the variables that prompts fill in are taken."""

Test = dict[str, Any]
"""One promptfoo test as written: vars, assert, metadata, description, options."""
_TEST_KEYS = frozenset(
    [
        "assert",
        "assertScoringFunction",
        "description",
        "metadata",
        "options",
        "prompts",
        "provider",
        "providerOutput",
        "providers",
        "threshold",
        "vars",
    ]
)


@dataclass(frozen=True)
class Suite:
    """What the tests of one config share."""

    references: References
    log: ReadLog
    default: Mapping[str, Any] = field(default_factory=dict)
    """The config's `defaultTest`."""
    templates: Mapping[str, Any] = field(default_factory=dict)
    """The config's `assertionTemplates`."""
    prompts: Prompts = field(default_factory=Prompts)
    """They are the input of tests that have no variables, and say which variables are."""


def read_test(record: Mapping[str, Any]) -> Test:
    """Read one record of a JSON or YAML tests file: a test as it is, else a row of variables."""
    return dict(record) if _is_test(record) else read_row(record)


def read_row(record: Mapping[str, Any]) -> Test:
    """Read one row of a tests CSV: columns are variables, but for those that start with two underscores."""
    test: Test = {"vars": {}, "assert": [], "metadata": {}}
    for key, value in record.items():
        name = str(key)
        if name.startswith("__expected"):
            if value not in (None, ""):
                test["assert"].append(assertion_from_cell(str(value)))
        elif name.startswith("__metadata:"):
            field_name = name.removeprefix("__metadata:")
            is_list = field_name.endswith("[]") and isinstance(value, str)
            values = [part.strip() for part in value.split(",")] if is_list else value
            if value not in (None, ""):
                test["metadata"][field_name.removesuffix("[]")] = values
        elif name == "__description":
            test["description"] = value
        elif not name.startswith("__"):
            test["vars"][name] = value
    return test


def cases_of(tests: Iterable[tuple[str, Test]], suite: Suite) -> list[Case]:
    """Make the cases of (where, test) pairs.

    A case's id is the description of its test where no other case has it, else the id in its metadata, else one
    made of its variables.
    """
    drafts = [draft for where, test in tests for draft in _drafts(where, test, suite)]
    if _are_alike(drafts):
        drafts = [replace(draft, case=draft.full) for draft in drafts]
    taken = [Counter(ids) for ids in zip(*(draft.ids for draft in drafts), strict=True)]
    cases = []
    for draft in drafts:
        unique = (name for name, counts in zip(draft.ids, taken, strict=True) if name and counts[name] == 1)
        cases.append(replace(draft.case, case_id=next(unique, None)))
    return cases


@dataclass(frozen=True)
class _Draft:
    case: Case
    ids: tuple[str | None, ...]
    """Candidates for the case's id, best first."""
    full: Case
    """The case with all of its variables as input, not only those that the prompts fill in."""


def _are_alike(drafts: Sequence[_Draft]) -> bool:
    """Tell whether what the prompts fill in hardly tells the tests apart, as a provider of one's own reads the rest."""
    n_texts = len({draft.case.input_text for draft in drafts})
    return n_texts < _ALIKE * len({draft.full.input_text for draft in drafts})


def _drafts(where: str, test: Test, suite: Suite) -> Iterator[_Draft]:
    default = suite.default
    metadata = {**_mapping(default.get("metadata")), **_mapping(test.get("metadata"))}
    options = {**_mapping(default.get("options")), **_mapping(test.get("options"))}
    # the test's own assertions first: those of all tests are mostly about form
    assertions = [*_items(test.get("assert")), *_items(default.get("assert"))]
    for value in values_of(assertions, suite.templates):
        suite.references.note_code(value)
    shared, multiplies = _variables(default.get("vars"), suite)[0], options.get("disableVarExpansion") is not True
    description = written_description(test.get("description"))
    dated, tags = freshness_of(suite.log, where, metadata), tags_of(tags_among(metadata))
    for own in _variables(test.get("vars"), suite):
        written = {**shared, **own}
        for variables in _combinations(written, where, suite) if multiplies else [written]:
            read = {name: _read(value, suite) for name, value in variables.items()}
            used = suite.prompts.used if len(variables) > 1 else ()
            expects = expected_of(assertions, read, suite.templates, suite.references.text)
            full = Case(
                case_id=None,
                input_text=None,
                where=where,
                expected=expects.texts,
                expects_rubric=expects.is_rubric,
                tags=tags,
                language=language_of(metadata, read),
                created_at=dated.created_at,
                freshness=dated.freshness,
            )
            (text, turns), (whole, all_turns) = input_of(read, used=used, own=own), input_of(read, own=own)
            case = replace(full, input_text=text, conversation=turns)
            full = replace(full, input_text=whole, conversation=all_turns)
            ids = (description, metadata_id(metadata), vars_id(variables))
            asked = [] if variables else suite.prompts.plain(test.get("prompts", test.get("prompt")))
            if asked:
                yield from (_Draft(plain, ids, plain) for plain in (replace(case, input_text=text) for text in asked))
            else:
                yield _Draft(case, ids, full)


def _combinations(variables: Test, where: str, suite: Suite) -> list[Test]:
    """Multiply the lists of texts among the variables, as promptfoo does; other lists are values."""
    choices = [list(_choices(value, suite)) for value in variables.values()]
    n_cases = 1
    for values in choices:
        n_cases *= len(values)
    if n_cases > MAX_COMBINATIONS:
        suite.log.warn(
            f"{where}: the lists of variables multiply to {n_cases} cases; "
            f"only the first {MAX_COMBINATIONS} are loaded, split the test"
        )
    combinations = (dict(zip(variables, values, strict=True)) for values in product(*choices))
    return [variables for _, variables in zip(range(MAX_COMBINATIONS), combinations, strict=False)]


def _choices(value: Any, suite: Suite) -> Iterator[Any]:
    if isinstance(value, list) and value and isinstance(value[0], str):
        yield from value
    elif isinstance(value, str) and value.startswith(FILE):
        yield from suite.references.names(value)
    else:
        yield value


def _variables(value: Any, suite: Suite) -> list[Test]:
    """Return the sets of variables written in place, or in the files that a text or a list of texts names.

    An object is one set, and so are several; a CSV, JSON lines or a list of objects have one a row.
    """
    if isinstance(value, Mapping):
        return [{str(name): item for name, item in value.items()}]
    shared: Test = {}
    rows: list[Test] = []
    for reference in _items(value):
        loaded = suite.references.load(reference) if isinstance(reference, str) else None
        shared |= _mapping(loaded)
        rows += [read_row(row)["vars"] for row in _items(loaded) if isinstance(row, Mapping) and row is not loaded]
    return [{**shared, **row} for row in rows] or [shared]


def _read(value: Any, suite: Suite) -> Any:
    if isinstance(value, str) and value.startswith(FILE):
        text = suite.references.text(value)
        return value if text is None else text.strip()
    return value


def _is_test(record: Mapping[str, Any]) -> bool:
    return (
        isinstance(record.get("vars"), dict | list)
        or (isinstance(record.get("vars"), str) and record["vars"].startswith(FILE))
        or isinstance(record.get("assert"), list)
        or isinstance(record.get("options"), dict)
        or record.keys() <= _TEST_KEYS
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
