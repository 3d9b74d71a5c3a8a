"""The report as one HTML file: the verdict for who decides, the map, slices and findings for who looks into it.

The file needs no network: the library that draws is in it. Nothing of a report can act in it: text is made plain and
escaped, data is JSON in an element that no browser runs, the page's script puts it down as text alone, and the page's
policy lets only the two scripts run that the page was made with, by their hashes, and none from a string.
"""

from __future__ import annotations

from typing import TextIO

from driftcheck.report import Report


def render(report: Report, out: TextIO, *, texts: bool = False) -> None:
    """Print the report as one HTML page; the texts of traces and cases, cut to fit, only when `texts`."""
    from driftcheck.renderers.html.page import assemble, make_parts

    out.write(assemble(make_parts(report, texts=texts)))
