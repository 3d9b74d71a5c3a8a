"""The tables of `driftcheck power` as rows of text: the terminal and HTML print the same."""

from __future__ import annotations

from driftcheck.numbers import UNKNOWN, count, interval, number, percent, percent_number, points
from driftcheck.power_report import NOTICED, Drift, GapPower, Noticed, PowerReport, TrafficPower
from driftcheck.renderers.table import Table

CAPTION = (
    "Lines: fitted to the draws, the thick one with what you have. Points: share of draws with an alarm, larger with "
    "more draws. Band: 95 % interval with your cases. Dashed: "
    f"{10 * NOTICED:.0f} times in 10, from where on a drift counts as noticed."
)
"""Under the picture."""


def tables(report: PowerReport) -> tuple[Table, ...]:
    """All tables there is something to say in."""
    made: list[Table] = []
    if report.traffic:
        made += [
            _drift_table(report, report.traffic, Drift.TOPIC),
            _drift_table(report, report.traffic, Drift.MIX),
            _false_alarms(report.traffic),
            _topics(report.traffic),
        ]
    if report.gap:
        made.append(_gap_table(report.gap))
    return tuple(made)


def _drift_table(report: PowerReport, traffic: TrafficPower, drift: Drift) -> Table:
    as_size = percent if drift is Drift.TOPIC else number
    sizes = sorted({cell.size for cell in traffic.cells if cell.drift is drift})
    rows: list[tuple[str, ...]] = []
    own = None
    for row in traffic.noticed:
        if row.drift is not drift:
            continue
        if row.n_cases == max(report.n_cases, traffic.noticed[0].n_cases):
            own = len(rows)
        cells = {cell.size: cell for cell in traffic.cells if (cell.drift, cell.n_cases) == (drift, row.n_cases)}
        raw = [
            f"{round(cells[size].alarms.value * cells[size].n_draws)}/{cells[size].n_draws}"
            if size in cells
            else UNKNOWN
            for size in sizes
        ]
        noticed = f"{as_size(row.size)}{'*' if row.extrapolated else ''}" if row.size is not None else "never"
        noticed = noticed if row.n_draws_fitted else UNKNOWN
        spread = _spread(row)
        rows.append((f"{row.n_cases:,}", f"{row.n_sessions:,}", noticed, spread, *raw))
    what = "share of traffic" if drift is Drift.TOPIC else "shift, in nats of KL(P||Q),"
    planted = "topics" if drift is Drift.TOPIC else "shifts"
    return Table(
        title="A new topic" if drift is Drift.TOPIC else "A shift of the mix",
        header=("cases", "sessions", "from", "95 %", *(f"{as_size(size)}" for size in sizes)),
        rows=tuple(rows),
        note=(
            f"From: smallest {what} noticed {10 * NOTICED:.0f} times in 10, with its 95 % interval. Then alarms/draws "
            f"with {planted} of each size; {UNKNOWN}: no draws. * extrapolated: beyond every draw."
        ),
        marked=own,
    )


def _spread(row: Noticed) -> str:
    write = percent_number if row.drift is Drift.TOPIC else number
    if row.low is None:
        return UNKNOWN
    return interval(row.low, row.high, write) if row.high is not None else f"{write(row.low)} or more"


def _false_alarms(traffic: TrafficPower) -> Table:
    rows = []
    for cell in traffic.cells:
        if cell.drift is Drift.NONE:
            rows.append(
                (
                    f"{cell.n_cases:,}",
                    count(cell.n_draws),
                    str(round(cell.alarms.value * cell.n_draws)),
                    f"{interval(cell.alarms.low, cell.alarms.high, percent_number)} %",
                    *(str(cell.alarms_by_check[name]) for name in traffic.checks),
                )
            )
    return Table(
        title="False alarms without drift",
        header=("cases", "draws", "alarms", "95 %", *traffic.checks),
        rows=tuple(rows),
        note="Splits of your own production into two random parts: any alarm is a false one. Last columns: by check.",
    )


def _topics(traffic: TrafficPower) -> Table:
    return Table(
        title="Topics that were taken out most often",
        header=("topic", "share", "sessions", "draws", "alarms"),
        rows=tuple(
            (topic.name, percent(topic.share), count(topic.n_sessions), str(topic.n_draws), str(topic.n_alarms))
            for topic in traffic.topics
        ),
        note="Share, sessions: in your production. Draws, alarms: over all planted shares and numbers of cases.",
        n_words=1,
    )


def _gap_table(gap: GapPower) -> Table:
    return Table(
        title="A gap between score and users",
        header=("gap", "noticed now", "ratings needed", "cases needed"),
        rows=tuple(
            (
                points(need.gap),
                percent(need.power),
                count(need.n_ratings) if need.n_ratings is not None else UNKNOWN,
                count(need.n_cases) if need.n_cases is not None else UNKNOWN,
            )
            for need in gap.needs
        ),
        note=(
            f"Now: {count(gap.n_cases, 'case')} passing {percent(gap.pass_rate)}, {count(gap.n_ratings, 'rating')} "
            f"that count as {count(gap.n_ratings / gap.design_effect)} independent ones. Needed: to notice it "
            f"{10 * NOTICED:.0f} times in 10, more ratings or more cases with the other as it is; {UNKNOWN}: no number "
            f"will do. csat-gap fails from {points(gap.fail)} on."
        ),
    )
