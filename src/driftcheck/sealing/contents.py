"""What is inside a seal: for each time that cases were sealed a batch of files, as they would stand on the disk."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import orjson
from pydantic import Base64Bytes, ConfigDict, TypeAdapter, ValidationError
from pydantic import Field as Limits

from driftcheck.errors import InputError


@dataclass(frozen=True)
class SealedFile:
    """Cases out of one file of the tuned set, written like it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: Annotated[str, Limits(max_length=400)]
    """Of the file they came from, without its ending."""
    suffix: Annotated[str, Limits(max_length=20)]
    format: Annotated[str, Limits(max_length=100)]
    """Of the loader that reads that file."""
    n_cases: int
    data: Base64Bytes = field(repr=False)


Batch = tuple[SealedFile, ...]
_ADAPTER: TypeAdapter[tuple[Batch, ...]] = TypeAdapter(tuple[Batch, ...])


def encode(batches: tuple[Batch, ...]) -> bytes:
    """Write batches as JSON."""
    return orjson.dumps(
        [
            [
                {
                    "name": one.name,
                    "suffix": one.suffix,
                    "format": one.format,
                    "n_cases": one.n_cases,
                    "data": b64encode(one.data).decode("ascii"),
                }
                for one in batch
            ]
            for batch in batches
        ]
    )


def decode(text: bytes, name: str) -> tuple[Batch, ...]:
    """Read what `encode` wrote.

    Raises:
        InputError: it is something else; the error quotes nothing of it.

    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError:
        raise InputError(name, "holds nothing that this driftcheck can open") from None
