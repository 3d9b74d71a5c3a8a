"""The files that hold the cases of an eval set, each case beside the record that it was read of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from driftcheck.config import Config, did_you_mean
from driftcheck.editing import Edit, EditableFile, locate
from driftcheck.editing.fields import PROMPTFOO, Fields, fields_of
from driftcheck.editing.record_layout import WAY_OUT, RecordLayout, find_record_layouts
from driftcheck.editing.record_paths import folded
from driftcheck.errors import ConfigError, InputError
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.inspection import Reading
from driftcheck.loaders.source import Source, file_source, set_aside_as, with_content
from driftcheck.records import Case, Kind


@dataclass(frozen=True)
class Wanted:
    """A new case as it is to be read back."""

    input_text: str
    expected: tuple[str, ...]
    """Empty where its record says nothing of its own."""
    trace_id: str | None
    name: str | None = None
    """What the user calls it."""


@dataclass(frozen=True)
class CaseFile:
    """One file of an eval set."""

    file: EditableFile
    cases: tuple[tuple[int, Case], ...]
    """Each with the number of its record; several may come of one."""
    config: Config = field(repr=False)
    is_referred: bool
    """A promptfoo config names it in its `tests`, and its rows are tests whatever they look like."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.file.path

    @property
    def is_promptfoo(self) -> bool:
        """Whether its records are promptfoo tests, whose variables are rendered as templates."""
        return self._format in PROMPTFOO

    @cached_property
    def fields(self) -> Fields:
        """Where its records keep dates and owners."""
        values = [record.value for record in self.file.records]
        return fields_of(self._format, values, is_csv=bool(self.file.columns))

    @cached_property
    def layout(self) -> RecordLayout:
        """How its records are laid out: so that a new one is read back as the case that it is.

        Raises:
            InputError: that cannot be told.

        """
        problem = InputError(self.file.name, "holds no records", WAY_OUT)
        for layout in find_record_layouts(
            [record.value for record in self.file.records],
            self.cases,
            format=self._format,
            is_csv=bool(self.file.columns),
            name=self.file.name,
        ):
            record = layout.record("driftcheck-trial", _TRIAL.input_text, _TRIAL_FIELDS, expected="x")
            wanted = _TRIAL if layout.expected else replace(_TRIAL, expected=())
            try:
                self.check(self.file.edited(append=[record]), [wanted])
            except InputError as found:
                problem = found
                continue
            return layout
        raise problem

    def check(self, edit: Edit, wanted: Sequence[Wanted]) -> None:
        """Refuse an edit after which the file does not read as its cases so far and the wanted ones.

        Raises:
            InputError: so it is.

        """
        new = read_anew(edit, self.config, is_referred=self.is_referred)
        if new is None or len(new) != len(wanted):
            raise InputError(self.file.name, "new records would not be read as the cases that they are", WAY_OUT)
        for case, one in zip(new, wanted, strict=True):
            if not _is_as(case, one):
                what = f"{one.name or one.trace_id or 'a new record'} would be read as another case than it is"
                raise InputError(self.file.name, what, WAY_OUT)

    @property
    def _format(self) -> str:
        return _TESTS if self.is_referred else self.file.format


_TESTS = "promptfoo-tests"
_TRIAL_FIELDS = {
    "created": "2026-01-01",
    "validated": "2026-01-01",
    "source_trace_id": "driftcheck-trial",
    "provenance": "production",
    "split": "tuned",
}
_TRIAL = Wanted("driftcheck: may this stand here?", ("x",), "driftcheck-trial")


def read_anew(edit: Edit, config: Config, *, is_referred: bool) -> list[Case] | None:
    """Cases that an edited file has besides those that it had; None where one of those is another, or gone.

    An edit of one record may change how a whole file is read: a column with a telling name makes it another format.
    """
    format = _TESTS if is_referred else None
    source = file_source(edit.path, edit.name)
    old, new = (_reading(one, config, format) for one in (source, with_content(source, edit.after)))
    known = Counter(_key(case) for case in old.records() if isinstance(case, Case))
    found = []
    for case in new.records():
        if isinstance(case, Case):
            known[_key(case)] -= 1
            if known[_key(case)] < 0:
                found.append(case)
    is_kept = old.recognition.loader is new.recognition.loader and not any(n > 0 for n in known.values())
    return found if is_kept else None


def _key(case: Case) -> tuple[str | None, str]:
    return case.case_id, folded(case.input_text or "")


def _is_as(case: Case, wanted: Wanted) -> bool:
    texts = {folded(text) for text in case.expected}
    return (
        folded(case.input_text or "") == folded(wanted.input_text)
        and (not wanted.expected or any(folded(text) in texts for text in wanted.expected))
        and case.freshness.source_trace_id == wanted.trace_id
    )


def read_cases(source: Source, config: Config) -> list[Case]:
    """Read the cases of one input. Raises InputError where it holds none."""
    return [record for record in _reading(source, config, None).records() if isinstance(record, Case)]


def _reading(source: Source, config: Config, format: str | None) -> Reading:
    settings = config.settings
    return Reading(
        source,
        kind=Kind.EVALSET,
        format=format or settings.formats.eval_set,
        columns=ColumnMap(settings.columns.eval_set),
    )


def read_case_files(sources: Sequence[Source], config: Config) -> tuple[CaseFile, ...]:
    """Find the files that the cases of an eval set stand in, the one with most cases first.

    A promptfoo config may name them in its `tests`; proposals, retired and sealed cases are no part of the set.

    Raises:
        InputError: a file cannot be edited, or a case stands in no record of one.

    """
    cases = []
    for source in sources:
        if set_aside_as(source.name) is None:
            if source.path is None:
                raise InputError(source.name, "is standard input, and no file to edit", WAY_OUT)
            cases += read_cases(source, config)
    located = locate(dict.fromkeys(case.where for case in cases))
    named = {source.path for source in sources}
    files = {place.file.path: place.file for place in located.values()}
    found = [
        CaseFile(
            file,
            tuple((place.number, case) for case in cases if (place := located[case.where]).file.path == path),
            config,
            is_referred=path not in named,
        )
        for path, file in files.items()
    ]
    return tuple(sorted(found, key=lambda one: -len(one.cases)))


def file_for(files: Sequence[CaseFile], into: Path | None) -> CaseFile:
    """The file that new cases go to: the one named, else the one with most cases.

    Raises:
        ConfigError: none of the eval set's files has that name.
        InputError: there is no file.

    """
    if not files:
        raise InputError("eval_set", "holds no cases", WAY_OUT)
    if into is None:
        return files[0]
    for one in files:
        if one.path.resolve() == into.resolve():
            return one
    raise ConfigError(
        "--into", f"{into} is no file of the eval set", did_you_mean(str(into), [one.file.name for one in files])
    )
