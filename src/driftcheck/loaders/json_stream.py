"""JSON read piece by piece: values of any document, one at a time, in memory that does not grow with the file.

The values themselves are decoded by the standard library, so NaN and Infinity are read. What real exports
break is mended or reported: a comma before a closing bracket, control characters inside strings, a file that
ends in the middle of a record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from driftcheck.loaders.json_mending import (
    MAX_SIGNS,
    STRING,
    SURROGATE,
    TOO_DEEP,
    TOO_MUCH,
    Broken,
    holds_too_much,
    mend,
    reason,
    without_surrogates,
)

MAX_RECORD = 64 << 20
"""Largest single record in characters; a larger one is left out."""
_TOO_LONG = f"longer than {MAX_RECORD >> 20} MB"
_MAX_DEPTH = 200_000
"""Brackets that may be open at a time before a text is given up, rather than searched for their ends."""
_CHUNK = 1 << 16
_SPACE = re.compile(r"[ \t\n\r\ufeff\x1e]*")
_TO_BRACKET = re.compile(rf'(?:[^"\[\]{{}}]++|{STRING})*+([\[\]{{}}]|"|\Z)', re.DOTALL)
"""Runs to the next bracket outside of a string, or to a string that has no end, or to the end."""
_STRING_END = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+("|\\?\Z)', re.DOTALL)
"""Runs to the quote that ends a string, or to the end, before a backslash that stands there."""
_ENDS = "the text ends in the middle of a value"
_DEPTH = {"{": 1, "[": 1, "}": -1, "]": -1}
_DECODER = json.JSONDecoder()


class Readable(Protocol):
    """Text in pieces."""

    def read(self, size: int) -> str:
        """Read about `size` characters; an empty string is the end."""
        ...


class JsonText:
    """A cursor over the text of one or several JSON values."""

    def __init__(self, text: Readable, limit: int | None = None) -> None:
        """Read from `text`; `limit` bounds how many characters are taken from it."""
        self._text = text
        self._left = limit
        self._buffer = ""
        self._at = 0
        self._ended = False
        self.n_read = 0
        """Characters taken from the text so far."""

    def peek(self) -> str:
        """Return the next character that is not white space, or an empty string at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def decode(self) -> Any:
        """Decode the value at the cursor and move past it.

        Raises:
            Broken: it is no JSON, or longer than MAX_RECORD; the cursor has not moved.

        """
        self.peek()
        while True:
            if len(self._buffer) > MAX_SIGNS and holds_too_much(self._buffer[self._at :]):
                raise Broken(TOO_MUCH)
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                cut_off = error.msg.startswith("Unterminated") or len(self._buffer) - error.pos < 12
                if cut_off and self._grow():
                    continue
                too_long = cut_off and len(self._buffer) - self._at >= MAX_RECORD
                raise Broken(_TOO_LONG if too_long else reason(error)) from None
            except RecursionError:
                raise Broken(TOO_DEEP) from None
            if end < len(self._buffer) or isinstance(value, str | list | dict) or not self._more():
                break
        if SURROGATE.search(self._buffer, self._at, end):
            value = without_surrogates(value)
        self._at = end
        return value

    def skip(self) -> None:
        """Move past the value at the cursor without keeping it.

        Raises:
            Broken: the text ends before the value does.

        """
        first = self.peek()
        if first == '"':
            self._skip_string()
        elif first not in ("{", "["):
            self._skip_word()
        else:
            depth = 0
            while True:
                change, self._at = self._to_bracket(self._at)
                depth += change
                if depth > _MAX_DEPTH:
                    raise Broken(TOO_DEEP)
                if change and not depth:
                    return
                if self._at < len(self._buffer) and not change:
                    self._skip_string()
                elif not change and not self._more():
                    raise Broken(_ENDS)

    def _skip_string(self) -> None:
        """Move past the string whose quote the cursor stands at, in constant memory."""
        self._at += 1
        while True:
            match = _STRING_END.match(self._buffer, self._at)
            self._at = match.end() if match and match[1] == '"' else match.start(1) if match else self._at
            if match and match[1] == '"':
                return
            if not self._more():
                raise Broken(_ENDS)

    def items(self) -> Iterator[Any]:
        """Decode the items of the list at the cursor; an item that cannot be read is a `Broken`."""
        self._at += self.peek() == "["
        while (char := self.peek()) != "]":
            if char == ",":
                self._at += 1
            elif not char:
                yield Broken("the file ends before its list does")
                return
            else:
                item = self._item()
                yield item
                if isinstance(item, Broken) and self.peek() not in (",", "]"):
                    yield Broken("nothing can be read behind it")
                    return
        self._at += 1

    def values(self) -> Iterator[Any]:
        """Decode values that follow each other, with or without commas; as `items` otherwise."""
        while char := self.peek():
            if char == ",":
                self._at += 1
                continue
            item = self._item()
            yield item
            if isinstance(item, Broken) and self.peek() not in ("{", "[", ",", ""):
                yield Broken("nothing can be read behind it")
                return

    def seek(self, path: Sequence[str]) -> bool:
        """Move to the value under the keys of `path`, from an object at the cursor; tell whether it is there."""
        return all(any(key == part for key in self.keys()) for part in path)

    def keys(self) -> Iterator[str]:
        """Walk over the object at the cursor: after each key the cursor stands at its value.

        The caller may decode or skip the value; what it leaves is skipped.
        """
        if self.peek() != "{":
            return
        self._at += 1
        while (char := self.peek()) != "}":
            if char == ",":
                self._at += 1
                continue
            key = self.decode() if char == '"' else None
            if not isinstance(key, str) or self.peek() != ":":
                raise Broken("a key and a colon are missing")
            self._at += 1
            self.peek()
            before = self.n_read - len(self._buffer) + self._at
            yield key
            if self.n_read - len(self._buffer) + self._at == before:
                self.skip()
        self._at += 1

    def skeleton(self, n_items: int = 20) -> Any:
        """Decode the value at the cursor with every list cut to `n_items`; what lies behind the limit is missing."""
        try:
            match self.peek():
                case "{":
                    return self._skeleton_of_object(n_items)
                case "[":
                    return self._skeleton_of_list(n_items)
                case _:
                    return self.decode()
        except RecursionError:
            raise Broken(TOO_DEEP) from None

    def _skeleton_of_object(self, n_items: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        try:
            for key in self.keys():
                found[key] = None
                found[key] = self.skeleton(n_items)
        except Broken:
            self._give_up()
        return found

    def _skeleton_of_list(self, n_items: int) -> list[Any]:
        items: list[Any] = []
        self._at += 1
        try:
            while (char := self.peek()) != "]" and char:
                if char == ",":
                    self._at += 1
                elif len(items) < n_items:
                    items.append(self.skeleton(n_items))
                else:
                    self.skip()
            self._at += 1
        except Broken:
            self._give_up()
        return items

    def _give_up(self) -> None:
        self._ended, self._buffer, self._at = True, "", 0

    def _item(self) -> Any:
        try:
            return self.decode()
        except Broken as error:
            text = self._text_of_value()
            return mend(text) if text else error

    def _text_of_value(self) -> str | None:
        """Cut out the text of the value at the cursor by its brackets alone; None where it has no end."""
        if self._buffer[self._at] not in "{[":
            self._skip_word()
            return ""
        depth, at = 0, self._at
        while True:
            change, at = self._to_bracket(at)
            depth += change
            if depth > _MAX_DEPTH:
                raise Broken(TOO_DEEP)
            if change and not depth:
                text, self._at = self._buffer[self._at : at], at
                return text
            if change:
                continue
            start = self._at
            if not self._grow():
                too_long = len(self._buffer) - self._at >= MAX_RECORD
                self._skip_broken()
                return "" if too_long else None
            at += self._at - start

    def _to_bracket(self, at: int) -> tuple[int, int]:
        """Find the next bracket from `at`: its change of the depth, and where it ends; 0 where there is none."""
        match = _TO_BRACKET.match(self._buffer, at)
        if match is None:
            raise Broken("no value")
        return _DEPTH.get(match[1], 0), match.start(1) if match[1] == '"' else match.end()

    def _skip_broken(self) -> None:
        try:
            self.skip()
        except Broken:
            self._at = len(self._buffer)

    def _skip_word(self) -> None:
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] not in ' \t\r\n,:[]{}"':
                self._at += 1
            if self._at < len(self._buffer) or not self._more():
                return

    def _grow(self) -> bool:
        return len(self._buffer) - self._at < MAX_RECORD and self._more()

    def _more(self) -> bool:
        """Append to the buffer as much as is unread in it, so that a long value costs linear time."""
        unread = len(self._buffer) - self._at
        size = max(_CHUNK, unread)
        if self._left is not None:
            size = min(size, self._left)
        text = "" if self._ended or not size else self._text.read(size)
        if not text:
            self._ended = True
            return False
        if self._left is not None:
            self._left = max(self._left - len(text), 0)
        self._buffer = self._buffer[self._at :] + text
        self._at = 0
        self.n_read += len(text)
        return True
