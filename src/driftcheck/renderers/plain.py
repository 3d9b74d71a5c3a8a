r"""Hostile text made plain: what a trace, a slice's name or an id may do to a terminal, which is nothing.

Trace text is written by strangers. An escape sequence in it could clear the screen, a bidi override could turn a
line around, a zero-width character could make two ids look alike. So control and invisible characters are shown as
what they are (`\x1b`, `\u202e`), and no text is ever read as Rich markup: renderers wrap it in `rich.text.Text`.
Widths are in terminal cells: a CJK character or an emoji takes two.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len

_BLANKS = frozenset("\t\n\v\f\r\x85\u2028\u2029")
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
"""Blank, but letters or marks to Unicode."""
_MAX_MARKS = 3
"""Combining marks on one character: Vietnamese needs two, a pile of marks runs into the lines above."""
_ASCII_FOR = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"', "→": "->"}
    | {"×": "x", "±": "+-", "≥": ">=", "≤": "<=", "·": "-", "•": "-"}
)
"""Our own typography, for encodings without it."""

_RUNNER_MARK = re.compile(r"##(?=[A-Za-z]*\[)")
"""`##[add-mask]` of GitHub's runner, `##vso[...]` of Azure's, `##teamcity[...]`: commands wherever in a line."""


def show(text: str, limit: int | None = None, *, encoding: str = "utf-8") -> str:
    r"""Make text one visible line of at most `limit` cells.

    Control, bidi and zero-width characters and what `encoding` cannot hold become escapes; white space of any
    kind becomes one space; what is too long is cut and ends with an ellipsis.

    >>> show("a\x1b[2Jb\u202ec")
    'a\\x1b[2Jb\\u202ec'
    >>> show("two\r\n  lines")
    'two lines'
    >>> show("漢字漢字", 5)
    '漢字…'
    >>> show("漢字 or “words”", encoding="ascii")
    '\\u6f22\\u5b57 or "words"'
    """
    ellipsis = "…" if _holds(encoding, "…") else "..."
    pieces: list[str] = []
    width = marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        piece = _escape(character) if marks > _MAX_MARKS else _visible(character, encoding)
        if piece == " " and (not pieces or pieces[-1] == " "):
            continue
        pieces.append(piece)
        width += _cells(piece)
        if limit is not None and width > limit:
            if not text.isspace() and piece == " ":
                continue
            return _cut(pieces, width, limit, ellipsis)
    return "".join(pieces).rstrip(" ")


def unmarked(text: str, *, begins_line: bool = False) -> str:
    r"""Shown text that no CI runner takes for a command, as it would in the log of a job.

    GitHub's reads `::add-mask::` and `::stop-commands::` at the beginning of a line, blanks before it skipped.
    Source: actions/runner, ActionCommand.cs (TryParseV2 and TryParse).

    >>> unmarked("a ##[add-mask]e"), unmarked("  ::error::x", begins_line=True), unmarked("std::vector")
    ('a #\\x23[add-mask]e', '  :\\x3aerror::x', 'std::vector')
    """
    text = _RUNNER_MARK.sub(r"#\\x23", text)
    return text.replace("::", r":\x3a", 1) if begins_line and text.lstrip().startswith("::") else text


def cells(text: str) -> int:
    """Width of shown text in cells, never less than the terminal takes (a joined emoji counts as its parts).

    >>> cells("漢字!")
    5
    """
    return len(text) if text.isascii() else sum(_cells(character) for character in text)


def fold(text: str, width: int, *, first: int | None = None) -> list[str]:
    """Shown text as lines of at most `width` cells (`first`: room on the first one), broken between words.

    A number stays with its `%` or its `p`; a word longer than a line is broken where the line ends.

    >>> fold("only 18 % of traffic", 9)
    ['only 18 %', 'of', 'traffic']
    """
    width = max(width, 2)
    room = width if first is None else first
    lines: list[str] = []
    line = ""
    for word in re.findall(r"\(?p [<>]?\d\S*|\S+(?: %\S*)*", text):
        if line and cells(line) + 1 + cells(word) <= room:
            line = f"{line} {word}"
            continue
        if line or room < min(cells(word), width):
            lines.append(line)
            room = width
        line = word
        while cells(line) > room:
            head = _head(line, room) or line[0]
            lines.append(head)
            line = line[len(head) :]
            room = width
    return [*lines, line] if line or not lines else lines


def clip(text: str, width: int, mark: str) -> str:
    """Shown text cut at `width` cells, its blanks kept, with `mark` at its end where something is missing.

    >>> clip("a  table  row", 8, "…")
    'a  tabl…'
    """
    return text if cells(text) <= width else (_head(text, max(width - cells(mark), 0)) + mark)[: max(width, 0)]


def _cut(pieces: list[str], width: int, limit: int, ellipsis: str) -> str:
    while pieces and (width > limit - len(ellipsis) or pieces[-1] == " "):
        width -= _cells(pieces.pop())
    return "".join(pieces) + ellipsis[: max(limit, 0)]


def _head(text: str, width: int) -> str:
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > width:
            return text[:index]
    return text


@lru_cache(maxsize=4096)
def _cells(piece: str) -> int:
    return sum(cell_len(character) for character in piece)


@lru_cache(maxsize=4096)
def _visible(character: str, encoding: str) -> str:
    if character in _BLANKS:
        return " "
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if "\ufe00" <= character <= "\ufe0f":  # emoji or text style: changes the look and, terminal by terminal, the width
        return ""
    unseen = category in {"Cc", "Cf", "Cs", "Cn", "Co"} or character in _INVISIBLE_LETTERS or character >= "\U000e0000"
    if unseen:
        return _escape(character)
    if _holds(encoding, character):
        return character
    plainer = character.translate(_ASCII_FOR)
    return plainer if plainer != character else _escape(character)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _holds(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.isascii()
    return True
