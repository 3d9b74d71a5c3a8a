"""Score verdicts, reference answers and tags: what the tools' eval sets and results share."""

from typing import Any

import pytest

from driftcheck.loaders.case_tags import case_tags, language_of
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.reference_answers import answers_of
from driftcheck.loaders.score_verdicts import ScoreVerdicts
from driftcheck.records import Status


@pytest.mark.parametrize(
    ("scores", "status", "score"),
    [
        ({"a": 1, "b": 0.5}, Status.PASS, 0.75),
        ({"a": True, "b": "0.49"}, Status.FAIL, 0.745),
        ({"a": "correct", "b": None}, Status.PASS, 1.0),
        ({"a": 4}, Status.UNSCORED, 4.0),
        ({"a": 4, "b": False}, Status.FAIL, 2.0),
        ({"hallucination": 1.0}, Status.UNSCORED, None),
        ({"latency": 0.1, "total_tokens": 1, "cost": 0}, Status.UNSCORED, None),
        ({"a": float("nan"), "b": ""}, Status.UNSCORED, None),
        ({}, Status.UNSCORED, None),
        ({"a": "a long comment"}, Status.UNSCORED, None),
    ],
)
def test_verdicts(scores: dict[str, Any], status: Status, score: float | None) -> None:
    found, mean = ScoreVerdicts(ColumnMap()).of(scores)
    assert found is status
    assert mean == (None if score is None else pytest.approx(score))


def test_a_named_score_decides_alone_whatever_its_direction() -> None:
    verdicts = ScoreVerdicts(ColumnMap({"score": "no_hallucination"}))
    assert verdicts.of({"no_hallucination": 1, "other": 0})[0] is Status.PASS


def test_booleans_need_no_pass_mark() -> None:
    verdicts, log = ScoreVerdicts(ColumnMap()), ReadLog()
    verdicts.of({"a": True})
    verdicts.say(log)
    assert log.warnings == ()


@pytest.mark.parametrize(
    ("value", "answers"),
    [
        ("Lima", ("Lima",)),
        (7, ("7",)),
        (7.0, ("7",)),
        (True, ("true",)),
        (["B", "B."], ("B", "B.")),
        ({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}, ("Yo",)),
        ([{"role": "assistant", "content": "Yo"}], ("Yo",)),
        ({"page": 3}, ("3",)),
        ({"page": 3, "line": 4}, ('{"line": 4, "page": 3}',)),
        ({"answer": ""}, ()),
        ({"score": 1, "rating": 2}, ()),
        (float("nan"), ()),
        (None, ()),
    ],
)
def test_reference_answers(value: Any, answers: tuple[str, ...]) -> None:
    assert answers_of(value) == answers


def test_tags_and_languages() -> None:
    assert case_tags({"a": ["x", 3], "b": ["y"], "email": "a@b.c"}, "topic:billing, vip") == {
        "b": "y",
        "topic": "billing",
        "tags": "vip",
    }
    assert case_tags("no object") == {}
    assert language_of(None, {"locale": ""}, '{"lang": "de"}') == "de"
    assert language_of({"language": 3}) is None
