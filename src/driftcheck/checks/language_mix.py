"""Production's languages are not the eval set's.

What is measured
    Total variation distance of language shares, production against the eval set: the share of traffic that would have
    to change its language for the two to agree. 0..1; 0 = same mix. Languages are declared where both sides
    declare them, else detected offline on both. With a permutation p: warns only with p <= 0.005 as well.

Why it matters
    Models differ by language more than by topic; a score from English cases says little of Spanish users.

How to fix it
    Add cases in the languages that are short, as users write them rather than translated.

Source
    Total variation distance: Levin, Peres and Wilmer (2009), Markov chains and mixing times, chapter 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.checks.mix import label_mix
from driftcheck.errors import NotMeasurable
from driftcheck.findings import Measurement, Thresholds
from driftcheck.numbers import count, percent
from driftcheck.sizes import MIN_CASES, MIN_SESSIONS
from driftcheck.stats.noticeable import share_error

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    from driftcheck.comparison import Comparison

CODE = "DC103"
TITLE = "Languages of production differ from the eval set's"
UNIT = "share of traffic"
DEFAULT = Thresholds(warn=0.05, fail=None)
_UNKNOWN = "und"


def measure(comparison: Comparison) -> Measurement:
    """Total variation of languages, over texts whose language can be told."""
    cases = [code for code in comparison.case_languages.tolist() if code != _UNKNOWN]
    traces = [code for code in comparison.trace_languages.tolist() if code != _UNKNOWN]
    if len(cases) < MIN_CASES or len(traces) < MIN_SESSIONS:
        raise NotMeasurable(
            f"the language of {count(len(cases), 'case')} and {count(len(traces), 'session')} can be told: "
            f"at least {MIN_CASES} and {MIN_SESSIONS} are needed"
        )
    mix = label_mix(cases, traces, seed=comparison.seed)
    return Measurement(
        value=mix.value,
        p_value=mix.p_value,
        n={"cases": len(cases), "sessions": len(traces)},
        summary=(
            f"{percent(mix.value)} of traffic would have to change its language "
            f"(by chance alone {percent(mix.chance)})."
        ),
        evidence=mix.rows,
        fix="Add cases in the languages that are short, as users write them.",
        spread=share_error(DEFAULT.warn or 0.0, len(cases), len(traces)),
        noticeable=mix.noticeable,
    )


def noticed(value: float) -> str:
    """What would have been noticed 8 times in 10, from this value on."""
    return f"a new language, from about {percent(value)} of traffic on"
