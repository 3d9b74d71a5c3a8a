"""From ranked traces to proposals: masked, of words, none that was proposed before or says what another says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.joining import normalised
from driftcheck.ledger.events import token_of
from driftcheck.proposals import Proposal, inert
from driftcheck.records import SLICE_PREFIX
from driftcheck.refreshing.needs import Need
from driftcheck.refreshing.ranking import Ranked
from driftcheck.watching import Watcher

MIN_LETTERS = 2
"""Letters below which a text asks nothing."""
MAX_CONTEXT = 10_000
"""Characters of the turns before an input that are kept, the last ones: a person reads them."""
_MACHINE_ID = re.compile(r"[0-9a-fA-F-]+")
"""Ids of hexadecimal digits, some of which pass for numbers of cards."""
_TAG = re.compile(r"\[[A-Z_]+(?:_\d+)?\]")
"""What masking leaves in the place of personal data."""


def tokens_of(trace_id: str, session: int, text: str) -> tuple[str, str, str]:
    """What the ledger keeps of a proposal: tokens of its trace, its session and its input."""
    return token_of("trace", trace_id), token_of("session", str(session)), token_of("input", normalised(text))


def is_wordless(text: str) -> bool:
    """Whether a text, apart from masked data, has too few letters to ask something.

    >>> is_wordless("[EMAIL_1] ?"), is_wordless("ok"), is_wordless("退款")
    (True, False, False)
    """
    return sum(map(str.isalpha, _TAG.sub("", text))) < MIN_LETTERS


def turns_before(conversation: object, text: str) -> str | None:
    r"""The turns before the input, of a conversation as `role: text` lines; None where there are none.

    >>> turns_before("user: A ticket?\nassistant: Where to?\nuser: To Rome", "To Rome")
    'user: A ticket?\nassistant: Where to?'
    """
    if not isinstance(conversation, str):
        return None
    place = conversation.rfind(f"user: {text}")
    before = conversation[:place].strip() if place >= 0 else conversation
    if len(before) > MAX_CONTEXT:  # from the first whole line on: half an address is none that a detector knows
        before = before[-MAX_CONTEXT:].partition("\n")[2].strip()
    return before or None


def named_in_ids(trace_ids: Sequence[str], mask: Callable[[str], str]) -> tuple[str, ...]:
    """A warning where ids of traces name people: ids find a trace again, and are written as they are.

    >>> named_in_ids(["4b7f0d3a-1111", "run-81"], lambda text: text)
    ()
    """
    if not any(_MACHINE_ID.fullmatch(one) is None and mask(one) != one for one in trace_ids):
        return ()
    return ("ids of traces look like personal data: they are written as they are; export traces with other ids",)


def was_asked(sample: pd.DataFrame, tokens: Collection[str], trace_ids: Collection[str]) -> NDArray[np.bool_]:
    """Which sampled sessions were proposed before: by the ledger's tokens, by ids in files, (n_traces,)."""
    known, ids = frozenset(tokens), frozenset(trace_ids)
    columns = (sample["trace_id"].astype(str), sample["session"], sample["input"])
    return np.array(
        [
            inert(trace_id).strip() in ids or not known.isdisjoint(tokens_of(trace_id, int(session), text))
            for trace_id, session, text in zip(*columns, strict=True)
        ],
        dtype=bool,
    )


def propose(
    ranked: Sequence[Ranked],
    sample: pd.DataFrame,
    languages: Sequence[str],
    needs: Sequence[Need],
    *,
    n: int,
    inputs: Collection[str],
    mask: Callable[[str], str],
    shown: Callable[[str, str], str],
    is_sealed: Callable[[str], bool],
    watcher: Watcher,
) -> tuple[tuple[Proposal, ...], tuple[int, ...]]:
    """The first `n` of the ranking that, masked, say something, not the same and nothing sealed, and their rows.

    Args:
        ranked: traces, the first to take first.
        sample: of production.
        languages: of each sampled session.
        needs: slices, in the order of the partition; none where there are no slices.
        n: proposals wanted.
        inputs: of cases and open proposals.
        mask: takes personal data out of a text.
        shown: what a value of a declared slice, by its name, is written as.
        is_sealed: whether a masked text asks what a sealed case asks: the seal may hold an earlier proposal.
        watcher: told how far it is.

    """
    watcher.stage("Masking personal data")
    said = {normalised(text) for text in inputs}
    declared = [
        (str(column).removeprefix(SLICE_PREFIX), column)
        for column in sample.columns
        if str(column).startswith(SLICE_PREFIX)
    ]
    proposals: list[Proposal] = []
    rows: list[int] = []
    for one in ranked:
        if len(proposals) == n:
            break
        trace = sample.iloc[one.row]
        text = mask(str(trace["input"]))
        if is_wordless(text) or normalised(text) in said:
            continue
        answer, comment = _masked(trace["output"], mask), _masked(trace["comment"], mask)
        before = _masked(turns_before(trace["conversation"], str(trace["input"])), mask)
        turns = before.splitlines() if before else ()
        if any(map(is_sealed, filter(None, (text, answer, comment, *(_said(turn) for turn in turns))))):
            continue
        said.add(normalised(text))
        need = needs[one.slice] if one.slice is not None else None
        satisfied = float(trace["satisfied"])
        proposals.append(
            Proposal(
                case_id=f"prod-{token_of('trace', str(trace['trace_id']))[:8]}",
                input_text=text,
                trace_id=inert(str(trace["trace_id"])).strip(),
                slice_id=need.id if need else "",
                slice_name=need.name if need else "",
                why=one.why,
                language=None if languages[one.row] == "und" else languages[one.row],
                answer=answer,
                satisfied=None if np.isnan(satisfied) else satisfied,
                comment=comment,
                conversation=before,
                slices={name: shown(name, str(trace[column])) for name, column in declared if _is_told(trace[column])},
            )
        )
        rows.append(one.row)
        watcher.step(len(proposals), n)
    return tuple(proposals), tuple(rows)


def _masked(text: object, mask: Callable[[str], str]) -> str | None:
    return mask(text) if isinstance(text, str) and text.strip() else None


def _said(turn: str) -> str:
    """What a `role: text` line says."""
    return turn.partition(": ")[2]


def _is_told(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
