"""What an audit is about, read from files or frames: eval set, runs, production."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.config import Config, EvalRunsChoice, Section, did_you_mean
from driftcheck.errors import ConfigError, InputError, OutputError
from driftcheck.joining import make_eval_set, make_runs
from driftcheck.ledger.store import LEDGER_FILES
from driftcheck.loaders import LOADERS
from driftcheck.loaders.columns import ALIASES, ColumnMap
from driftcheck.loaders.inspection import Reading
from driftcheck.loaders.joint_exports import joined
from driftcheck.loaders.source import STDIN, Source, find_sources, set_aside_as
from driftcheck.numbers import count
from driftcheck.production import Gatherer
from driftcheck.records import Case, EvalSet, Kind, LoadReport, Production, Result, Runs, Trace
from driftcheck.sampling import Sampler, Window
from driftcheck.seal_file import UNSEALED, read_closed
from driftcheck.sealed_results import by_batch, part_sealed, without_sealed_example
from driftcheck.watching import Watcher
from driftcheck.week_sampling import WeekSampler
from driftcheck.window_sampling import WindowSampler, Wish

if TYPE_CHECKING:
    import pandas as pd

Paths = Sequence[str | Path]
_TELL_EVERY = 2_000


class Sources:
    """Where the inputs are: options and arguments first, drift.yaml else."""

    def __init__(self, config: Config, stack: ExitStack, outputs: Sequence[Path]) -> None:
        self._config = config
        self._stack = stack
        self._outputs = {path.resolve() for path in outputs}
        ledger = config.ledger_folder
        kept = [ledger / name for name in LEDGER_FILES] if ledger else []
        for path in (config.path, config.baseline_path, *kept):
            self._spare(path, str(path))

    def find(
        self, section: Section, given: str | Path | Paths | pd.DataFrame | None, *, required: bool
    ) -> tuple[Source, ...]:
        """Sources of one input: as given, else as drift.yaml declares.

        Raises:
            ConfigError: it is required and nobody names it.
            InputError: a path that matches nothing.

        """
        import pandas as pd

        if isinstance(given, pd.DataFrame):
            return (self._spooled(section, given),)
        if given is not None:
            paths = [given] if isinstance(given, str | Path) else list(given)
            return self._found(section, paths)
        declared: tuple[str, ...] = getattr(self._config.settings, section)
        if declared:
            folder = self._config.folder
            here = [path if path == STDIN else os.path.normpath(folder / path) for path in declared]
            return self._found(section, here)
        if required:
            option = f"--{section.replace('_', '-')}"
            raise ConfigError(
                self._config.where(section),
                f"no {section} to read",
                f"set `{section}:` or {option}; driftcheck init finds it",
            )
        return ()

    def _found(self, section: Section, paths: Paths) -> tuple[Source, ...]:
        if section == "eval_set":
            _refuse_set_aside(paths)
        sources = self._spared(find_sources(paths, base=Path()))
        if section == "eval_set":
            self._refuse_opened(sources)
        return joined(sources) if section == "production" else sources

    def _refuse_opened(self, sources: tuple[Source, ...]) -> None:
        """Refuse what `driftcheck unseal` opened: tuned against, it would be sealed no more."""
        ledger = self._config.ledger_folder
        for source in sources if ledger else ():
            if ledger and source.path and source.path.resolve().is_relative_to((ledger / UNSEALED).resolve()):
                raise ConfigError(source.name, "holds opened cases, which are no part of an eval set", "leave it out")

    def _spared(self, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """Refuse to audit what the report is about to overwrite."""
        for source in sources:
            self._spare(source.path, source.name)
        return sources

    def _spare(self, path: Path | None, name: str) -> None:
        if path and path.resolve() in self._outputs:
            raise OutputError(name, "is an input of this audit: an output would replace it")

    def _spooled(self, section: Section, frame: pd.DataFrame) -> Source:
        """Write a frame to a temporary file of JSON lines: frames and files then share every rule of reading."""
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="driftcheck-"))
        path = Path(folder, f"{section}.jsonl")
        frame.to_json(path, orient="records", lines=True, date_format="iso", force_ascii=False)
        return Source(f"{section} (DataFrame)", path, path.stat().st_size)


def _refuse_set_aside(paths: Paths) -> None:
    """Refuse proposals, retired and sealed cases that are named as an eval set; a folder or glob may hold them."""
    for path in map(str, paths):
        what = set_aside_as(path)
        if what is not None and not Path(path).is_dir():
            hint = "driftcheck accept takes reviewed ones in" if what == "proposals" else "name the set that they left"
            cases = what if what == "proposals" else f"{what} cases"
            raise ConfigError(path, f"holds {cases}, which are no part of an eval set", hint)


class _Readings:
    """Reads sources one after another as one kind, and keeps what was understood of each."""

    def __init__(
        self, sources: Sequence[Source], kind: Kind, config: Config, section: Section, watcher: Watcher
    ) -> None:
        self._sources = sources
        self._kind = kind
        self._columns = _declared_columns(config, section)
        self._format = _declared_format(config, section, kind)
        self._keeps_eval_runs = config.settings.eval_runs is EvalRunsChoice.KEEP
        self._watcher = watcher
        self.reports: list[LoadReport] = []

    def records(self) -> Iterator[tuple[Source, Case | Result | Trace]]:
        n = 0
        for source in self._sources:
            if source.part_of is not None:  # read with the file that leads its export
                continue
            self._watcher.stage(f"Reading {source.name}")
            reading = Reading(
                source,
                kind=self._kind,
                format=self._format,
                columns=self._columns,
                keeps_eval_runs=self._keeps_eval_runs,
            )
            for record in reading.records():
                n += 1
                if n % _TELL_EVERY == 0:
                    self._watcher.step(n, None)
                yield source, record
            self.reports.append(reading.report())


def _declared_columns(config: Config, section: Section) -> ColumnMap:
    """Columns that drift.yaml names for one input.

    Raises:
        ConfigError: it names one for a role that no column has.

    """
    declared: dict[str, str] = getattr(config.settings.columns, section)
    roles = [*ALIASES, "satisfaction"]
    for role in declared:
        if role not in roles:
            where = config.where("columns", section, role)
            raise ConfigError(where, f"columns: {section}: unknown name {role!r}", did_you_mean(role, roles))
    return ColumnMap(declared)


def _declared_format(config: Config, section: Section, kind: Kind) -> str | None:
    """Format that drift.yaml names for one input.

    Raises:
        ConfigError: there is none of that name, or it holds another kind.

    """
    name: str | None = getattr(config.settings.formats, section)
    names = [loader.FORMAT for loader in LOADERS if loader.KIND is kind]
    if name is not None and name not in names:
        where = config.where("formats", section)
        raise ConfigError(where, f"formats: {section}: no format {name!r}", did_you_mean(name, names))
    return name


def read_eval_set(sources: Sequence[Source], config: Config, watcher: Watcher) -> EvalSet:
    """Read the cases.

    Raises:
        InputError: a source cannot be read as an eval set, or none of its cases has an input.

    """
    own = [source for source in sources if set_aside_as(source.name) is None]
    if not own:
        raise InputError(sources[0].name, "holds no cases of an eval set: they are proposed, retired or sealed")
    readings = _Readings(own, Kind.EVALSET, config, "eval_set", watcher)
    cases = [record for _, record in readings.records() if isinstance(record, Case)]
    aside = tuple(
        f"left out beside it: {source.name} ({set_aside_as(source.name)})" for source in sources if source not in own
    )
    if aside:
        readings.reports[0] = replace(readings.reports[0], warnings=(*readings.reports[0].warnings, *aside))
    reports = [
        replace(report, warnings=(*report.warnings, f"{report.n_duplicate_ids} repeated ids are told apart as #2, #3"))
        if report.n_duplicate_ids
        else report
        for report in readings.reports
    ]
    made = make_eval_set(cases, reports, text=config.settings.text, slices=config.settings.slices)
    if made.n_cases == 0:
        raise InputError(sources[0].name, "no case has an input", "driftcheck inspect shows what was understood")
    return made


def read_runs(sources: Sequence[Source], config: Config, cases: EvalSet, watcher: Watcher) -> Runs | None:
    """Read the results and join them to the cases; None where there are no sources.

    Results of sealed cases are kept apart, before anything else sees them.

    Raises:
        InputError: a source cannot be read as results.

    """
    if not sources:
        return None
    readings = _Readings(sources, Kind.RESULTS, config, "runs", watcher)
    results = [(source.name, record) for source, record in readings.records() if isinstance(record, Result)]
    closed = read_closed(config)
    if closed is None or closed.envelope is None:
        return make_runs(results, readings.reports, cases)
    marks = closed.envelope.marks
    rest, opened = part_sealed(results, marks, closed.opened, cases)
    runs = make_runs(rest, [without_sealed_example(report, marks) for report in readings.reports], cases)
    if not opened:
        return runs
    import pandas as pd

    # an error's message may quote the case
    frames = [
        make_runs(own, (), cases).frame.assign(error=None, batch=batch)
        for batch, own in by_batch(opened, marks).items()
    ]
    return replace(runs, sealed=pd.concat(frames, ignore_index=True))


def read_production(
    sources: Sequence[Source],
    config: Config,
    sample: int | None,
    since: float | None,
    until: float | None,
    watcher: Watcher,
) -> Production:
    """Read production in one pass: memory grows with the sample, not with the export.

    Args:
        sources: where the traces are.
        config: drift.yaml.
        sample: sessions to keep, instead of drift.yaml's.
        since: fixed start of the window, unix seconds.
        until: fixed end of the window, unix seconds.
        watcher: told how far it is.

    Raises:
        InputError: a source cannot be read as traces, or nothing of it is in the window.
        ConfigError: `satisfaction` cannot be followed.

    """
    settings = config.settings
    sampler = Sampler(sample or settings.sample, settings.window, since, until)
    (production,) = _gather(sources, config, sampler, watcher)
    if production.sample.empty:
        n_eval_runs = sum(report.n_eval_runs for report in production.reports)
        if n_eval_runs and production.n_traces + production.n_outside_window == 0:
            marks = ", ".join(mark for report in production.reports for mark in report.eval_runs)
            raise InputError(
                sources[0].name,
                f"no production: {count(n_eval_runs, 'trace is an eval run', 'traces are all eval runs')} ({marks})",
                "where these marks are wrong, set `eval_runs: keep` in drift.yaml",
            )
        missing = sum(report.n_missing_input for report in production.reports)
        if missing:
            raise InputError(
                sources[0].name, f"none of {missing:,} traces carries an input text", "was content captured?"
            )
        raise InputError(
            sources[0].name, "no traces in the window", "driftcheck inspect shows the time span; see --since, --until"
        )
    return production


def read_windows(
    sources: Sequence[Source], config: Config, sample: int | None, wishes: Sequence[Wish], watcher: Watcher
) -> tuple[Production, ...]:
    """Read several windows of production in one pass, in the order of the wishes; a window may be empty.

    Raises:
        InputError: a source cannot be read as traces.
        ConfigError: `satisfaction` cannot be followed.

    """
    return _gather(sources, config, WindowSampler(sample or config.settings.sample, wishes), watcher)


def read_weeks(
    sources: Sequence[Source], config: Config, sample: int, window: Window, n_weeks: int | None, watcher: Watcher
) -> tuple[Production, ...]:
    """Read every ISO week of production in one pass, oldest first; one between two others may be empty.

    Args:
        sources: where the traces are.
        config: drift.yaml.
        sample: sessions to keep of each week.
        window: what lies outside is left out; an end that is None is open.
        n_weeks: newest weeks to keep; None keeps all that `week_sampling` allows.
        watcher: told how far it is.

    Raises:
        InputError: a source cannot be read as traces.
        ConfigError: `satisfaction` cannot be followed.

    """
    return _gather(sources, config, WeekSampler(sample, window, n_weeks), watcher)


def _gather(
    sources: Sequence[Source], config: Config, sampler: Sampler | WindowSampler | WeekSampler, watcher: Watcher
) -> tuple[Production, ...]:
    settings = config.settings
    readings = _Readings(sources, Kind.TRACES, config, "production", watcher)
    rating = (settings.satisfaction.field, settings.satisfaction.good)
    gatherer = Gatherer(sampler, text=settings.text, slices=settings.slices, declared_rating=rating)
    for _, record in readings.records():
        if isinstance(record, Trace):
            gatherer.add(record)
    try:
        return gatherer.finish(readings.reports)
    except ValueError as problem:
        raise ConfigError(config.where("satisfaction"), f"satisfaction: {problem}") from None


def check_declared_slices(config: Config, cases: EvalSet, production: Production) -> None:
    """Refuse a declared slice column that neither cases nor traces have.

    Raises:
        ConfigError: with the columns there are.

    """
    known = {*cases.tag_fields, *production.tag_fields, "language"}
    for number, name in enumerate(config.settings.slices):
        if name not in known:
            shown = ", ".join(sorted(known)[:12])
            raise ConfigError(
                config.where("slices", str(number)), f"no column {name!r} in cases or traces", f"there are: {shown}"
            )
