"""Cases proposed from production: which traces, how traffic moved since the last time, what labelling would bring.

From a comparison to a ranking of all traces (`needs`, `spreading`, `ranking`), the first of them as masked proposals
(`proposing`), what moved (`moving`), the labelling bill (`billing`), and the whole (`measuring`).
"""
