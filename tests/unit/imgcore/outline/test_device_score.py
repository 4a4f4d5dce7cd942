"""Devices beside documents: what tells them apart, and that they are not cut out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.outline import DocumentNets, find_documents
from imgcore.outline.judge.scores import without_devices
from imgcore.outline.measure.device_evidence import NAMES, measure_devices
from imgcore.outline.overlap import iou
from imgcore.types import Image
from synthetic.datasets.ambiguous import make_ambiguous

QUAD = np.array([(60.0, 50), (220, 50), (220, 150), (60, 150)])


def keypad(corner: int = 0) -> Image:
    """A dark body with pale keys on a grey desk, its corners round."""
    desk = np.full((200, 280, 3), 120, np.uint8)
    x, y = QUAD[0].astype(int)
    cv2.rectangle(desk, (x + corner, y), (220 - corner, 150), (40, 40, 40), -1)
    cv2.rectangle(desk, (x, y + corner), (220, 150 - corner), (40, 40, 40), -1)
    for left in range(x + 8, 210, 20):
        for top in range(y + 7, 140, 16):
            cv2.rectangle(desk, (left, top), (left + 13, top + 10), (200, 200, 200), -1)
    return desk


def sheet() -> Image:
    """Lines of print of uneven length on white."""
    desk = np.full((200, 280, 3), 120, np.uint8)
    desk[50:151, 60:221] = 240
    random = np.random.default_rng(3)
    for top in range(62, 140, 12):
        ink = random.random((5, int(random.integers(60, 140)))) < 0.5
        desk[top : top + 5, 70 : 70 + ink.shape[1]][ink] = 30
    return desk


def measured(picture: Image, name: str) -> float:
    return float(measure_devices(picture, QUAD[None])[0, NAMES.index(name)])


@pytest.mark.parametrize("turn", range(4))
def test_keys_repeat_both_ways_and_print_does_not(turn: int) -> None:
    keys, text = (measure_devices(it, np.roll(QUAD, turn, axis=0)[None])[0] for it in (keypad(), sheet()))
    lattice = NAMES.index("lattice")
    assert keys[lattice] > 0.5 > 2 * text[lattice]


def test_round_corners_show_the_desk() -> None:
    assert measured(keypad(8), "round_next") > 0.7 > 0.3 > measured(keypad(), "round_next")


def test_grey_is_measured_as_colour() -> None:
    picture = keypad()
    np.testing.assert_allclose(
        measure_devices(picture[:, :, 0].copy(), QUAD[None]), measure_devices(picture, QUAD[None])
    )


def test_a_keypad_is_less_likely_and_a_sheet_is_not() -> None:
    odds = np.array([1.0])
    assert without_devices(keypad(6), QUAD[None], odds, 0.0)[0] < 0
    assert without_devices(sheet(), QUAD[None], odds, 0.0)[0] == 1
    assert odds[0] == 1


def test_candidates_of_one_thing_are_judged_by_their_mean() -> None:
    beyond = np.add(QUAD, [(-8, -8), (8, -8), (8, 8), (-8, 8)])
    apart = [without_devices(keypad(6), quad[None], np.ones(1), 0.0)[0] for quad in (QUAD, beyond)]
    together = without_devices(keypad(6), np.array([QUAD, beyond]), np.ones(2), 0.0)
    assert apart[0] < together[0] == pytest.approx(together[1])
    assert together[1] < apart[1]


def test_unlikely_candidates_are_not_looked_at() -> None:
    odds = np.array([-3.0])
    np.testing.assert_array_equal(without_devices(keypad(6), QUAD[None], odds, -1.0), odds)


@pytest.mark.long
@pytest.mark.parametrize("seed", [710_003, 710_004, 710_005])
def test_of_a_card_among_devices_the_card_alone_is_found(documents: DocumentNets, seed: int) -> None:
    scene = make_ambiguous(seed, "card among devices")
    found = find_documents(scene.picture, documents).outlines
    assert all(iou(outline.corners.astype(float), scene.quads[0]) > 0.9 for outline in found)
    assert len(found) <= 1
