"""Code: what a text is written in that is a program, which no loader may run, instead of data."""

from __future__ import annotations

import re

_COMMENTS = re.compile(
    r"""(?:\ufeff|\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*|\"\"\".*?\"\"\"|'''.*?''')+""",
    re.DOTALL,
)
_JAVASCRIPT = re.compile(
    r"""['"]use\ strict['"]
    | import \s* (?: \{ | \* | type\s | ['"] | \w+ \s* (?: ,[^\n]* )? \s from\s )
    | export \s+ (?: default | const | async | function | type | interface | class ) \b
    | (?: const | let | var ) \s+ [\w{\[$] [^\n]* (?: = | \{ \s* $ )
    | module\.exports\b
    | (?: async \s+ )? function \b [^\n]* \(
    | (?: type | interface | class ) \s+ \w+ [^\n,;]* \{
    """,
    re.VERBOSE | re.MULTILINE,
)
_PYTHON = re.compile(
    r"""from \s+ [\w.]+ \s+ import \s
    | import \s+ [\w.]+ (?: \s+ as \s+ \w+ )? \s* $
    | (?: async \s+ )? def \s+ \w+ \s* \(
    | class \s+ \w+ \s* (?: \( [^)\n]* \) )? : \s* $
    | @\w [\w.]* (?: \( | \s* $ )
    """,
    re.VERBOSE | re.MULTILINE,
)


def language_of_code(start: str) -> str | None:
    r"""Name the language of a text that begins as a program does; None for data.

    >>> language_of_code("// tests\nmodule.exports = [{vars: {q: 'Hi'}}];")
    'JavaScript'
    >>> language_of_code("import,export\n1,2\n")
    """
    if start.startswith("#!"):
        return "a script"
    comments = _COMMENTS.match(start)
    first = start[comments.end() :] if comments else start
    if _JAVASCRIPT.match(first):
        return "JavaScript"
    return "Python" if _PYTHON.match(first) else None
