"""Draw the report that README shows: the audit of the bad quarter, as an SVG made from what the terminal prints.

python examples/make_picture.py
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from driftcheck import audit, load_config
from driftcheck.renderers import terminal

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "bad-quarter" / "report.svg"
WIDTH = 110
LINES = 74
"""As much as a reader takes in; the report goes on."""


def main() -> None:
    """Audit the bad quarter and write the picture."""
    os.chdir(HERE.parent)
    report = audit(load_config("examples/bad-quarter/drift.yaml"), as_of=dt.date(2026, 10, 1))
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor", markup=False
    )
    terminal.render(report, console, texts=True, verbose=False)
    lines = console.export_text(styles=True, clear=True).splitlines()
    short = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in [*lines[:LINES], "", "  …"]:
        text = Text.from_ansi(line)
        text.rstrip()
        short.print(text, no_wrap=True, crop=True)
    title = "driftcheck audit --config examples/bad-quarter/drift.yaml"
    # rich's own template fetches its font from the network; the reader's monospace font will do
    template = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
        "Fira Code", "ui-monospace"
    )
    svg = short.export_svg(title=title, unique_id="driftcheck", code_format=template)
    PICTURE.write_text(svg, encoding="utf-8")
    print(f"Wrote {PICTURE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
