"""The Markdown report, read by real GFM libraries: nothing of the data acts, tables hold, GitHub takes its size."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile.attacks import ATTACKS
from tests.renderers import example_report
from tests.renderers.gfm import RENDERERS, Seen, by_github, seen

from driftcheck.findings import Evidence, FindingStatus, Verdict
from driftcheck.past import PastAudit, PastFinding
from driftcheck.renderers import markdown_report
from driftcheck.renderers.markdown_fit import GITHUB_LIMIT, Block, fit, size
from driftcheck.renderers.markdown_text import code, prose, row, table
from driftcheck.renderers.plain import show
from driftcheck.report import Report

_TAGS = "h2 h3 h4 p strong em code pre sub ul li table thead tbody tr th td details summary"
TAGS = set(_TAGS.split())
ATTRIBUTES = {("th", "align"), ("td", "align"), ("th", "style"), ("td", "style"), ("details", "open")}
ATTRIBUTES |= {("pre", "lang"), ("code", "class")}
ACTING = re.compile(
    r"@\w|#\d|GH-\d|www\.|://|mailto:|\$|:[\w+-]+:|\w@|^\s*\[[ x]\]|(?<![\w.,])[0-9a-f]{7,40}(?![\w.,])"
)
"""What GitHub's filters look for in text outside of code."""

Make = Callable[[], Report]


def written(report: Report, *, texts: bool = False) -> str:
    out = io.StringIO()
    markdown_report.render(report, out, texts=texts)
    return out.getvalue()


def check_inert(page: Seen) -> None:
    """Only our own elements, no link, picture or mention; tables whole."""
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert page.comments == ["driftcheck"]
    assert not [text for text in page.loose if ACTING.search(text)]
    assert all(len(set(rows)) == 1 for rows in page.tables), page.tables


def past() -> Report:
    """The failing report, with an audit before it."""
    report = example_report.failing()
    then = replace(
        report.scores,
        pass_rate=replace(report.scores.pass_rate, value=0.951),
        satisfaction=replace(report.scores.satisfaction, value=0.86),
        gap=None,
        novelty=replace(report.scores.novelty, share=0.1),
    )
    findings = {
        "slice-coverage": PastFinding(FindingStatus.WARN, 0.06),
        "csat-gap": PastFinding(FindingStatus.FAIL, 0.12),
        "error-mix": PastFinding(FindingStatus.PASS, 0.02),
        "duplicate-cases": PastFinding(FindingStatus.WARN, 0.06),
        "sealed-gap": PastFinding(FindingStatus.PASS, 0.01),
    }
    return replace(report, past=(PastAudit("2026-05-04", None, Verdict.WARN, then, findings),))


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("parse", RENDERERS)
@pytest.mark.parametrize(
    "make", [example_report.failing, example_report.passing, example_report.blind, example_report.hostile, past]
)
def test_nothing_of_the_data_acts(make: Make, parse: Callable[[str], str], texts: bool) -> None:
    page = seen(parse(written(make(), texts=texts)))
    check_inert(page)
    assert "details" in page.tags


@pytest.mark.parametrize("make", [example_report.failing, example_report.passing, example_report.blind, past])
def test_golden(make: Make, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each report reads as its golden file does; a new release alone changes none of them."""
    monkeypatch.setattr(markdown_report, "__version__", "0.0.0")
    golden(f"{make.__name__}.md", written(make()))


def test_golden_hostile(golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown_report, "__version__", "0.0.0")
    golden("hostile-texts.md", written(example_report.hostile(), texts=True))


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_in_every_place(attack: str) -> None:
    """An attack as name, id, label, sentence, path, model, header and number of a report."""
    hostile = example_report.hostile()
    text = repr(hostile)  # the report must hold HOSTILE where the attack goes
    assert "not red" in text
    report = put(hostile, attack)
    page = seen(by_github(written(report, texts=True)))
    check_inert(page)
    shown = show(attack, 40)[:20].replace("`", "").strip()
    assert shown in page.text.replace("`", "")


def put(value: object, attack: str) -> Report:
    """The hostile report with another attack in its place, wherever that stands."""

    def swap(part: object) -> object:
        if isinstance(part, str):
            return attack if part.startswith(example_report.HOSTILE[:20]) else part
        if isinstance(part, tuple):
            return tuple(swap(item) for item in part)
        if isinstance(part, dict):
            return {swap(key): swap(item) for key, item in part.items()}
        fields = getattr(part, "__dataclass_fields__", None)
        if fields is None or not type(part).__module__.startswith("driftcheck"):
            return part
        return replace(part, **{name: swap(getattr(part, name)) for name in fields})  # type: ignore[type-var]

    swapped = swap(value)
    assert isinstance(swapped, Report)
    return replace(swapped, command=f"driftcheck audit --config {attack}", past=(past_of(attack, swapped),))


def past_of(attack: str, report: Report) -> PastAudit:
    return PastAudit(attack, None, Verdict.PASS, report.scores, {attack: PastFinding(FindingStatus.PASS, 0.1)})


SPECIAL = st.text(st.sampled_from(list("`|\\*_~[]()<>!#@$&:;./-+=\"' \n\t{}^%,?aA1b0")), max_size=40)
PIECES = st.lists(st.one_of(st.sampled_from(ATTACKS).map(lambda text: text[:80]), SPECIAL), max_size=3).map(" ".join)
TEXTS = st.one_of(SPECIAL, PIECES, st.text(max_size=30))


@settings(deadline=None, max_examples=100)
@given(TEXTS)
@pytest.mark.parametrize("parse", RENDERERS)
def test_a_text_is_shown_literally(parse: Callable[[str], str], text: str) -> None:
    """As code and in a sentence, in a paragraph, a list, a heading, bold and in a table."""
    shown = show(text) or "–"
    for made, said in ((code(text), shown), (prose(text), show(text, 600) or "–")):
        page = seen(parse(f"{made}\n\n- {made}\n\n#### x {made}: y\n\n**Note:** {made}, {made}\n"))
        assert page.tags <= {"p", "code", "ul", "li", "h4", "strong"}
        assert not [loose for loose in page.loose if ACTING.search(loose)]
        literal = page.text.replace("`", "").split("\n")
        bare = said.replace("`", "")
        assert [line.strip() for line in literal if line.strip()][:1] == [bare.strip()] or not bare.strip()
        cells = seen(parse("\n".join([*table(["a", "b"]), row([made, "x"]), row(["y", made])])))
        assert cells.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
        assert cells.tables == [[2, 2, 2]]
        assert cells.text.replace("`", "").count(bare.strip()) >= 2 or not bare.strip()


def test_code_of_a_text_is_exactly_the_text() -> None:
    for attack in ATTACKS:
        assert seen(by_github(f"x {code(attack)} y")).code == [show(attack)]


def huge(text: str) -> Report:
    """Thousands of slices, rows, warnings and runs, each with long names."""
    report = example_report.failing()
    ids = tuple(f"{text}{number}" for number in range(50))
    rows = tuple(
        replace(one, id=f"s{number}{text}", name=f"{text} {number}", case_ids=ids, trace_ids=ids, example=text * 9)
        for number, one in enumerate(report.slice_rows * 250)
    )
    evidence = tuple(
        Evidence(f"{text} {number}", {"traffic": 0.01, text: text}, f"s{number}", ids, ids) for number in range(3_000)
    )
    findings = tuple(
        replace(
            one,
            reason=text * 30,
            measurement=replace(one.measurement, evidence=evidence, summary=text * 40, fix=text * 40),
        )
        if one.measurement
        else replace(one, reason=text * 30)
        for one in report.finding_rows * 2
    )
    inputs = replace(
        report.inputs,
        runs=report.inputs.runs * 4_000,
        production=replace(report.inputs.production, warnings=(text * 30,) * 5_000, path=text * 50),
    )
    return replace(
        report,
        sentence=text * 100,
        slice_rows=rows,
        finding_rows=findings,
        inputs=inputs,
        next_steps=(f"driftcheck {text}",) * 3_000,
        command=f"driftcheck audit {text * 100}",
    )


@pytest.mark.parametrize("text", ["plain words ", "``````|`|", "@漢字 ", "😀😀 👩‍👩‍👧", "e\u0301\u0301\u0301"])
def test_github_takes_it_whatever_the_data(text: str) -> None:
    """Under the limit, whole, and honest: of each table what is shown and what is said to be left out is all."""
    markdown = written(huge(text), texts=True)
    assert size(markdown) <= GITHUB_LIMIT < 65_536
    assert len(markdown.encode()) < 262_144
    page = seen(by_github(markdown))
    check_inert(page)
    assert markdown.startswith("<!-- driftcheck -->\n")
    assert "exit code 1" in markdown
    assert "left out to stay under the size" in markdown


def test_what_is_left_out_is_counted() -> None:
    block = Block(1, table(["a"]), tuple(row([str(n)]) for n in range(1_000)), ("", "</details>"), "row")
    text = fit([Block(0, ("first",)), block], 500)
    shown = len(re.findall(r"^\| \d+ \|$", text, re.MULTILINE))
    assert f"\n\n_{1_000 - shown} more rows left out" in text
    assert 450 < size(text) <= 500
    assert text.endswith("</details>\n")
    assert fit([block], 10**6).count("\n| ") == 1_001


def test_the_least_important_goes_first() -> None:
    """Lines of a lower rank are there before any of a higher one; parts that do not fit at all are counted."""
    important = Block(0, ("important",), ("a" * 40,) * 5)
    minor = Block(9, ("minor",), ("b" * 40,) * 5)
    text = fit([minor, important], 400)
    assert text.count("a" * 40) == 5
    assert text.count("b" * 40) < 5
    many = fit([important, *[Block(5, ("x" * 50,)) for _ in range(100)]], 1_000)
    assert size(many) <= 1_000
    assert f"{100 - many.count('x' * 50)} more sections left out" in many


def test_a_report_that_fits_loses_nothing() -> None:
    assert "left out to stay" not in written(example_report.failing(), texts=True)


def test_texts_only_when_asked_for() -> None:
    private = "My refund was promised"
    assert private not in written(example_report.failing())
    assert private in written(example_report.failing(), texts=True)


def test_the_change_to_the_last_audit_begins_with_what_newly_fails() -> None:
    text = written(past())
    since = text[text.index("### Since") : text.index("### Findings")]
    order = [since.index(name) for name in ("slice-coverage", "error-mix", "sealed-gap", "duplicate-cases")]
    assert order == sorted(order)
    assert "csat-gap" not in since  # failed then too
    assert "warn then, **fail** now" in since
    assert "| **users** | 86 % | 81 % | -5.2 points |" in since
    assert "| **eval score** | 95 % | 95 % | same |" in since
    assert "| **gap** | – | 14 points | – |" in since
    assert "### Since" not in written(example_report.failing())


def test_a_first_audit_and_a_blind_one_say_what_is_missing() -> None:
    text = written(example_report.blind())
    assert "🙈 driftcheck: BLIND" in text
    assert "<details open>" in text  # why nothing could be measured is the news
    assert "no run read" in text


def test_same_report_same_bytes() -> None:
    assert written(past()) == written(past())
