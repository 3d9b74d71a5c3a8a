"""A bad week against a baseline: which slices grew, which got worse, which traces show it.

From two windows of one export, read in one pass (`reading`), to slices of both together and satisfaction taken apart
by them (`slices`), fields that moved (`movers`), traces to read first (`first_traces`) and the whole (`measuring`).
"""
