"""Users complain of something that no item of the rubric asks for.

What is measured
    Of the sampled sessions that users rated bad and commented on, the share whose comment belongs to a theme that no
    rubric item is near to. Comments are embedded and grouped; a theme has at least 5 sessions, and an item is near to
    it from a cosine of 0.36 with its mean on. Comments that say no more than "useless" are left out of both counts.
    0..1, Wilson interval; 0 = the rubric asks for all that users miss. Items are those of `rubric:` in drift.yaml, by
    their texts, and those that the runs name; fewer than 3 are not measurable. Themes are named by words of several
    comments from which personal data was masked.
    Where fewer than 20 comments say more, the inputs speak, and nothing warns: slices in which more ratings are bad
    than in the rest (Fisher's exact test, Holm over slices at 0.05, at least 5 bad sessions), and the share of bad
    sessions in those that no item is near to. What users ask for is hardly ever near to a rubric item, so that this
    says little more than DC302 does: where to read, not that the rubric lacks something.

Why it matters
    A rubric holds what its authors thought of. What users miss instead (speed, tone, a way to reach a person) no score
    shows, so that the score rises while they leave. On sentences that were not used to choose the constants, 6 themes
    of 6 to 8 comments each, 96 of 100 themes that it calls unlisted are, it finds 57 of 100 that are there, and where
    all are listed it warns in 2 audits of 100. So what it names is worth reading, and its silence proves little. The
    constants are those of the default model and of English; others group less well.

How to fix it
    Read the traces of each theme. Add an item under `rubric:` in drift.yaml, and to the assertions of the runs, that
    asks for what users miss; or say there by a `text` that an item is about it, where its name alone does not show it.

Source
    Reimers and Gurevych (2019), Sentence-BERT, for the closeness of sentences; Sokal and Michener (1958) for average
    linkage; Fisher (1935) and Holm (1979) for the slices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from driftcheck.checks.slice_rows import label_of
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence, Measurement, Thresholds
from driftcheck.numbers import count, number, percent
from driftcheck.sizes import MIN_RATINGS
from driftcheck.stats.intervals import holm, wilson
from driftcheck.stats.noticeable import share_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison
    from driftcheck.complaints import Complaints, Theme

CODE = "DC507"
TITLE = "Complaints that no rubric item names"
UNIT = "share of bad sessions"
DEFAULT = Thresholds(warn=0.10, fail=None)
MIN_ITEMS = 3
MIN_TOLD = 20
"""Comments that say what is bad, below which the inputs of bad sessions speak instead."""
MIN_BAD = 10
FAMILY_ALPHA = 0.05
_MIN_HOLDERS = 3
"""Comments that must hold a term before it names their theme: what one user wrote is theirs."""
_MANY_HOLDERS = 5
"""The same for a term that is never written in lower case: it may be a name that masking missed."""
_MOST_MASKED, _MASKED_CHARS = 60, 1_000
"""Comments of a theme that name it, the most central first, and characters read of each: masking takes time."""
_TAG = re.compile(r"\[[A-Z ]+(?:_\d+)?\]")
_ONLY_EVIDENCE = "too few comments: slices by their inputs are evidence, and never warn"
_MAX_IDS = 5
_MAX_TERMS = 4
_MAX_LABEL = 60
_MAX_TEXT = 300


def measure(comparison: Comparison) -> Measurement:
    """Share of bad sessions with complaints that the rubric does not name."""
    complaints = _require(comparison)
    if len(complaints.comments) >= MIN_TOLD:
        from driftcheck.complaints import find_themes

        told, themes = find_themes(complaints)
        if len(told) >= MIN_TOLD:
            return _of_comments(comparison, complaints, len(told), themes)
    return _of_inputs(comparison, complaints)


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a new complaint, from {percent(value)} of bad sessions"


def _require(comparison: Comparison) -> Complaints:
    """Comments and rubric.

    Raises:
        NotMeasurable: nobody rated, nobody rated badly, or there is no rubric.

    """
    rated = comparison.production.sample["satisfied"].dropna()
    if rated.empty:
        raise NotMeasurable("production carries no ratings by users: name one by `satisfaction:` in drift.yaml")
    n_bad = int((rated < 0.5).sum())
    if len(rated) < MIN_RATINGS or n_bad < MIN_BAD:
        raise NotMeasurable(
            f"{count(len(rated), 'rated session')} of which {count(n_bad, 'is', 'are')} bad: at least {MIN_RATINGS} "
            f"and {MIN_BAD} are needed"
        )
    complaints = comparison.complaints
    n_items = len(complaints.items) if complaints is not None else 0
    if complaints is None or n_items < MIN_ITEMS:
        raise NotMeasurable(
            f"{count(n_items, 'rubric item is', 'rubric items are')} known: at least {MIN_ITEMS} are needed; declare "
            "them by `rubric:` in drift.yaml"
        )
    return complaints


def _of_comments(comparison: Comparison, complaints: Complaints, n_told: int, themes: Sequence[Theme]) -> Measurement:
    unlisted = [theme for theme in themes if not theme.is_listed]
    share = wilson(sum(len(theme.rows) for theme in unlisted), n_told)
    n_listed = len(themes) - len(unlisted)
    n_vague = len(complaints.comments) - n_told
    names = _names(complaints, themes)
    said = (
        f"{percent(share.value)} of bad sessions whose comment says what is bad complain of "
        f"{count(len(unlisted), 'theme')} that no rubric item is near to"
        if unlisted
        else f"No theme in {count(n_told, 'comment')} of bad sessions is far from all of the rubric's items"
    )
    return Measurement(
        value=share.value,
        low=share.low if unlisted else 0.0,
        high=share.high,
        n={"comments": n_told, "items": len(complaints.items), "themes": len(themes)},
        summary=f"{said}; {count(n_listed, 'theme is', 'themes are')} listed, {count(n_vague, 'comment')} too vague.",
        evidence=tuple(
            _theme_row(comparison, complaints, theme, names[at], n_told)
            for at, theme in enumerate(themes)
            if not theme.is_listed
        ),
        fix="Read the traces, and add a rubric item for each theme that users are right about." if unlisted else "",
        spread=share_error(DEFAULT.warn or 0.0, n_told),
        noticeable=min(1.0, _least() / n_told),
    )


def _least() -> int:
    from driftcheck.complaints import MIN_SESSIONS

    return MIN_SESSIONS


def _names(complaints: Complaints, themes: Sequence[Theme]) -> list[str]:
    """Terms that set each unlisted theme apart, of those that several comments hold; its number where there are none.

    Reports that hold no texts print them, so nothing personal may be among them: see `_masked`.
    """
    from driftcheck.slices.names import name_slices, tokens

    texts: list[Sequence[str]] = []
    personal: list[frozenset[str]] = []
    for theme in themes:
        comments = [complaints.comments[row] for row in theme.rows[:_MOST_MASKED]]
        masked, private = (comments, frozenset[str]()) if theme.is_listed else _masked(comments)
        texts.append(masked)
        personal.append(private)
    names = []
    for at, (name, said_of_it, private) in enumerate(zip(name_slices(texts), texts, personal, strict=True), start=1):
        different = list(dict.fromkeys(said_of_it))
        words = [" ".join(tokens(comment)) for comment in different]
        shared = []
        for term in name.terms:
            holders = sum(term in said for said in words)
            is_word = holders >= _MANY_HOLDERS or any(_is_as_written(term, comment) for comment in different)
            if holders >= _MIN_HOLDERS and is_word and private.isdisjoint(term.split()):
                shared.append(term)
        names.append(", ".join(shared[:_MAX_TERMS]) or f"theme {at}")
    return names


def _masked(comments: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """The comments without personal data, and the words of that data: another comment may have them unmasked."""
    from driftcheck.masking import mask  # with its model: a second, which audits without such themes are spared
    from driftcheck.slices.names import tokens

    texts: list[str] = []
    personal: set[str] = set()
    for comment in comments:
        masked = mask(comment[:_MASKED_CHARS])
        texts.append(_TAG.sub(" 0 ", masked.text))  # a number: what stands beside it is no pair of words
        for one in masked.found:
            personal.update(tokens(comment[one.start : one.end]))
    return texts, frozenset(personal)


def _is_as_written(term: str, comment: str) -> bool:
    """Whether the comment has each word of the term in lower case somewhere."""
    return all(word in comment for word in term.split())


def _theme_row(comparison: Comparison, complaints: Complaints, theme: Theme, name: str, n_told: int) -> Evidence:
    trace_ids = comparison.production.sample["trace_id"]
    return Evidence(
        label=name,
        numbers={"sessions": len(theme.rows), "share": len(theme.rows) / n_told, **_nearest(complaints, theme)},
        trace_ids=tuple(str(trace_ids.iloc[int(complaints.rows[row])]) for row in theme.rows[:_MAX_IDS]),
        texts={"comment": " ".join(complaints.comments[int(theme.rows[0])].split())[:_MAX_TEXT]},
    )


def _nearest(complaints: Complaints, theme: Theme) -> dict[str, float | str | None]:
    item = complaints.items[theme.item]
    shown = item if len(item) <= _MAX_LABEL else f"{item[: _MAX_LABEL - 1]}…"
    return {"nearest item": shown, "cosine": number(theme.nearness)}


def _of_inputs(comparison: Comparison, complaints: Complaints) -> Measurement:
    """Slices that are worse than the rest, by what was asked there."""
    from driftcheck.complaints import MIN_SESSIONS, is_bad, near_to, worse_than_rest

    partition, sample = comparison.traffic.partition, comparison.production.sample
    rated, bad = sample["satisfied"].notna().to_numpy(), is_bad(sample)
    n_bad, n_rated = int(bad.sum()), int(rated.sum())
    n = len(partition.slices)
    of_rated = np.bincount(partition.slice_of_trace[rated], minlength=n)
    of_bad = np.bincount(partition.slice_of_trace[bad], minlength=n)
    tested = np.flatnonzero(of_bad >= MIN_SESSIONS)
    chances = [worse_than_rest(int(of_bad[at]), int(of_rated[at]), n_bad, n_rated) for at in tested]
    adjusted = holm(np.concatenate([chances, np.ones(n - len(tested))])) if n else np.empty(0)
    worse = [int(at) for at, p in zip(tested, adjusted, strict=False) if p <= FAMILY_ALPHA]
    found = []
    for at in worse:
        rows = np.flatnonzero(bad & (partition.slice_of_trace == at))
        theme = near_to(comparison.trace_vectors, rows, complaints.item_vectors)
        if not theme.is_listed:
            found.append((at, theme))
    found.sort(key=lambda pair: (-len(pair[1].rows), partition.slices[pair[0]].id))
    share = wilson(sum(len(theme.rows) for _, theme in found), n_bad)
    said = (
        f"{percent(share.value)} of bad sessions are in {count(len(found), 'slice')} where users are less satisfied "
        "than elsewhere and that no rubric item is near to."
        if found
        else f"Users are clearly less satisfied in {count(len(worse), 'slice')}; rubric items are near to all of them."
        if worse
        else "In no slice are users clearly less satisfied than elsewhere."
    )
    return Measurement(
        value=share.value,
        low=share.low if found else 0.0,
        high=share.high,
        n={"bad sessions": n_bad, "ratings": n_rated, "items": len(complaints.items)},
        summary=f"{said} Too few comments say what is bad, so inputs speak, which never warn.",
        evidence=tuple(
            Evidence(
                label=label_of(partition.slices[at]),
                numbers={
                    "bad": len(theme.rows),
                    "share": len(theme.rows) / n_bad,
                    "users": float(1 - of_bad[at] / of_rated[at]),
                    **_nearest(complaints, theme),
                },
                slice_id=partition.slices[at].id,
                trace_ids=tuple(str(sample["trace_id"].iloc[int(row)]) for row in theme.rows[:_MAX_IDS]),
                contribution=len(theme.rows) / n_bad,
            )
            for at, theme in found
        ),
        fix="Read the traces, and add a rubric item for what these slices need." if found else "",
        only_evidence=_ONLY_EVIDENCE,
    )
