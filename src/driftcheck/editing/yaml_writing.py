"""YAML written as its neighbours are: quotes, indentation, brackets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from driftcheck.editing.yaml_nodes import LIST, MAP, SCALAR, Node

_NUMBER_LIKE = re.compile(r"[-+.\d][-+.,:\d_xXoObBeEa-fA-F]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[yYnN=]")
_UNSAFE_START = frozenset("-?:,[]{}#&*!|>'\"%@`~=< \t")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_OPEN_LINE = re.compile(r"(?:^|\n)[ \t]+(?:\n|$)")


@cache
def _resolver() -> Any:
    return yaml.resolver.Resolver()


def is_plain(text: str, *, flow: bool) -> bool:
    """Tell whether a text can stand without quotes, and is a text for readers of YAML 1.1 and 1.2 alike.

    >>> [is_plain(text, flow=False) for text in ("30 days", "no", "2026-01-01", "a: b", "1e3", "12:30", "a # b")]
    [True, False, False, False, False, False, False]
    """
    if not text or text[0] in _UNSAFE_START or text[-1] in " \t:" or "\n" in text or "\t" in text:
        return False
    if _UNPRINTABLE.search(text) or ": " in text or " #" in text or _NUMBER_LIKE.fullmatch(text):
        return False
    if flow and any(sign in text for sign in ",[]{}?:"):  # PyYAML ends a plain text in brackets at `?`
        return False
    if text.startswith(("---", "...")):
        return False
    return bool(_resolver().resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str")


def quoted(text: str, quote: str) -> str:
    r"""Write a text in quotes; in double ones where it needs escapes.

    >>> quoted("it's", "'"), quoted("a\nb", "'")
    ("'it''s'", '"a\\nb"')
    """
    if quote == "'" and "\n" not in text and "\t" not in text and not _UNPRINTABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    written = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


@dataclass(frozen=True)
class YamlStyle:
    """How a file writes its values."""

    step: int
    """Columns from a key to the keys below."""
    dash: int
    """Columns from a key to the dashes of its list."""
    behind: int
    """Columns from a dash to what it is of."""
    quote: str
    """The quote that texts get which need one."""
    texts: str
    """The quote that texts get anyhow; nothing where they are mostly plain."""
    keys: str
    """The quote of keys; nothing where they are plain."""
    pad: str
    """White space inside of braces."""
    eol: str
    literals: bool
    """True where texts of several lines get lines of their own: what ends a file without a line end cannot."""

    def scalar(self, value: Any, *, flow: bool, like: str | None = None) -> str:
        """Write a scalar on one line; `like` is the style of the one in its place, or of its neighbours."""
        if not isinstance(value, str):
            return _number(value)
        style = self.texts if like is None else like
        if style in ("", "|", ">"):
            if is_plain(value, flow=flow):
                return value
            style = self.quote
        if style in value and _other(style) not in value and (style == '"' or "\\" not in value):
            style = _other(style)
        return quoted(value, style)

    def flow(self, value: Any, like: Node | None = None) -> str:
        """Write a value on one line, in brackets."""
        if isinstance(value, dict):
            pairs = ", ".join(
                f"{self.key(key, flow=True, like=like)}: {self.flow(item, like.get(key) if like else None)}"
                for key, item in value.items()
            )
            return f"{{{self.pad}{pairs}{self.pad}}}" if value else "{}"
        if isinstance(value, list):
            return f"[{', '.join(self.flow(item, _item(like, number)) for number, item in enumerate(value))}]"
        return self.scalar(value, flow=True, like=_style(like))

    def key(self, key: str, *, flow: bool, like: Node | None = None) -> str:
        """Write a key as `like`, a mapping, has it, or as the file's other keys are written."""
        found = like.pair(key) if like else None
        quote = found[0].style if found else self.keys
        if quote in ("'", '"'):
            return quoted(key, quote)
        return key if found or is_plain(key, flow=flow) else quoted(key, self.quote)

    def block(self, value: dict[str, Any], column: int, like: Node | None = None) -> str:
        """Write the pairs of a mapping, one below the other; the first line is not indented."""
        lines = [
            self.key(key, flow=False, like=like) + ":" + self.behind_key(item, column, like.pair(key) if like else None)
            for key, item in value.items()
        ]
        return f"{self.eol}{' ' * column}".join(lines)

    def behind_key(self, value: Any, column: int, pair: tuple[Node, Node] | None = None) -> str:
        """Write what follows the colon of a key at `column`, on its line or on those below, as `pair` is written."""
        below = self.eol + " " * column
        like = pair[1] if pair else None
        step = like.column - pair[0].column if pair and like and not like.flow and like.line > pair[0].line else None
        if isinstance(value, dict | list) and (
            not value or (like is not None and like.flow and (like.items or like.pairs))
        ):
            return " " + self.flow(value, like)
        if isinstance(value, dict):
            below += " " * (step or self.step)
            return below + self.block(value, len(below) - len(self.eol), like)
        if isinstance(value, list):
            dash = self.dash if step is None else step
            below += " " * dash + "- "
            return "".join(
                below + self.behind_dash(item, column + dash + 2, _item(like, number))
                for number, item in enumerate(value)
            )
        if self.literals and isinstance(value, str) and _is_literal(value):
            lines = value.removesuffix("\n").split("\n")
            inner = " " * (column + self.step)
            body = self.eol.join(f"{inner}{line}" if line else "" for line in lines)
            return f" |{'' if value.endswith(chr(10)) else '-'}{self.eol}{body}"
        return " " + self.scalar(value, flow=False, like=_style(like))

    def behind_dash(self, value: Any, column: int, like: Node | None = None) -> str:
        """Write what follows a dash and its blanks, at `column`."""
        if isinstance(value, dict) and value and not (like is not None and like.flow):
            return self.block(value, column, like)
        if isinstance(value, dict | list):
            return self.flow(value, like)
        return self.scalar(value, flow=False, like=_style(like))


def style_of(root: Node, records: list[Node], text: str) -> YamlStyle:
    """Read off how a file writes from its records, and from the rest of it where they do not show it."""
    wide = [*records, root]
    texts = Counter[str]()
    keys = Counter[str]()
    for record in records:
        for node in record.nodes():
            texts.update(
                value.style for _, value in node.pairs if value.kind == SCALAR and value.style in ('"', "'", "")
            )
            keys.update(key.style for key, _ in node.pairs if key.kind == SCALAR)
    everything = [node for one in wide for node in one.nodes()]
    quotes = Counter(node.style for node in everything if node.kind == SCALAR and node.style in ('"', "'"))
    most = texts.most_common(1)[0][0] if texts else ""
    first = next((node for node in everything if node.kind == MAP and node.flow and node.pairs), None)
    pad = text[first.start + 1 : first.pairs[0][0].start] if first else ""
    return YamlStyle(
        step=next(_steps(wide, MAP), 2) or 2,
        dash=next(_steps(wide, LIST), 2),
        behind=2,
        quote=quotes.most_common(1)[0][0] if quotes else "'",
        texts=most,
        keys=keys.most_common(1)[0][0] if keys else "",
        pad=pad if pad in ("", " ") else "",
        eol="\n",
        literals=text.endswith("\n"),
    )


def _steps(nodes: list[Node], kind: str) -> Iterator[int]:
    """Columns from keys to the blocks below them."""
    for root in nodes:
        for node in root.nodes():
            for key, value in node.pairs:
                if value.kind == kind and not value.flow and value.line > key.line:
                    yield value.column - key.column


def _is_literal(text: str) -> bool:
    """Tell whether a text is fit for a literal block: lines that begin with a letter and end in no blank."""
    body = text.removesuffix("\n")
    return (
        "\n" in text.strip("\n")
        and not body.startswith((" ", "\t", "\n"))
        and not body.endswith("\n")
        and not _UNPRINTABLE.search(text)
        and not _OPEN_LINE.search(body)
    )


def _number(value: Any) -> str:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    if isinstance(value, float) and "e" in (written := repr(value)) and "." not in written:
        return written.replace("e", ".0e")
    return json.dumps(value)


def _other(quote: str) -> str:
    return "'" if quote == '"' else '"'


def _item(node: Node | None, number: int) -> Node | None:
    """Take an item of a list, or its last; None where it has none."""
    return node.items[min(number, len(node.items) - 1)] if node is not None and node.items else None


def _style(node: Node | None) -> str | None:
    return node.style if node is not None and node.kind == SCALAR else None
