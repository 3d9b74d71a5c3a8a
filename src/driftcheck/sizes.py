"""How much data a verdict needs, and how sure it has to be."""

ALPHA = 0.005
"""Level of every test that can block: a finding, or the slice that leads it, counts from this p-value down."""

POWER = 0.8
"""Share of audits that would have noticed what a passing check names as noticeable."""

MIN_CASES = 30
MIN_SESSIONS = 100
"""Below these the tests of traffic have no power worth a verdict: the audit says so instead of passing."""
MIN_RATINGS = 30
"""Ratings below which satisfaction is not held against the pass rate."""
