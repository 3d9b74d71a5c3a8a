"""The profile of traffic at one time: counts by the nearest centroid, as it is stored."""

from __future__ import annotations

import numpy as np

from driftcheck.slices.profile import make_profile, nearest_slice


def test_counts_are_of_the_nearest_centroid_and_sum_to_all() -> None:
    rng = np.random.default_rng(0)
    middles = rng.normal(size=(3, 16)).astype(np.float32)
    points = np.repeat(middles, (5, 3, 2), axis=0) + rng.normal(0, 0.05, (10, 16)).astype(np.float32)
    profile = make_profile({"s1": middles[0], "s2": middles[1], "s9": 3 * middles[2]}, points, "then")
    assert profile.counts == {"s1": 5, "s2": 3, "s9": 2}
    assert nearest_slice(profile.centroids, points).tolist() == [0] * 5 + [1] * 3 + [2] * 2
