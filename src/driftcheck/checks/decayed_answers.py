"""Users are content with answers that contradict the expected ones.

What is measured
    Share of cases whose expected answer well-rated answers of production contradict, of those that can be compared:
    with two or more such answers, of as many sessions, to the same question (cosine of 0.85 or more, and no number,
    name or negation tells the questions apart). Well rated: half of the session's ratings or more are good, and no
    error. Answers contradict in a number, a date, a negation, yes or no, or a name, said of the same thing; what
    cannot be told, what holds the expected answer too, and what is so only in a part that the expected one does not
    name (on Sundays, over $50, for large dogs, last year, in another plan), does not. A case counts where most of its
    answers contradict it and two of them or more say the same instead; what one answer alone contradicts is listed,
    not counted. Rubrics, patterns and code are no answers. Wilson interval; p: chance to misread as many, at 1 in 100.
    Share of cases, 0..1; 0 = none.

Why it matters
    The product changed and the eval set did not: 14 days instead of 30, a plan that is gone, another address. Such a
    case fails the right answer and passes the wrong one, and the score falls as the product gets better.

How to fix it
    Read both answers side by side (`--text`). Where the expected one is out of date, correct it in the file and say so
    with `driftcheck validate ID`, or take the case out with `driftcheck retire ID`. Where production is wrong, users
    are content with a wrong answer: that is a case worth keeping.

Source
    Contradictions told apart by kind (negation, number, antonym, structure) after de Marneffe, Rafferty and Manning
    (2008), Finding contradictions in text. Precision and recall on planted answers: tests/benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtrc

from driftcheck.contradictions import (
    Contradiction,
    asks_the_same,
    contradiction_of_all,
    is_answer,
    say_the_same,
)
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, percent
from driftcheck.sizes import ALPHA
from driftcheck.stats.intervals import wilson
from driftcheck.stats.noticeable import share_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    import pandas as pd

    from driftcheck.comparison import Comparison

CODE = "DC504"
TITLE = "Expected answers that users' answers contradict"
UNIT = "share of cases"
DEFAULT = Thresholds(warn=0.02, fail=None)
SAME = 0.85
"""Cosine from which a case and a trace may ask the same; measured in tests/benchmarks/decayed.py."""
MISREAD = 0.01
"""Share of sound cases that are taken for contradicted, at the most."""
MIN_COMPARED = 5
MIN_ALIKE = 2
"""Answers that must say the same against a case: one alone may be misread, or one user's own."""
_MOST_NEAR, _MOST_ANSWERS = 60, 20
"""Near questions, and answers to the same one, that are read of a case, the nearest first."""
_MAX_ROWS, _MAX_SINGLE, _MAX_IDS, _MAX_TEXT = 20, 5, 10, 300
_ROWS_AT_ONCE = 512
_POWER = 0.8


@dataclass(frozen=True)
class _Answer:
    """A well-rated answer to a case's question."""

    trace_id: str
    text: str
    cosine: float
    found: Contradiction | None


@dataclass(frozen=True)
class AnsweredCase:
    """A case and what production answers to its question."""

    case_id: str
    expected: str
    answers: tuple[_Answer, ...]
    against: tuple[_Answer, ...]
    """The most answers that say the same against it, the nearest question first."""

    @property
    def is_compared(self) -> bool:
        """Whether there are enough answers to tell."""
        return len(self.answers) >= MIN_ALIKE

    @property
    def is_contradicted(self) -> bool:
        """Whether enough of the answers say the same against it."""
        return len(self.against) >= MIN_ALIKE and 2 * len(self.against) > len(self.answers)


def measure(comparison: Comparison) -> Measurement:
    """Share of comparable cases that well-rated answers contradict."""
    rows = _with_answers(comparison)
    read = _read(comparison, rows, _well_rated(comparison))
    compared = [case for case in read if case.is_compared]
    if len(compared) < MIN_COMPARED:
        raise NotMeasurable(
            f"{count(len(compared), 'case')} of {len(rows):,} with an expected answer "
            f"{'has' if len(compared) == 1 else 'have'} {MIN_ALIKE} well-rated "
            f"answers of production to the same question: at least {MIN_COMPARED} are needed"
        )
    found = [case for case in compared if case.is_contradicted]
    found.sort(key=lambda case: (-len(case.against), -case.against[0].cosine, case.case_id))
    single = [case for case in read if len(case.answers) == 1 and case.against]
    single.sort(key=lambda case: (-case.against[0].cosine, case.case_id))
    n, n_found = len(compared), len(found)
    share = wilson(n_found, n)
    return Measurement(
        value=share.value,
        low=share.low if n_found else 0.0,
        high=share.high,
        p_value=_chance(n_found, n),
        n={"cases": n, "answers": sum(len(case.answers) for case in compared)},
        summary=_summary(found, n),
        evidence=tuple(
            [_row(case, 1 / n) for case in found[:_MAX_ROWS]] + [_row(case, None) for case in single[:_MAX_SINGLE]]
        ),
        fix=_fix(found),
        noticeable=_noticeable(n),
        spread=share_error(DEFAULT.warn or 0.0, n),
    )


def compared_cases(comparison: Comparison) -> list[AnsweredCase]:
    """The cases that can be compared, with their answers. Raises NotMeasurable where none can."""
    read = _read(comparison, _with_answers(comparison), _well_rated(comparison))
    return [case for case in read if case.is_compared]


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"outdated answers, from {percent(value)} of cases on"


def _with_answers(comparison: Comparison) -> list[int]:
    """Rows of the cases with an expected answer in words."""
    frame = comparison.eval_set.frame
    rows = [row for row, accepted in enumerate(frame["accepted"]) if accepted and all(map(is_answer, accepted))]
    if not rows:
        raise NotMeasurable(
            f"0 of {count(len(frame), 'case')} have an expected answer in words (rubrics and patterns are none): "
            f"at least {MIN_COMPARED} are needed; name a column by `columns: {{eval_set: {{expected: ...}}}}` in "
            "drift.yaml"
        )
    return rows


def _well_rated(comparison: Comparison) -> list[int]:
    """Rows of the sampled traces with an answer that ended well and was rated well, one a session."""
    sample = comparison.production.sample
    answered = sample["output"].notna() & sample["output"].astype(str).str.strip().ne("")
    if not answered.any():
        raise NotMeasurable(
            f"0 of {count(len(sample), 'sampled session')} carry the product's answer: at least {MIN_ALIKE} are needed "
            "for each case; name a column by `columns: {production: {output: ...}}` in drift.yaml"
        )
    rated = sample["satisfied"].notna()
    if not rated.any():
        raise NotMeasurable("production carries no ratings by users: name one by `satisfaction:` in drift.yaml")
    good = answered & (sample["satisfied"] >= 0.5) & sample["error"].isna()
    kept: pd.DataFrame = sample[good]
    order = kept.assign(row=np.flatnonzero(good)).sort_values("trace_id", kind="stable")
    return sorted(order.drop_duplicates("session")["row"].tolist())


def _read(comparison: Comparison, rows: Sequence[int], traces: Sequence[int]) -> list[AnsweredCase]:
    """The cases that have answers, each with them and with what they say against it."""
    cases, sample = comparison.eval_set.frame, comparison.production.sample
    case_texts, trace_texts = cases["text"].tolist(), sample["text"].tolist()
    trace_ids = sample["trace_id"].astype(str).tolist()
    points = comparison.trace_vectors[np.asarray(traces, dtype=np.intp)]
    read = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = list(rows[start : start + _ROWS_AT_ONCE])
        cosines = comparison.case_vectors[np.asarray(part, dtype=np.intp)] @ points.T
        for row, alike in zip(part, cosines, strict=True):
            near = [(float(alike[at]), traces[at]) for at in np.flatnonzero(alike >= SAME).tolist()]
            # rounded, since the last bit of a product hangs on the order of rows
            near.sort(key=lambda pair: (-round(pair[0], 5), trace_ids[pair[1]]))
            asking = (pair for pair in near[:_MOST_NEAR] if asks_the_same(case_texts[row], trace_texts[pair[1]]))
            answers = list(islice(asking, _MOST_ANSWERS))
            if answers:
                read.append(_case(cases, sample, row, answers))
    return sorted(read, key=lambda case: case.case_id)


def _case(cases: pd.DataFrame, sample: pd.DataFrame, row: int, near: Sequence[tuple[float, int]]) -> AnsweredCase:
    accepted, question = cases["accepted"].iloc[row], str(cases["input"].iloc[row])
    answers = []
    for cosine, trace in near:
        text = str(sample["output"].iloc[trace])
        found = contradiction_of_all(accepted, text, question)
        answers.append(_Answer(str(sample["trace_id"].iloc[trace]), text, round(cosine, 5), found))
    return AnsweredCase(str(cases["case_id"].iloc[row]), str(accepted[0]), tuple(answers), _most_alike(answers))


def _most_alike(answers: Sequence[_Answer]) -> tuple[_Answer, ...]:
    """The largest group of answers that say the same against the case."""
    groups = []
    for one in answers:
        if one.found is not None:
            groups.append(
                tuple(other for other in answers if other.found is not None and say_the_same(one.found, other.found))
            )
    return max(groups, key=len, default=())


def _chance(n_found: int, n: int) -> float:
    """Probability that as many of `n` sound cases are misread."""
    return 1.0 if n_found == 0 else float(bdtrc(n_found - 1, n, MISREAD))


def _noticeable(n: int) -> float | None:
    """Smallest share that is no misreading 8 times in 10."""
    least = next((k for k in range(1, n + 1) if _chance(k, n) <= ALPHA), None)
    if least is None:
        return None
    shares = np.linspace(0, 1, 1001)
    enough = bdtrc(least - 1, n, shares) >= _POWER
    return float(shares[enough][0]) if enough.any() else None


def _summary(found: Sequence[AnsweredCase], n: int) -> str:
    if not found:
        return f"Of {count(n, 'case')} with well-rated answers to the same question none is contradicted by them."
    kinds = [case.against[0].found.kind for case in found if case.against[0].found]
    most = max(sorted(set(kinds)), key=kinds.count)
    verb = "is" if len(found) == 1 else "are"
    return (
        f"Of {count(n, 'case')} with well-rated answers to the same question {len(found):,} "
        f"({percent(len(found) / n)}) {verb} contradicted by them, most often by {_NAMED[most]}."
    )


_NAMED = {
    "yes-no": "yes against no",
    "negation": "a negation",
    "number": "another number",
    "date": "another date",
    "entity": "another name",
}


def _fix(found: Sequence[AnsweredCase]) -> str:
    # no id in a command to copy: ids are the file's own text, and stand in the rows
    return "Correct the expected answer, then `driftcheck validate ID`; or `driftcheck retire ID`." if found else ""


def _row(case: AnsweredCase, contribution: float | None) -> Evidence:
    """A contradicted case: what it is contradicted in, by how many answers, both texts side by side."""
    first = case.against[0]
    found = first.found
    if found is None:  # it is in `against` because it contradicts
        raise AssertionError(case.case_id)
    return Evidence(
        label=case.case_id,
        numbers={
            "differs in": found.kind,
            "answers": len(case.answers),
            "against it": len(case.against),
            "counted": "no: one answer" if contribution is None else "yes",
        },
        case_ids=(case.case_id,),
        trace_ids=tuple(answer.trace_id for answer in case.against[:_MAX_IDS]),
        contribution=contribution,
        texts={"expected": _around(case.expected, found.expected), "answer": _around(first.text, found.answer)},
    )


def _around(text: str, clause: str) -> str:
    """The text, or where it is long the clause that clashes."""
    return text.strip() if len(text.strip()) <= _MAX_TEXT else clause[:_MAX_TEXT]
