"""`pytest tests/renderers --renew-golden` writes the golden files anew; look at the diff before you commit it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write the renderers' golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a golden file, or write it (also with RENEW_GOLDEN=1, from any folder)."""
    renew = request.config.getoption("--renew-golden", default=False) or os.environ.get("RENEW_GOLDEN")

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if renew:
            GOLDEN.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
        assert path.exists(), f"no golden file {name}: pytest tests/renderers --renew-golden"
        assert text == path.read_bytes().decode()

    return check
