"""Complaints that no rubric item names, of comments and of inputs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.worlds import make_comparison, vectors
from tests.test_complaints import RUDE, SLOW

from driftcheck.checks import unlisted_complaints
from driftcheck.comparison import Comparison
from driftcheck.complaints import choose_texts
from driftcheck.config import RubricEntry
from driftcheck.errors import NotMeasurable
from driftcheck.findings import FindingStatus, Thresholds
from driftcheck.policy import Plan, judge

RUBRIC = (
    RubricEntry(name="tone", text="rude tone"),
    RubricEntry(name="luggage", text="luggage lost airport belt"),
    RubricEntry(name="visa", text="passport border visa"),
)
PHRASES = {"slow": SLOW, "rude": RUDE}


def with_comments(n_slow: int, n_rude: int, rubric: tuple[RubricEntry, ...] = RUBRIC) -> Comparison:
    """The small world with comments on its bad sessions, some of things that the rubric does not name."""
    comparison = make_comparison(bad_topic="refund")
    sample = comparison.production.sample.copy()
    bad = sample.index[sample["satisfied"] < 0.5][: n_slow + n_rude]
    said = [SLOW[k % 5] for k in range(n_slow)] + [RUDE[k % 5] for k in range(n_rude)]
    sample["comment"] = None
    sample.loc[bad, "comment"] = [
        f"{text} {name}" for text, name in zip(said, ["Mr Smith 4711"] + [""] * 99, strict=False)
    ]
    beside = choose_texts(sample, (), rubric)
    return replace(
        comparison,
        production=replace(comparison.production, sample=sample),
        complaints=beside.embedded(vectors(beside.texts)) if beside else None,
    )


def test_a_theme_without_an_item_is_named_with_its_traces() -> None:
    found = unlisted_complaints.measure(with_comments(20, 20))
    assert found.value == pytest.approx(0.5)
    assert (found.low or 0) > 0.3
    (row,) = found.evidence
    assert {"slow", "waiting"} <= set(row.label.split(", "))
    assert (row.numbers["sessions"], len(row.trace_ids)) == (20, 5)
    assert found.summary.endswith("1 theme is listed, 0 comments too vague.")
    assert "themes" in found.n


def test_no_comment_stands_outside_of_the_texts() -> None:
    found = unlisted_complaints.measure(with_comments(20, 20))
    told = f"{found.summary} {found.fix} " + " ".join(f"{row.label} {dict(row.numbers)}" for row in found.evidence)
    assert "smith" not in told.casefold()
    assert not any(text in told for text in (*SLOW, *RUDE))
    assert found.evidence[0].texts["comment"].startswith(SLOW)


def test_where_all_themes_are_listed_nothing_is_said() -> None:
    rubric = (*RUBRIC, RubricEntry(name="speed", text="slow waiting minutes"))
    found = unlisted_complaints.measure(with_comments(20, 20, rubric))
    assert (found.value, found.low, found.evidence) == (0, 0, ())
    assert found.summary.startswith("No theme in 40 comments of bad sessions is far from all")


def test_few_comments_let_the_inputs_speak() -> None:
    found = unlisted_complaints.measure(with_comments(10, 5))
    assert "inputs speak" in found.summary
    assert found.value > 0.4
    assert all(row.slice_id for row in found.evidence)
    assert sum(row.contribution or 0 for row in found.evidence) == pytest.approx(found.value)
    near = (*RUBRIC, RubricEntry(name="refunds", text="refund money back return credit paid order amount waiting"))
    listed = unlisted_complaints.measure(with_comments(10, 5, near))
    assert listed.value == 0
    assert "rubric items are near to all of them" in listed.summary


def test_inputs_alone_never_warn() -> None:
    measured = unlisted_complaints.measure(with_comments(10, 5))
    found = judge(Plan(unlisted_complaints, Thresholds(0.1, 0.2), (), required=False), measured)
    assert (found.status, found.reason) == (
        FindingStatus.PASS,
        "too few comments: slices by their inputs are evidence, and never warn",
    )
    assert measured.value > 0.2
    assert found.measurement is not None
    assert (found.measurement.noticeable, found.measurement.could_have_noticed) == (
        None,
        "nothing: it is only evidence",
    )


def test_what_is_personal_names_no_theme() -> None:
    """Comments of the same user, word for word nearly: mail addresses, names, and names that masking misses."""
    comments = [
        f"The slow waiting {word} of Jane Roe (jane.roe@corp.example), says Zandoria"
        for word in ("hours", "reply", "queue")
    ] + ["slow waiting, says Zandoria, jane roe knows", "slow waiting at corp example", "slow waiting as ever"]
    comparison = with_comments(20, 20)
    sample = comparison.production.sample.copy()
    at = sample.index[sample["comment"].notna()]
    sample.loc[at[: len(comments)], "comment"] = comments
    sample.loc[at[len(comments) : 20], "comment"] = SLOW[0]
    beside = choose_texts(sample, (), RUBRIC)
    assert beside is not None
    complaints = beside.embedded(vectors([" ".join(SLOW[:2]) if "slow" in text else text for text in beside.texts]))
    found = unlisted_complaints.measure(replace(comparison, complaints=complaints))
    (row,) = found.evidence
    assert {"slow", "waiting"} & set(row.label.replace(",", "").split())
    for private in ("jane", "roe", "corp", "example", "zandoria"):
        assert private not in row.label.casefold()


def without_comments(seed: int) -> Comparison:
    comparison = make_comparison(seed=seed)
    beside = choose_texts(comparison.production.sample, [one.text or "" for one in RUBRIC], ())
    return replace(comparison, complaints=beside.embedded(vectors(beside.texts)) if beside else None)


def test_chance_makes_no_slice_a_complaint() -> None:
    values = [unlisted_complaints.measure(without_comments(seed)).value for seed in range(6)]
    assert sum(value > 0 for value in values) <= 1


def test_what_is_missing_is_said() -> None:
    with pytest.raises(NotMeasurable, match="no ratings"):
        unlisted_complaints.measure(make_comparison(rated=0.0))
    with pytest.raises(NotMeasurable, match="0 rubric items are known: at least 3 are needed"):
        unlisted_complaints.measure(replace(make_comparison(), complaints=None))
    with pytest.raises(NotMeasurable, match="1 rubric item is known"):
        unlisted_complaints.measure(with_comments(20, 20, RUBRIC[:1]))
    few = make_comparison()
    few.production.sample.loc[few.production.sample.index[40:], "satisfied"] = None
    with pytest.raises(NotMeasurable, match="at least 30 and 10 are needed"):
        unlisted_complaints.measure(few)
