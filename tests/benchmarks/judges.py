"""False alarms and power of the checks of judges (DC305, DC306), and the coverage of kappa's limits.

    python -m tests.benchmarks.judges --draws 1000
    python -m tests.benchmarks.judges --coverage

Answers are seeded: log words, and counts of bullets, headings and hedges that go with length; people's label goes with
length too. A judge without taste is wrong at random. Planted: a share of its verdicts is by length, or by headings,
alone. A cell's rate is that of findings (warn), with Wilson 95 % limits.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tests.benchmarks.history import comparison_of

from driftcheck.checks import judge_agreement, judge_taste
from driftcheck.comparison import Comparison
from driftcheck.errors import NotMeasurable
from driftcheck.findings import FindingStatus
from driftcheck.policy import Plan, judge
from driftcheck.records import Judge, Production
from driftcheck.stats.agreement import Agreement, kappa
from driftcheck.stats.intervals import wilson

Table = NDArray[np.float64]
_EMPTY = comparison_of(np.ones((1, 1), dtype=bool), [None])


@dataclass(frozen=True, slots=True)
class Rated:
    """Answers to draw, and who rated them."""

    n: int = 300
    good: float = 0.7
    """Share of answers that people call good."""
    errs: float = 0.15
    """Share of verdicts that are wrong at random."""
    lenient: float = 0.0
    """Share of bad answers that pass besides."""
    with_label: float = 0.5
    """Standard deviations by which good answers are longer."""
    noisy_people: float = 0.0
    """Share of people's labels that are wrong: the judge goes by what they should be."""
    by_length: float = 0.0
    """Share of verdicts by length alone."""
    by_headings: float = 0.0
    """Share of verdicts by whether there is a heading."""
    n_judges: int = 1


def comparison_with(frame: pd.DataFrame, names: Sequence[str]) -> Comparison:
    """What the checks look at."""
    judges = tuple(Judge(name, ">= 0.5", "correct", True, "== 1", is_alike=True) for name in names)
    production: Production = replace(_EMPTY.production, judged=frame, judges=judges)
    return replace(_EMPTY, production=production)


def drawn(rated: Rated, seed: int) -> Comparison:
    """Answers rated by people and by judges."""
    rng = np.random.default_rng([seed, 305])
    n = rated.n
    truth = rng.random(n) < rated.good
    length = rng.standard_normal(n) + rated.with_label * truth
    counts = {
        "n_words": np.round(np.exp(4.5 + 0.7 * length)).clip(min=1),
        "n_bullets": rng.poisson(np.exp(0.4 * length)),
        "n_headings": rng.poisson(0.4 * np.exp(0.4 * length)),
        "n_hedges": rng.poisson(0.8 * np.exp(0.2 * length)),
    }
    people = truth ^ (rng.random(n) < rated.noisy_people)
    parts = []
    names = [f"judge{number}" for number in range(rated.n_judges)]
    for name in names:
        verdict = (truth ^ (rng.random(n) < rated.errs)) | (rng.random(n) < rated.lenient)
        verdict = np.where(rng.random(n) < rated.by_length, length > np.median(length), verdict)
        verdict = np.where(rng.random(n) < rated.by_headings, counts["n_headings"] > 0, verdict)
        parts.append(
            pd.DataFrame(
                {
                    "judge": name,
                    "verdict": verdict.astype(float),
                    "people": people.astype(float),
                    "trace_id": [f"t{row:05d}" for row in range(n)],
                    **{field: values.astype(float) for field, values in counts.items()},
                }
            )
        )
    return comparison_with(pd.concat(parts, ignore_index=True), names)


def at_kappa(value: float, good: float, passes: float) -> Table:
    """Shares of a table with this kappa and these two shares of good; negative where there is none."""
    chance = good * passes + (1 - good) * (1 - passes)
    both = (chance + value * (1 - chance) + good + passes - 1) / 2
    return np.array([both, passes - both, good - both, 1 - good - passes + both])


def agreeing(table: Table, n: int, seed: int, n_judges: int = 1) -> Comparison:
    """Judges and people of that table."""
    rng = np.random.default_rng([seed, 306])
    parts, names = [], [f"judge{number}" for number in range(n_judges)]
    for name in names:
        cell = rng.choice(4, n, p=table)
        parts.append(
            pd.DataFrame(
                {
                    "judge": name,
                    "verdict": (cell < 2).astype(float),
                    "people": (cell % 2 == 0).astype(float),
                    "trace_id": [f"t{row:05d}" for row in range(n)],
                    **dict.fromkeys(("n_words", "n_bullets", "n_headings", "n_hedges"), np.nan),
                }
            )
        )
    return comparison_with(pd.concat(parts, ignore_index=True), names)


AGREEMENT = {
    f"kappa {value}, {good:.0%} good, {n} pairs, {judges} judge(s)": (value, good, n, judges)
    for value, n, (good, judges) in itertools.product(
        (0.7, 0.6, 0.5, 0.4, 0.2), (50, 100, 300), ((0.7, 1), (0.9, 1), (0.7, 4))
    )
}
NULL = {
    f"{n} answers, {good:.0%} good, {errs:.0%} wrong, label {with_label} sd": Rated(
        n, good, errs, with_label=with_label
    )
    for n, (good, errs), with_label in itertools.product((100, 300, 1_000), ((0.7, 0.15), (0.9, 0.3)), (0.0, 1.0))
} | {
    "300 answers, lenient: 40 % of the bad pass besides": Rated(lenient=0.4),
    "300 answers, 4 judges": Rated(n_judges=4),
    "300 answers, 5 % of people's labels are wrong, 0.5 sd": Rated(noisy_people=0.05),
    "300 answers, 15 % of people's labels are wrong, 0.5 sd": Rated(noisy_people=0.15),
    "300 answers, 15 % of people's labels are wrong, 1 sd": Rated(noisy_people=0.15, with_label=1.0),
}
PLANTED = {
    f"{share:.0%} of verdicts by {what}, {n} answers": Rated(n, **{f"by_{what}": share})
    for what, share, n in itertools.product(("length", "headings"), (0.1, 0.2, 0.3, 0.5), (100, 300, 1_000))
} | {"all verdicts by headings, 100 answers": Rated(100, by_headings=1.0)}


def _rate(check: Callable[[Comparison], FindingStatus | None], draw: Callable[[int], Comparison], n: int) -> str:
    said = [check(draw(seed)) for seed in range(n)]
    loud = wilson(sum(one is FindingStatus.WARN for one in said), n)
    skipped = sum(one is None for one in said)
    return f"{loud.value:.3f} ({loud.low:.3f}-{loud.high:.3f})" + (f", {skipped} of {n} skipped" if skipped else "")


def _agreement(comparison: Comparison) -> FindingStatus | None:
    try:
        measurement = judge_agreement.measure(comparison)
    except NotMeasurable:
        return None
    return judge(Plan(judge_agreement, judge_agreement.DEFAULT, (), required=False), measurement).status


def _taste(comparison: Comparison) -> FindingStatus | None:
    try:
        measurement = judge_taste.measure(comparison)
    except NotMeasurable:
        return None
    return judge(Plan(judge_taste, judge_taste.DEFAULT, (), required=False), measurement).status


def noticeable(rated: Rated, n_draws: int) -> tuple[float, float]:
    """What the check says it would have noticed without taste, and its value where 8 in 10 are found: medians."""
    said = [judge_taste.measure(drawn(rated, seed)) for seed in range(n_draws)]
    predicted = float(np.median([one.noticeable or 0.0 for one in said]))
    for share in np.arange(0.05, 0.9, 0.05):
        planted = [judge_taste.measure(drawn(replace(rated, by_length=float(share)), seed)) for seed in range(n_draws)]
        if np.mean([one.value > 0 for one in planted]) >= 0.8:
            return predicted, float(np.median([one.value for one in planted if one.value > 0]))
    return predicted, float("nan")


def coverage(n_draws: int) -> None:
    """How often kappa's limits hold it, over laws of every kind."""
    laws = [
        (value, at_kappa(value, good, good + apart))
        for value, good, apart in itertools.product(
            (0, 0.3, 0.5, 0.6, 0.7, 0.85), (0.5, 0.7, 0.9, 0.95), (0, 0.05, -0.1)
        )
        if good + apart < 1
    ]
    for n in (30, 50, 100, 300, 1_000):
        held, above = [], []
        for number, (value, table) in enumerate(laws):
            if table.min() < -1e-12:
                continue
            shares = table.clip(min=0) / table.clip(min=0).sum()
            cells = np.random.default_rng([n, number]).multinomial(n, shares, n_draws)
            n_bad = cells[:, 1] + cells[:, 3]
            cells = cells[(n_bad >= judge_agreement.MIN_EACH) & (n - n_bad >= judge_agreement.MIN_EACH)]
            if len(cells) < n_draws / 8:
                continue
            limits = [kappa(Agreement(*row)) for row in cells.tolist()]
            held.append(np.mean([one.low <= value <= one.high for one in limits]))
            above.append(np.mean([one.high < value for one in limits]))
        print(
            f"{n:>5} pairs, {len(held)} laws: covered {np.mean(held):.3f}, worst {min(held):.3f}; "
            f"wholly below {np.mean(above):.3f}, worst {max(above):.3f}",
            flush=True,
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, draw, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--draws", type=int, default=1_000)
    parser.add_argument("--coverage", action="store_true")
    given = parser.parse_args(argv)
    if given.coverage:
        coverage(given.draws)
        return 0
    print("judge-agreement")
    for cell, (value, good, n, judges) in AGREEMENT.items():
        table = at_kappa(value, good, good)
        print(f"  {cell:<58}{_rate(_agreement, lambda s, t=table, m=n, j=judges: agreeing(t, m, s, j), given.draws)}")
    for title, cells in (("judge-taste, no taste", NULL), ("judge-taste, planted", PLANTED)):
        print(title)
        for cell, rated in cells.items():
            print(f"  {cell:<58}{_rate(_taste, lambda s, r=rated: drawn(r, s), given.draws)}", flush=True)
    print("judge-taste, said to be noticeable and found 8 times in 10, points")
    for n in (100, 300, 1_000):
        predicted, found = noticeable(Rated(n), max(50, given.draws // 5))
        print(f"  {n:>5} answers: {100 * predicted:.1f}, {100 * found:.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
