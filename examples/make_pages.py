"""Write the HTML reports of both examples: `examples/report.html` (May) and `examples/bad-quarter/report.html`.

python examples/make_pages.py

With texts: nobody wrote them. The files are not kept in the repository; the same inputs give the same pages.
"""

from __future__ import annotations

import os
from pathlib import Path

from driftcheck import audit, load_config
from driftcheck.renderers import html

HERE = Path(__file__).resolve().parent
PAGES = {"drift.yaml": "report.html", "examples/bad-quarter/drift.yaml": "bad-quarter/report.html"}


def main() -> None:
    """Audit May and the bad quarter, and write their pages."""
    os.chdir(HERE.parent)
    for config, name in PAGES.items():
        command = f"driftcheck audit --config {config} --text -o examples/{name}"
        report = audit(load_config(config), topic_map=True, command=command)
        with (HERE / name).open("w", encoding="utf-8", newline="\n") as out:
            html.render(report, out, texts=True)
        print(f"Wrote examples/{name}: {report.verdict.value}, {(HERE / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
