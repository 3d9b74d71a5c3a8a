"""What `driftcheck checks`, `driftcheck explain` and the README say of the checks."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from driftcheck.checks import CHECKS, name_of


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
    def blocks(self) -> bool:
        """Whether it can fail the gate by default."""
        return self.default_fail is not None


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
