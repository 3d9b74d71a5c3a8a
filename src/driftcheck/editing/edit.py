"""Edits: what a file was and what it is to be, shown as a diff and written with others, all of them or none."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from driftcheck.loaders.encoding import BINARY, sniff_encoding

_CONTEXT = 3
"""Lines shown before and behind a change."""
_MANY = 4_000
"""Lines of a change above which difflib may take frequent lines for noise: its exact search takes the square."""


@dataclass(frozen=True)
class Edit:
    """One file, before and after."""

    path: Path
    name: str
    """What the user calls the file."""
    before: bytes = field(repr=False)
    """Empty where there is no file yet."""
    after: bytes = field(repr=False)

    def diff(self) -> str:
        r"""Write the change as a unified diff, with the lines as they stand in the file; not made safe for a terminal.

        >>> print(Edit(Path("a.txt"), "a.txt", b"1\n2\n", b"1\n3\n").diff(), end="")
        --- a.txt
        +++ a.txt
        @@ -1,2 +1,2 @@
         1
        -2
        +3
        """
        old, new = _lines(self.before), _lines(self.after)
        hunks = [line for hunk in _hunks(old, new) for line in hunk]
        if not hunks:
            return ""
        return "".join([f"--- {self.name if self.before else '/dev/null'}\n", f"+++ {self.name}\n", *hunks])


def _lines(data: bytes) -> list[str]:
    encoding, bom = sniff_encoding(data)
    text = data[bom:].decode("utf-8" if encoding == BINARY else encoding, "replace")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[Iterator[str]]:
    """Yield the lines of each hunk; what both texts begin and end with is never searched."""
    most = min(len(old), len(new))
    head = next((number for number in range(most) if old[number] != new[number]), most)
    most -= head
    tail = next((number for number in range(most) if old[-1 - number] != new[-1 - number]), most)
    start = max(head - _CONTEXT, 0)
    behind = max(tail - _CONTEXT, 0)
    a, b = old[start : len(old) - behind], new[start : len(new) - behind]
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=max(len(a), len(b)) > _MANY)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        yield _hunk(group, a, b, start)


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]], a: Sequence[str], b: Sequence[str], start: int
) -> Iterator[str]:
    first, last = group[0], group[-1]
    yield f"@@ -{_range(start + first[1], start + last[2])} +{_range(start + first[3], start + last[4])} @@\n"
    for tag, i, to_i, j, to_j in group:
        if tag == "equal":
            yield from (_marked(" ", line) for line in a[i:to_i])
            continue
        yield from (_marked("-", line) for line in a[i:to_i])
        yield from (_marked("+", line) for line in b[j:to_j])


def _marked(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> str:
    """Write lines as diff does: counted from one, their number left out where it is one."""
    n = end - start
    return f"{start + 1}" if n == 1 else f"{start + 1 if n else start},{n}"
