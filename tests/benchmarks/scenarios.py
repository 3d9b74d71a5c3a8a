"""The generator of planted drift beside the datasets, which the benchmarks draw from."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType


def scenario_module(data: Path) -> ModuleType | None:
    """`make_scenarios.py` of the data folder, or None if it is not there."""
    file = data / "make_scenarios.py"
    spec = importlib.util.spec_from_file_location("make_scenarios", file)
    if not file.exists() or spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
