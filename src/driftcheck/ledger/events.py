"""What the ledger keeps of the discipline: refreshes, accepted and retired cases, seals, openings, waivers.

Numbers, names and hashes; no text of a case or a trace, and none of a sealed one above all.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from driftcheck.baseline import TrafficProfile, decode_centroid, encode_centroid
from driftcheck.ledger.entries import MAX_DIMENSIONS, Sha256, UsedModel

_STRICT = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore")
_Name = Annotated[str, Field(max_length=400)]
_Token = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Cases were proposed from production, and what production asked about that day was kept."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    KIND: ClassVar[str] = "refresh"

    at: dt.date
    config: _Name
    """Name of the drift.yaml."""
    model: UsedModel
    proposals: _Name
    """File that the proposals were written to, relative to the drift.yaml."""
    n_proposed: _Count
    asked: tuple[_Token, ...] = field(repr=False)
    """Tokens of the traces and of the inputs that were proposed, which are never proposed again."""
    centroids: Mapping[str, Annotated[str, Field(max_length=MAX_DIMENSIONS * 4)]] = field(repr=False)
    """Mean embedding of each slice by its id, as in `entries.SliceProfile`."""
    counts: Mapping[str, _Count] = field(repr=False)
    """Sampled sessions nearest to each slice."""
    mixes: Mapping[str, Mapping[_Name, _Count]] = field(default_factory=dict, repr=False)
    """What else that sample was made of: sampled sessions by language, model, error class, class of length."""

    def profile(self) -> TrafficProfile:
        """Traffic of that day. Raises ValueError where a centroid is none."""
        centroids = {name: decode_centroid(text) for name, text in self.centroids.items()}
        return TrafficProfile(centroids, dict(self.counts), f"the refresh of {self.at.isoformat()}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """Reviewed proposals entered the eval set; where they are a share of it, it is as fresh as this day."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    KIND: ClassVar[str] = "accept"

    at: dt.date
    config: _Name
    reviewers: tuple[_Name, ...]
    n_tuned: _Count
    n_sealed: _Count
    """Cases marked for the seal."""
    asked: tuple[_Token, ...] = field(default=(), repr=False)
    """Tokens of the traces that they came of: they tell whose proposals these were."""


@dataclass(frozen=True, slots=True)
class Retired:
    """Cases were taken out."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    KIND: ClassVar[str] = "retire"

    at: dt.date
    config: _Name
    reasons: Mapping[str, _Count]
    """Cases by the reason, in a word."""


@dataclass(frozen=True, slots=True)
class Validated:
    """A person looked at cases and found that they still hold."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    KIND: ClassVar[str] = "validate"

    at: dt.date
    config: _Name
    n_cases: _Count


@dataclass(frozen=True, slots=True)
class Sealed:
    """The held-out partition was closed; what its file holds is vouched for."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    KIND: ClassVar[str] = "seal"

    at: dt.date
    config: _Name
    path: _Name
    """The sealed file, relative to the drift.yaml."""
    sha256: Sha256
    """Of the bytes of the sealed file."""
    n_cases: _Count
    n_fresh: _Count
    """Cases that no earlier seal held."""
    key: _Token
    """Names the key without telling it."""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """The seal was opened for a release."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    KIND: ClassVar[str] = "unseal"

    at: dt.date
    time: float
    """Unix seconds."""
    config: _Name
    release: _Name
    who: _Name
    sha256: Sha256
    """Of the sealed file that was opened."""
    is_forced: bool
    """Opened once more on a sample that had been opened."""


@dataclass(frozen=True, slots=True)
class Waived:
    """An exception was made."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    KIND: ClassVar[str] = "waiver"

    at: dt.date
    config: _Name
    check: _Name
    slice: _Name | None
    until: dt.date
    owner: _Name
    reason: Annotated[str, Field(max_length=4000)]


Event = Refreshed | Accepted | Retired | Validated | Sealed | Unsealed | Waived
E = TypeVar("E", Refreshed, Accepted, Retired, Validated, Sealed, Unsealed, Waived)


def token_of(*parts: str) -> str:
    """Short hash of what was proposed: enough to know it again, nothing to read.

    >>> token_of("trace", "8f3c")
    '48e72bba66adf291'
    """
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def encoded(profile: TrafficProfile) -> dict[str, str]:
    """Centroids of a profile as `Refreshed` keeps them."""
    return {name: encode_centroid(centroid) for name, centroid in profile.centroids.items()}


def read_event(kind: type[E], text: bytes | memoryview) -> E:
    """An event from its line.

    Raises:
        ValueError: it is none, with what is wrong in one line.

    """
    found: E = _read(kind.KIND, text)
    return found


def check_event(kind: str, text: bytes | memoryview) -> None:
    """Refuse a line that could not be read back. Raises ValueError with what is wrong in one line."""
    _read(kind, text)


def _read(kind: str, text: bytes | memoryview) -> Any:
    try:
        return _ADAPTERS[kind]().validate_json(bytes(text))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][:6])
        raise ValueError(f"{where}: {first['msg']}" if where else str(first["msg"])) from None


_ADAPTERS: Mapping[str, Callable[[], TypeAdapter[Any]]] = {
    kind.KIND: cache(partial(TypeAdapter, kind))
    for kind in (Refreshed, Accepted, Retired, Validated, Sealed, Unsealed, Waived)
}
"""Made when first needed, by kind."""
