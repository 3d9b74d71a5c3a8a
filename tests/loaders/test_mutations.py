"""Every loader reads whatever becomes of its files: records and a report, or one line; never a traceback, never long.

The fixtures are found by convention: what the tests of `test_<module>.py` that take no more than `tmp_path` let the
loader of that module read. A new format is covered once it is in LOADERS and has its tests.
"""

import gzip
import importlib
import inspect
import json
import random
import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pytest
import yaml
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from driftcheck.errors import InputError
from driftcheck.loaders import LOADERS, Loader
from driftcheck.loaders.inspection import inspect_source
from driftcheck.loaders.source import find_sources
from driftcheck.records import LoadReport

MAX_FIXTURES = 12
MAX_SECONDS = 5.0
OWN_TABLES = {
    "generic-cases": [
        {"id": n, "question": f"Why {n}?", "expected": "So.", "topic": "a", "tags": ["b"]} for n in (1, 2)
    ],
    "generic-results": [{"run": "r", "id": n, "input": "Why?", "passed": n == 1, "score": 0.5} for n in (1, 2)],
    "generic-traces": [
        {"id": n, "time": "2026-08-01T00:00:00Z", "input": "Why?", "output": "So.", "csat": n, "metadata": {"a": "b"}}
        for n in (1, 2)
    ],
}
"""Tables of the formats that have none of their own."""


@cache
def fixtures(loader: Loader) -> tuple[bytes, ...]:
    """Files that the loader's own tests let it read."""
    found: dict[bytes, None] = {}
    if loader.FORMAT in OWN_TABLES:
        rows = OWN_TABLES[loader.FORMAT]
        found["\n".join(map(json.dumps, rows)).encode()] = None
        found[json.dumps({"data": rows}).encode()] = None
        table = [",".join(rows[0]), *(",".join(f'"{value}"' for value in row.values()) for row in rows)]
        found["\n".join(table).encode()] = None
    else:
        tests = _tests_of(inspect.getmodulename(inspect.getfile(loader)) or "")  # type: ignore[arg-type]  # a module
        for test in list(vars(tests).values()):
            if callable(test) and getattr(test, "__name__", "").startswith("test_"):
                found |= dict.fromkeys(_read_by(loader, test, tests))
    small = [data for data in found if 0 < len(data) < 100_000]
    return tuple(small[:: max(1, len(small) // MAX_FIXTURES)][:MAX_FIXTURES])


def _tests_of(name: str) -> ModuleType:
    """Find the tests of a loader's module: its own, or those of the module whose name its own goes on from."""
    while name and not (Path(__file__).parent / f"test_{name}.py").exists():
        name = name.rpartition("_")[0]
    return importlib.import_module(f"tests.loaders.test_{name}")


def _read_by(loader: Any, test: Callable[..., None], module: ModuleType) -> list[bytes]:
    """Play a test, and keep the files that the loader reads in it."""
    if list(inspect.signature(test).parameters) != ["tmp_path"] or getattr(test, "pytestmark", None):
        return []
    seen: list[bytes] = []
    read = loader.read

    def spy(doc: Any, *arguments: Any) -> Any:
        with doc.source.open() as stream:
            seen.append(stream.read())
        return read(doc, *arguments)

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(loader, "read", spy)
        test(Path(folder))
    return seen


ODD = (None, True, -1, 0, 1e308, 10**30, "", " ", "x", "[1, 2]", '{"a": {}}', "nan", "\ud83d\ude00\u202e", [], {}, [[]])
ODD_MORE = (
    [None],
    [{}],
    {"a": None},
    {"": ""},
    ["x", 1, {"role": "user"}],
    {"content": [{"type": None}]},
    float("nan"),
)


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def drop(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randrange(40) :]


def double(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    stop = start + rng.randrange(200)
    return data[:stop] + data[start:]


def repeat(data: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"", b"\n", b",")).join([data] * rng.randrange(2, 4))


def flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 6) if data else 0):
        changed[rng.randrange(len(data))] = rng.choice(b'\0\xff\x80"{}[],:\n\t<>&- 0')
    return bytes(changed)


def retype(data: bytes, rng: random.Random) -> bytes:
    """Put another value in the place of one, in JSON, JSON lines or YAML; else another word in the place of one."""
    text = data.decode("utf-8", "replace")
    try:
        return json.dumps(_retyped(json.loads(text), rng)).encode()
    except ValueError:
        pass
    try:
        return "\n".join(json.dumps(_retyped(json.loads(line), rng)) for line in text.splitlines() if line).encode()
    except ValueError:
        pass
    if ":" in text and not text.startswith("<"):
        try:
            value = yaml.safe_load(text)
            if isinstance(value, dict | list):
                return yaml.safe_dump(_retyped(value, rng)).encode()
        except (yaml.YAMLError, ValueError):
            pass
    words = [found.span() for found in re.finditer(r"[\w.]+", text)]
    if words:
        start, stop = rng.choice(words)
        text = text[:start] + str(rng.choice(ODD)) + text[stop:]
    return text.encode("utf-8", "replace")


def _retyped(value: Any, rng: random.Random) -> Any:
    if not isinstance(value, dict | list) or not value or rng.random() < 0.15:
        return rng.choice(ODD + ODD_MORE)
    copy: Any = value.copy()
    key = rng.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
    if isinstance(copy, dict) and rng.random() < 0.1:
        del copy[key]
    else:
        copy[key] = _retyped(copy[key], rng)
    return copy


def encode(data: bytes, rng: random.Random) -> bytes:
    encoding = rng.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "shift_jis"))
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def pack(data: bytes, rng: random.Random) -> bytes:
    packed = rng.choice((gzip.compress, zstandard.compress))(data)
    return packed if rng.random() < 0.5 else cut(packed, rng)


MUTATIONS = (cut, drop, double, repeat, flip, retype, retype, retype, encode, pack)


def outcome(data: bytes, loader: Loader | None) -> LoadReport | str:
    """Inspect a file, as the format or as what it looks like; a refusal has to be one line."""
    with TemporaryDirectory() as folder:
        Path(folder, "export").write_bytes(data)
        (source,) = find_sources(["export"], base=Path(folder))
        start = time.process_time()
        try:
            return inspect_source(source, format=loader.FORMAT if loader else None)
        except InputError as error:
            said = str(error)
        finally:
            assert time.process_time() - start < MAX_SECONDS
    assert "\n" not in said
    return said


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.FORMAT)
def test_a_loader_has_fixtures_that_it_reads(loader: Loader) -> None:
    assert fixtures(loader), f"no test of {loader.FORMAT} takes tmp_path alone and lets it read a file"
    assert any(isinstance(outcome(data, loader), LoadReport) for data in fixtures(loader))


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.FORMAT)
def test_whatever_becomes_of_a_file_is_a_report_or_one_line(loader: Loader) -> None:
    @settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        st.integers(0, MAX_FIXTURES - 1),
        st.lists(st.tuples(st.sampled_from(range(len(MUTATIONS))), st.integers(0, 1 << 30)), min_size=1, max_size=4),
    )
    @example(0, [])
    def check(number: int, steps: list[tuple[int, int]]) -> None:
        data = fixtures(loader)[number % len(fixtures(loader))]
        for mutation, seed in steps:
            data = MUTATIONS[mutation](data, random.Random(seed))
        outcome(data, loader)
        outcome(data, None)

    check()
