"""Statistics on plain arrays (numpy and scipy only): intervals, divergences, permutation tests.

Directions: P is production, Q the eval set, everywhere.
"""
