"""CSV rows: a text that is dropped half read leaves no open file behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from driftcheck.loaders.csv_rows import CsvError, CsvRows


def test_a_text_that_is_not_read_to_its_end_is_closed() -> None:
    """Reader and pieces refer to each other: what is only dropped would wait, open, for the garbage collector."""
    closed = []

    def pieces(text: str) -> Iterator[str]:
        try:
            yield text
            yield text
        finally:
            closed.append(text)

    CsvRows(lambda: pieces("a,b\n1,2\n"), ",").close()
    with pytest.raises(CsvError):
        CsvRows(lambda: pieces("a\rb,c\n1,2\n"), ",")
    assert len(closed) == 2
