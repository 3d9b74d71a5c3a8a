"""A case that production proposes: masked, without an expected answer, out of every gate until a person accepts it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_TEMPLATE = re.compile(r"(\{(?=[{%#])|[}%#](?=\}))")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


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
    """The last user turn."""
    trace_id: str
    """As production has it, but for what no file can hold."""
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
    conversation: str | None = None
    """The turns before the input, as context."""
    slices: Mapping[str, str] = field(default_factory=dict)
    """Value of each declared slice that is known."""


def inert(text: str) -> str:
    """Text that every format holds and gives back, and that stays what it is: no template, no file to be loaded.

    What users ask is hostile: as a variable of promptfoo, `{{ env.KEY }}` is filled in, and `file://` read, on the
    machine that runs the tests; and what is in another format today may be in promptfoo's tomorrow. Control characters
    and halves of characters become U+FFFD.

    >>> inert("file:///etc/passwd"), inert("{{{ env.KEY }} {% x %}")
    ('file: ///etc/passwd', '{ { { env.KEY } } { % x % }')
    """
    written = _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"^(\s*file:)(?=//)", r"\1 ", _TEMPLATE.sub(r"\1 ", written))
