"""JSON as it is written: where the members and items of a text stand, and values written as their neighbours are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from driftcheck.editing.splices import Span, Splice, eol_of, line_start, list_splices
from driftcheck.editing.values import New, Tree, changed

_SPACE = re.compile(r"[ \t\n\r]*")
_INDENT = re.compile(r"[ \t]*")
_ESCAPE = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Member:
    """A key of an object and its value."""

    key: str
    span: Span
    """From the quote of the key to the end of the value."""
    value: Span


@dataclass(frozen=True)
class JsonStyle:
    """How a file writes its values."""

    unit: str | None
    """Indentation of one level; None where a record stands on one line."""
    comma: str
    """What stands between two members on one line, such as `, `."""
    colon: str
    """What stands between a key and its value."""
    pad: str
    """White space inside of the braces of an object on one line."""
    ascii: bool
    """True where other characters than ASCII are escaped."""
    eol: str

    def dumps(self, value: Any) -> str:
        """Write a value on one line."""
        if isinstance(value, dict) and value:
            members = self.comma.join(f"{self.dumps(key)}{self.colon}{self.dumps(item)}" for key, item in value.items())
            return f"{{{self.pad}{members}{self.pad}}}"
        if isinstance(value, list):
            return f"[{self.comma.join(map(self.dumps, value))}]"
        return json.dumps(value, ensure_ascii=self.ascii)

    def written(self, value: Any, indent: str, like: tuple[str, Span] | None = None) -> str:
        """Write a value whose line begins with `indent`; parts stand on one line where those of `like` do."""
        text, span = like or ("", Span(0, 0))
        is_flat = "\n" not in text[span.start : span.end] and text[span.start : span.end].strip("[]{} \t") != ""
        is_flat = is_flat and text[span.start] in "[{"
        if self.unit is None or not isinstance(value, dict | list) or not value or is_flat:
            return self.dumps(value)
        inner = indent + self.unit
        if isinstance(value, list):
            below = items_of(text, span)[1] if like and text[span.start] == "[" else []
            lines = [self.written(item, inner, (text, below[-1]) if below else None) for item in value]
            return f"[{self.eol}{inner}{f',{self.eol}{inner}'.join(lines)}{self.eol}{indent}]"
        spans = {one.key: one.value for one in members_of(text, span)[1]} if like and text[span.start] == "{" else {}
        lines = [
            f"{self.dumps(key)}{self.colon}{self.written(item, inner, (text, spans[key]) if key in spans else None)}"
            for key, item in value.items()
        ]
        return f"{{{self.eol}{inner}{f',{self.eol}{inner}'.join(lines)}{self.eol}{indent}}}"


def after_space(text: str, at: int) -> int:
    """Where white space that begins at `at` ends."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` ends.

    Raises:
        ValueError: there is none.

    """
    return _DECODER.raw_decode(text, at)[1]


def items_of(text: str, span: Span) -> tuple[Span, list[Span]]:
    """Find the inside of a list, and its items."""
    items = []
    at = after_space(text, span.start + 1)
    while text[at] != "]":
        end = value_end(text, at)
        items.append(Span(at, end))
        at = after_space(text, end)
        at = after_space(text, at + 1) if text[at] == "," else at
    return Span(span.start + 1, at), items


def members_of(text: str, span: Span) -> tuple[Span, list[Member]]:
    """Find the inside of an object, and its members."""
    members = []
    at = after_space(text, span.start + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        start = after_space(text, after_space(text, end) + 1)
        value = Span(start, value_end(text, start))
        members.append(Member(key, Span(at, value.end), value))
        at = after_space(text, value.end)
        at = after_space(text, at + 1) if text[at] == "," else at
    return Span(span.start + 1, at), members


def indent_of(text: str, at: int) -> str:
    """White space at the start of the line that holds `at`."""
    found = _INDENT.match(text, line_start(text, at))
    return found[0] if found else ""


def is_escaped(text: str) -> bool:
    """Tell a text that escapes other characters than ASCII from one that has none, or has them as they are."""
    return text.isascii() and _ESCAPE.search(text) is not None


def style_of(text: str, record: Span | None, *, is_ascii: bool, one_line: bool = False) -> JsonStyle:
    """Read off how a file writes from one of its records; `one_line` where each has to stand on one line."""
    style = JsonStyle(None if one_line else "  ", ", ", ": ", "", is_ascii, eol_of(text))
    if record is None or text[record.start] != "{":
        return style
    inside, members = members_of(text, record)
    if not members:
        return style
    first = members[0]
    key_end = value_end(text, first.span.start)
    style = replace(style, colon=text[key_end : first.value.start])
    lead = text[inside.start : first.span.start]
    if "\n" in lead:
        deeper = indent_of(text, first.span.start).removeprefix(indent_of(text, record.start))
        return style if one_line else replace(style, unit=deeper or "  ", comma=_comma(text, members) or ", ")
    return replace(
        style, unit=None, comma=_comma(text, members) or (", " if style.colon.endswith(" ") else ","), pad=lead
    )


def _comma(text: str, members: list[Member]) -> str | None:
    """What stands between two members, or between two items of a list in them, on one line."""
    for one, other in pairwise(members):
        if "\n" not in (between := text[one.span.end : other.span.start]):
            return between
    for member in members:
        items = items_of(text, member.value)[1] if text[member.value.start] == "[" else []
        if len(items) > 1 and "\n" not in (between := text[items[0].end : items[1].start]):
            return between
    return None


def object_splices(text: str, span: Span, tree: Tree, style: JsonStyle, where: str) -> list[Splice]:
    """Change some keys of an object where they stand; new ones come last.

    Raises:
        InputError: a change is within something that is no object.

    """
    inside, members = members_of(text, span)
    indent = indent_of(text, span.start)
    is_flat = "\n" not in text[span.start : span.end] and (style.unit is None or bool(members))
    inner = indent if is_flat else indent + (style.unit or "  ")
    if members and not is_flat and "\n" in text[inside.start : members[0].span.start]:
        inner = indent_of(text, members[0].span.start)
    by_key = {member.key: number for number, member in enumerate(members)}
    gone: set[int] = set()
    splices: list[Splice] = []
    added: dict[str, Any] = {}
    for key, change in tree.items():
        number = by_key.get(key)
        if isinstance(change, New) and change.value is None:
            gone |= {number for number, member in enumerate(members) if member.key == key}
        elif number is None:
            value = change.value if isinstance(change, New) else changed({}, change, where)
            if isinstance(change, New) or value:
                added[key] = value
        else:
            at = members[number].value
            if not isinstance(change, New) and text[at.start] == "{":
                splices += object_splices(text, at, change, style, where)
                continue
            held = {key: json.loads(text[at.start : at.end])}
            value = change.value if isinstance(change, New) else changed(held, {key: change}, where)[key]
            splices.append(Splice(at.start, at.end, style.written(value, inner, (text, at))))
    flat = replace(style, unit=None) if is_flat else style
    new = [f"{flat.dumps(key)}{flat.colon}{flat.written(value, inner)}" for key, value in added.items()]
    if is_flat:
        gap, ends = style.comma.partition(",")[2], (style.pad, style.pad)
    else:
        gap = style.eol + inner
        ends = (gap, style.eol + indent)
    spans = [member.span for member in members]
    return splices + list_splices(spans, inside, gone, new, gap=gap, ends=ends)


def seek(text: str, path: tuple[str, ...]) -> Span:
    """Find the value under the keys of `path`.

    Raises:
        KeyError: there is none, or a key stands there twice.

    """
    start = after_space(text, 0)
    span = Span(start, value_end(text, start))
    for key in path:
        found = (
            [member.value for member in members_of(text, span)[1] if member.key == key]
            if text[span.start] == "{"
            else []
        )
        if len(found) != 1:
            raise KeyError(key)
        span = found[0]
    return span
