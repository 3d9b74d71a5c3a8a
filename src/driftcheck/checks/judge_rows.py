"""What the checks of judges say alike: which judges can be held against people, and whom they are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from driftcheck.errors import NotMeasurable
from driftcheck.findings import Evidence
from driftcheck.numbers import count

if TYPE_CHECKING:  # checks are listed and explained without loading what they measure with
    import pandas as pd

    from driftcheck.comparison import Comparison
    from driftcheck.records import Judge

MAX_IDS = 10
"""Traces in a row of evidence."""


@dataclass(frozen=True)
class JudgedBy:
    """One judge, and what it and people said of the same answers."""

    judge: Judge
    frame: pd.DataFrame
    """Its rows of `Production.judged`, one trace of a session, or of `Runs.judged`, one result of a case."""
    is_of_runs: bool

    @property
    def name(self) -> str:
        """Its name, and that it judged the eval set's runs."""
        return f"{self.judge.name} of the runs" if self.is_of_runs else self.judge.name

    @property
    def what(self) -> str:
        """What it rated one of each of."""
        return "case" if self.is_of_runs else "session"

    def row(self, label: str, numbers: Mapping[str, float | str | None], ids: Iterable[object] = ()) -> Evidence:
        """A row about it, with traces or cases to read."""
        first = tuple(str(one) for one in islice(ids, MAX_IDS))
        of_runs = self.is_of_runs
        return Evidence(label, numbers, case_ids=first if of_runs else (), trace_ids=() if of_runs else first)

    @property
    def people(self) -> str:
        """Whom it is held against, and what is good to them: `reviewers' correctness (== 1)`, `users' csat (>= 4)`."""
        return f"{self.people_field} ({self.judge.people_good})"

    @property
    def people_field(self) -> str:
        """Whom it is held against: `users' csat`."""
        return f"{'reviewers' if self.judge.by_reviewers else 'users'}' {self.judge.people}"


def judged_by(comparison: Comparison, least: int) -> tuple[JudgedBy, ...]:
    """The judges that rated what people rated as well, of `least` sessions, by name.

    Raises:
        NotMeasurable: there is none; says how many pairs there are.

    """
    found = []
    unread = ""
    for source in (comparison.production, comparison.runs):
        for judge in source.judges if source else ():
            frame = source.judged[source.judged["judge"] == judge.name] if source else None
            if judge.good is None:
                unread += f", {judge.name}" if unread else judge.name
            elif frame is not None and len(frame):
                found.append(JudgedBy(judge, frame, source is comparison.runs))
    if not found:
        said = f"the scores of {unread} fill no customary scale" if unread else "no judge's score beside one"
        raise NotMeasurable(
            f"0 traces or results that people rated carry a judge's score ({said}): at least {least} are needed"
        )
    alike = [one for one in found if one.judge.is_alike]
    if not alike:
        names = ", ".join(one.name for one in found)
        raise NotMeasurable(
            f"judges scored one aspect ({names}) and people rated {found[0].judge.people}: let reviewers label at "
            f"least {least} traces under the judge's own name"
        )
    enough = tuple(one for one in found if len(one.frame) >= least)
    if not any(one.judge.is_alike for one in enough):
        most = max(alike, key=lambda one: len(one.frame))
        raise NotMeasurable(
            f"{count(len(most.frame), most.what)} rated by both {most.name} and {most.people_field}: at least {least} "
            "are needed"
        )
    return enough
