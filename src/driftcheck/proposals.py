"""A case that production proposes: masked, without an expected answer, out of every gate until a person accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a trace was chosen."""

    UNCOVERED = "uncovered slice"
    UNLIKE = "no case nearby"
    THIN = "thin slice"
    PROPORTIONAL = "proportional to traffic"


@dataclass(frozen=True)
class Proposal:
    """One trace, as a case to be labelled; its texts are masked."""

    case_id: str
    """Id that the case is to have."""
    input_text: str
    trace_id: str
    slice_id: str
    slice_name: str
    why: Why
    language: str | None
    answer: str | None
    """What production answered, as context for the person who writes the expected answer."""
    satisfied: float | None
    """Share of the session's ratings that are good: 0..1; None where nobody rated."""
    comment: str | None = None
    """What people wrote beside their rating."""
