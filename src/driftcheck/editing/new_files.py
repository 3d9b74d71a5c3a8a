"""New files of records, written like one that there is: proposals, retired cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from driftcheck.editing.edit import Edit
from driftcheck.editing.editable import EditableFile, open_editable
from driftcheck.errors import InputError, OutputError


def new_file(path: Path, like: EditableFile, records: Sequence[Mapping[str, Any]], *, name: str | None = None) -> Edit:
    """Return the edit that makes a file with these records, in the format and style of another.

    A YAML or JSON list, JSON lines, or a CSV with the other's columns and, behind them, new ones. Of a promptfoo config
    it is a file of tests. A file that is there already is replaced where it holds no records.

    Raises:
        InputError: a value cannot be written in the other file's encoding or format.
        OutputError: there is a file with records, or something that is no file.

    """
    shown = name or str(path)
    try:
        before = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise OutputError(shown, f"cannot be written: {error.strerror or error}") from None
    if before and _holds_records(path, before, like):
        raise OutputError(shown, "holds records already", "add to them with `open_editable`")
    return Edit(path, shown, before, like.text_with(records))


def _holds_records(path: Path, data: bytes, like: EditableFile) -> bool:
    """Tell a file with records, or with anything that is not understood, from one that was emptied."""
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    bare = b"".join(line for line in text.splitlines() if not line.lstrip().startswith(b"#")).replace(b" ", b"")
    if not bare or bare == b"[]" or (bare.endswith(b":[]") and bare.count(b":") == 1):
        return False
    if like.columns and len([line for line in text.splitlines() if line.strip()]) == 1:
        return False
    try:
        return bool(open_editable(path).records)
    except InputError:
        return True
