"""Feedback values: words, emoji, numbers, and what is no rating at all."""

import math
from decimal import Decimal

import pytest

from driftcheck.loaders.feedback import is_feedback_name, is_judge_name, read_feedback
from driftcheck.records import Feedback, FeedbackSource


@pytest.mark.parametrize(
    "value", ["up", "👍", "👍🏽", "❤️", "thumbs-up", "Thumbs Up", ":+1:", "Yes", "TRUE", True, 1, "1", "+1"]
)
def test_a_thumb_up_is_one(value: object) -> None:
    found = read_feedback("thumbs", value)
    assert found is not None
    assert found.value == 1.0


@pytest.mark.parametrize(
    "value", ["down", "👎", "👎🏿", "thumbs_down", ":-1:", "no", "False", False, 0, "0", "not helpful", "dislike"]
)
def test_a_thumb_down_is_zero(value: object) -> None:
    found = read_feedback("thumbs", value)
    assert found is not None
    assert found.value == 0.0


@pytest.mark.parametrize("value", [None, "", "  ", "nan", "None", "null", math.nan, math.inf, [], {}, "[]", [1, 2]])
def test_unrated_is_none_and_never_bad(value: object) -> None:
    assert read_feedback("csat", value) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (4, 4.0),
        ("4", 4.0),
        ("4,5", 4.5),
        ("4/5", 4.0),
        ("4 out of 5", 4.0),
        ("5 stars", 5.0),
        ("80%", 80.0),
        ("★★★☆☆", 3.0),
        ("⭐⭐", 2.0),
        (-1, -1.0),
        ("-1", -1.0),
        (Decimal("4.5"), 4.5),
        ([0.95], 0.95),
    ],
)
def test_numbers_stay_on_their_scale(value: object, number: float) -> None:
    found = read_feedback("csat", value)
    assert found is not None
    assert found.value == number


def test_words_keep_their_label() -> None:
    assert read_feedback("thumbs", "👍") == Feedback("thumbs", 1.0, "👍", FeedbackSource.USER)
    assert read_feedback("csat", "Fair") == Feedback("csat", None, "Fair", FeedbackSource.USER)


def test_a_comment_is_no_category() -> None:
    assert read_feedback("feedback", "The answer was long, and it did not tell me where my card has gone.") is None
    assert read_feedback("feedback", "wrong\ncard") is None


def test_an_object_gives_its_score_then_its_label() -> None:
    both = read_feedback("x", {"score": None, "label": "up", "comment": "fine"}, FeedbackSource.USER)
    assert both == Feedback("x", 1.0, "up", FeedbackSource.USER)
    assert read_feedback("x", {"comment": "fine"}) is None


def test_an_object_may_name_a_thumb_by_its_type() -> None:
    found = read_feedback("feedback", {"type": "thumbs_down", "comment": "slow"})
    assert found == Feedback("feedback", 0.0, "thumbs_down", FeedbackSource.USER)
    assert read_feedback("feedback", {"type": "comment", "text": "slow"}) is None


@pytest.mark.parametrize(
    "name",
    [
        "csat",
        "userFeedback",
        "user-feedback",
        "thumbs_up",
        "NPS",
        "user_score",
        "escalated",
        "Star Rating",
        "rating10",
        "만족도",
    ],
)
def test_feedback_names(name: str) -> None:
    assert is_feedback_name(name)


@pytest.mark.parametrize(
    "name",
    ["score", "feedback_comment", "rating_created_at", "llm_rating", "model", "hallucination", "likelihood", "input"],
)
def test_other_names(name: str) -> None:
    assert not is_feedback_name(name)


def test_a_judge_is_told_by_its_name_unless_a_person_is_in_it() -> None:
    assert is_judge_name("Faithfulness")
    assert is_judge_name("llm-as-judge")
    assert not is_judge_name("user_eval")
    assert not is_judge_name("csat")


def test_the_name_settles_an_unknown_source_only() -> None:
    by_name = {name: read_feedback(name, 1) for name in ("csat", "toxicity", "quality")}
    sources = {name: found.source for name, found in by_name.items() if found}
    assert sources == {
        "csat": FeedbackSource.USER,
        "toxicity": FeedbackSource.JUDGE,
        "quality": FeedbackSource.UNKNOWN,
    }
    told = read_feedback("csat", 1, FeedbackSource.JUDGE)
    assert told is not None
    assert told.source is FeedbackSource.JUDGE
