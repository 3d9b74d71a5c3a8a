"""The sealed file as it lies on disk, read without the key, and held against what the ledger vouches for.

One line of JSON without a line end: git on Windows turns line ends around, and the ledger's hash is of exact bytes.
"""

from __future__ import annotations

import binascii
import hashlib
import os
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import orjson
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from driftcheck.config import Config
from driftcheck.errors import InputError
from driftcheck.ledger.events import Sealed, Unsealed
from driftcheck.ledger.store import open_ledger
from driftcheck.seals import BITS, SKETCH, Marks, Opening, SealedCase, SealState

SUFFIX = ".sealed"
"""Ends the name of a sealed file."""
UNSEALED = "unsealed"
"""Folder, in that of the ledger, for what was opened: git does not see it, and no eval set is read from it."""
FORMAT = "driftcheck seal"
CIPHER = "AES-256-GCM"
MAX_BYTES = 1 << 28
_Hex40 = Annotated[str, Field(pattern="^[0-9a-f]{10}$")]


@dataclass(frozen=True, slots=True)
class _Mark:
    """`seals.SealedCase` as the file has it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid")

    input: _Hex40
    id: _Hex40 | None
    sketch: Annotated[tuple[Annotated[int, Field(ge=0, lt=1 << BITS)], ...], Field(max_length=SKETCH)]
    span: Annotated[int, Field(ge=0, le=1 << 32)]
    whole: _Hex40 | None
    batch: Annotated[int, Field(ge=0)]
    opened: float | None


@dataclass(frozen=True)
class Envelope:
    """The sealed file: what is open in it, and what is not."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid")

    format: Literal["driftcheck seal"]
    version: Literal[1]
    cipher: Literal["AES-256-GCM"]
    key: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    """Names the key without telling it."""
    salt: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    nonce: Annotated[str, Field(pattern="^[0-9a-f]{24}$")]
    cases: tuple[_Mark, ...] = field(repr=False)
    sealed: str = field(repr=False)
    """Base64 of the ciphertext with its tag."""

    @cached_property
    def marks(self) -> Marks:
        """What tells the cases apart without the key."""
        return Marks(bytes.fromhex(self.salt), tuple(SealedCase(**asdict(case)) for case in self.cases))

    @property
    def header(self) -> bytes:
        """All that is open, as it is authenticated together with what is not."""
        return orjson.dumps({**asdict(self), "sealed": None}, option=orjson.OPT_SORT_KEYS)

    @property
    def ciphertext(self) -> bytes:
        """With its tag. Raises ValueError where it is no base64."""
        try:
            return b64decode(self.sealed, validate=True)
        except binascii.Error as problem:
            raise ValueError(str(problem)) from None


def make_envelope(key: str, marks: Marks, nonce: bytes, ciphertext: bytes = b"") -> Envelope:
    """Lay a sealed file out; its header does not depend on the ciphertext."""
    return Envelope(
        format="driftcheck seal",
        version=1,
        cipher="AES-256-GCM",
        key=key,
        salt=marks.salt.hex(),
        nonce=nonce.hex(),
        cases=tuple(_Mark(**asdict(case)) for case in marks.cases),
        sealed=b64encode(ciphertext).decode("ascii"),
    )


def format_envelope(envelope: Envelope) -> bytes:
    """Write it as the file has it."""
    return orjson.dumps(asdict(envelope))


def parse_envelope(data: bytes, name: str) -> Envelope:
    """Read a sealed file.

    Raises:
        InputError: it is none, or cut.

    """
    try:
        return _adapter().validate_json(data)
    except ValidationError:  # its message would quote the file
        pass
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise InputError(name, "is no sealed file, or was cut: it is not whole JSON", "restore it by git") from None
    if isinstance(found, dict) and found.get("format") == FORMAT and found.get("version") != 1:
        raise InputError(name, "was sealed by another driftcheck", "update driftcheck")
    raise InputError(name, "is no sealed file, or was altered", "restore it by git")


@cache
def _adapter() -> TypeAdapter[Envelope]:
    return TypeAdapter(Envelope)


@dataclass(frozen=True)
class Closed:
    """A sealed file, the ledger beside it, and whether the two agree."""

    path: Path
    data: bytes | None = field(repr=False)
    """Its bytes; None where there is no file."""
    seals: tuple[Sealed, ...]
    """What the ledger knows, oldest first."""
    unseals: tuple[Unsealed, ...]
    other: str = ""
    """The drift.yaml that sealed the file, and that the ledger's entries are of, where it is not the one asked for."""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was ever sealed, and no sealed file is there."""
        return self.data is None and not self.seals

    @cached_property
    def sha256(self) -> str:
        """Of the file; "" where there is none."""
        return "" if self.data is None else hashlib.sha256(self.data).hexdigest()

    @property
    def problem(self) -> str:
        """What is wrong with the file, "" where it is what the ledger vouches for."""
        if not self.seals:
            return "" if self.data is None else "is unknown to the ledger"
        last = self.seals[-1]
        if self.data is None:
            return f"is missing: the ledger vouches for {last.n_cases} cases in it since {last.at}"
        if self.sha256 == last.sha256:
            return ""
        older = next((one for one in reversed(self.seals) if one.sha256 == self.sha256), None)
        if older is not None:
            newer = "a later one of that day" if older.at == last.at else f"the one of {last.at}"
            return f"is an older one, of {older.at}: the ledger vouches for {newer}"
        return f"is not the file that the ledger vouches for since {last.at}: it was altered, or cut"

    @cached_property
    def envelope(self) -> Envelope | None:
        """The file, read; None where there is none or it cannot be read."""
        try:
            return None if self.data is None else parse_envelope(self.data, str(self.path))
        except InputError:
            return None

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Of the file as the ledger vouches for it, oldest first."""
        if not self.seals:
            return ()
        own = [one for one in self.unseals if one.sha256 == self.seals[-1].sha256]
        return tuple(
            Opening(one.release, one.at, one.time, one.is_forced) for one in sorted(own, key=lambda one: one.time)
        )

    def opened(self, case: SealedCase) -> float | None:
        """When a case was first opened; None where it never was."""
        times = [one.time for one in self.openings]
        return min(times, default=None) if case.opened is None else case.opened

    def state(self) -> SealState | None:
        """What an audit is told before leaks are looked for; None where nothing is sealed."""
        if self.is_nothing:
            return None
        problem = self.problem or ("cannot be read" if self.envelope is None else "")
        return SealState(
            n_cases=self.seals[-1].n_cases if self.seals else 0,
            sealed_at=self.seals[-1].at if self.seals else None,
            problem=f"{self.path.as_posix()} {problem}" if problem else "",
            openings=self.openings,
            batches=Counter(case.batch for case in self.envelope.cases) if self.envelope else {},
            other=self.other,
        )


def read_closed(config: Config) -> Closed | None:
    """The seal of a drift.yaml; None without a drift.yaml or a ledger, where nothing can be sealed.

    Where it sealed nothing itself and another drift.yaml sealed the file, it is that one's seal.

    Raises:
        InputError: the ledger or the sealed file cannot be read.

    """
    folder = config.ledger_folder
    if folder is None or config.path is None:
        return None
    with open_ledger(folder) as ledger:
        seals, unseals = ledger.events(Sealed, None), ledger.events(Unsealed, None)
    own = tuple(one for one in seals if one.config == config.path.name)
    path = sealed_path(config, own)
    data = _bytes(path)
    # two drift.yaml may audit one set: what one of them sealed is sealed for the other, and not its to write over
    other = "" if own or data is None else _sealer(config, path, data, seals)
    name = other or config.path.name
    return Closed(
        path,
        data,
        tuple(one for one in seals if one.config == name),
        tuple(one for one in unseals if one.config == name),
        other,
    )


def _sealer(config: Config, path: Path, data: bytes, seals: Iterable[Sealed]) -> str:
    """The drift.yaml whose seal a file is, by the ledger's path and hash; "" where it is nobody's."""
    sha256 = hashlib.sha256(data).hexdigest()
    here = os.path.normpath(path)
    own = (one for one in seals if one.sha256 == sha256 and os.path.normpath(config.folder / one.path) == here)
    return next((one.config for one in own), "")


def sealed_path(config: Config, seals: Iterable[Sealed] = ()) -> Path:
    """Where the sealed file is: as declared, else as the ledger has it, else beside the eval set."""
    if config.settings.sealed is not None:
        return config.folder / config.settings.sealed
    known = [one.path for one in seals]
    if known:
        return config.folder / known[-1]
    declared = config.settings.eval_set
    if len(declared) == 1 and (config.folder / declared[0]).is_file():
        return (config.folder / declared[0]).with_suffix(SUFFIX)
    return config.folder / f"evalset{SUFFIX}"


def _bytes(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise InputError(str(path), f"cannot be read: {problem.strerror or problem}") from None
    if len(data) > MAX_BYTES:
        raise InputError(str(path), f"is larger than {MAX_BYTES >> 20} MB, which no sealed file is")
    return data
