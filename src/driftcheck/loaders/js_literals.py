"""JavaScript literals: objects as Node prints them to the console (`util.inspect`), read without running anything."""

from __future__ import annotations

import re
from typing import Any

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[\w$]+")
_BARE = re.compile(r"[^,\n}\]]*")
_MORE = re.compile(r"\.\.\. \d+ more \w+")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_DEPTH = 50


class NoLiteral(ValueError):
    """The text is no printed object."""


def parse_literal(text: str) -> Any:
    r"""Read one printed value; what the printer cut short (`[Object]`) is None.

    >>> parse_literal("{ a: 'it\\'s', 'b.c': [ 1, [Array] ], d: 'x' +\n 'y', e: undefined }")
    {'a': "it's", 'b.c': [1, None], 'd': 'xy', 'e': None}

    Raises:
        NoLiteral: it is none, or has more behind it.

    """
    reader = _Reader(text)
    value = reader.value(0)
    reader.space()
    if reader.at < len(text):
        raise NoLiteral
    return value


class _Reader:
    """Reads values from a text, from `at` on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def space(self) -> str:
        """Skip white space; returns the next character, empty at the end."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Any:
        """Read the value that comes next."""
        if depth > _DEPTH:
            raise NoLiteral
        match self.space():
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case "'" | '"' | "`":
                return self._strings()
            case "":
                raise NoLiteral
            case _:
                return self._word()

    def _object(self, depth: int) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        while (next_ := self.space()) != "}":
            if next_ in ("'", '"'):
                key = self._string()
            elif name := _NAME.match(self.text, self.at):
                key, self.at = name.group(), name.end()
            else:
                raise NoLiteral
            if self.space() != ":":
                raise NoLiteral
            self.at += 1
            found[key] = self.value(depth + 1)
            self._comma("}")
        self.at += 1
        return found

    def _list(self, depth: int) -> list[Any] | None:
        if cut := re.compile(r"\[(?:[A-Z]\w*|Circular[^\]]*|Function[^\]]*)\]").match(self.text, self.at):
            self.at = cut.end()
            return None
        self.at += 1
        found: list[Any] = []
        while self.space() != "]":
            if more := _MORE.match(self.text, self.at):
                self.at = more.end()
            else:
                found.append(self.value(depth + 1))
            self._comma("]")
        self.at += 1
        return found

    def _comma(self, end: str) -> None:
        next_ = self.space()
        if next_ == ",":
            self.at += 1
        elif next_ != end:
            raise NoLiteral

    def _strings(self) -> str:
        """Read a text, which the printer cuts at line ends and joins by plus signs."""
        pieces = [self._string()]
        while self.space() == "+":
            self.at += 1
            if self.space() not in ("'", '"', "`"):
                raise NoLiteral
            pieces.append(self._string())
        return "".join(pieces)

    def _string(self) -> str:
        quote = self.text[self.at]
        end = self.at + 1
        while (character := self.text[end : end + 1]) != quote:
            if not character:
                raise NoLiteral
            end += 2 if character == "\\" else 1
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner

    def _word(self) -> Any:
        found = _BARE.match(self.text, self.at)
        word = found.group().strip() if found else ""
        self.at = found.end() if found else self.at
        if word in _WORDS:
            return _WORDS[word]
        if not word or not re.fullmatch(r"[\w.+:-]+", word):
            raise NoLiteral
        for kind in (int, float):
            try:
                return kind(word.removesuffix("n"))
            except ValueError:
                continue
        return word


def _unescaped(found: re.Match[str]) -> str:
    long, four, two, letter = found.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    number = int(long or four or two, 16)
    return chr(number) if number < 0x110000 else "\ufffd"
