"""Where traffic lay at one time, kept without its texts, so that later traffic can be held against it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from driftcheck.baseline import TrafficProfile, decode_centroid, encode_centroid
from driftcheck.slices.neighbours import find_nearest
from driftcheck.slices.space import Floats, normalise


def make_profile(centroids: Mapping[str, Floats], traces: Floats, called: str) -> TrafficProfile:
    """Count traces by the nearest centroid, each as it is stored (float16): later traffic is held against those.

    Args:
        centroids: mean embedding of each slice by its id, (d,).
        traces: unit embeddings of the sampled sessions, (n_traces, d).
        called: what the time is called in a sentence.

    """
    stored = {name: decode_centroid(encode_centroid(centroid)) for name, centroid in centroids.items()}
    n = np.bincount(nearest_slice(stored, traces), minlength=len(stored)).tolist()
    return TrafficProfile(centroids=stored, counts=dict(zip(stored, n, strict=True)), called=called)


def nearest_slice(centroids: Mapping[str, Floats], points: Floats) -> NDArray[np.int32]:
    """Position of the centroid nearest to each point, by cosine, (n,)."""
    return find_nearest(normalise(points), normalise(np.stack(list(centroids.values()))))[0]
