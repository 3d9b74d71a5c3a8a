"""drift.yaml, declared once: `init`, the JSON schema, the README table and every error are made from this model."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml

# pydantic: one frozen model gives validation, JSON schema and field docs; hand-written checks would repeat each key.
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.fields import FieldInfo

from driftcheck.aliases import Endless, n_values
from driftcheck.errors import ConfigError
from driftcheck.places import Place

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_LEDGER = ".driftcheck"
MAX_CHARS = 1 << 20
"""Largest drift.yaml, in characters."""
_MAX_VALUES = 100_000
_DURATION = re.compile(r"^\s*(\d+)\s*([hdw])\s*$")
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800}


class Design(StrEnum):
    """How the eval set was put together."""

    SAMPLE = "sample"
    STRATIFIED = "stratified"


class TextChoice(StrEnum):
    """Which text of a case or trace is embedded."""

    LAST_TURN = "last_turn"
    CONVERSATION = "conversation"


class EvalRunsChoice(StrEnum):
    """What becomes of traces that look like eval runs."""

    LEAVE_OUT = "leave_out"
    KEEP = "keep"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_items(value: object) -> object:
    return () if value is None else value  # a bare key, below which nothing stands yet


def _as_policy(value: object) -> object:
    # YAML 1.1 reads a bare `off` as False.
    if value is False or value == "off":
        return {"off": True}
    if value is True or value == "on":
        return {}
    return value


def _as_folder(value: object) -> object:
    # YAML 1.1 reads a bare `off` as False.
    if value is False or value == "off":
        return None
    return DEFAULT_LEDGER if value is True or value == "on" else value


def _as_duration(value: object) -> object:
    found = _DURATION.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("not a duration; write 28d, 4w or 36h")
    return int(found.group(1)) * _SECONDS[found.group(2)]


def _as_ages(value: object) -> object:
    ages = value if isinstance(value, dict) else {} if value is None else {WHOLE_SET: value}
    return {name: _as_duration(age) for name, age in ages.items()}


WHOLE_SET = "default"
"""Key of `max_age` that is no tag."""

Paths = Annotated[tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])]
_WrittenDuration = Annotated[str, Field(pattern=_DURATION.pattern, examples=["28d", "4w"])]
Duration = Annotated[int, BeforeValidator(_as_duration, json_schema_input_type=_WrittenDuration), Field(gt=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Policy(_Frozen):
    """Thresholds of one check; whatever is left out keeps the check's default."""

    warn: float | None = Field(None, ge=0, description="warn at this value and above; null: never")
    fail: float | None = Field(None, ge=0, description="fail (exit 1) at this value and above; null: never")
    off: bool = Field(False, description="do not run the check")

    @model_validator(mode="after")
    def _in_order(self) -> Policy:
        if self.warn is not None and self.fail is not None and self.warn > self.fail:
            raise ValueError(f"warns at {self.warn:g}, above where it fails ({self.fail:g})")
        return self


class Columns(_Frozen):
    """Columns named by hand, per input, where sniffing needs help: our name -> the file's column."""

    eval_set: dict[str, str] = Field(default_factory=dict, description="columns of the eval set")
    runs: dict[str, str] = Field(default_factory=dict, description="columns of the results")
    production: dict[str, str] = Field(default_factory=dict, description="columns of the traces")


class Formats(_Frozen):
    """Formats named by hand, per input, where a file looks like another one."""

    eval_set: str | None = Field(None, description="format of the eval set")
    runs: str | None = Field(None, description="format of the results")
    production: str | None = Field(None, description="format of the traces")


class SatisfactionRule(_Frozen):
    """Which rating says that a user was satisfied."""

    field: str | None = Field(None, description="name of the rating, such as csat")
    good: str | None = Field(None, description='what counts as satisfied, such as ">= 4"')


class RubricEntry(_Frozen):
    """One item that answers are judged by: reviewed now and then, or it judges by the policy of last year."""

    name: str = Field(description="as the metric, scorer or assertion is called in the runs", min_length=1)
    text: str | None = Field(None, description="what is asked of an answer, in words")
    reviewed: dt.date | None = Field(None, description="day on which a person last read it")
    owner: str | None = Field(None, description="who answers for it")


class Waiver(_Frozen):
    """A dated exception: the finding is shown, and does not block until the date."""

    check: str = Field(description="code or name of the check")
    slice: str | None = Field(None, description="id of the slice it is limited to")
    until: dt.date = Field(description="last day on which it holds")
    owner: str = Field(description="who answers for it")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(description="why")

    @property
    def by(self) -> str:
        """Who answers for it, in a sentence."""
        return self.owner.strip() or "nobody"


class Settings(_Frozen):
    """Every key of drift.yaml."""

    eval_set: Paths = Field((), description="eval set: file, folder, glob or list; the format is sniffed")
    runs: Paths = Field((), description="results of the eval set's runs; time order comes from the files")
    production: Paths = Field((), description="production traces")
    window: Duration = Field(28 * 86_400, description="newest part of production that is compared, such as 28d or 4w")
    design: Design = Field(
        Design.SAMPLE,
        description="sample: the eval set should look like traffic; stratified: edge cases are over-sampled on purpose",
    )
    text: TextChoice = Field(TextChoice.LAST_TURN, description="what is embedded: last_turn or conversation")
    columns: Columns = Field(default_factory=Columns, description="columns by hand, where sniffing needs help")
    formats: Formats = Field(
        default_factory=Formats, description="formats by hand, such as {production: langfuse}, where a guess is wrong"
    )
    eval_runs: EvalRunsChoice = Field(
        EvalRunsChoice.LEAVE_OUT,
        description="production traces that look like eval runs: leave_out, or keep where the marks are wrong",
    )
    satisfaction: SatisfactionRule = Field(
        default_factory=SatisfactionRule, description="which rating counts as satisfied"
    )
    slices: Paths = Field((), description="declared metadata columns that are slices too, such as intent or language")
    model: str = Field(DEFAULT_MODEL, description="sentence-transformers model: name or folder")
    sample: int = Field(10_000, ge=100, description="sessions of production that are embedded")
    checks: dict[
        str, Annotated[Policy, BeforeValidator(_as_policy, json_schema_input_type=Policy | bool | Literal["on", "off"])]
    ] = Field(default_factory=dict, description="thresholds per check (code or name), or off")
    required: Paths = Field(
        ("topic-divergence", "slice-coverage"),
        description="checks that must be measurable; where one is not, the audit is blind (exit 3)",
    )
    owner: str | None = Field(None, description="who answers for the eval set")
    owners: dict[str, str] = Field(default_factory=dict, description="who answers for a slice, by its id")
    refresh_every: Duration | None = Field(
        None, description="how often the eval set is to be refreshed from production, such as 4w: the report says when"
    )
    max_age: Annotated[
        dict[str, int],
        BeforeValidator(_as_ages, json_schema_input_type=_WrittenDuration | dict[str, _WrittenDuration] | None),
    ] = Field(
        default_factory=dict,
        description="age from which the set is stale, and a case that nobody validated expired: 26w, or by tag "
        "{default: 26w, topic=prices: 4w}",
    )
    rubric: tuple[RubricEntry, ...] = Field((), description="what answers are judged by: name, text, reviewed, owner")
    not_personal: Paths = Field(
        (), description="names of no person, such as of products, which masking is to leave in proposals"
    )
    prompts: Paths = Field((), description="prompts of the product: no sealed case may stand in them")
    sealed: str | None = Field(
        None, description="where sealed cases lie encrypted; by default NAME.sealed beside the eval set"
    )
    minutes_per_case: float | None = Field(
        None, gt=0, description="what labelling one case takes: the labelling bill is told in hours too"
    )
    waivers: Annotated[
        tuple[Waiver, ...], BeforeValidator(_as_items, json_schema_input_type=tuple[Waiver, ...] | None)
    ] = Field((), description="dated exceptions")
    baseline: str | None = Field(
        None, description="JSON report of an earlier audit: slices keep their ids, and changes are shown"
    )
    ledger: Annotated[str | None, BeforeValidator(_as_folder, json_schema_input_type=str | bool | None)] = Field(
        DEFAULT_LEDGER,
        min_length=1,
        description="folder where audits are remembered, to be committed, or off: slices keep their ids, and changes "
        "are shown",
    )


@dataclass(frozen=True)
class Config:
    """Settings, and where they stand, so that an error names its line."""

    settings: Settings
    path: Path | None
    """The drift.yaml they came from; None where all came by options."""
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """Line of each key, by its path of keys."""

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return self.path.parent if self.path else Path()

    @property
    def baseline_path(self) -> Path | None:
        """The earlier report, if one is named."""
        return self.folder / self.settings.baseline if self.settings.baseline else None

    @property
    def ledger_folder(self) -> Path | None:
        """Where audits are remembered: nowhere if it is off, or there is no drift.yaml whose history it would be."""
        if self.path is None or self.settings.ledger is None:
            return None
        return self.folder / self.settings.ledger

    def place(self, *keys: str) -> Place | None:
        """The line of a key, or of the nearest key above it that has one; None where there is no drift.yaml."""
        if self.path is None:
            return None
        lines = (self.lines.get(keys[:length]) for length in range(len(keys), 0, -1))
        return Place(self.path.as_posix(), next((line for line in lines if line is not None), None))

    def where(self, *keys: str) -> str:
        """`drift.yaml:12` for a key, or the nearest key above it that has a line."""
        place = self.place(*keys)
        return str(replace(place, path=Path(place.path).name)) if place else "options"


def did_you_mean(word: str, known: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    """`did you mean X?`, or the list of what there is."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"


def _key_lines(node: yaml.Node, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*above, str(key.value))
            yield path, key.start_mark.line + 1
            yield from _key_lines(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            path = (*above, str(number))
            yield path, value.start_mark.line + 1
            yield from _key_lines(value, path)


def _check_keys(node: yaml.Node, name: str, seen: set[int]) -> None:
    """Refuse a key that stands twice in its mapping: YAML would keep the last and say nothing."""
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    first: dict[str, int] = {}
    for item in node.value:
        key, value = item if isinstance(node, yaml.MappingNode) else (None, item)
        if isinstance(key, yaml.ScalarNode):
            line = key.start_mark.line + 1
            if key.value in first:
                raise ConfigError(f"{name}:{line}", f"{key.value!r} is here twice, first in line {first[key.value]}")
            first[key.value] = line
        _check_keys(value, name, seen)


def _fields_at(path: tuple[str, ...]) -> list[str]:
    """Names of the keys allowed beside the unknown one at `path`."""
    model: type[BaseModel] = Settings
    for key in path:
        info: FieldInfo | None = model.model_fields.get(key)
        if info is None:
            continue
        for candidate in (Policy, Columns, Formats, SatisfactionRule, RubricEntry, Waiver):
            if candidate.__name__ in repr(info.annotation):
                model = candidate
    return list(model.model_fields)


_PLAIN = {
    "model_type": "not a mapping, such as {key: value}",
    "dict_type": "not a mapping, such as {key: value}",
    "tuple_type": "neither a text nor a list",
    "int_parsing": "not a whole number",
    "int_type": "not a whole number",
    "float_parsing": "not a number",
    "float_type": "not a number",
    "string_type": "not a text",
    "string_too_short": "blank",
    "bool_parsing": "neither true nor false",
}
"""What pydantic says of a wrong kind of value, in the words of someone who writes YAML."""


def parse_config(text: str, path: Path) -> Config:
    """Read drift.yaml's text.

    Raises:
        ConfigError: bad YAML, an unknown key, one that is here twice, or a value of the wrong kind, with its line.

    """
    name = path.name
    if len(text) > MAX_CHARS:
        raise ConfigError(name, f"is larger than {MAX_CHARS >> 20} MB, which no drift.yaml is")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            if n_values(node) > _MAX_VALUES:
                raise ConfigError(name, f"stands for more than {_MAX_VALUES:,} values, with its aliases followed")
            _check_keys(node, name, set())
        data: Any = yaml.safe_load(text)
    except Endless as problem:
        raise ConfigError(f"{name}:{problem.line}", str(problem)) from None
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise ConfigError(f"{name}:{line}", f"not valid YAML: {problem.problem}") from None
    except yaml.YAMLError as problem:
        raise ConfigError(name, f"not valid YAML: {str(problem).splitlines()[0]}") from None
    except (ValueError, RecursionError) as problem:  # such as the date 2026-13-01, or nesting without end
        raise ConfigError(name, f"a value cannot be read: {problem}") from None
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise ConfigError(f"{name}:1", "not a mapping of keys", "driftcheck init writes one to start from")
    lines = dict(_key_lines(node)) if node is not None else {}
    try:
        settings = Settings.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        # pydantic puts validator names into the location; keep what stands in the file
        keys = tuple(str(part) for part in first["loc"])
        while keys and keys not in lines:
            keys = keys[:-1]
        line = lines.get(keys, 1)
        shown = ".".join(keys) or name
        if first["type"] == "extra_forbidden":
            unknown = str(first["loc"][-1])
            hint = did_you_mean(unknown, _fields_at(tuple(str(part) for part in first["loc"][:-1])))
            raise ConfigError(f"{name}:{line}", f"unknown key {unknown!r}", hint) from None
        if first["type"] == "missing":
            lacking = [str(error["loc"][-1]) for error in problem.errors() if error["loc"][:-1] == first["loc"][:-1]]
            raise ConfigError(f"{name}:{line}", f"{shown}: lacks {', '.join(lacking)}") from None
        what = _PLAIN.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise ConfigError(f"{name}:{line}", f"{shown}: {what[0].lower()}{what[1:]}") from None
    return Config(settings=settings, path=path, lines=lines)


def load_config(path: str | Path = "drift.yaml") -> Config:
    """Read drift.yaml from a file.

    Raises:
        ConfigError: the file is missing, unreadable or wrong, with the line where there is one.

    """
    file = Path(path)
    try:
        with file.open(encoding="utf-8-sig") as stream:
            text = stream.read(MAX_CHARS + 1)
    except FileNotFoundError:
        raise ConfigError(str(path), "no such file", "driftcheck init writes one") from None
    except IsADirectoryError:
        raise ConfigError(str(path), "is a folder", f"name the file in it, such as {file / 'drift.yaml'}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not UTF-8 text", "save it as UTF-8") from None
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        raise ConfigError(str(path), f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    return parse_config(text, file)


def json_schema() -> dict[str, Any]:
    """JSON schema of drift.yaml, for editors."""
    return Settings.model_json_schema()


Section = Literal["eval_set", "runs", "production"]
