"""What a record says about its case beside question and answer: where it stands in each format, and by which names.

A case's id, dates, owner and origin go where the eval set's tool keeps what it does not know itself: under `metadata`
in promptfoo tests, in columns `__metadata:NAME` of its CSV, in columns or keys of their own elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from driftcheck.loaders.case_freshness import aliases_of
from driftcheck.loaders.columns import normal

PROMPTFOO = ("promptfoo-config", "promptfoo-tests")
CSV_PREFIX = "__metadata:"
_MAPPINGS = {
    "deepeval-goldens": ("additional_metadata", "additionalMetadata"),
    "mlflow-dataset": ("tags",),
    "langsmith-dataset": ("metadata",),
    "langfuse-dataset": ("metadata",),
    "braintrust-dataset": ("metadata",),
    "pydantic-evals": ("metadata",),
}
"""Keys of a JSON record under which tools keep metadata; the first is taken where no record has any."""
_ANYWHERE = ("metadata", "additional_metadata", "additionalMetadata")
_QUIET = {"source_trace_id": "source_trace", "created": "created_on"}
"""Names by which no other format or kind is recognised: a column `source_trace_id` beside an expected output makes a
file look like Langfuse's, and a column `created` beside an input alone one of traces."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "created": aliases_of("created"),
    "validated": aliases_of("validated"),
    "expires": aliases_of("expires"),
    "owner": aliases_of("owner"),
    "split": aliases_of("split"),
    # what else an origin is called may hold anything, and is not written over
    "source_trace_id": ("source_trace_id", _QUIET["source_trace_id"]),
    "provenance": ("provenance",),
}
"""Names that a field goes by, ours first."""


@dataclass(frozen=True)
class Fields:
    """Where the records of one file keep what is said about their cases."""

    at: tuple[str, ...] = ()
    """Keys down to the mapping; empty where it is the record itself."""
    prefix: str = ""
    """Begins the names of the columns."""
    customary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Where the records have a field of upkeep, where any has it."""

    def path(self, name: str) -> tuple[str, ...]:
        """Where a field is put in a record that lacks it: as the others have it."""
        return self.customary.get(name) or (*self.at, self.prefix + name)

    def quiet(self) -> Fields:
        """The same with names by which no other format is recognised."""
        names = {name: (*self.at, self.prefix + other) for name, other in _QUIET.items()}
        return replace(self, customary={**names, **self.customary})

    def found(self, record: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
        """Where a record has a field, under any of its names."""
        for at in dict.fromkeys((self.at, ())) if not self.prefix else ((),):
            place: Any = record
            for key in at:
                place = place.get(key) if isinstance(place, Mapping) else None
            if not isinstance(place, Mapping):
                continue
            by_name = {normal(str(key).removeprefix(self.prefix)): str(key) for key in reversed(list(place))}
            if self.prefix:
                by_name = {name: key for name, key in by_name.items() if key.startswith(self.prefix)}
            for alias in NAMES.get(name, (name,)):
                if alias in by_name:
                    return (*at, by_name[alias])
        return None

    def get(self, record: Mapping[str, Any], name: str) -> Any:
        """Value of a field; None where the record has none, or an empty one."""
        path = self.found(record, name)
        value: Any = record
        for key in path or ():
            value = value.get(key) if isinstance(value, Mapping) else None
        return None if path is None or (isinstance(value, str) and not value.strip()) else value

    def changes(self, record: Mapping[str, Any], values: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
        """Paths and values that set fields of a record where it has them, else where they belong."""
        return {self.found(record, name) or self.path(name): value for name, value in values.items()}


def fields_of(format: str, records: Sequence[Mapping[str, Any]], *, is_csv: bool) -> Fields:
    """Where the records of a file of a format keep what is said about their cases."""
    place = _place_of(format, records, is_csv=is_csv)
    customary = {}
    for name in NAMES:
        seen = Counter(path for record in records if (path := place.found(record, name)))
        if seen:
            customary[name] = max(seen, key=lambda path: seen[path])
    return Fields(place.at, place.prefix, customary)


def _place_of(format: str, records: Sequence[Mapping[str, Any]], *, is_csv: bool) -> Fields:
    if format in PROMPTFOO:
        if is_csv or any(str(key).startswith("__") for record in records for key in record):
            return Fields((), CSV_PREFIX)
        return Fields(("metadata",))
    if is_csv:
        return Fields()
    for key in _MAPPINGS.get(format, _ANYWHERE):
        if any(isinstance(record.get(key), Mapping) for record in records):
            return Fields((key,))
    names = _MAPPINGS.get(format, ())
    taken = any(names and record.get(names[0]) is not None for record in records)
    return Fields((names[0],)) if names and not taken else Fields()
