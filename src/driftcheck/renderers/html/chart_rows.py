"""What the charts are drawn from: rows of plain numbers and of names made plain.

A slice is known by its place among the report's slices, never by its id, which may be hostile text.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.numbers import count, date, interval, number, percent, percent_number, points, points_number
from driftcheck.past import PastAudit
from driftcheck.renderers.json_values import Json
from driftcheck.renderers.plain import show
from driftcheck.report import Report, SliceRow
from driftcheck.scores import Estimate, Scores

MAX_LABEL = 34
MAX_NAME = 80
BLIND_CHECK = "blind-slices"
"""The check whose slices the quadrant sets off."""
LEAST_NAMED = 0.03
"""Share of traffic from which a slice's circle holds its id."""
NOW = "this audit"

Rows = list[dict[str, Json]]


def label_of(row: SliceRow, limit: int = MAX_LABEL) -> str:
    """Id and name of a slice, plain and short."""
    return show(row.id if row.name == row.id else f"{row.id} {row.name}", limit)


def chart_rows(report: Report) -> dict[str, Rows]:
    """Rows of every chart by the name of their data set."""
    measured = [finding.measurement for finding in report.finding_rows if finding.name == BLIND_CHECK]
    blind = {row.slice_id for one in measured if one for row in one.evidence}
    return {
        "slices": [_difference(index, row) for index, row in enumerate(report.slice_rows)],
        "shares": [one for index, row in enumerate(report.slice_rows) for one in _shares(index, row)],
        "rates": [one for index, row in enumerate(report.slice_rows) for one in _rates(index, row)],
        "quadrant": [
            _corner(index, row, blind=row.id in blind) for index, row in enumerate(report.slice_rows) if has_both(row)
        ],
        "overall": [
            {
                "pass": report.scores.pass_rate.value if report.scores.pass_rate else None,
                "users": report.scores.satisfaction.value if report.scores.satisfaction else None,
            }
        ],
        **_trends(report),
    }


def has_both(row: SliceRow) -> bool:
    """Whether it has a pass rate and a satisfaction to be held against each other."""
    return row.pass_rate is not None and row.satisfaction is not None


def audits_of(report: Report) -> list[tuple[str, str, Scores]]:
    """Every audit that is known, oldest first, this one last: its name, its day and its scores."""
    past: Sequence[PastAudit] = report.past
    until = report.inputs.production.last_time or report.inputs.production.until
    return [(audit.name, date(audit.time), audit.scores) for audit in past] + [(NOW, date(until), report.scores)]


def said_of(row: SliceRow) -> str:
    """A slice in one line, with what is known of it."""
    said = [
        f"{percent(row.share_eval)} of cases, {percent(row.share_production)} of traffic "
        f"({points(row.delta)}, 95 % CI {interval(row.low, row.high, points_number)})",
        f"pass rate {_rate(row.pass_rate, 'case')}",
        f"satisfied users {_rate(row.satisfaction, 'rating')}",
        row.coverage,
    ]
    return f"{label_of(row, MAX_NAME)}: {'; '.join(said)}"


def _rate(rate: Estimate | None, noun: str) -> str:
    if rate is None:
        return "not known"
    return f"{percent(rate.value)} ({interval(rate.low, rate.high, percent_number)}, {count(rate.n, noun)})"


def _difference(index: int, row: SliceRow) -> dict[str, Json]:
    return {
        "slice": index,
        "label": label_of(row),
        "delta": 100 * row.delta,
        "low": 100 * row.low,
        "high": 100 * row.high,
        "short": row.under_covered,
        "said": said_of(row),
    }


def _shares(index: int, row: SliceRow) -> Rows:
    shares = {"eval set": row.share_eval, "traffic": row.share_production}
    return [
        {"slice": index, "label": label_of(row), "of": of, "share": share, "said": said_of(row)}
        for of, share in shares.items()
    ]


def _rates(index: int, row: SliceRow) -> Rows:
    rates = {"pass rate": row.pass_rate, "satisfaction": row.satisfaction}
    return [
        {
            "slice": index,
            "label": label_of(row),
            "of": of,
            "value": rate.value if rate else None,
            "low": rate.low if rate else None,
            "high": rate.high if rate else None,
            "said": said_of(row),
        }
        for of, rate in rates.items()
    ]


def _corner(index: int, row: SliceRow, *, blind: bool) -> dict[str, Json]:
    passed, users = row.pass_rate, row.satisfaction
    assert passed
    assert users
    return {
        "slice": index,
        "short": show(row.id, 12) if blind or row.share_production >= LEAST_NAMED else "",
        "pass": passed.value,
        "users": users.value,
        "traffic": row.share_production,
        "blind": blind,
        "said": said_of(row),
    }


def _trends(report: Report) -> dict[str, Rows]:
    rates: Rows = []
    divergence: Rows = []
    audits = audits_of(report) if report.past else []
    for place, (name, day, scores) in enumerate(audits):
        restated, drift, novelty = scores.restated_pass_rate, scores.divergence, scores.novelty
        shares = {
            "eval score": scores.pass_rate.value if scores.pass_rate else None,
            "users": scores.satisfaction.value if scores.satisfaction else None,
            "score on traffic": restated.value if restated else None,
            "coverage": scores.coverage.value if scores.coverage else None,
            "novelty": novelty.share if novelty else None,
        }
        when = show(f"{place + 1}. {name if name == NOW else day}", 24)
        common: dict[str, Json] = {"when": when}
        rates += [
            {**common, "score": score, "value": value, "said": show(f"{name}, {day}: {score} {percent(value)}", 120)}
            for score, value in shares.items()
            if value is not None
        ]
        if drift:
            said = show(f"{name}, {day}: excess KL(P||Q) {number(drift.excess)} nats", 120)
            divergence.append({**common, "score": "divergence", "value": drift.excess, "said": said})
    return {"trend-rate": rates, "trend-divergence": divergence}
