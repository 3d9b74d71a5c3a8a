"""Consoles that keep what is printed on them."""

from __future__ import annotations

import io
from collections.abc import Callable

from rich.console import Console


def printed(draw: Callable[[Console], None], width: int, *, color: bool = False, encoding: str = "utf-8") -> str:
    """What `draw` prints on a console of `width` cells; in a file's encoding, as a pipe would get it."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(
        file=file,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        _environ={},
    )
    draw(console)
    file.flush()
    return raw.getvalue().decode(encoding)
