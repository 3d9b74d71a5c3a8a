"""Tables of the page: what stands in them, and what their columns are sorted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

from driftcheck.findings import Evidence, Finding
from driftcheck.numbers import UNKNOWN, count, interval, number, p_value, percent, percent_number
from driftcheck.renderers.finding_words import evidence_value, headers_of, text_headers_of
from driftcheck.renderers.html.chart_rows import audits_of
from driftcheck.renderers.plain import show
from driftcheck.renderers.slice_words import delta_interval, signed_delta
from driftcheck.report import Report, SliceRow
from driftcheck.scores import Estimate

MAX_IDS = 5
"""Ids of cases, and of traces, listed in a row."""
MAX_EXAMPLE = 200


@dataclass(frozen=True)
class Cell:
    """One cell: its text, what stands small below it, and what the column is sorted by."""

    text: str
    below: tuple[str, ...] = ()
    sort: float | None = None
    """None: by the text."""
    ids: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Kinds of members with their ids: `(("traces", ("8f3c01", "91aa77")),)`."""


@dataclass(frozen=True)
class Column:
    """One column."""

    header: str
    numeric: bool = True
    about: str = ""
    """What the header means, said below the table."""


@dataclass(frozen=True)
class Row:
    """One row."""

    cells: tuple[Cell, ...]
    slice: int | None = None
    """Place of the slice that the row is about among the report's slices."""


@dataclass(frozen=True)
class Table:
    """A table with its caption."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def slice_table(report: Report, *, texts: bool) -> Table:
    """Every slice with its shares, rates and what is to be added."""
    columns = (
        Column("slice", numeric=False, about="with its state" + ", and its most central trace" * texts),
        Column("eval set", about="share of cases, and their number"),
        Column("traffic", about="share of sampled sessions, and their number"),
        Column("difference", about="points: cases' share minus traffic's, with its 95 % interval: negative is too few"),
        Column("p", about="family-wise over all slices: chance of such a difference where nothing drifted"),
        Column("pass rate", about="with 95 % interval and scored cases"),
        Column("users", about="share satisfied, with 95 % interval and rated sessions"),
        Column("rated", about="share of the slice's sampled sessions that were rated"),
        Column("add", about="cases that bring it to its share of traffic"),
        Column("know", about="cases missing until its pass rate is known to ±10 points"),
        Column("look at", numeric=False),
    )
    rows = tuple(_slice(index, row, report, texts=texts) for index, row in enumerate(report.slice_rows))
    return Table("Slices, those with most traffic first", columns, rows)


def evidence_table(finding: Finding, report: Report, *, texts: bool) -> Table | None:
    """The rows behind a finding; None where it has none."""
    evidence = finding.measurement.evidence if finding.measurement else ()
    if not evidence:
        return None
    headers = headers_of(evidence)
    said = text_headers_of(evidence) if texts else []
    has_ids = any(row.case_ids or row.trace_ids for row in evidence)
    columns = [Column("what", numeric=False)]
    columns += [Column(header, numeric=not _holds_words(header, evidence)) for header in headers]
    columns += [Column(header, numeric=False) for header in said]
    columns += [Column("look at", numeric=False)] if has_ids else []
    place = {row.id: index for index, row in enumerate(report.slice_rows)}
    rows = tuple(
        Row(
            (
                Cell(row.label, (row.slice_id,) if row.slice_id and row.slice_id != row.label else ()),
                *(_evidence(header, row, evidence) for header in headers),
                *(Cell(f"“{show(row.texts[one], MAX_EXAMPLE)}”" if one in row.texts else UNKNOWN) for one in said),
                *((_ids(report, row.case_ids, row.trace_ids),) if has_ids else ()),
            ),
            place.get(row.slice_id) if row.slice_id is not None else None,
        )
        for row in evidence
    )
    return Table(f"What is behind {finding.code} {finding.name}", tuple(columns), rows)


def trend_table(report: Report) -> Table:
    """The audits that came before, and the one at hand."""
    columns = ("audit", "ends", "eval score", "users", "score on traffic", "coverage", "novelty", "excess KL(P||Q)")
    rows = []
    for name, day, scores in audits_of(report):
        restated, novelty, drift = scores.restated_pass_rate, scores.novelty, scores.divergence
        shares = (
            scores.pass_rate.value if scores.pass_rate else None,
            scores.satisfaction.value if scores.satisfaction else None,
            restated.value if restated else None,
            scores.coverage.value if scores.coverage else None,
            novelty.share if novelty else None,
        )
        rows.append(
            Row(
                (
                    Cell(name),
                    Cell(day),
                    *(Cell(UNKNOWN if share is None else percent(share), sort=share) for share in shares),
                    Cell(f"{number(drift.excess)} nats" if drift else UNKNOWN, sort=drift.excess if drift else None),
                )
            )
        )
    named = tuple(Column(header, numeric=index > 1) for index, header in enumerate(columns))
    return Table("Audits, oldest first", named, tuple(rows))


def _slice(index: int, row: SliceRow, report: Report, *, texts: bool) -> Row:
    response = row.response_rate
    return Row(
        (
            Cell(
                row.name,
                (
                    row.coverage if row.name == row.id else f"{row.id} {row.coverage}",
                    *([f"“{show(row.example, MAX_EXAMPLE)}”"] if texts and row.example else []),
                ),
            ),
            Cell(percent(row.share_eval), (f"n {count(row.n_cases)}",), row.share_eval),
            Cell(percent(row.share_production), (f"n {count(row.n_traces)}",), row.share_production),
            Cell(signed_delta(row), (delta_interval(row),), row.delta),
            Cell(p_value(row.p_adjusted), sort=row.p_adjusted),
            _rate(row.pass_rate),
            _rate(row.satisfaction),
            Cell(UNKNOWN if response is None else percent(response), sort=response),
            Cell(f"+{count(row.cases_to_add)}" if row.cases_to_add else UNKNOWN, sort=row.cases_to_add),
            Cell(f"+{count(row.cases_to_know)}" if row.cases_to_know else UNKNOWN, sort=row.cases_to_know),
            _ids(report, row.case_ids, row.trace_ids),
        ),
        index,
    )


def _rate(rate: Estimate | None) -> Cell:
    if rate is None:
        return Cell(UNKNOWN)
    ends = interval(rate.low, rate.high, percent_number)
    return Cell(percent(rate.value), (f"{ends}, n {count(rate.n)}",), rate.value)


def _evidence(header: str, row: Evidence, rows: Sequence[Evidence]) -> Cell:
    value = row.numbers.get(header)
    sort = float(value) if isinstance(value, Real) else None
    return Cell(evidence_value(header, row, rows) or UNKNOWN, sort=sort)


def _holds_words(header: str, rows: Sequence[Evidence]) -> bool:
    return any(isinstance(row.numbers.get(header), str) for row in rows)


def _ids(report: Report, case_ids: Sequence[str], trace_ids: Sequence[str]) -> Cell:
    """Some ids to look at, and how many more there are."""
    places = report.inputs.places
    kinds = {"cases": [places.get(one, one) for one in case_ids], "traces": list(trace_ids)}
    listed = []
    for kind, ids in kinds.items():
        more = len(ids) - MAX_IDS
        if ids:
            listed.append((kind, (*ids[:MAX_IDS], *([f"and {count(more)} more"] if more > 0 else []))))
    return Cell("" if listed else UNKNOWN, ids=tuple(listed))
