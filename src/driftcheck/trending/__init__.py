"""The bench over time: score, divergence and satisfaction week by week.

Rows come from the ledger (`remembered`) or from the files, every week of the export audited (`reading`, `backfilling`);
what goes with what, and since when, is told of either (`telling`).
"""
