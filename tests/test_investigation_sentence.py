"""The sentence of an investigation: what it names is told by enough ratings, and it says most of what is most."""

from __future__ import annotations

import pytest

from driftcheck.investigating.sentence import say
from driftcheck.investigation import Difference, Investigation, Movement, SliceChange, Span
from driftcheck.scores import Estimate

NO_CHANGE = Difference(0.0, 0.0, 0.0)


def part(name: str, effect: float, n: int = 50, before: int | None = None, moved: str = "steady") -> SliceChange:
    n_before = n if before is None else before
    return SliceChange(
        id=name,
        name=name,
        terms=(),
        movement=Movement(moved),
        n_before=10,
        n_after=10,
        share_before=0.1,
        share_after=0.1,
        share_change=NO_CHANGE,
        p_adjusted=1.0,
        satisfaction_before=Estimate(0.8, 0.7, 0.9, n_before) if n_before else None,
        satisfaction_after=Estimate(0.7, 0.6, 0.8, n),
        mix=0.0,
        within=effect,
        n_cases=None,
        pass_rate=None,
        case_ids=(),
        trace_ids=(),
    )


def sentence(*slices: SliceChange) -> str:
    change = sum(row.effect or 0.0 for row in slices)
    span = Span("a", 0.0, 1.0, 10, 10, 10, 10)
    found = Investigation(
        sentence="",
        week=span,
        baseline=span,
        before=Estimate(0.9, 0.8, 1.0, 100),
        after=Estimate(0.9 + change, 0.0, 1.0, 100),
        change=Difference(change, change - 0.01, change + 0.01),
        p_value=0.001,
        mix=0.0,
        within=change,
        parts=None,
        slices=slices,
        movers=(),
        n_compared=0,
        first_traces=(),
    )
    return say(found).sentence.partition("; ")[2]


OTHERS = tuple(part(f"other {number}", -0.02) for number in range(8))


@pytest.mark.parametrize(
    ("slices", "said"),
    [
        (
            (part("card, refund", -0.1), part("b", -0.06), part("c", -0.02)),
            'most of it in "card, refund" (-10 points) and "b" (-6 points).',
        ),
        (
            (part("a", -0.06), part("b", -0.05), *OTHERS),
            'the largest parts are in "a" (-6 points) and "b" (-5 points).',
        ),
        (
            (part("few", -0.06, n=7), part("b", -0.05), *OTHERS[:1]),
            'most of it in "b" (-5 points) and "other 0" (-2 points).',
        ),
        (
            (part("few", -0.2, n=7), part("b", -0.05), part("c", 0.03)),
            'of slices with enough ratings, the largest part is in "b" (-5 points).',
        ),
        ((part("few", -0.2, before=7),), ""),
        ((part("unrated before", -0.2, before=0),), ""),
        ((part("new", -0.2, before=0, moved="appeared"),), 'most of it in "new" (-20 points).'),
    ],
)
def test_what_is_named_and_how(slices: tuple[SliceChange, ...], said: str) -> None:
    assert sentence(*slices) == said
