"""How much data a verdict needs."""

MIN_CASES = 30
MIN_SESSIONS = 100
"""Below these the tests of traffic have no power worth a verdict: the audit says so instead of passing."""
MIN_RATINGS = 30
"""Ratings below which satisfaction is not held against the pass rate."""
