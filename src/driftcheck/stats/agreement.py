"""Agreement of two raters on good or bad: Cohen's kappa with its interval, and what kappa alone does not tell.

The interval was chosen by coverage: 48 to 56 laws of (kappa 0 to .85, 50 to 95 % good, passes 10 points apart to 5),
4,000 draws each (the bootstrap: 300 draws of 1,000), where people call at least 5 answers good and 5 bad. Mean and
worst coverage of 95 % limits (the first row again, on other draws: `python -m tests.benchmarks.judges --coverage`):

======================================= =========== =========== ===========
limits                                  30 pairs    100 pairs   1,000 pairs
======================================= =========== =========== ===========
asymptotic, half a pair in each cell    .947  .907  .949  .917  .948  .920
the same on Fisher's z scale            .949  .917  .952  .925  .948  .921
asymptotic as published                 .884  .678  .897  .378  .944  .889
percentile bootstrap                    .908  .637  .913  .520  .943  .903
======================================= =========== =========== ===========

The second is as good on the whole, and misses twice as often above (4.6 % of draws to 2.7 at 30 pairs), which is where
a judge would be blamed without cause: the first is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from driftcheck.stats.intervals import Interval

_HALF = 0.5
"""Added to each cell: a table with an empty cell is not known exactly."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two raters said good or bad of the same answers: the first is the judge, the second are people."""

    both_good: int
    only_first: int
    """The first said good, the second bad."""
    only_second: int
    both_bad: int

    @property
    def n(self) -> int:
        """Answers rated by both."""
        return self.both_good + self.only_first + self.only_second + self.both_bad

    @property
    def first_good(self) -> float:
        """Share of answers that the first calls good."""
        return (self.both_good + self.only_first) / self.n

    @property
    def second_good(self) -> float:
        """Share of answers that the second calls good."""
        return (self.both_good + self.only_second) / self.n

    @property
    def n_second_bad(self) -> int:
        """Answers that the second calls bad."""
        return self.only_first + self.both_bad

    @property
    def raw(self) -> float:
        """Share of answers on which they agree."""
        return (self.both_good + self.both_bad) / self.n

    @property
    def adjusted(self) -> float:
        """What kappa would be at the same raw agreement if half of the answers were good to either: 2 raw - 1.

        Source: Byrt, Bishop and Carlin (1993), Bias, prevalence and kappa, J. Clin. Epidemiol. 46, 423.
        """
        return 2 * self.raw - 1


def kappa(table: Agreement, level: float = 0.95) -> Interval:
    """Cohen's kappa, -1..1: agreement beyond what the two shares of good make by chance, over what is left to reach.

    1 = they always agree, 0 = as by chance; 0 where both call all of them good, or all bad.

    Raises
    ------
    ValueError
        If nothing was rated.

    Source: Cohen (1960), Educ. Psychol. Meas. 20, 37; the variance: Fleiss, Cohen and Everitt (1969), Large sample
    standard errors of kappa and weighted kappa, Psychol. Bull. 72, 323, of the table with half a pair in each cell.

    >>> k = kappa(Agreement(20, 5, 10, 15))
    >>> round(k.value, 3), round(k.low, 2), round(k.high, 2)
    (0.4, 0.14, 0.63)

    """
    if table.n == 0:
        raise ValueError("no answer was rated by both")
    cells = (float(table.both_good), float(table.only_first), float(table.only_second), float(table.both_bad))
    value, _ = _estimate(cells)
    centre, error = _estimate((cells[0] + _HALF, cells[1] + _HALF, cells[2] + _HALF, cells[3] + _HALF))
    z = float(ndtri(0.5 + level / 2))
    low, high = max(-1.0, centre - z * error), min(1.0, centre + z * error)
    return Interval(value, min(value, low), max(value, high), float(table.n))


def kappa_error(table: Agreement, at: float) -> float:
    """Standard error of kappa if it were `at`, of as many answers with the same two shares of good.

    >>> round(kappa_error(Agreement(60, 5, 5, 30), 0.6), 3)
    0.084
    """
    first, second = table.first_good, table.second_good
    chance = first * second + (1 - first) * (1 - second)
    # some kappas are beyond what two such shares can reach
    agreed = min(chance + at * (1 - chance), 1 - abs(first - second))
    good = max(0.0, (agreed + first + second - 1) / 2)
    shares = (good, max(0.0, first - good), max(0.0, second - good), max(0.0, 1 - first - second + good))
    cells = [share * table.n + _HALF for share in shares]
    return _estimate((cells[0], cells[1], cells[2], cells[3]))[1]


def _estimate(cells: tuple[float, float, float, float]) -> tuple[float, float]:
    """Kappa of a table, and its standard error by Fleiss, Cohen and Everitt (1969), formula 13 for two classes."""
    n = sum(cells)
    both, first_only, second_only, neither = (cell / n for cell in cells)
    first, second = both + first_only, both + second_only
    agreed, chance = both + neither, first * second + (1 - first) * (1 - second)
    if chance >= 1:
        return 0.0, 0.0
    value = (agreed - chance) / (1 - chance)
    alike = both * (1 - (first + second) * (1 - value)) ** 2 + neither * (1 - (2 - first - second) * (1 - value)) ** 2
    apart = (1 - value) ** 2 * (first_only * (second + 1 - first) ** 2 + second_only * (1 - second + first) ** 2)
    variance = (alike + apart - (value - chance * (1 - value)) ** 2) / ((1 - chance) ** 2 * n)
    return value, math.sqrt(max(0.0, variance))
