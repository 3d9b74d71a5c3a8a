"""The checks. To add one: a module beside these, a line in CHECKS, a test.

A check is a module with CODE, TITLE, UNIT, DEFAULT, `measure` and `noticed`; its docstring is the manual that
`driftcheck explain` prints. A check measures; `driftcheck.policy.judge` alone compares with thresholds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from driftcheck.checks import (
    blind_slices,
    chronic_failures,
    csat_gap,
    dead_cases,
    decayed_answers,
    duplicate_cases,
    error_mix,
    expired_cases,
    expired_waivers,
    idle_rubric,
    judge_agreement,
    judge_taste,
    language_mix,
    length_shift,
    metadata_mix,
    novel_traffic,
    regressions,
    restated_pass_rate,
    rubric_age,
    saturated_cases,
    score_up_gap_up,
    seal_integrity,
    sealed_gap,
    set_age,
    slice_coverage,
    stable_score,
    thin_slices,
    topic_divergence,
    traffic_shift,
    unlisted_complaints,
    unowned,
)
from driftcheck.findings import Measurement, Thresholds

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison


class Check(Protocol):
    """What a check's module holds."""

    __name__: str
    __doc__: str | None
    CODE: str
    TITLE: str
    UNIT: str
    DEFAULT: Thresholds

    def measure(self, comparison: Comparison) -> Measurement:
        """Measure badness: 0 = nothing wrong. Raises NotMeasurable with the reason where there is too little data."""
        ...

    def noticed(self, value: float) -> str:
        """What the check would have noticed, in words: the tail of "could have noticed: ...", short, without a dot."""
        ...


CHECKS: tuple[Check, ...] = (
    topic_divergence,
    novel_traffic,
    language_mix,
    length_shift,
    error_mix,
    metadata_mix,
    traffic_shift,
    slice_coverage,
    dead_cases,
    thin_slices,
    csat_gap,
    blind_slices,
    restated_pass_rate,
    score_up_gap_up,
    judge_agreement,
    judge_taste,
    stable_score,
    chronic_failures,
    saturated_cases,
    regressions,
    sealed_gap,
    set_age,
    expired_cases,
    duplicate_cases,
    decayed_answers,
    rubric_age,
    idle_rubric,
    unlisted_complaints,
    seal_integrity,
    unowned,
    expired_waivers,
)

GATED_ONLY_WHEN_STRATIFIED = ("traffic-shift",)
"""Checks that block under `design: stratified` alone. A set that is a sample is gated on its distance to traffic, which
holds how far traffic went since the refresh."""


def name_of(check: Check) -> str:
    """The kebab-case name that people write; the file's name."""
    return check.__name__.rpartition(".")[2].replace("_", "-")
