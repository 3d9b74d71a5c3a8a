"""Is the eval set still like this week's traffic, and does the score agree with users?

`from driftcheck import audit, load_config` is the interface for notebooks; importing this package loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftcheck.auditing import audit
    from driftcheck.config import load_config
    from driftcheck.report import Report

__version__ = "0.1.0"
__all__ = ["Report", "__version__", "audit", "load_config"]

_HOMES = {"audit": "driftcheck.auditing", "load_config": "driftcheck.config", "Report": "driftcheck.report"}


def __getattr__(name: str) -> object:
    """Import the public names when they are first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
