"""Comments: what a user or a reviewer wrote beside a rating; what a judge explains is no comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from driftcheck.loaders.blocks import Block
from driftcheck.loaders.feedback import MAX_LABEL, is_judge_name, name_words
from driftcheck.loaders.text import parsed
from driftcheck.records import Feedback

MAX_COMMENT = 2_000
"""Characters of a comment that are kept."""
MAX_COMMENTS = 20
"""Comments of one trace that are kept."""

_SAID = frozenset(
    """
    comment comments remark remarks verbatim complaint complaints kommentar kommentare commentaire comentario
    comentarios comentário comentários commento opmerking комментарий コメント 评论 評論 意见 코멘트
    """.split()  # noqa: SIM905  # a list of words reads better than a column of quotes
)
"""Words of a name that are comments by themselves."""
_TEXTS = frozenset({"text", "reason", "reasons", "note", "notes", "message", "explanation", "free", "open", "details"})
_RATED = frozenset(
    """
    feedback rating ratings csat nps ces survey review satisfaction dissatisfaction thumbs thumb vote reviewer annotator
    improvement
    """.split()  # noqa: SIM905  # as above
)
"""Words that make a text beside them one about the answer: `feedback_text`, `csat_reason`; `user_message` is none."""
_ALWAYS = frozenset({"reason_text", "free_text", "freetext", "open_feedback", "what_went_wrong"})
_NO_TEXT = frozenset({"id", "ids", "count", "at", "time", "date", "url", "code", "language", "lang", "length", "type"})
_KEYS = ("comment", "comments", "text", "reason", "note", "feedback_text", "explanation", "rationale")
"""Keys of an object of feedback that hold what was written."""
_MISSING = frozenset({"", "nan", "none", "null", "n/a", "na", "-", "[]", "{}"})


@lru_cache(maxsize=4_096)
def is_comment_name(name: str) -> bool:
    """Say whether a field holds what somebody wrote of an answer.

    >>> [is_comment_name(name) for name in ("feedback_comment", "csatReason", "reason_text", "Kommentar")]
    [True, True, True, True]
    >>> [is_comment_name(name) for name in ("judge_comment", "user_message", "comment_id", "finish_reason", "csat")]
    [False, False, False, False, False]
    """
    words = name_words(name)
    kinds = set(words)
    if not kinds or kinds & _NO_TEXT or is_judge_name(name):
        return False
    if kinds & _SAID or "_".join(words) in _ALWAYS:
        return True
    return bool(kinds & _TEXTS and kinds & _RATED)


def comment_of(value: object) -> str | None:
    r"""Return a comment, cut to MAX_COMMENT characters; None where there is none.

    >>> comment_of("  too slow "), comment_of("nan"), comment_of(4), comment_of("\ud83d")
    ('too slow', None, None, '?')
    """
    if not isinstance(value, str):
        return None
    text = value[: 2 * MAX_COMMENT].strip()[:MAX_COMMENT]
    if text.casefold() in _MISSING:
        return None
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def comments_in(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Comments among named values: of columns, of metadata.

    >>> comments_in({"csat": 2, "csat_comment": "no answer", "judge_comment": "fine", "message": "hi"})
    ('no answer',)
    """
    found = (comment_of(value) for name, value in values.items() if is_comment_name(str(name)))
    return tuple(dict.fromkeys(text for text in found if text))[:MAX_COMMENTS]


def written(item: Mapping[str, Any], *keys: str) -> str | None:
    """Return what one object of feedback holds beside its score, under the first of the keys that has a text."""
    return next((text for key in keys or _KEYS if (text := comment_of(item.get(key)))), None)


@dataclass(slots=True)
class Given:
    """What records of their own say of a trace or a session: ratings, and what was written beside them."""

    ratings: list[Feedback] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def add(self, rating: Feedback | None, comment: str | None) -> None:
        """Take what one record says."""
        if rating is not None:
            self.ratings.append(rating)
        if comment is not None and len(self.comments) < MAX_COMMENTS:
            self.comments.append(comment)

    def extend(self, other: Given) -> None:
        """Take what another file says of the same."""
        self.ratings += other.ratings
        self.comments += other.comments[: MAX_COMMENTS - len(self.comments)]


class CommentCells:
    """Reads the columns of a generic table that hold comments, and those of ratings where they do."""

    def __init__(self) -> None:
        self.columns: list[str] = []

    def add(self, column: str) -> None:
        """Read one more column of comments."""
        if column not in self.columns:
            self.columns.append(column)

    def of_block(self, block: Block, ratings: list[str]) -> list[tuple[str, ...]] | None:
        """Comments of each row of a block; `ratings` are its columns of ratings. None where no row has any."""
        found: list[tuple[str, ...]] | None = None
        for column in (*self.columns, *ratings):
            values = block.column(column)
            if values is None:
                continue
            is_said = column in self.columns
            for row, value in enumerate(values):
                kind = type(value)
                if kind is int or kind is float or kind is bool or value is None or value == "":
                    continue
                if not is_said and kind is str and len(value) <= MAX_LABEL and value[0] not in "[{":
                    continue
                texts = _in_cell(column, value, is_said=is_said)
                if texts:
                    found = [()] * len(block.where) if found is None else found
                    found[row] = tuple(dict.fromkeys((*found[row], *texts)))[:MAX_COMMENTS]
        return found


def _in_cell(column: str, value: Any, *, is_said: bool) -> tuple[str, ...]:
    """Comments in a cell: the text itself, what is beyond a label among ratings, or objects of feedback."""
    if isinstance(value, str):
        if value[:1] in "[{" and (is_said or any(key in value for key in _KEYS)):
            value = parsed(value)
        elif not is_said and len(value) <= MAX_LABEL:
            return ()
    if isinstance(value, str):
        text = comment_of(value) if is_said or not is_judge_name(column) else None
        return (text,) if text else ()
    return tuple(_in_objects(value, is_said=is_said))


def _in_objects(value: Any, *, is_said: bool) -> Iterator[str]:
    for item in value[:MAX_COMMENTS] if isinstance(value, list) else (value,):
        if isinstance(item, str) and is_said and (text := comment_of(item)):
            yield text
        if isinstance(item, Mapping) and not _is_judges(item) and (text := written(item)):
            yield text


def _is_judges(item: Mapping[str, Any]) -> bool:
    """Say whether a judge or a program gave it: by its name, or by who it says gave it."""
    name = item.get("name") or item.get("key") or ""
    source = (item.get(key) for key in ("source", "source_type", "sourceType", "annotator_kind", "annotatorKind"))
    given_by = str(next((one for one in source if one is not None), "")).casefold()
    return is_judge_name(str(name)) or given_by in _JUDGES


_JUDGES = frozenset({"llm", "model", "judge", "llm_judge", "ai", "code", "auto", "eval", "online_scoring", "evaluator"})
