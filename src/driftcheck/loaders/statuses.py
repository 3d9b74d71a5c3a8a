"""Statuses: the words, marks and numbers by which tools say that a case passed."""

from __future__ import annotations

import math

from driftcheck.records import Status

_WORDS = {
    Status.PASS: (
        "pass passed passing success successful succeeded successes true correct ok yes y c 1 good "
        "accepted right expected resolved ✓ ✔ ✅"
    ),
    Status.FAIL: (
        "fail failed failing failure failures unsuccessful false incorrect no n i 0 bad rejected "
        "wrong unexpected partial unresolved ✗ ✘ ❌"
    ),
    Status.ERROR: "error errored errors exception crashed timeout timedout cancelled aborted broken",
    Status.SKIPPED: "skip skipped skips ignored disabled pending todo notrun xfail xfailed",
    Status.UNSCORED: "unscored ungraded unknown",
}
_STATUS_OF = {word: status for status, words in _WORDS.items() for word in words.split()}


def read_status(value: object) -> Status | None:
    """Read one tool's verdict; None where there is none (null, NaN, empty) or where it is no verdict.

    A lone `P` is no verdict: it is a pass in some tools and partial credit in others. A number other than
    0 and 1 needs a threshold, which only its tool knows.

    >>> read_status("True"), read_status("[FAIL]"), read_status(1.0)
    (<Status.PASS: 'pass'>, <Status.FAIL: 'fail'>, <Status.PASS: 'pass'>)
    >>> read_status(float("nan")), read_status(0.7), read_status("")
    (None, None, None)
    """
    if isinstance(value, Status):
        return value
    if isinstance(value, bool):
        return Status.PASS if value else Status.FAIL
    if isinstance(value, int | float):
        return _read_number(float(value))
    if not isinstance(value, str):
        return None
    word = "".join(letter for letter in value.casefold() if letter not in " _-[]().!\t\r\n")
    found = _STATUS_OF.get(word)
    if found is not None:
        return found
    try:
        return _read_number(float(value))
    except ValueError:
        return None


def _read_number(number: float) -> Status | None:
    if math.isnan(number):
        return None
    return {0.0: Status.FAIL, 1.0: Status.PASS}.get(number)
