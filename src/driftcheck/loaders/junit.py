"""JUnit XML: what pytest, jest, mocha, vitest, bazel and promptfoo write for CI; one result a test case.

It holds no inputs, so results are joined by name: of `test_answer[refund-7]` the id is `refund-7`, of promptfoo's
`test 3: late parcel` it is `late parcel`, else the name of the test. A property `case_id`, `input`, `score` or
`model` counts where a test records one.
Recognised by the root tag `testsuites` or `testsuite`.
How to get it: `pytest --junitxml=results.xml`, `jest --reporters=jest-junit`, `vitest --reporter=junit`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element, ParseError

from driftcheck.errors import InputError
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match, Shape
from driftcheck.loaders.promptfoo_rows import read_score
from driftcheck.loaders.promptfoo_vars import written_description
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.loaders.xml_tags import local_name, xml_events
from driftcheck.records import Kind, Result, Status

FORMAT = "junit"
KIND = Kind.RESULTS

_ROOTS = ("testsuites", "testsuite")
_STATUS_OF = {"error": Status.ERROR, "failure": Status.FAIL, "skipped": Status.SKIPPED}
"""Children of a test case that decide, in order; `flakyFailure` and `flakyError` ended well."""
_RERUNS = ("rerunFailure", "rerunError")
_PARAMETERS = re.compile(r"(.+?)\[(.+)\]", re.DOTALL)
_PROMPTFOO_CASE = re.compile(r"test \d+(?::\s*(.*))?", re.DOTALL)
_PROMPTFOO_SUITE = re.compile(r"\[([^\]]+)\]\s*(.*)", re.DOTALL)
_ID_NAMES = ("case_id", "caseid", "case-id", "id")
_MAX_MESSAGE = 500


def sniff(doc: Document) -> Match | None:
    """Recognise the root tag."""
    if doc.shape is Shape.XML and doc.head and doc.head[0] in _ROOTS:
        return Match(0.95, f"the root tag {doc.head[0]} of JUnit XML")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the test cases, however deep their suites are nested.

    Raises:
        InputError: broken XML.

    """
    seen: Counter[tuple[str | None, ...]] = Counter()
    for number, (case, suites) in enumerate(_cases(doc), start=1):
        result = _result(f"{doc.source.name}#{number}", case, suites)
        key = (result.case_id or case.get("name"), result.model, result.prompt_id, result.variant)
        yield replace(result, repeat=seen[key]) if key in seen else result
        seen[key] += 1


def _cases(doc: Document) -> Iterator[tuple[Element, list[Mapping[str, str]]]]:
    """Stream the test cases with the attributes of the suites around them, outermost first."""
    suites: list[Mapping[str, str]] = []
    around: list[Element] = []
    with xml_events(doc.source) as events:
        try:
            for event, element in events:
                tag = local_name(element)
                if event == "start":
                    around.append(element)
                    if tag in _ROOTS:
                        suites.append(dict(element.attrib))
                    continue
                around.pop()
                if tag == "testcase":
                    yield element, suites
                elif tag in _ROOTS:
                    suites.pop()
                if around and (tag == "testcase" or tag in _ROOTS):
                    around[-1].remove(element)  # what is read takes no more memory
        except ParseError as error:
            raise InputError(doc.source.name, f"broken XML: {error}", "run the tests again") from None


def _result(where: str, case: Element, suites: list[Mapping[str, str]]) -> Result:
    name, classname = case.get("name") or "", case.get("classname") or ""
    properties = {name: value for name, value in _properties(case) if value}
    is_promptfoo = bool(suites) and suites[0].get("name") == "promptfoo"
    case_id, model, group = _promptfoo(name, classname) if is_promptfoo else _test(name, classname)
    status, message = _verdict(case)
    times = (parse_timestamp(suite.get("timestamp")) for suite in reversed(suites))
    return Result(
        run_id=None,
        case_id=next((properties[key] for key in _ID_NAMES if key in properties), case_id),
        input_text=properties.get("input"),
        status=status,
        where=where,
        run_time=next((time for time in times if time is not None), None),
        score=read_score(properties.get("score")),
        model=properties.get("model", model),
        prompt_id=group if is_promptfoo else None,
        variant=None if is_promptfoo else group,
        error=message if status is Status.ERROR else None,
    )


def _promptfoo(name: str, classname: str) -> tuple[str | None, str | None, str | None]:
    """Read case, model and prompt of `test 3: late parcel` in `[openai:gpt-4o] prompt 1`."""
    test, suite = _PROMPTFOO_CASE.fullmatch(name), _PROMPTFOO_SUITE.fullmatch(classname)
    case_id = written_description(test[1]) if test else name or None
    return case_id, suite[1] if suite else None, (suite[2] if suite else classname) or None


def _test(name: str, classname: str) -> tuple[str | None, str | None, str | None]:
    """Read the case of a parametrised test from its brackets, of another from its name."""
    match = _PARAMETERS.fullmatch(name)
    if match is None:
        return name or None, None, classname or None
    return match[2], None, f"{classname}::{match[1]}" if classname else match[1]


def _verdict(case: Element) -> tuple[Status, str | None]:
    children = {local_name(child): child for child in reversed(list(case))}
    for tag, status in _STATUS_OF.items():
        if tag in children:
            child = children[tag]
            text = child.get("message") or (child.text or "").strip() or child.get("type")
            return status, text[:_MAX_MESSAGE] if text else None
    if any(tag in children for tag in _RERUNS):
        return Status.FAIL, None
    return Status.PASS, None


def _properties(case: Element) -> Iterator[tuple[str, str]]:
    for child in case.iter():
        if local_name(child) == "property":
            yield (child.get("name") or "").lower(), child.get("value") or (child.text or "").strip()
