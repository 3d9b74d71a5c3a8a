"""What new records of an eval set share with their neighbours: a record with blanks for what is its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driftcheck.editing.fields import NAMES
from driftcheck.editing.record_paths import EXPECTED_COLUMN, Path, at
from driftcheck.loaders.columns import normal
from driftcheck.loaders.promptfoo_expected import assertion_from_cell
from driftcheck.loaders.text import is_message, role_of

_MOST = 400
"""Neighbours that are asked."""
_SHARED = 0.8
"""Share of the records that have something from which on it belongs to all of them."""
_FEWEST = 2
_OF_TEST = frozenset({"assert", "options", "provider", "threshold", "vars", "prompts"})
"""What promptfoo reads of a test, beside its name and metadata."""
_WITH_ANSWER = frozenset({"type", "metric", "weight", "threshold", "provider"})
_WITH_INPUT = frozenset({"role", "type", "name", "from", "author"})
_OWN = frozenset({*(alias for names in NAMES.values() for alias in names), "id", "language", "lang", "locale"})
"""What is said of single cases, even where all cases say the same."""
ASSERTION = "icontains"
"""What is to be filled in where the neighbours' assertions take lists, or they have none: promptfoo refuses to run it
while it is empty, where `contains-all` of an empty list would pass."""


class Template:
    """A neighbour without what is its own."""

    def __init__(
        self,
        neighbour: Mapping[str, Any],
        records: Sequence[Mapping[str, Any]],
        *,
        targets: Sequence[Path],
        expected: Path | None,
        fields_at: Path,
        is_promptfoo: bool,
    ) -> None:
        """Make it.

        Args:
            neighbour: the record to follow.
            records: all of the file.
            targets: where the neighbour has id, input and expected answer: they become blanks.
            expected: the one of them that is the expected answer.
            fields_at: where metadata is, of which nothing comes along.
            is_promptfoo: whether records are promptfoo tests, whose other keys say how a test is run.

        """
        self._neighbour = neighbour
        self._records = records[-_MOST:]
        self._targets = targets
        self._expected = expected
        self._fields_at = fields_at
        self._is_promptfoo = is_promptfoo
        self.moved: dict[Path, Path] = {}
        """Where the targets are in `value`."""
        self.value: dict[str, Any] = {}
        for key, inner in neighbour.items():
            if self._leads((key,)):
                self.value[key] = self._kept(inner, (key,), (key,))
            elif is_promptfoo and key in _OF_TEST and self._is_shared((key,), inner):
                self.value[key] = inner

    def _leads(self, path: Path) -> bool:
        return any(target[: len(path)] == path for target in self._targets)

    def _kept(self, value: Any, path: Path, new: Path) -> Any:
        if path in self._targets:
            self.moved[path] = new
            return self._blank(value) if path == self._expected else ""
        return self._mapping(value, path, new) if isinstance(value, Mapping) else self._list(value, path, new)

    def _mapping(self, value: Mapping[str, Any], path: Path, new: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, inner in value.items():
            below = (*path, key)
            if self._leads(below):
                made[key] = self._kept(inner, below, (*new, key))
            elif key in self._beside(path) or self._is_shared(below, inner):
                made[key] = inner
            elif self._is_promptfoo and path == ("vars",) and isinstance(inner, str) and self._is_usual(below):
                made[key] = ""  # the prompts ask for it: to be filled in with the answer
        if made.get("value") == [] and str(made.get("type")).endswith(("-any", "-all")) and self._expected:
            made |= {"type": ASSERTION, "value": ""}
            self.moved[self._expected] = (*new, "value")
        return made

    def _list(self, value: Sequence[Any], path: Path, new: Path) -> list[Any]:
        items: list[Any] = []
        for number, inner in enumerate(value):
            below = (*path, number)
            if below == self._expected:
                self.moved[below] = new  # one of a list of accepted answers: it is the list that is to be filled in
            elif self._leads(below):
                items.append(self._kept(inner, below, (*new, len(items))))
            elif _is_turn(inner):
                continue  # of another conversation, though all of them begin alike
            elif not (self._expected and self._expected[:-1] == path) and self._is_shared(below, inner):
                items.append(inner)
        return items

    def _beside(self, path: Path) -> frozenset[str]:
        """Keys that stay in the mapping that holds the answer of an assertion, or the text of a message."""
        if self._expected and self._expected[: len(path)] == path and "type" in at(self._neighbour, path):
            return _WITH_ANSWER
        return _WITH_INPUT if len(path) > 1 and any(target[:-1] == path for target in self._targets) else frozenset()

    def _blank(self, value: Any) -> str:
        """What is left of an answer without the answer: of a promptfoo CSV's cell the kind of its assertion."""
        if not self._expected or not str(self._expected[0]).startswith(EXPECTED_COLUMN):
            return ""
        kind = str(assertion_from_cell(str(value))["type"])
        before, colon, _ = str(value).partition(":")
        if kind.endswith(("-any", "-all")):
            return f"{ASSERTION}: "
        # a cell that names no kind is `equals`; blank it would be no assertion at all, and the test would pass
        return f"{before}: " if colon and before.strip().startswith(kind) else "equals: "

    def _is_shared(self, path: Path, value: Any) -> bool:
        if normal(str(path[-1])) in _OWN or (self._fields_at and path[: len(self._fields_at)] == self._fields_at):
            return False
        there = [found for record in self._records if (found := at(record, path)) is not None]
        return sum(bool(found == value) for found in there) >= max(_FEWEST, _SHARED * len(there))

    def _is_usual(self, path: Path) -> bool:
        return sum(at(record, path) is not None for record in self._records) >= _SHARED * len(self._records)


def _is_turn(value: Any) -> bool:
    """Whether an item of a list is what a user or an assistant said; what a system message says holds for all."""
    return isinstance(value, Mapping) and is_message(value) and role_of(value) not in ("system", "developer")
