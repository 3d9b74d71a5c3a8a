"""promptfoo config (`promptfooconfig.yaml`, `redteam.yaml`, JSON): its tests are the eval set.

Tests in the config, in files it names (CSV, JSON, JSON lines, YAML, globs), in scenarios; with `defaultTest`
merged in, and one case per combination where variables are lists of texts. The input of a test is its one
variable, or of several the one called `question`, `query`, `prompt`, `input` or the like, else all that the prompts
fill in: what only assertions use is no input. Tests without variables ask each prompt that needs none, and so does a
config without tests. What is code or on the network (.js, .ts, .py, Google Sheets, huggingface://) is named in a
warning and never run or fetched; of a config in JavaScript, audit the results of a run.
Recognised by `prompts`, `providers` or `targets` beside `tests`, `scenarios`, `defaultTest` or `redteam`.
How to get it: it lies in your repository; `promptfoo init` writes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from driftcheck.errors import InputError
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.promptfoo_cases import Suite, Test, cases_of, read_test
from driftcheck.loaders.promptfoo_prompts import Prompts
from driftcheck.loaders.promptfoo_refs import References
from driftcheck.loaders.promptfoo_tests import read_tests
from driftcheck.loaders.read_log import ReadLog
from driftcheck.records import Case, Kind

FORMAT = "promptfoo-config"
KIND = Kind.EVALSET

_ASKS = ("prompts", "providers", "targets")
_TESTS = ("tests", "scenarios", "defaultTest", "redteam")
_RUNS = frozenset({"results", "evalId", "stats", "table"})
_TEST_PARTS = frozenset({"vars", "assert", "options", "metadata", "providerOutput", "path"})
_REFERENCE = re.compile(r"(file|https?|huggingface|langfuse|az)://|.*\.(csv|jsonl?|ya?ml|xlsx?|[cm]?[jt]s|py)(:\w+)?$")


def sniff(doc: Document) -> Match | None:
    """Recognise a mapping that says what to ask (prompts, providers) and by which tests."""
    config = doc.head
    if doc.shape not in (Shape.YAML, Shape.JSON) or not isinstance(config, dict) or _RUNS & config.keys():
        return None
    asks = [key for key in _ASKS if _is_asking(key, config.get(key))]
    tests = [key for key in _TESTS if _is_testing(key, config.get(key))]
    why = " and ".join(asks + tests)
    if config.get("tests") and "tests" not in tests:
        return None
    if asks and tests:
        return Match(0.95 if len(asks) > 1 or "tests" in tests else 0.85, f"{why} of a promptfoo config")
    if "prompts" in asks and len(asks) > 1:
        return Match(0.8, f"{why} of a promptfoo config without tests")
    if isinstance(config.get("tests"), list) and any(_has_variables(test) for test in config["tests"]):
        return Match(0.7, "tests with vars and assert: a promptfoo config")
    if "scenarios" in tests or ("redteam" in tests and "description" in config):
        return Match(0.6, f"{why} of a promptfoo config")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Case]:
    """Read the cases of a config."""
    config = doc.load()
    if not isinstance(config, dict):
        raise InputError(doc.source.name, "is no promptfoo config", "it holds no mapping")
    references = References(doc.source, log)
    default = config.get("defaultTest")
    if isinstance(default, str):
        default = references.load(default)
    templates = config.get("assertionTemplates")
    suite = Suite(
        references,
        log,
        default if isinstance(default, Mapping) else {},
        templates if isinstance(templates, Mapping) else {},
        Prompts(config.get("prompts"), references),
    )
    tests = [*_tests(doc, config, suite), *_scenarios(doc, config, suite)]
    if not tests and not config.get("tests") and not config.get("scenarios"):
        tests = list(_tests_of_prompts(doc, config, suite))
    yield from cases_of(tests, suite)
    references.say_code()


def _tests(doc: Document, config: Mapping[str, Any], suite: Suite) -> Iterator[tuple[str, Test]]:
    if not isinstance(config.get("tests"), list):
        # a reference alone: the file's own count is that of the tests it names
        yield from _referred(config.get("tests"), suite)
        return
    suite.log.counted(0)
    for where, item in doc.records(suite.log, "tests"):
        if isinstance(item, Mapping) and not (isinstance(item.get("path"), str) and "vars" not in item):
            suite.log.counted(1)
            yield where, read_test(item)
        elif isinstance(item, str | Mapping):
            yield from _referred(item, suite)
        else:
            suite.log.skip(where, "no test: an object with vars was expected")


def _referred(reference: Any, suite: Suite) -> Iterator[tuple[str, Test]]:
    if isinstance(reference, Mapping):
        reference = reference.get("path")
    if isinstance(reference, str):
        for doc in suite.references.tests(reference):
            yield from read_tests(doc, suite.log, suite.references)


def _scenarios(doc: Document, config: Mapping[str, Any], suite: Suite) -> Iterator[tuple[str, Test]]:
    """Multiply each scenario's config (sets of variables) by its tests."""
    if isinstance(config.get("scenarios"), str):
        scenarios = [(doc.source.name, config["scenarios"])]
    else:
        scenarios = list(doc.records(suite.log, "scenarios")) if config.get("scenarios") else []
    for where, scenario in scenarios:
        loaded = suite.references.load(scenario) if isinstance(scenario, str) else scenario
        for part in loaded if isinstance(loaded, list) else [loaded]:
            if isinstance(part, Mapping):
                yield from _scenario(where, part, suite)


def _scenario(where: str, scenario: Mapping[str, Any], suite: Suite) -> Iterator[tuple[str, Test]]:
    for base in _parts(scenario.get("config"), suite):
        for test in _parts(scenario.get("tests"), suite):
            merged: Test = {**base, **test}
            for key in ("vars", "metadata", "options"):
                if isinstance(base.get(key), Mapping) and isinstance(test.get(key), Mapping):
                    merged[key] = {**base[key], **test[key]}
            merged["assert"] = [*_list(base.get("assert")), *_list(test.get("assert"))]
            yield where, merged


def _parts(value: Any, suite: Suite) -> list[Test]:
    """Read the config or the tests of a scenario, in place or by reference; nothing is one empty set."""
    if value is None:
        return [{}]
    parts: list[Test] = []
    for item in _list(value):
        if isinstance(item, Mapping):
            parts.append(read_test(item))
        else:
            parts += [test for _, test in _referred(item, suite)]
    return parts


def _tests_of_prompts(doc: Document, config: Mapping[str, Any], suite: Suite) -> Iterator[tuple[str, Test]]:
    """Read a config without tests: promptfoo runs each prompt once, so each is a case."""
    suite.log.counted(0)
    if config.get("redteam") is not None:
        suite.log.warn("this redteam config holds no tests; audit the redteam.yaml that promptfoo generates from it")
        return
    for prompt in suite.prompts.plain():
        yield doc.source.name, {"vars": {"prompt": prompt}}


def _is_asking(key: str, value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    if key == "prompts":
        return isinstance(value, dict) or any(isinstance(item, str | dict) for item in items)
    return any(
        isinstance(item, str) or (isinstance(item, dict) and ("id" in item or _names_provider(item))) for item in items
    )


def _names_provider(item: Mapping[str, Any]) -> bool:
    """Recognise `- openai:gpt-4o: {config: ...}`."""
    return any(":" in str(name) for name in item)


def _is_testing(key: str, value: Any) -> bool:
    if key == "redteam":
        return isinstance(value, dict)
    if key == "defaultTest":
        return isinstance(value, str) or (isinstance(value, dict) and bool(_TEST_PARTS & value.keys()))
    if isinstance(value, dict):
        return isinstance(value.get("path"), str)
    items = value if isinstance(value, list) else [value]
    if key == "scenarios":
        return any(isinstance(item, str) or (isinstance(item, dict) and "config" in item) for item in items)
    return any(
        (isinstance(item, str) and _REFERENCE.match(item) is not None)
        or (isinstance(item, dict) and bool(_TEST_PARTS & item.keys()))
        for item in items
    )


def _has_variables(test: Any) -> bool:
    return isinstance(test, dict) and isinstance(test.get("vars"), dict)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
