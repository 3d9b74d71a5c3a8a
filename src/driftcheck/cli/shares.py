"""Shares as people type them at options."""

from __future__ import annotations

from driftcheck.errors import ConfigError


def parse_share(text: str | None, option: str) -> float | None:
    """A share as 0..1, from `30%` or `0.3`.

    >>> parse_share("30%", "--holdout"), parse_share("0.3", "--holdout")
    (0.3, 0.3)

    Raises:
        ConfigError: no share between 0 and 1.

    """
    if text is None:
        return None
    try:
        share = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise ConfigError(option, f"no share: {text!r}", "write 30% or 0.3")
    return share
