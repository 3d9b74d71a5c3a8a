"""The prompts of a promptfoo config: what they ask, and which variables they fill in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from driftcheck.loaders.promptfoo_refs import References
from driftcheck.loaders.text import to_text

_FILE_PROMPT = re.compile(r"(file://[^\n]+|[^\s{}]+)\.(txt|md|json|ya?ml|j2)", re.IGNORECASE)
_CODE_PROMPT = re.compile(r"(exec:|python:|file://|[^\s{}]+\.(?:[cm]?[jt]s|py|csv)(?::\w+)?$)")
_NEXT_PROMPT = re.compile(r"^---\s*$", re.MULTILINE)
_TAG = re.compile(r"\{[{%](.*?)[}%]\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*")
_NAMES = ("label", "id", "name")
_MISSING = "which variables it fills in is unknown, so all of them count as input"


def names_in(template: str) -> frozenset[str]:
    """List the names that the tags of a Nunjucks template speak of: its variables, beside filters and keywords.

    >>> sorted(names_in("{% if tone %}Be {{ tone | lower }}.{% endif %} {{ item.name }}?"))
    ['endif', 'if', 'item', 'lower', 'name', 'tone']
    """
    return frozenset(name for tag in _TAG.findall(template) for name in _NAME.findall(tag))


def used_by(templates: Iterable[str]) -> frozenset[str]:
    """List the names that some of the templates fill in; none where a template has no tags: it may be code."""
    names = [names_in(template) for template in templates]
    return frozenset().union(*names) if all(names) else frozenset()


@dataclass(frozen=True)
class _Prompt:
    names: tuple[str, ...]
    """Label, id and name, by which a test may choose it."""
    template: str | None
    """None where it is code, or cannot be read."""


@dataclass(frozen=True)
class Prompts:
    """The prompts of one config, read when they are asked for."""

    written: Any = None
    """`prompts` of the config: a text, a list of texts and objects, or an object whose keys are texts."""
    references: References | None = None

    @cached_property
    def used(self) -> frozenset[str]:
        """Names that the prompts fill in; empty where that is unknown, as one of them is code or missing."""
        templates = [prompt.template for prompt in self._read]
        return frozenset() if None in templates else used_by(text for text in templates if text is not None)

    def plain(self, chosen: Any = None) -> list[str]:
        """What the prompts ask that need no variables; of chats, the last user turn.

        `chosen` names those that a test is for, as its `prompts` do: all where it names none.
        """
        names = [name for name in (chosen if isinstance(chosen, list) else [chosen]) if isinstance(name, str)]
        asked = [prompt for prompt in self._read if prompt.template and not _TAG.search(prompt.template)]
        of_test = [prompt for prompt in asked if any(map(partial(_is_named, prompt), names))]
        return [to_text(prompt.template) or str(prompt.template) for prompt in of_test or asked]

    @cached_property
    def _read(self) -> list[_Prompt]:
        items = self.written if isinstance(self.written, list) else [self.written]
        if isinstance(self.written, Mapping):
            items = list(self.written)
        return [prompt for item in items for prompt in self._prompts(item)]

    def _prompts(self, item: Any) -> Iterator[_Prompt]:
        """Read one prompt; a file may hold several."""
        names = tuple(str(item[key]) for key in _NAMES if item.get(key)) if isinstance(item, Mapping) else ()
        prompt = _text_of(item)
        if not isinstance(prompt, str):
            yield _Prompt(names, None)
        elif not _FILE_PROMPT.fullmatch(prompt) or self.references is None:
            if self.references is not None:
                self.references.note_code(prompt)
            yield _Prompt((*names, prompt), None if _CODE_PROMPT.match(prompt) else prompt)
        else:
            for name in self.references.names(prompt):
                text = self.references.raw(name, _MISSING)
                parts = _NEXT_PROMPT.split(text) if text and name.endswith(".txt") else [text]
                for part in parts:
                    if part is None or part.strip():
                        yield _Prompt((*names, prompt), part.strip() if part else None)


def _text_of(item: Any) -> Any:
    """Return what a prompt says; promptfoo takes `raw` and `id`, but some write `prompt`, or `name: text`."""
    if not isinstance(item, Mapping):
        return item
    found = next((item[key] for key in ("raw", "prompt", "id") if isinstance(item.get(key), str)), None)
    return next(iter(item.values())) if found is None and len(item) == 1 else found


def _is_named(prompt: _Prompt, name: str) -> bool:
    """Tell whether a name is that of a prompt, or of its group (`group:label`)."""
    return any(own == name or own.startswith(f"{name.removesuffix(':*')}:") for own in prompt.names)
