"""The HTML report as a file: whole in itself, small, honest about what is missing, and of no use to an attacker."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from tests.renderers import example_report
from tests.renderers.mapped_report import attacked, mapped, with_past

from driftcheck.renderers import html
from driftcheck.renderers.html import charts, page
from driftcheck.renderers.html.points import MAX_POINTS
from driftcheck.report import Report

MANUAL = """Slices of traffic are under-covered.

What is measured
    Share of sampled sessions in slices that are short.
    0 = none is.

        share = n / N

How to fix it
    - Add cases.
"""


def whole() -> Report:
    """A report with all that the page can show."""
    report = with_past(mapped(example_report.failing(), 30, 60))
    first, *others = report.finding_rows
    return replace(report, finding_rows=(replace(first, manual=MANUAL), *others))


def written(report: Report, *, texts: bool = False) -> str:
    out = io.StringIO()
    html.render(report, out, texts=texts)
    return out.getvalue()


class Page(HTMLParser):
    """What a browser would make of it: elements with their attributes' names, targets, scripts, and words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.targets: set[str] = set()
        self.ids: list[str] = []
        self.policy = ""
        self.scripts: list[str] = []
        self.data = ""
        self.words = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.elements.add((tag, tuple(sorted(values))))
        self.targets |= {values[name] for name in ("href", "src", "action") if name in values}
        if "id" in values:
            self.ids.append(values["id"])
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        self.open.append(f"script:{values.get('type', '')}" if tag == "script" else tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop().partition(":")[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        match self.open[-1] if self.open else "":
            case "script:":
                self.scripts.append(data)
            case "script:application/json":
                self.data += data
            case "style":
                pass
            case _:
                self.words += data


def data_of(text: str) -> Any:
    return json.loads(Page(text).data)


@pytest.mark.parametrize(
    ("name", "make"),
    [("failing", whole), ("passing", example_report.passing), ("blind", example_report.blind)],
)
def test_golden(
    name: str, make: Callable[[], Report], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read of each report is as its golden file; a new release, here or of what draws, changes none."""
    monkeypatch.setattr(page, "__version__", "0.0.0")
    monkeypatch.setattr(charts, "versions", lambda: {"Vega": "0"})
    golden(f"{name}.html", page.make_parts(make(), texts=False).body)


def test_it_needs_nothing_from_elsewhere() -> None:
    """No address in any attribute but places in the page; no import or font in the style."""
    text = written(whole(), texts=True)
    seen = Page(text)
    places = {target for target in seen.targets if target.startswith("#")}
    assert seen.targets - places == {"data:,"}
    assert {target[1:] for target in places} <= set(seen.ids)
    assert not re.search(r"@import|url\(", page._asset("page.css"))


def test_ids_are_unique_and_references_lead_somewhere() -> None:
    text = written(whole(), texts=True)
    seen = Page(text)
    assert len(seen.ids) == len(set(seen.ids))
    assert set(re.findall(r'aria-labelledby="([^"]+)"', text)) <= set(seen.ids)


def test_only_its_own_two_scripts_may_run() -> None:
    """The policy names each by its hash and allows nothing else: no evaluation of strings, no request."""
    seen = Page(written(whole()))
    assert len(seen.scripts) == 2
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in seen.scripts]
    rules = dict(rule.strip().split(" ", 1) for rule in seen.policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [f"'sha256-{one}'" for one in hashes]
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    assert "unsafe-eval" not in seen.policy
    assert not [name for _, names in seen.elements for name in names if name.startswith("on")]


@pytest.mark.parametrize("texts", [False, True])
def test_attacks_are_words(texts: bool) -> None:
    """The hostile page has no element or attribute that a peaceful one has not; its data is still JSON."""
    hostile, peaceful = Page(written(attacked(), texts=texts)), Page(written(whole(), texts=texts))
    assert hostile.elements <= peaceful.elements | {("td", ())}  # of a text of medium length
    assert len(hostile.scripts) == 2
    assert hostile.scripts == peaceful.scripts
    assert {target for target in hostile.targets if not re.fullmatch(r"#[\w-]+", target)} == {"data:,"}
    assert "<script>window.pwned=1</script>" in hostile.words
    assert "{{ 7*7 }}" in written(replace(example_report.failing(), sentence="{{ 7*7 }}"))
    assert len(json.loads(hostile.data)["traces"]["id"]) > 300
    text = written(attacked(), texts=texts)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


def test_texts_only_when_asked_for() -> None:
    """Without `texts` no text of a trace, a case or a slice's example; with it all of them, and a warning."""
    report = whole()
    private = [
        *report.cases["text"],
        *report.traces["text"],
        *(row.example for row in report.slice_rows if row.example),
    ]
    without, within = written(report), written(report, texts=True)
    assert not [text for text in private if text in without]
    assert all(text in Page(within).words + Page(within).data for text in private[: len(report.cases)])
    assert "holds texts of users" in within
    assert "holds no text of a trace" in without


@pytest.mark.parametrize("texts", [False, True])
def test_ten_thousand_traces_fit_in_three_megabytes(texts: bool) -> None:
    """Texts are cut until the page fits, and the page says at what length."""
    report = mapped(example_report.failing(), 1_000, 10_000)
    text = written(report, texts=texts)
    assert len(text.encode()) < 3e6
    data = data_of(text)
    assert len(data["traces"]["id"]) == 10_000
    assert len(data["cases"]["id"]) == 1_000
    assert ("text" in data["traces"]) == texts
    assert bool(data["clip"]) == texts
    assert not texts or max(map(len, data["traces"]["text"])) <= data["clip"]


def test_texts_without_room_are_left_out() -> None:
    """Texts so many that not even their beginnings fit: none is there, and the page's script says so."""
    report = mapped(example_report.failing(), 20, 200)
    traces = report.traces.assign(trace_id=[f"{i:048x}" for i in range(200)])
    crowded = replace(report, traces=traces)
    small = len(written(crowded).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "MAX_BYTES", small + 500)
        data = data_of(written(crowded, texts=True))
    assert data["clip"] == 0
    assert "text" not in data["traces"]


def test_more_than_fits_on_the_map_is_said() -> None:
    report = mapped(example_report.failing(), 40, MAX_POINTS + 500)
    text = written(report)
    assert len(data_of(text)["traces"]["id"]) == MAX_POINTS
    assert "all 40 cases and 10,000 of 10,500 traces" in text


def test_the_map_holds_what_the_frames_hold() -> None:
    report = mapped(example_report.failing(), 30, 60)
    data = data_of(written(report))
    assert data["traces"]["id"] == report.traces["trace_id"].tolist()
    slices = [report.slice_rows[i].id for i in data["traces"]["slice"]]
    assert slices == report.traces["slice_id"].tolist()
    assert [data["cases"]["id"][i] for i in data["traces"]["near"]] == report.traces["nearest_case"].tolist()
    assert report.topic_map
    np.testing.assert_allclose(np.array(data["traces"]["x"]) / 1_000, report.topic_map.traces[:, 0], atol=6e-4)
    assert [one == "1" for one in data["traces"]["novel"]] == report.traces["novel"].tolist()
    rated = report.traces["satisfied"].tolist()
    assert [None if x != x else round(100 * x) for x in rated] == data["traces"]["good"]


def test_a_case_without_an_id_is_named_by_its_place() -> None:
    report = mapped(example_report.failing(), 30, 60)
    named = replace(report, inputs=replace(report.inputs, places={"case-0003": "evalsets/support.yaml:112"}))
    assert data_of(written(named))["cases"]["id"][3] == "evalsets/support.yaml:112"


def test_empty_sections_say_why() -> None:
    """Too little data, no ratings, no runs: each heading is there with the reason below it."""
    text = written(example_report.blind())
    body = Page(text).words
    for heading in ("The map", "Slices", "Blind slices", "Trend", "Findings", "What was read", "Method"):
        assert heading in body
    assert body.count("Nothing to show: needs at least 30 cases and 100 sessions") == 3
    assert "Nothing to show: no earlier audit is known" in body
    assert "none: the eval score is not known" in body


def test_a_report_without_runs_or_ratings_has_no_quadrant_but_a_reason() -> None:
    report = mapped(example_report.failing(), 30, 60)
    rows = tuple(replace(row, satisfaction=None, response_rate=None) for row in report.slice_rows)
    scores = replace(report.scores, satisfaction=None, gap=None)
    body = Page(written(replace(report, slice_rows=rows, scores=scores))).words
    assert "Nothing to show: users' ratings are missing or too few" in body
    body = Page(written(replace(report, topic_map=None))).words
    assert "Nothing to show: it was not asked for when the audit ran" in body


def test_numbers_stand_with_interval_n_and_unit() -> None:
    body = re.sub(r"\s+", " ", Page(written(whole())).words)
    for said in (
        "eval score95 %93-97 %408 cases",
        "users81 % satisfied79-82 %3,204 ratings1.6 % rated",
        "gap14 points12-17score above users",
        "18 % of traffic (95 % CI 15-21, p <0.001); fails at 10 %; 412 cases, 10,000 of 183,204 sessions",
    ):
        assert said in body


def test_findings_end_in_what_to_do_and_carry_their_manual() -> None:
    body = Page(written(whole())).words
    fix = "`driftcheck refresh --slice s03 --slice s09` proposes 16 cases from these slices."
    assert body.count(fix) == 2  # above for who decides, below with the evidence
    assert "Whose move: the eval set's owner, with those who hear from users." in body
    assert "Share of sampled sessions in slices that are short." in body
    assert "8f300c1e7-4b9a-4f7e-9d5c-2f6f3b0a0000" in body


def test_the_past_is_drawn_and_listed() -> None:
    report = whole()
    text = written(report)
    rows = data_of(text)["rows"]
    assert {row["score"] for row in rows["trend-rate"]} == {
        "eval score",
        "users",
        "score on traffic",
        "coverage",
        "novelty",
    }
    assert len(rows["trend-divergence"]) == 4
    assert len([row for row in rows["trend-rate"] if row["score"] == "users"]) == 3  # one audit had no ratings
    body = Page(text).words
    assert all(name in body for name in ("report-3.json", "report-1.json", "this audit"))
    assert "Since the last audit" in body


def test_same_report_same_bytes() -> None:
    assert written(whole(), texts=True) == written(whole(), texts=True)


def test_charts_name_no_word_of_a_report() -> None:
    """A specification is what Vega reads expressions from: it is the same for every report of as many slices."""
    hostile = attacked()
    assert data_of(written(hostile))["charts"] == charts.charts(len(hostile.slice_rows))
