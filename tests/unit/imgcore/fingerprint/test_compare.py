"""Views of one finger agree, those of different fingers do not, and the scale says how surely."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fingerprint import sets
from imgcore.fingerprint import Template, compare, extract
from imgcore.fingerprint.similarity import MINUTIAE, RIDGES, Scale, similarity
from imgcore.fingerprint.template import without_ridges
from tests.unit.imgcore.fingerprint.prints import Press, draw, finger

FINGERS = range(5)
THRESHOLD = 0.9
PRESSES = (
    Press(),
    Press(15, (10, -12), noise=30, seed=1),
    Press(-30, (-8, 6), noise=15, seed=2),
    Press(stretch=1.12, noise=20),
)


@cache
def view(seed: int, press: Press = PRESSES[0]) -> Template:
    return extract(draw(finger(seed), press))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("press", PRESSES[1:], ids=str)
@pytest.mark.parametrize("seed", FINGERS)
def test_views_of_one_finger_agree(seed: int, press: Press) -> None:
    assert compare(view(seed, press), [view(seed)]) > THRESHOLD


@pytest.mark.long
@pytest.mark.parametrize("press", PRESSES[:2], ids=str)
def test_different_fingers_do_not(press: Press) -> None:
    scores = [compare(view(i, press), [view(j)]) for i in FINGERS for j in FINGERS if i != j]
    assert max(scores) < THRESHOLD


def test_minutiae_alone_are_on_the_same_scale() -> None:
    first = [without_ridges(view(seed)) for seed in FINGERS]
    second = [without_ridges(view(seed, PRESSES[1])) for seed in FINGERS]
    same = [compare(one, [other]) for one, other in zip(first, second, strict=True)]
    different = [
        compare(one, [other]) for i, one in enumerate(first) for j, other in enumerate(second) if i != j
    ]
    assert min(same) > THRESHOLD > max(different)


def test_minutiae_alone_compare_with_a_picture() -> None:
    assert compare(view(0, PRESSES[1]), [without_ridges(view(0))]) > THRESHOLD
    assert compare(view(1, PRESSES[1]), [without_ridges(view(0))]) < THRESHOLD


@pytest.mark.parametrize("pair", [(0, 0), (0, 1), (2, 3)])
def test_the_order_does_not_matter(pair: tuple[int, int]) -> None:
    one = view(pair[0])
    other = view(pair[1], PRESSES[1])
    assert compare(one, [other]) == compare(other, [one])


def test_a_finger_is_wholly_like_itself() -> None:
    assert compare(view(0), [view(0)]) > 0.99


def test_of_several_views_the_best_counts() -> None:
    other = [view(1), view(2)]
    same = view(0, PRESSES[1])
    alone = compare(view(0), [same])
    among = compare(view(0), [*other, same])
    assert THRESHOLD < among < alone
    assert compare([view(1), view(0)], [*other, same]) > THRESHOLD


def test_no_view_and_no_minutiae_are_nothing_alike() -> None:
    empty = extract(np.full((300, 200), 255, np.uint8))
    assert compare(view(0), []) == 0
    assert compare(empty, [empty]) == 0
    assert compare(view(0), [empty]) == 0


def test_a_mirrored_finger_is_another() -> None:
    mirrored = extract(np.ascontiguousarray(draw(finger(0))[:, ::-1]))
    assert compare(mirrored, [view(0)]) < THRESHOLD


@pytest.mark.parametrize(("rarity", "expected"), [(0, 0), (2, 0.684), (3, 0.822), (4, 0.9), (8, 0.99)])
def test_the_scale_is_the_fourth_root_of_the_rate(rarity: float, expected: float) -> None:
    assert similarity([rarity]) == pytest.approx(expected, abs=1e-3)


def test_many_comparisons_make_an_agreement_less_rare() -> None:
    """One in 100 000 among ten is one in 10 000."""
    assert similarity([5.0] + [0.0] * 9) == pytest.approx(0.9)
    assert similarity([0.1] * 10) == 0


@pytest.mark.parametrize("scale", [RIDGES, MINUTIAE])
def test_curves_rise_and_go_on(scale: Scale) -> None:
    answers = np.linspace(-30, 60, 400)
    rarities = [scale.neg_log_fmr(float(answer)) for answer in answers]
    assert min(np.diff(rarities)) >= 0
    assert rarities[0] == 0
    assert rarities[-1] > 8
    assert len(scale.scores) == len(scale.neg_log_fmrs)


@given(st.lists(st.floats(0, 400), min_size=1, max_size=9))
def test_similarities_are_between_nothing_and_one(rarities: list[float]) -> None:
    assert 0 <= similarity(rarities) <= 1


@pytest.mark.long
@pytest.mark.skipif(
    not sets.available(), reason="no real prints: GAOPAI_SHARED names no folder that has them"
)
def test_real_prints_are_told_apart() -> None:
    """Three prints each of four fingers of FVC2002 DB1_B."""
    wanted = {101, 103, 105, 107}
    prints = [
        one
        for one in sets.impressions(sets.SETS["FVC2002 DB1_B"])
        if one.finger in wanted and one.number in (1, 2, 7)
    ]
    templates = [extract(one.image) for one in prints]
    same = [compare(templates[i], [templates[j]]) for i, j in sets.genuine(prints)]
    different = [compare(templates[i], [templates[j]]) for i, j in sets.impostors(prints, first=False)]
    assert len(same) == 12
    assert min(same) > THRESHOLD > max(different)
