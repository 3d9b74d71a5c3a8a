"""What the assertions of a promptfoo test expect: an answer, or a rubric."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftcheck.loaders.promptfoo_vars import answers_in, fill_in
from driftcheck.loaders.text import to_text

_ANSWERS = frozenset(
    [
        "equals",
        "contains",
        "icontains",
        "contains-any",
        "icontains-any",
        "contains-all",
        "icontains-all",
        "starts-with",
        "similar",
        "similar:cosine",
        "similar:dot",
        "similar:euclidean",
        "factuality",
        "model-graded-factuality",
        "levenshtein",
        "rouge-n",
        "bleu",
        "gleu",
        "meteor",
        "context-recall",
    ]
)
_RUBRICS = frozenset(["llm-rubric", "g-eval", "model-graded-closedqa", "agent-rubric", "search-rubric"])
_ALL_OF = frozenset({"contains-all", "icontains-all"})
_CODE = """
answer-relevance assert-set bias classifier contains-html contains-json contains-sql contains-xml context-faithfulness
context-relevance conversation-relevance cost finish-reason guardrails human is-html is-json is-refusal is-sql
is-valid-function-call is-valid-openai-function-call is-valid-openai-tools-call is-xml javascript latency max-score
moderation perplexity perplexity-score pi python regex ruby select-best tool-call-f1 trace-error-spans
trace-span-count trace-span-duration webhook word-count
"""
_TYPES = _ANSWERS | _RUBRICS | frozenset(_CODE.split())
_TYPED = re.compile(r"(not-)?([a-z][a-z-]*(?::[a-z]+)?)(?:\(\s*(\d+(?:\.\d+)?)\s*\))?\s*(?::(.*))?", re.DOTALL)
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Expected:
    """What a test asks of an answer."""

    texts: tuple[str, ...]
    is_rubric: bool
    """True for rubrics, False for accepted answers."""


def expected_of(
    assertions: Any, variables: Mapping[str, Any], templates: Mapping[str, Any], read: Callable[[str], str | None]
) -> Expected:
    """Return what a test accepts: values of its first assertion that names an answer, else its rubrics.

    Negations (`not-contains`), code and thresholds name no answer. `templates` are the config's
    `assertionTemplates`; `read` returns the text of a `file://` reference, None where it has none.
    """
    rubrics: list[str] = []
    for assertion in _flat(assertions, templates):
        kind = str(assertion.get("type", ""))
        if kind not in _ANSWERS and kind not in _RUBRICS:
            continue
        texts = [filled for text in _values(assertion.get("value"), read) if (filled := fill_in(text, variables))]
        if kind in _RUBRICS:
            rubrics += texts
        elif texts:
            return Expected((", ".join(texts),) if kind in _ALL_OF else tuple(texts), is_rubric=False)
    return Expected(tuple(rubrics) or answers_in(variables), is_rubric=bool(rubrics))


def values_of(assertions: Any, templates: Mapping[str, Any]) -> Iterator[str]:
    """List the values of assertions that are references to files, of whatever kind the assertion is."""
    for assertion in _flat(assertions, templates):
        value = assertion.get("value")
        if isinstance(value, str) and value.startswith("file://"):
            yield value


def assertion_from_cell(cell: str) -> dict[str, Any]:
    """Read an `__expected` cell of a tests CSV, as promptfoo does.

    >>> assertion_from_cell("Lima")
    {'type': 'equals', 'value': 'Lima'}
    >>> assertion_from_cell("similar(0.8): the capital")
    {'type': 'similar', 'value': 'the capital'}
    """
    text = cell.strip()
    for prefix, kind in (("grade:", "llm-rubric"), ("fn:", "javascript"), ("eval:", "javascript")):
        if text.startswith(prefix):
            return {"type": kind, "value": text.removeprefix(prefix).strip()}
    if re.match(r"file://.*\.(py|js|ts|mjs|cjs)(:|$)", text):
        return {"type": "python" if ".py" in text else "javascript", "value": text}
    match = _TYPED.fullmatch(text)
    if match is None or match[2] not in _TYPES or (match[4] is None and match[2] in _ANSWERS | _RUBRICS):
        return {"type": "equals", "value": text}
    value: Any = (match[4] or "").strip()
    if match[2].endswith(("-all", "-any")):
        value = [part.strip() for part in value.split(",")]
    return {"type": (match[1] or "") + match[2], "value": value}


def _flat(assertions: Any, templates: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Walk over assertions through sets (`assert-set`) and references (`$ref`)."""
    if isinstance(assertions, Mapping):
        assertions = [assertions]
    if not isinstance(assertions, list) or depth > _MAX_DEPTH:
        return
    for item in assertions:
        if not isinstance(item, Mapping):
            continue
        reference = item.get("$ref")
        if isinstance(reference, str):
            yield from _flat(templates.get(reference.rpartition("/")[2]), templates, depth + 1)
        elif item.get("assert") is not None:
            yield from _flat(item["assert"], templates, depth + 1)
        else:
            yield item


def _values(value: Any, read: Callable[[str], str | None]) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if item is None:
            continue
        if isinstance(item, str) and item.startswith("file://"):
            text = read(item)
        elif isinstance(item, bool):
            text = str(item).lower()
        else:
            text = item if isinstance(item, str) else to_text(item)
        if text and text.strip():
            yield text.strip()
