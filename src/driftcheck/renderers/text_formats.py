"""Text that a command writes to the files of `-o`: which formats there are, and the writing."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TextIO, TypeVar

from driftcheck.errors import OutputError
from driftcheck.renderers.files import check_writable, write_whole
from driftcheck.renderers.targets import STDOUT, Target, resolve

_Render = TypeVar("_Render", bound=Callable[..., None])


@dataclass(frozen=True)
class TextFormat(Generic[_Render]):
    """One file format of what a command found."""

    name: str
    """What people write before the colon in `-o FORMAT:FILE`."""
    ending: str
    """File ending that stands for it in `-o FILE`, lower case."""
    render: _Render
    """Prints it to a text stream."""


def text_targets(
    options: Sequence[str] | None, formats: Sequence[TextFormat[_Render]]
) -> tuple[Target[TextFormat[_Render]], ...]:
    """Read every `-o`, and find out before the work that a file cannot be written.

    Raises:
        ConfigError: no format has the name or the ending.
        OutputError: a file is not writable.

    """
    targets = tuple(resolve(option, formats) for option in options or ())
    for target in targets:
        if target.path != STDOUT:
            check_writable(target.path)
    return targets


def write_texts(targets: Iterable[Target[TextFormat[_Render]]], print_by: Callable[[_Render, TextIO], None]) -> None:
    """Write each file whole or not at all; `print_by` calls a format's `render` with what is to be printed.

    Raises:
        OutputError: the system refuses.

    """
    for target in targets:
        out = io.StringIO()
        print_by(target.format.render, out)
        put(target.path, out.getvalue())


def put(path: Path, text: str) -> None:
    """Write a file, or standard output where the path is `-`.

    Raises:
        OutputError: the system refuses.

    """
    if path != STDOUT:
        write_whole(path, text)
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough: the command line sees to that
        raise
    except OSError as error:
        raise OutputError("standard output", f"cannot be written: {error.strerror or error}") from error
