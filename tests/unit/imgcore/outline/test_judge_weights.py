"""The judge's weights fit what is measured, and none of them is without effect."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.outline.judge import judgement
from imgcore.outline.judge.weights import PATH, weights_of
from imgcore.outline.measure import candidate_context, device_evidence, page_evidence
from imgcore.outline.propose import features

MEASURES = {
    "context": candidate_context.NAMES,
    "device": device_evidence.NAMES,
    "features": features.NAMES,
    "joint": judgement.NAMES,
    "judgement": judgement.TERMS,
    "page": page_evidence.NAMES,
}


def test_the_file_holds_the_weights_of_each_score_and_nothing_else() -> None:
    with np.load(PATH, allow_pickle=False) as file:
        assert {name.split("/")[0] for name in file} == set(MEASURES)


@pytest.mark.parametrize("score", MEASURES)
def test_a_weight_of_another_measure_is_refused(score: str) -> None:
    measures = MEASURES[score]
    assert all(np.isfinite(array).all() for array in weights_of(score, measures).values())
    swapped = [measures[1], measures[0], *measures[2:]]
    for others in (swapped, measures[1:], [*measures, "another"]):
        with pytest.raises(ValueError, match=f"{score} was fitted to"):
            weights_of(score, others)


@pytest.mark.parametrize("score", ["context", "device", "joint", "page"])
def test_each_hidden_unit_has_a_part_in_the_odds(score: str) -> None:
    weights = weights_of(score, MEASURES[score])
    assert (np.abs(weights["hidden"]).max(axis=0) > 0).all()
    assert (weights["output"] != 0).all()
    assert (weights["spread"] > 0).all()
