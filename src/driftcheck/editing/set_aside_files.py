"""Files of proposals and of retired cases, as people leave them: by hand they are emptied, cut and broken."""

from __future__ import annotations

import csv
from contextlib import suppress
from io import StringIO
from itertools import islice
from pathlib import Path

from driftcheck.editing.editable import EditableFile, open_editable
from driftcheck.editing.file_text import read_text
from driftcheck.errors import InputError
from driftcheck.loaders.yaml_text import YamlError, YamlText

_YAML = (".yaml", ".yml")


def opened(path: Path) -> EditableFile | None:
    """A file that holds records; None where there is none, or an empty one.

    Raises:
        InputError: it cannot be read, or is broken: where.

    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise InputError(str(path), f"cannot be read: {problem.strerror or problem}") from None
    suffix = path.suffix.casefold()
    text = read_text(data, str(path)).text if data.strip() else ""
    if _is_empty(text, is_csv=suffix == ".csv"):
        return None
    if suffix in _YAML:
        _refuse_broken(path, text)
    return open_editable(path)


def _is_empty(text: str, *, is_csv: bool) -> bool:
    """Whether nothing is left but an empty list, comments, or the header of a CSV."""
    if is_csv:
        with suppress(csv.Error):
            return sum(map(any, islice(csv.reader(StringIO(text, newline="")), 3))) < 2
    lines = [line.strip() for line in text.splitlines()]
    return "".join(line for line in lines if not line.startswith("#")) in ("", "[]")


def _refuse_broken(path: Path, text: str) -> None:
    """Say where YAML breaks off: the loaders, which go by what a file holds, may take it for a table of one column."""
    try:
        value = YamlText(text).value
    except YamlError as error:
        where = f"{path}:{error.line}" if error.line else str(path)
        raise InputError(where, f"broken YAML: {error}") from None
    if not isinstance(value, list | dict):
        raise InputError(str(path), "is no list of records in YAML")
