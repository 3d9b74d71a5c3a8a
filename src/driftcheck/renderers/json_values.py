"""Values as our JSON holds them: no NaN, no lone surrogate, six decimals, sorted keys."""

from __future__ import annotations

import json
import math
import numbers
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_HIDDEN = frozenset({"Cc", "Cf"})
"""Unicode's control and format characters: C1 controls, bidi overrides, zero-width characters."""
_RUNNER_MARK = re.compile(r"##(?=[A-Za-z]*\[)")
"""How a command to a CI runner begins, wherever it stands in a line of a job's log; in JSON in strings alone."""


def dumps(value: Json, *, ascii: bool = False) -> str:
    r"""Write the value as indented JSON with a newline at its end; the same value is always the same text.

    Control and format characters are escaped, so that a report may be looked at on a terminal; with `ascii` all
    other characters beyond ASCII too.

    >>> dumps({"b": float("nan"), "a": 0.12345678, "c": -0.0})
    '{\n  "a": 0.123457,\n  "b": null,\n  "c": 0.0\n}\n'
    >>> dumps("漢 \u202e \x9b"), dumps("漢", ascii=True)
    ('"漢 \\u202e \\u009b"\n', '"\\u6f22"\n')
    """
    text = json.dumps(_clean(value), indent=2, sort_keys=True, ensure_ascii=ascii, allow_nan=False) + "\n"
    hidden = [character for character in set(text) if character > "~" and unicodedata.category(character) in _HIDDEN]
    # such characters stand in strings alone; json knows the pair of surrogates of those beyond U+FFFF
    text = text.translate({ord(character): json.dumps(character)[1:-1] for character in hidden})
    return _RUNNER_MARK.sub(r"#\\u0023", text)


def whole(n: float) -> int | float:
    """Make a count an integer where it is one (effective sizes need not be)."""
    return int(n) if math.isfinite(n) and n == int(n) else n


def _clean(value: Json) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        # Also turns a StrEnum into a plain string. A lone surrogate has no UTF-8.
        return str(value).encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, numbers.Integral):  # numpy's numbers too
        return int(value)
    if isinstance(value, numbers.Real):
        return round(float(value), 6) + 0.0 if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(_clean(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_clean(item) for item in value]
    raise TypeError(f"no JSON for {type(value).__name__}")
