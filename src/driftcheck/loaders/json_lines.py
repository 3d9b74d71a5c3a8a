"""JSON lines: one value a line, fast; broken lines are left out and counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from driftcheck.loaders.encoding import FALLBACK
from driftcheck.loaders.json_mending import MAX_SIGNS, TOO_MUCH, Broken, holds_too_much, mend
from driftcheck.loaders.json_stream import MAX_RECORD
from driftcheck.loaders.read_log import BrokenShare, ReadLog

_BLANK = b" \t\r\n\x1e\0"
_PRETTY = re.compile(r'\s+\S|[{\[]\s*$|[}\]"]|(?:-?\d|true|false|null)[^{\[]*$')
"""A line inside of a pretty-printed value: indented, a bracket alone, a key, or a bare item."""
_DECODER = json.JSONDecoder()


def json_lines(stream: BinaryIO, name: str, log: ReadLog) -> Iterator[tuple[str, Any]]:
    """Yield (`name:line`, value) from a stream of UTF-8; blank lines count as lines only.

    Raises:
        InputError: too many of the lines are broken; it names the first.

    """
    loads, limit, prefix = orjson.loads, MAX_RECORD, f"{name}:"
    share = BrokenShare(log, "lines")
    number = 0
    while line := stream.readline(limit):
        number += 1
        value: Any
        try:
            value = loads(line) if len(line) <= MAX_SIGNS or not holds_too_much(line) else Broken(TOO_MUCH)
        except orjson.JSONDecodeError:
            if len(line) >= limit and not line.endswith(b"\n"):
                while (rest := stream.readline(limit)) and not rest.endswith(b"\n"):
                    pass
                value = Broken(f"the line is longer than {limit >> 20} MB")
            elif not line.strip(_BLANK):
                continue
            else:
                value = read_line(line)
        if type(value) is Broken:
            share.broken(f"{prefix}{number}", f"broken JSON: {value}")
            continue
        share.n_good += 1
        yield f"{prefix}{number}", value
    share.check()


def read_line(line: bytes) -> Any:
    """Read a line that orjson refuses: NaN, other bytes than UTF-8, a comma too many; else a `Broken`."""
    text = line.decode("utf-8", FALLBACK).strip().lstrip("\x1e").rstrip(",")
    if text in ("[", "]"):
        return Broken("a bracket alone")
    return mend(text)


def parses(line: str) -> bool:
    """Tell whether a line is an object or a list of JSON on its own."""
    try:
        return isinstance(json.loads(line.strip().rstrip(",")), dict | list)
    except (ValueError, RecursionError):
        return False


def is_broken_record(line: str) -> bool:
    """Tell whether a line is one broken record, rather than a piece of a pretty-printed value, or several values.

    >>> [is_broken_record(line) for line in ('{"a": "cut o', "garbage", '{"a": 1}', '  "a": 1,', "}", "{}{}")]
    [True, True, False, False, False, False]
    """
    if parses(line) or _PRETTY.match(line):
        return False
    text = line.strip()
    try:
        _, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return True
    return text[end:].lstrip(" ,")[:1] not in ("{", "[")
