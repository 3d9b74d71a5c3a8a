"""What goes wrong while plaintext is at hand says where, and none of the text."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driftcheck.errors import DriftcheckError


@contextmanager
def wordless() -> Iterator[None]:
    """Take the message off any error that is not for the user: messages quote values, and tracebacks go to a file.

    Raises:
        RuntimeError: in the place of such an error, with its kind and the lines that it came by.

    """
    try:
        yield
    except DriftcheckError:
        raise
    except Exception as problem:
        frames = traceback.extract_tb(problem.__traceback__)
        way = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        raise RuntimeError(f"{type(problem).__name__} at {way}") from None
