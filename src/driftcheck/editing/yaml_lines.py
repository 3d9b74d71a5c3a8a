"""Lines of a YAML text that belong together: an item or a key, its comments, and the blank lines between.

What goes with an item that is taken out: its lines, a comment right above it (no blank line between, no deeper than its
dash), comments right below it that are deeper than its dash, and the blank lines that parted it from its neighbour.
Comments that stand apart stay.
"""

from __future__ import annotations

from driftcheck.editing.splices import line_end, line_start, next_line


def own_end(text: str, at: int, column: int) -> int:
    """Where the lines of what ends at `at` end, with comments right below that are deeper than `column`."""
    end = line_end(text, at)
    while (start := next_line(text, end)) < len(text) and (_comment_column(text, start) or 0) > column:
        end = line_end(text, start)
    return end


def own_start(text: str, at: int, column: int, after: int) -> int:
    """Where the lines of what begins at `at` begin, with comments right above that are no deeper than `column`.

    Nothing before `after` is looked at.
    """
    start = line_start(text, at)
    while start > after:
        above = line_start(text, start - 1)
        found = _comment_column(text, above)
        if found is None or found > column or above < after:
            break
        start = above
    return start


def said_before(text: str, at: int) -> int:
    """Where the last line above `at` ends that is not blank."""
    return len(text[:at].rstrip())


def said_again(text: str, at: int) -> int:
    """Where the first line from `at` on begins that is not blank."""
    while at < len(text) and not text[at : line_end(text, at)].strip():
        at = next_line(text, at)
    return at


def _comment_column(text: str, start: int) -> int | None:
    """Column of a comment that has the line at `start` to itself; None where there is none."""
    line = text[start : line_end(text, start)]
    said = line.lstrip()
    return len(line) - len(said) if said.startswith("#") else None
