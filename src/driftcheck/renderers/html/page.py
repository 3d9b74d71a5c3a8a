"""The page as one text: template, data and scripts inline, under a policy that lets no other script run."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING

from driftcheck import __version__
from driftcheck.findings import Finding, FindingStatus
from driftcheck.records import LoadReport
from driftcheck.renderers import input_words, manual
from driftcheck.renderers.cadence_words import cadence_of
from driftcheck.renderers.change_words import changes_of, status_changes_of
from driftcheck.renderers.finding_words import mover_of, sizes_of, thresholds_of, value_of
from driftcheck.renderers.html import charts
from driftcheck.renderers.html.chart_rows import chart_rows, has_both, label_of, said_of
from driftcheck.renderers.html.points import KINDS, MAX_POINTS, columns_of, in_script, names_of, texts_of
from driftcheck.renderers.html.tables import evidence_table, slice_table, trend_table
from driftcheck.renderers.json_values import Json
from driftcheck.renderers.plain import show
from driftcheck.renderers.score_words import drift_of, scores_of, tally_of, why_not
from driftcheck.report import Report

if TYPE_CHECKING:
    import jinja2

MAX_BYTES = 2_950_000
"""What the page may weigh with texts: they are cut until it fits."""
SCRIPTS = ("data.js", "map.js", "charts.js", "tables.js", "page.js")
"""The page's own script, in the order in which its parts need each other."""
LONGEST = 1_000
"""Cells of a text in the page: a path or a message of a stranger may be a megabyte."""
_LOUD = (FindingStatus.FAIL, FindingStatus.WARN)


@dataclass(frozen=True)
class Parts:
    """The page in three parts."""

    body: str
    """Everything that is read, as HTML."""
    data: str
    """What the charts and the map are drawn from, as JSON that can stand in a script element."""
    scripts: tuple[str, ...]
    """The library that draws, and the page's own script."""


def make_parts(report: Report, *, texts: bool) -> Parts:
    """Make the parts of the page; texts of cases and traces are in them only when `texts`."""
    body = _environment().get_template("body.html.jinja").render(_context(report, texts=texts))
    scripts = (_closed(charts.library()), _closed("".join(_asset(name) for name in SCRIPTS)))
    data = _data(report)
    if texts and report.topic_map is not None:
        taken = sum(len(part.encode()) for part in (body, in_script(data), *scripts, _asset("page.css")))
        clip, by_kind = texts_of(report, MAX_BYTES - taken)
        data["clip"] = clip
        for kind in KINDS if clip else ():
            data[kind] = {**data[kind], "text": by_kind[kind]}  # type: ignore[dict-item]  # Json, here a mapping
    return Parts(body, in_script(data), scripts)


def assemble(parts: Parts) -> str:
    """The whole page."""
    from markupsafe import Markup

    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            css=Markup(_asset("page.css")),
            body=Markup(parts.body),
            data=Markup(parts.data),
            scripts=[Markup(script) for script in parts.scripts],
            hashes=[_hash(script) for script in parts.scripts],
        )
    )


def _environment() -> jinja2.Environment:
    import jinja2
    from markupsafe import Markup

    def plain(value: object) -> object:
        """Make every text that the template prints one visible line before it is escaped."""
        return show(value, LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value

    return jinja2.Environment(
        loader=jinja2.PackageLoader("driftcheck.renderers.html", "assets"),
        autoescape=True,
        finalize=plain,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _context(report: Report, *, texts: bool) -> dict[str, object]:
    loud = [finding for finding in report.finding_rows if finding.status in _LOUD]
    return {
        "report": report,
        "inputs": report.inputs,
        "texts": texts,
        "version": __version__,
        "versions": charts.versions(),
        "tally": tally_of(report),
        "scores": scores_of(report),
        "drift": drift_of(report),
        "cadence": cadence_of(report),
        "changes": changes_of(report),
        "turned": status_changes_of(report),
        "loud": loud,
        "mover_of": partial(mover_of, owner=report.owner),
        "value_of": value_of,
        "thresholds_of": thresholds_of,
        "sizes_of": lambda finding: sizes_of(finding, report),
        "evidence_of": lambda finding: evidence_table(finding, report, texts=texts),
        "manual_of": _manual,
        "words": input_words,
        "slices": slice_table(report, texts=texts),
        "options": [label_of(row, 48) for row in report.slice_rows],
        "trend": trend_table(report) if report.past else None,
        "map_about": _map_about(report),
        "n_corner": sum(has_both(row) for row in report.slice_rows),
        "why": _reasons(report),
        "losses": [one for one in _loaded(report) if one.n_skipped or one.warnings],
    }


def _loaded(report: Report) -> list[LoadReport]:
    inputs = report.inputs
    return [*inputs.eval_set, *inputs.run_reports, *inputs.production.reports]


def _manual(finding: Finding) -> list[tuple[str, tuple[manual.Block, ...]]]:
    return [(part.heading, manual.blocks(part.lines)) for part in manual.sections(finding.manual) if part.lines]


def _map_about(report: Report) -> str:
    """What the map shows, in a sentence, with how much of it."""
    if report.topic_map is None:
        return ""
    drawn = {kind: min(len(getattr(report, kind)), MAX_POINTS) for kind in KINDS}
    said = []
    for kind, n in drawn.items():
        whole = len(getattr(report, kind))
        said.append(f"{n:,} of {whole:,} {kind}" if n < whole else f"all {n:,} {'sampled ' * (kind == 'traces')}{kind}")
    return " and ".join(said)


def _reasons(report: Report) -> dict[str, str]:
    """Why a section has nothing to show; empty where it has."""
    slices = "" if report.slice_rows else why_not(report, "slice-coverage")
    no_rates = []
    if report.scores.pass_rate is None:
        no_rates.append("no scored run was read" if not report.inputs.runs else "no case has an outcome")
    if report.scores.satisfaction is None:
        no_rates.append("users' ratings are missing or too few")
    corner = " and ".join(no_rates) or "no slice has both scored cases and rated sessions"
    return {
        "map": "" if report.topic_map is not None else slices or "it was not asked for when the audit ran",
        "slices": slices,
        "quadrant": slices or ("" if any(has_both(row) for row in report.slice_rows) else corner),
        "trend": "" if report.past else "no earlier audit is known",
    }


def _data(report: Report) -> dict[str, Json]:
    return {
        "charts": charts.charts(len(report.slice_rows)),
        "rows": chart_rows(report),
        "slices": [
            {"id": show(row.id, 48), "label": label_of(row, 48), "said": said_of(row)} for row in report.slice_rows
        ],
        "names": names_of(report),
        "clip": 0,
        **{kind: columns_of(report, kind) for kind in KINDS},
    }


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("assets", name).read_text("utf-8")


def _closed(script: str) -> str:
    """Keep the names of a script to itself: `window` gets only what it puts there."""
    return f"(() => {{\n{script}\n}})();"


def _hash(script: str) -> str:
    """What names an inline script in a Content-Security-Policy."""
    return "sha256-" + b64encode(hashlib.sha256(script.encode()).digest()).decode()
