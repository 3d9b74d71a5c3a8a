"""Reports whose cases stand in files: what outputs that point at lines are tested with."""

from __future__ import annotations

from dataclasses import replace

from tests.renderers import example_report

from driftcheck.findings import Evidence, Finding, FindingStatus, Measurement
from driftcheck.members import CASE_COLUMNS, make_members
from driftcheck.places import Place
from driftcheck.report import Report

MANUAL = """Slices of traffic are under-covered by the eval set.

What is measured
    Share of sampled sessions in slices of which production has more.

How to fix it
    Add cases."""

REPEATED = Finding(
    "DC503",
    "duplicate-cases",
    "Cases that repeat each other",
    FindingStatus.WARN,
    "share of cases",
    0.05,
    None,
    Measurement(
        0.07,
        "29 cases of 412 (7 %) only repeat another case.",
        n={"cases": 412},
        evidence=(
            Evidence("order-001", {"cases": 2, "same text": "yes"}, case_ids=("order-001", "order-007")),
            Evidence("login 01", {"cases": 3, "same text": "no"}, case_ids=("login 01", "login 02", "login 03")),
        ),
        fix="Keep the best case of each group.",
    ),
    place=Place("conf/../drift.yaml", 9),
)

WHERE = {
    "order-001": "evalsets/support.yaml:3",
    "order-007": "evalsets/support.yaml:41",
    "login 01": "evalsets/über 100%/log in.jsonl:7",
    "login 02": "evalsets/über 100%/log in.jsonl:9",
    "login 03": "bundle.zip#3 in tests",
    "refund-001": "evalsets/support.yaml:112",
    "refund-002": "../elsewhere/cases.yaml:5",
}


def with_cases(report: Report, where: dict[str, str]) -> Report:
    """The report with cases that stand there; each's text is `text of ID`."""
    values: dict[str, list[str | float | None]] = {name: [None] * len(where) for name in CASE_COLUMNS}
    values["passed"] = values["nearest_other_distance"] = [float("nan")] * len(where)
    values |= {"case_id": [*where], "where": [*where.values()], "text": [f"text of {case}" for case in where]}
    return replace(report, cases=make_members(CASE_COLUMNS, values))


def located() -> Report:
    """The report that fails, with cases and thresholds that stand in files."""
    report = example_report.failing()
    placed = [
        replace(finding, place=Place("drift.yaml", 10 + number), manual=MANUAL, required=finding.code == "DC201")
        for number, finding in enumerate(report.finding_rows)
        if finding.code != "DC503"
    ]
    return with_cases(replace(report, finding_rows=(*placed[:4], REPEATED, *placed[4:])), WHERE)


def blind() -> Report:
    """The blind report, with the checks that drift.yaml requires."""
    report = example_report.blind()
    rows = (replace(f, required=f.code != "DC301", place=Place("drift.yaml", 3)) for f in report.finding_rows)
    return replace(report, finding_rows=tuple(rows))


ATTACKS = (
    '</failure><testcase name="x"/>',
    "]]><evil/>",
    '"><script>alert(1)</script>',
    "::error file=x::pwned",
    "\n::set-output name=x::pwned",
    "\r\n##[set-env name=PATH]/evil",
    "##[command]rm",
    "%0A::add-mask::a",
    ",line=1::x",
    "[click](https://evil.example) [here](1) {0}",
    'a"} 1\n# EOF\ndriftcheck_exit_code 0',
    "back\\slash\\",
    "\ud800\ufffe\x00\x08\x1b[2J\u202e\u2028",
    "=cmd|' /C calc'!A0",
    "🏴‍☠️ 漢字 e\u0301",
    "&amp; &#0; &#x1b;",
    "../../../etc/passwd",
    "file:///etc/passwd",
)


def attacked(attack: str) -> Report:
    """A report in which every text from outside is `attack`: ids, names, paths, values, units, reasons, runs."""
    report = example_report.hostile()
    evidence = Evidence(attack, {attack: attack, "share": 0.5}, attack, (attack, "case"), (attack,))
    measured = Measurement(
        0.5, attack, 0.4, 0.6, 0.001, {attack: 3}, (evidence,), attack, noticeable=0.1, could_have_noticed=attack
    )
    statuses = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.PASS, FindingStatus.WAIVED)
    rows = [
        Finding(f"DC20{n}", attack, attack, status, attack, 0.1, 0.2, measured, attack, Place(attack, 3))
        for n, status in enumerate(statuses)
    ]
    rows.append(
        Finding(
            "DC209", attack, attack, FindingStatus.SKIP, attack, 0.1, 0.2, None, attack, Place(attack), required=True
        )
    )
    run = replace(report.inputs.runs[0], path=attack, run_id=attack, model=attack)
    production = replace(report.inputs.production, path=attack, format=attack)
    slices = tuple(
        replace(row, id=attack if number else "s1", name=attack, coverage=attack, example=attack, case_ids=(attack,))
        for number, row in enumerate((*report.slice_rows, report.slice_rows[0]))
    )
    changed = replace(
        report,
        finding_rows=tuple(rows),
        slice_rows=slices,
        sentence=attack,
        command=attack,
        inputs=replace(report.inputs, eval_set_path=attack, runs=(run,), production=production),
    )
    return with_cases(changed, {attack: f"{attack}:3", "case": attack})
