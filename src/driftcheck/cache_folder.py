"""Where what was computed once is kept: the platform's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "DRIFTCHECK_CACHE"


def default_cache_folder() -> Path:
    """The platform's cache folder, or `$DRIFTCHECK_CACHE`."""
    override = os.environ.get(CACHE_VARIABLE)
    if override:
        return Path(override)
    # platformdirs: knows where caches belong on every system
    from platformdirs import user_cache_path

    return user_cache_path("driftcheck", appauthor=False)
