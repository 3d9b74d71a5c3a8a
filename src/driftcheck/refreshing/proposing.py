"""From ranked traces to proposals: masked, of words, none that was proposed before or says what another says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcheck.joining import normalised
from driftcheck.ledger.events import token_of
from driftcheck.proposals import Proposal
from driftcheck.refreshing.needs import Need
from driftcheck.refreshing.ranking import Ranked
from driftcheck.watching import Watcher

MIN_LETTERS = 2
"""Letters below which a text asks nothing."""
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


def was_asked(sample: pd.DataFrame, tokens: Collection[str], trace_ids: Collection[str]) -> NDArray[np.bool_]:
    """Which sampled sessions were proposed before: by the ledger's tokens, by ids in files, (n_traces,)."""
    known, ids = frozenset(tokens), frozenset(trace_ids)
    columns = (sample["trace_id"].astype(str), sample["session"], sample["text"])
    return np.array(
        [
            trace_id in ids or not known.isdisjoint(tokens_of(trace_id, int(session), text))
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
        is_sealed: whether a masked text asks what a sealed case asks: the seal may hold an earlier proposal.
        watcher: told how far it is.

    """
    watcher.stage("Masking personal data")
    said = {normalised(text) for text in inputs}
    proposals: list[Proposal] = []
    rows: list[int] = []
    for one in ranked:
        if len(proposals) == n:
            break
        trace = sample.iloc[one.row]
        text = mask(str(trace["text"]))
        answer, comment = _masked(trace["output"], mask), _masked(trace["comment"], mask)
        if is_wordless(text) or normalised(text) in said or any(map(is_sealed, filter(None, (text, answer, comment)))):
            continue
        said.add(normalised(text))
        need = needs[one.slice] if one.slice is not None else None
        satisfied = float(trace["satisfied"])
        proposals.append(
            Proposal(
                case_id=f"prod-{token_of('trace', str(trace['trace_id']))[:8]}",
                input_text=text,
                trace_id=str(trace["trace_id"]),
                slice_id=need.id if need else "",
                slice_name=need.name if need else "",
                why=one.why,
                language=None if languages[one.row] == "und" else languages[one.row],
                answer=answer,
                satisfied=None if np.isnan(satisfied) else satisfied,
                comment=comment,
            )
        )
        rows.append(one.row)
        watcher.step(len(proposals), n)
    return tuple(proposals), tuple(rows)


def _masked(text: object, mask: Callable[[str], str]) -> str | None:
    return mask(text) if isinstance(text, str) and text.strip() else None
