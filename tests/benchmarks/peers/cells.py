"""The cells of the benchmark: which pairs are drawn, and which draws without drift belong to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FIRST_SEED = 50_000
"""Of the draws: seeds that nothing else in the project uses."""
NULL_DRAWS = 100
POWER_DRAWS = 60
BOTH = ("banking77", "hwu64")
OTHERS = ("slurp_dev_test", "dolly6400")
DATASETS = (*BOTH, *OTHERS, "xsid_open")


@dataclass(frozen=True, slots=True)
class Cell:
    """One scenario of `make_scenarios.make`, drawn again and again."""

    name: str
    """As the page calls it."""
    kind: str
    """Kind of drift; `null` is none."""
    parameters: dict[str, Any]
    """Arguments of `make`."""
    datasets: tuple[str, ...]
    """Datasets that it is drawn from."""
    null: str = ""
    """The cell of the same sizes without drift; empty for those cells themselves."""

    @property
    def is_null(self) -> bool:
        """Whether nothing drifts in it."""
        return not self.null


_MANY = {"k": 60}
_FEW = {"k": 20}
_SMALL = {"n_eval": 100, "n_prod": 400, "k": None}

CELLS: tuple[Cell, ...] = (
    Cell("null 50/1000", "null", {**_MANY, "n_eval": 50}, BOTH),
    Cell("null 100/1000", "null", {**_MANY, "n_eval": 100}, BOTH),
    Cell("null 300/1000", "null", _MANY, (*BOTH, *OTHERS)),
    Cell("null 300/1000, k 20", "null", _FEW, BOTH),
    Cell("null 100/400", "null", _SMALL, ("xsid_open",)),
    Cell("one new intent 3 %", "novel", {**_MANY, "n_novel": 1, "p": 0.03}, BOTH, "null 300/1000"),
    Cell("one new intent 5 %", "novel", {**_MANY, "n_novel": 1, "p": 0.05}, BOTH, "null 300/1000"),
    Cell(
        "one new intent 10 %, 100 cases",
        "novel",
        {**_MANY, "n_novel": 1, "p": 0.1, "n_eval": 100},
        BOTH,
        "null 100/1000",
    ),
    Cell("two new intents 5 %", "novel", {**_MANY, "n_novel": 2, "p": 0.05}, BOTH, "null 300/1000"),
    Cell("two new intents 5 %, k 20", "novel", {**_FEW, "n_novel": 2, "p": 0.05}, BOTH, "null 300/1000, k 20"),
    Cell("mix shift KL .05", "mixture", {**_MANY, "kl_target": 0.05}, BOTH, "null 300/1000"),
    Cell("mix shift KL .05, k 20", "mixture", {**_FEW, "kl_target": 0.05}, BOTH, "null 300/1000, k 20"),
    Cell("mix shift KL .2", "mixture", {**_MANY, "kl_target": 0.2}, (*BOTH, *OTHERS), "null 300/1000"),
    Cell("two new intents 10 %", "novel", {**_MANY, "n_novel": 2, "p": 0.1}, OTHERS, "null 300/1000"),
    Cell("two other languages 20 %", "lang", {**_SMALL, "n_novel": 2, "p": 0.2}, ("xsid_open",), "null 100/400"),
)
"""300 cases against 1,000 traces unless said; k = intents in play, 60 unless said, all where the dataset has fewer."""


def cell_called(name: str) -> Cell:
    """The cell of a name. Raises KeyError where there is none."""
    for cell in CELLS:
        if cell.name == name:
            return cell
    raise KeyError(name)
