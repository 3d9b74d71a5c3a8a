"""What `driftcheck checks`, `driftcheck explain` and the README say of the checks."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from driftcheck.checks import CHECKS, GATED_ONLY_WHEN_STRATIFIED, name_of


@dataclass(frozen=True)
class CatalogueRow:
    """One check, described."""

    code: str
    name: str
    title: str
    unit: str
    default_warn: float | None
    default_fail: float | None
    manual: str
    """The docstring of the check's module."""

    @property
    def gate(self) -> str:
        """What it does by default: `blocks`, `warns`, or blocks under one design alone."""
        if self.default_fail is None:
            return "warns"
        return "blocks if stratified" if self.name in GATED_ONLY_WHEN_STRATIFIED else "blocks"


def catalogue() -> tuple[CatalogueRow, ...]:
    """Every check, in the order of the codes."""
    return tuple(
        CatalogueRow(
            code=check.CODE,
            name=name_of(check),
            title=check.TITLE,
            unit=check.UNIT,
            default_warn=check.DEFAULT.warn,
            default_fail=check.DEFAULT.fail,
            manual=inspect.cleandoc(check.__doc__ or ""),
        )
        for check in CHECKS
    )
