"""`driftcheck power` as one HTML page: no script, nothing from elsewhere, light and dark.

The chart is SVG, drawn beforehand: it shows where an artifact viewer forbids scripts, and in print.
"""

from __future__ import annotations

from html import escape

from driftcheck.power_report import PowerReport
from driftcheck.renderers.plain import show
from driftcheck.renderers.power_tables import CAPTION, tables
from driftcheck.renderers.table import Table

_STYLE = """
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --line: #ccc; --own: #eef4fb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #181818; --line: #444; --own: #22303f; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 56rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.first { font-size: 1.2rem; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { border-bottom-width: 2px; } .named :is(th, td):first-child { text-align: left; white-space: normal; }
tr.own { background: var(--own); font-weight: 600; }
.note, footer { font-size: .9rem; } footer { margin-top: 2rem; border-top: 1px solid var(--line); }
figure { margin: 2rem 0; } .light, .dark { flex-wrap: wrap; gap: 1rem 2rem; } svg { max-width: 100%; height: auto; }
.light { display: flex; } .dark { display: none; } figcaption { margin-top: .75rem; }
@media (prefers-color-scheme: dark) { .light { display: none; } .dark { display: flex; } }
@media print { .light { display: flex; } .dark { display: none; } }
""".strip()


def render(report: PowerReport) -> bytes:
    """The whole page, UTF-8."""
    from driftcheck.renderers.power_plot import DARK, LIGHT, svgs

    sentences = "\n".join(
        f'<p class="first">{_text(sentence)}</p>' if number == 0 else f"<p>{_text(sentence)}</p>"
        for number, sentence in enumerate(report.sentences)
    )
    reasons = "\n".join(
        f"<p>Not measured, {what}: {_text(reason)}.</p>"
        for reason, what in ((report.traffic_reason, "traffic"), (report.gap_reason, "score against users"))
        if reason
    )
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>driftcheck power</title>
<style>
{_STYLE}
</style>
</head>
<body>
<h1>How much the gate notices</h1>
{sentences}
{reasons}
<figure>
<div class="light">{"".join(svgs(report, LIGHT))}</div>
<div class="dark">{"".join(svgs(report, DARK))}</div>
<figcaption class="note">{_text(CAPTION)}</figcaption>
</figure>
{"".join(_table(table) for table in tables(report))}
<footer>
{"".join(f"<p>{_text(note)}</p>" for note in report.notes)}
<p>{report.n_draws:,} draws, seed {report.seed}. Eval set {_text(report.eval_set)}: {report.n_cases:,} cases; production
{_text(report.production)}: {report.n_sessions:,} sessions; model {_text(report.model.name)}.</p>
</footer>
</body>
</html>
"""
    return page.encode("utf-8")


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_text(header)}</th>' for header in table.header)
    body = "\n".join(_row(row, own=number == table.marked) for number, row in enumerate(table.rows))
    named = ' class="named"' if table.n_words else ""
    return (
        f"<h2>{_text(table.title)}</h2>\n"
        f'<div class="scroll"><table{named}>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>\n"
        f'<p class="note">{_text(table.note)}</p>\n'
    )


def _row(row: tuple[str, ...], *, own: bool) -> str:
    cells = "".join(f"<td>{_text(text)}</td>" for text in row)
    return f'<tr class="own">{cells}</tr>' if own else f"<tr>{cells}</tr>"


def _text(text: str) -> str:
    """Text of strangers, plain and escaped."""
    return escape(show(text))
