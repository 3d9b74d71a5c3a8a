"""Ratings as exports write them: which fields are user feedback, which are judges, what one says.

Values stay on their own scale here (a 4 stays a 4, -1 stays -1): the scale is inferred from all
values of a field together, in `driftcheck.satisfaction`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from driftcheck.records import Feedback, FeedbackSource

MAX_LABEL = 60
"""Characters: a longer text in a feedback field is a comment, not a category."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UP = _words(
    """
    up thumbs_up thumbsup thumb_up upvote upvoted true yes y positive pos like liked love
    loved helpful good ja oui sí si :+1: :thumbsup: :thumbs_up: :heart:
    👍 ❤ ♥ 💯 🎉 ✅ ✔ 😀 😃 😄 😁 😊 🙂 😍 🥰 🤩
    """
)
_DOWN = _words(
    """
    down thumbs_down thumbsdown thumb_down downvote downvoted false no n negative neg
    dislike disliked hate hated unhelpful not_helpful bad 👎 💔 ❌ 🙁 ☹ 😞 😠 😡 🤬 😢 😭 :-1:
    :thumbsdown: :thumbs_down: nein non
    """
)
_MISSING = frozenset(["", "nan", "none", "null", "na", "n/a", "-", "[]", "{}"])

_USER_NAMES = _words(
    """
    csat satisfaction satisfied rating ratings rated stars star thumb thumbs thumbsup
    thumbsdown thumbup thumbdown feedback reaction reactions emoji like liked likes dislike
    vote votes upvote downvote helpful helpfulness nps ces resolved resolution solved
    escalated escalation escalate handoff handover deflected deflection contained containment
    reopened abandoned dissatisfied dissatisfaction dsat unresolved unhelpful transferred
    converted conversion accepted agreement agree approved zufriedenheit bewertung
    valoracion valoración calificacion calificación satisfaccion satisfacción 만족도 평점 評価 满意度 评分
    """
)
_BESIDE = _words(
    """
    at id ids time timestamp date created updated comment comments reason reasons text note
    notes by source explanation count url message email channel key type name model config
    details category topic
    """
)
"""Words that make a name something said beside a rating: `feedback_comment`, `rating_time`."""

_OUTCOMES = _words(
    """
    resolved solved unresolved unsolved not_resolved not_solved escalated abandoned deflected contained handed_off
    handed_over handoff handover transferred reopened converted resolved_by_bot resolved_by_ai resolved_by_agent
    escalated_to_human escalated_to_agent
    """
)
_COURSE = _words(
    """
    open opened closed pending new active inactive in_progress ongoing waiting on_hold assigned ended answered replied
    delivered sent read done finished completed complete
    """
)
_OUTCOME_NAMES = _words("status outcome state result disposition resolution conclusion")

_MEASURES = _words("latency duration ms seconds tokens cost version index")
"""Words of what a judge needs, rather than of what it found."""

_JUDGE_NAMES = _words(
    """
    judge llm evaluator autoeval autoevals eval evals evaluation grader graded geval
    hallucination hallucinations toxicity toxic faithfulness relevance relevancy coherence
    conciseness fluency groundedness grounded factuality bleu rouge bertscore similarity
    precision recall perplexity bias pii moderation guardrail guardrails ragas deepeval
    """
)
_HUMAN_NAMES = _words(
    "user human customer annotator reviewer rater labeler labeller expert agent csat thumbs thumb nps"
)
_REVIEWERS = _words("annotator annotators reviewer reviewers rater raters labeler labeller expert experts sme")
"""Words that make a rating a reviewer's, who was asked, rather than a user's."""
_REVIEWED = _words("score scores rating ratings feedback preference vote label labels verdict grade judgment")
"""Words that do so beside `human`, which also stands for whom a user was handed to."""

_VALUE_KEYS = (
    *("score", "value", "rating", "thumb"),
    *("label", "emoji", "stringValue", "string_value"),
)
_THUMB_KEYS = ("thumbs", "vote", "reaction", "sentiment", "type")
"""Keys of an object that may hold a thumb, and may hold something else."""
_SKIN_AND_VARIATION = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f\u200d]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|[^0-9A-Za-z\u00c0-\uffff]+")
_NUMBER = re.compile(r"([+-]?(?:\d+(?:[.,]\d+)?|\.\d+))\s*(?:%|stars?|points?|/\s*\d+|out of \d+)?", re.IGNORECASE)


def name_words(name: str) -> list[str]:
    """Lower-case words of a field name.

    >>> name_words("userFeedback.thumbs-up"), name_words("rating10")
    (['user', 'feedback', 'thumbs', 'up'], ['rating', '10'])
    """
    return [word.lower() for word in _CAMEL.split(name) if word]


def is_judge_name(name: str) -> bool:
    """Say whether a model or a metric gives this score (`llm_judge`); a user's word in it wins.

    >>> is_judge_name("answer_relevancy"), is_judge_name("user_eval")
    (True, False)
    """
    words = set(name_words(name))
    return bool(words & _JUDGE_NAMES) and not words & _HUMAN_NAMES


def is_feedback_name(name: str) -> bool:
    """Say whether a field holds a user's or reviewer's rating (`csat`, `thumbs_up`, `escalated`).

    >>> [is_feedback_name(name) for name in ("userFeedback", "feedback_comment", "score")]
    [True, False, False]
    """
    words = set(name_words(name))
    if words & _BESIDE or is_judge_name(name):
        return False
    if words & _REVIEWED and (words & _REVIEWERS or "human" in words):
        return True
    return bool(words & _USER_NAMES) or ("score" in words and bool(words & _HUMAN_NAMES))


def is_outcome(value: object) -> bool:
    """Say whether a word tells what came of a conversation: neither an error nor a verdict.

    >>> is_outcome("Escalated"), is_outcome("timeout")
    (True, False)
    """
    return isinstance(value, str) and _key(value) in _OUTCOMES


def is_course(value: object) -> bool:
    """Say whether a word tells how far a conversation has come, which says nothing good or bad.

    >>> is_course("in progress"), is_course("failed")
    (True, False)
    """
    return isinstance(value, str) and _key(value) in _COURSE


def is_outcome_column(name: str, values: Sequence[object]) -> bool:
    """Say whether a column of statuses holds what came of conversations (`status: resolved, escalated`).

    >>> is_outcome_column("status", ["resolved", "open", "escalated"]), is_outcome_column("status", ["error", "ok"])
    (True, False)
    """
    words = name_words(name)
    if not words or words[-1] not in _OUTCOME_NAMES:
        return False
    n_outcomes = sum(map(is_outcome, values))
    return n_outcomes > 0 and n_outcomes + sum(map(is_course, values)) >= 0.5 * len(values)


def is_judge_score(name: str) -> bool:
    """Say whether a column holds what a judge scored, rather than something about the judge.

    >>> [is_judge_score(name) for name in ("faithfulness", "llm_model", "eval_latency")]
    [True, False, False]
    """
    return is_judge_name(name) and not set(name_words(name)) & (_BESIDE | _MEASURES)


def is_reviewer_name(name: str) -> bool:
    """Say whether a field holds what a reviewer, who was asked, said of an answer.

    >>> is_reviewer_name("human_label"), is_reviewer_name("csat"), is_reviewer_name("human_comment")
    (True, False, False)
    """
    return _source_of(name, FeedbackSource.UNKNOWN) is FeedbackSource.ANNOTATOR


def _source_of(name: str, source: FeedbackSource) -> FeedbackSource:
    if source is not FeedbackSource.UNKNOWN:
        return source
    if is_judge_name(name):
        return FeedbackSource.JUDGE
    if not is_feedback_name(name):
        return FeedbackSource.UNKNOWN
    words = set(name_words(name))
    is_reviewer = words & _REVIEWERS or ("human" in words and words & _REVIEWED)
    return FeedbackSource.ANNOTATOR if is_reviewer else FeedbackSource.USER


def _number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    if found:
        return float(found.group(1).replace(",", "."))
    stars = text.replace("⭐", "★").replace(" ", "").replace("\ufe0f", "")
    if stars and not stars.strip("★☆"):
        return float(stars.count("★"))
    return None


def read_feedback(name: str, value: object, source: FeedbackSource = FeedbackSource.UNKNOWN) -> Feedback | None:
    """Read one rating; None where there is none (null, NaN, empty) or the text is a comment.

    Words and emoji for up and down become 1 and 0 and keep their label; numbers are kept as they
    are; any other short text is a label. A mapping gives its `score` or `value`, else its `label`.
    `source` UNKNOWN is settled by the name: judge metrics are judges, feedback names are users.

    >>> read_feedback("thumbs", "👎🏽")
    Feedback(name='thumbs', value=0.0, label='👎🏽', source=<FeedbackSource.USER: 'user'>)
    >>> read_feedback("csat", "4/5").value
    4.0
    >>> read_feedback("csat", float("nan")) is None
    True
    """
    who = _source_of(name, source)
    if isinstance(value, Mapping):
        for key in _VALUE_KEYS:
            inner = value.get(key)
            if inner is not None and (found := read_feedback(name, inner, who)) is not None:
                return found
        thumbs = (read_feedback(name, value.get(key), who) for key in _THUMB_KEYS)
        return next((found for found in thumbs if found is not None and found.value is not None), None)
    if isinstance(value, list | tuple):
        return read_feedback(name, value[0], who) if len(value) == 1 else None
    if isinstance(value, bool):
        return Feedback(name, float(value), None, who)
    if isinstance(value, str):
        return _from_text(name, value.strip(), who)
    if value is None:
        return None
    try:  # int, float, Decimal, numpy scalars
        number = float(value)  # type: ignore[arg-type]  # what cannot be a float is caught below
    except (TypeError, ValueError, OverflowError):
        return None
    return Feedback(name, number, None, who) if math.isfinite(number) else None


def _key(text: str) -> str:
    return re.sub(r"[\s-]+", "_", _SKIN_AND_VARIATION.sub("", text).lower().strip(" .!\"'"))


def _from_text(name: str, text: str, source: FeedbackSource) -> Feedback | None:
    if text.lower() in _MISSING or len(text) > MAX_LABEL or "\n" in text:
        return None
    number = _number(text)
    if number is not None:
        return Feedback(name, number, None, source)
    word = _key(text)
    if text.startswith(":") and text.endswith(":"):
        word = text.lower()
    if word in _UP:
        return Feedback(name, 1.0, text, source)
    if word in _DOWN:
        return Feedback(name, 0.0, text, source)
    return Feedback(name, None, text, source)
