r"""Hostile text in Markdown: what is not plainly words stands in a code span, where Markdown and GitHub leave it alone.

Escaping by backslash or entity would be undone too early: GitHub looks for @mentions, #123, commit hashes, autolinks
and `:emoji:` in the rendered text, where `\@team` is `@team` again and pings people. In a code span nothing of this
is looked for, and nothing of Markdown either. So ids and names are always code, and of a sentence every word that is
more than letters, digits and quiet punctuation is. A text is shown literally, on one line; a backtick of a sentence
that has a partner is taken as code, as our own sentences mean it.

Sources: GitHub Flavored Markdown 0.29 (code spans, tables, autolinks); html-pipeline's mention filter, which leaves
`code` and `pre` out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from driftcheck.numbers import UNKNOWN
from driftcheck.renderers.plain import show

LONGEST = 600
"""Cells of a sentence: a path or a message of a stranger may be a megabyte."""
MAX_ID = 80
MAX_NAME = 120
_LETTER = "[A-Za-z0-9\x80-\U0010ffff]"
_QUIET_WORD = re.compile(
    rf"""(?: ["'(]* (?:[<>]=?|[-+]{{1,2}})? (?=\d) | ["'(]* )   # a sign only before a number: `<0.001`, `+-10`
    {_LETTER}+ (?: ['/-]{_LETTER}+ | (?<=\d)[.,](?=\d)\d+ )*    # a dot only in a number: no www.example.com
    [)"'.,;:!?%]*""",
    re.VERBOSE,
)
_QUIET_MARKS = re.compile(r"""["'(),.;:!?%]+|[=+<>-]|[<>]=|->""")
_FIRST = re.compile(r"""["'(]*(?!\d{1,9}[.)]\Z)[A-Za-z0-9\x80-\U0010ffff]""")
"""How a paragraph may begin: not as a list, a quotation or a heading does."""
_REFERENCE = re.compile(
    r"(?<![A-Za-z0-9])[0-9A-Fa-f]{7,}(?![A-Za-z0-9])"  # a commit, or what GitHub takes for one
    r"|[A-Za-z]-\d"  # GH-12, TICKET-12
)
_SPAN = r"`[^`\s](?:[^`]*[^`\s])?`"
_TOKENS = re.compile(rf"( ?)({_SPAN}|[^\s`]+|`+)")
_LAST_MARKS = re.compile(r"(?P<said>.*[^,.;:)]) (?P<marks>[,.;:)]+)", re.VERBOSE | re.DOTALL)


def code(text: str, limit: int | None = None) -> str:
    """Make a code span of `text`; a dash where there is nothing to show.

    >>> print(code("@team"), code("a`b"), code("`"), code(""))
    `@team` ``a`b`` `` ` `` –
    """
    shown = show(text, limit)
    if not shown:
        return UNKNOWN
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    # one blank on either side is taken away again; `$` beside a backtick would be GitHub's mathematics
    pad = " " if {shown[0], shown[-1]} & {"`", "$"} else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str, limit: int = LONGEST) -> str:
    """Make a sentence safe: quiet words as they are, all else in code spans.

    >>> prose("18 % of traffic (95 % CI 15-21, p <0.001) is new.")
    '18 % of traffic (95 % CI 15-21, p <0.001) is new.'
    >>> prose("ask @team about #12 and www.example.com: `driftcheck explain DC101`.")
    'ask `@team` about `#12` and `www.example.com`: `driftcheck explain DC101`.'
    """
    parts: list[tuple[bool, str]] = []
    for gap, token in _TOKENS.findall(show(text, limit)):
        first = not parts
        spanned = re.fullmatch(_SPAN, token) is not None
        beside_code = not first and not gap and not parts[-1][0]
        if not spanned and _is_quiet(token, first=first, beside_code=beside_code):
            parts.append((True, gap + token))
            continue
        said, marks = (token[1:-1], "") if spanned else _split(token)
        if not first and not parts[-1][0] and not (gap and spanned):
            parts[-1] = (False, f"{parts[-1][1]}{gap}{said}")  # two spans without a blank would be one broken one
        else:
            parts += [(True, gap), (False, said)]
        if marks:
            parts.append((True, marks))
    return "".join(said if quiet else code(said) for quiet, said in parts) or UNKNOWN


def html_code(text: str, limit: int | None = None) -> str:
    """`text` as `<code>` where Markdown is not read: in a `<summary>`.

    >>> html_code("</summary>@team")
    '<code>&lt;/summary&gt;@team</code>'
    """
    return f"<code>{html.escape(show(text, limit))}</code>"


def table(headers: Sequence[str], right: Iterable[int] = ()) -> tuple[str, str]:
    """The two lines that begin a table: its headers, and which columns (from 0) stand to the right."""
    aligned = set(right)
    return row(headers), row(["---:" if index in aligned else "---" for index in range(len(headers))])


def row(cells: Iterable[str]) -> str:
    r"""One line of a table; the cells are Markdown. A table's bars are read before all else, in code too.

    >>> row(["a", code("x|y")])
    '| a | `x\\|y` |'
    """
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def fenced(text: str) -> tuple[str, ...]:
    """One line of shell that readers can copy."""
    shown = show(text, LONGEST)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}sh", shown, fence


def as_command(text: str) -> str:
    """Set the command that a sentence is in backticks, with the remark after it.

    >>> as_command("driftcheck audit --export slices   # every trace")
    '`driftcheck audit --export slices` every trace'
    """
    if not text.startswith("driftcheck ") or "`" in text:
        return text
    command, _, remark = text.partition("   # ")
    return f"`{command}` {remark}".rstrip()


def listed(ids: Sequence[str], places: Mapping[str, str], most: int) -> str:
    """The first ids, and how many more there are; one that was made up for a case as the place of the case.

    >>> listed(["a", "b", "c"], {"b": "x.yaml:3"}, 2)
    '`a`, `x.yaml:3` +1'
    """
    said = ", ".join(code(places.get(one, one), MAX_ID) for one in ids[:most])
    more = len(ids) - most
    return f"{said} +{more}" if more > 0 else said or UNKNOWN


def folded(title: str, *, shut: bool = True) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands before and after lines that are seen on a click; `title` is HTML."""
    return (f"<details{'' if shut else ' open'}><summary>{title}</summary>", ""), ("", "</details>")


def _is_quiet(word: str, *, first: bool, beside_code: bool) -> bool:
    if _QUIET_MARKS.fullmatch(word):
        return not first or beside_code
    if first and not _FIRST.match(word):
        return False
    return _QUIET_WORD.fullmatch(word) is not None and _REFERENCE.search(word) is None


def _split(word: str) -> tuple[str, str]:
    """Take the punctuation after a path or a name off it, but for a bracket that it opened."""
    found = _LAST_MARKS.fullmatch(word)
    if found is None or (")" in found["marks"] and "(" in found["said"]):
        return word, ""
    return found["said"], found["marks"]
