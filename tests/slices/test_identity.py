"""Ids that last."""

import numpy as np
import pytest

from driftcheck.slices.identity import assign_ids

EYE = np.eye(6, dtype=np.float32)


def test_first_audit_counts_from_one() -> None:
    assert assign_ids(EYE[:3]) == ("s1", "s2", "s3")


def test_matches_whatever_the_order() -> None:
    assert assign_ids(EYE[[2, 0, 1]], {"s1": EYE[0], "s2": EYE[1], "s3": EYE[2]}) == ("s3", "s1", "s2")


def test_new_slices_get_ids_never_given() -> None:
    ids = assign_ids(EYE[[3, 0]], {"s1": EYE[0], "s4": EYE[1]}, retired=["s9"])
    assert ids == ("s10", "s1")


def test_two_slices_never_share_an_id() -> None:
    near = EYE[0] + 0.1 * EYE[1]
    ids = assign_ids(np.stack([near, EYE[0]]), {"s1": EYE[0]})
    assert ids == ("s2", "s1")


def test_own_names_are_kept() -> None:
    assert assign_ids(EYE[[0, 1]], {"billing": EYE[0]}) == ("billing", "s1")


def test_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="width changed"):
        assign_ids(EYE, {"s1": np.ones(3, dtype=np.float32)})
