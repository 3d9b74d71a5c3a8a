"""`-o`: what to write and where, read from `FILE` by its ending or from `FORMAT:FILE`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from driftcheck.errors import ConfigError

STDOUT = Path("-")


class Named(Protocol):
    """What `-o` can name."""

    @property
    def name(self) -> str:
        """What people write before the colon in `-o FORMAT:FILE`."""

    @property
    def ending(self) -> str:
        """File ending that stands for it in `-o FILE`, lower case; empty where only its name does."""


_Any = TypeVar("_Any", bound=Named)


@dataclass(frozen=True)
class Target(Generic[_Any]):
    """One `-o`: what to write and where."""

    format: _Any
    path: Path


def resolve(option: str, formats: Sequence[_Any]) -> Target[_Any]:
    """Read `-o FILE` (by its ending) or `-o FORMAT:FILE`.

    >>> from driftcheck.renderers.formats import FORMATS
    >>> resolve("out/report.json", FORMATS).format.name, str(resolve("json:/dev/stdout", FORMATS).path)
    ('json', '/dev/stdout')

    Raises:
        ConfigError: no format has the name or the ending.

    """
    named = re.fullmatch(r"([A-Za-z]{2,}):(.*)", option, re.DOTALL)
    if named:  # one letter is a Windows drive
        for format in formats:
            if format.name == named[1].lower():
                if not named[2]:
                    raise ConfigError(f"-o {option}", "names no file", f"-o {format.name}:report{format.ending}")
                return Target(format, Path(named[2]))
        raise ConfigError(f"-o {option}", f"unknown format {named[1]!r}", f"there are {_known(formats)}")
    # a shell completes the name of a folder with a slash
    endings = [format for format in formats if format.ending and option.lower().rstrip("/").endswith(format.ending)]
    if not endings:
        raise ConfigError(
            f"-o {option}", "the file's ending says no known format", f"there are {_known(formats)}; or -o FORMAT:FILE"
        )
    return Target(max(endings, key=lambda format: len(format.ending)), Path(option))


def _known(formats: Sequence[Named]) -> str:
    return ", ".join(f"{format.name} ({format.ending or f'-o {format.name}:FILE'})" for format in formats)
