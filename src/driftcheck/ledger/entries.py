"""What the ledger keeps of an audit, and how a line of the file says it.

The types are the layout: what a line holds is written from these dataclasses and read back into them by pydantic,
strictly, since lines come out of git and may be anybody's. Fields are only ever added, with a default; unknown ones are
ignored, so that ledgers written by newer versions can be read.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

# pydantic: drift.yaml is read by it already; types checked by hand would repeat each field.
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from driftcheck.baseline import decode_centroid
from driftcheck.errors import ExitCode
from driftcheck.findings import Verdict
from driftcheck.numbers import date
from driftcheck.past import PastAudit, PastFinding
from driftcheck.scores import Scores

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

AUDIT = "audit"
"""Kind of the entries of audits; kinds that a reader does not know are kept and passed over."""

MAX_DIMENSIONS = 1 << 14
"""Widest embedding that a line may carry."""

Sha256 = Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]
"""A hash in hexadecimal, empty where there is nothing to hash."""

DIGITS = 6
"""Decimals that are kept, as in the JSON report."""


@dataclass(frozen=True, slots=True)
class SliceProfile:
    """One slice as it was then; shares are 0..1."""

    id: Annotated[str, Field(pattern=r"^[\w.-]{1,100}$")]
    name: str
    """As reports show it without `--text`: its id where a text would name it."""
    n_cases: int
    n_traces: int
    share_eval: float
    share_production: float
    pass_rate: float | None
    satisfaction: float | None
    centroid: Annotated[str, Field(max_length=MAX_DIMENSIONS * 4)]
    """Mean embedding, little-endian float16 in base64."""


@dataclass(frozen=True, slots=True)
class InputHashes:
    """What was compared, each a sha256 that does not depend on the order of files and rows."""

    eval_set: Sha256
    runs: Sha256
    production: Sha256


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much was compared."""

    n_cases: int
    n_traces: int
    n_sessions: int
    n_embedded: int
    n_rated: int


@dataclass(frozen=True, slots=True)
class LatestRun:
    """The run that the score was read off."""

    run_id: str
    time: float | None
    """Unix seconds."""
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    n_results: int


@dataclass(frozen=True, slots=True)
class UsedModel:
    """What made the vectors."""

    name: str
    sha256: Sha256 | None

    @property
    def identity(self) -> str:
        """What makes it another model: its hash, for a name may be a folder; the name where it has none."""
        return self.sha256 or self.name


@dataclass(frozen=True, slots=True)
class Subject:
    """What was audited: all that the numbers hang on. Thresholds are not among it: the same again is no new audit."""

    config: str
    """Name of the drift.yaml: two in one folder share a ledger and no history."""
    version: str
    """Of driftcheck."""
    seed: int
    model: UsedModel
    since: float | None
    """Start of the window, unix seconds, to six decimals."""
    until: float | None
    """End of the window; None where no trace carried a time."""
    inputs: InputHashes


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An audit, as the ledger remembers it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore")

    at: dt.date
    """The day taken as today."""
    subject: Subject
    verdict: Verdict
    exit_code: ExitCode
    sizes: Sizes
    scores: Scores
    run: LatestRun | None
    models: tuple[str, ...]
    """Models seen in production, most traces first."""
    against: Sha256
    """Hash of the line that changes were told against; empty for the first of its history."""
    highest_slice: Annotated[int, Field(ge=0, lt=10**9)]
    """Highest number that a slice's id ever had, up to this audit."""
    findings: Mapping[str, PastFinding] = field(default_factory=dict)
    """By the name of the check; empty, as the slices, where only the headline was read."""
    slices: tuple[SliceProfile, ...] = field(default=(), repr=False)

    @property
    def order(self) -> tuple[float, dt.date]:
        """Where it stands in the history."""
        return order_of(self.subject, self.at)

    def past(self) -> PastAudit:
        """The same as outputs show it."""
        until = self.subject.until
        name = self.at.isoformat() if until is None else date(until)
        return PastAudit(
            name=name,
            time=until,
            verdict=self.verdict,
            scores=self.scores,
            findings=self.findings,
            since=self.subject.since,
        )

    def centroids(self) -> dict[str, NDArray[np.float32]]:
        """Mean embedding of each slice by its id, shape (d,). Raises ValueError where one is none."""
        return {part.id: decode_centroid(part.centroid) for part in self.slices}


def order_of(subject: Subject, at: dt.date) -> tuple[float, dt.date]:
    """Order of audits: by the end of the window (where no trace has a time: the day of the audit), then by that day."""
    if subject.until is not None:
        return subject.until, at
    return dt.datetime.combine(at, dt.time(), dt.UTC).timestamp(), at


DETAILS = b',"findings":{'
"""Where the headline of a line ends, at its findings and slices. No string of a line can hold these bytes, whose quotes
would be escaped in it."""


@cache
def _adapter() -> TypeAdapter[AuditEntry]:
    return TypeAdapter(AuditEntry)


def as_fields(entry: DataclassInstance) -> dict[str, Any]:
    """Lay an entry out for its line; its details come last, so that a reader of headlines can stop before them."""
    return {one.name: _plain(getattr(entry, one.name)) for one in fields(entry)}


def read_audit(text: bytes | memoryview) -> AuditEntry:
    """An entry from its line, or from the headline of one.

    Raises:
        ValueError: it is none, with what is wrong in one line.

    """
    try:
        return _adapter().validate_json(bytes(text))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][:6])
        raise ValueError(f"{where}: {first['msg']}" if where else str(first["msg"])) from None


def _plain(value: Any) -> Any:
    """Values as JSON holds them: numbers to six decimals, no NaN, no lone surrogate."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0 if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
