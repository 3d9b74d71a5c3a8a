"""Slices of traffic: the shared space, trees over it, tests on them, a readable partition.

Nothing is imported here, so that a caller pays for scikit-learn only with the module that needs it.
"""
