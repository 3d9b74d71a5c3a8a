"""The one line that an error is."""

from __future__ import annotations

import re
import sys


def print_error(line: str) -> None:
    r"""Print one line on standard error: what it quotes out of a file is shown, and never acts on the terminal."""
    # `renderers.plain.show` would do, and bring Rich in, for which an error or --help need not wait
    visible = "".join(character if character.isprintable() else _escape(character) for character in line)
    visible = re.sub(r"##(?=[A-Za-z]*\[)", r"#\\x23", visible)  # GitHub's runner would take `##[add-mask]` as a command
    encoding = sys.stderr.encoding or "utf-8"
    print(f"driftcheck: {visible}".encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
