"""Finder patterns of QR codes, and the bound on what is made of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.barcode import finder_patterns
from imgcore.barcode.finder_patterns import MOST, FinderPattern, FinderPatterns, find_finder_patterns
from imgcore.types import Image
from tests import adversarial

ROWS, COLS = 90, 120


def dark(seed: int) -> Image:
    rng = np.random.default_rng(seed)
    rough = rng.random((ROWS // 6, COLS // 6)).astype(np.float32)
    grey = cv2.resize(rough, (COLS, ROWS)) + rng.random((ROWS, COLS)) * 0.1 * (seed % 3)
    return np.asarray(grey > 0.5, np.uint8)


@pytest.mark.parametrize("seed", range(12))
def test_outlines_are_the_contours_and_lie_in_each_other_as_these_do(seed: int) -> None:
    ink = dark(seed)
    boxes, parents = finder_patterns._outlines(ink)
    contours, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    expected = [cv2.boundingRect(contour) for contour in contours]
    around = [expected[parent] if parent >= 0 else None for parent in tree[0][:, 3]]
    ours = [tuple(box) for box in boxes.tolist()]
    theirs = [ours[parent] if parent >= 0 else None for parent in parents]
    assert sorted(zip(ours, theirs, strict=True), key=str) == sorted(
        zip(expected, around, strict=True), key=str
    )


@pytest.mark.parametrize("side", [400, 800])
def test_of_a_tiling_the_largest_patterns_are_kept(side: int) -> None:
    tiling = adversarial.finder_patterns(side)
    tiling[:120, :120] = 255
    tiling[20:90, 20:90] = adversarial.finder_patterns(70, module=10)
    found = find_finder_patterns(tiling).finders
    assert len(found) <= MOST
    assert found[0] == FinderPattern(54.5, 54.5, 70.0)


def test_two_close_together_or_three_at_right_angles_may_be_a_code() -> None:
    patterns = FinderPatterns((), np.ones((400, 400), np.uint8), 1.0)
    one, near, far = FinderPattern(50, 50, 14), FinderPattern(100, 50, 14), FinderPattern(250, 50, 14)
    corner = FinderPattern(50, 250, 14)
    assert finder_patterns.may_be_code(patterns, [one, near])
    assert not finder_patterns.may_be_code(patterns, [one, far])
    assert finder_patterns.may_be_code(patterns, [one, far, corner])
    assert not finder_patterns.may_be_code(patterns, [])
    light = FinderPatterns((), np.zeros((400, 400), np.uint8), 1.0)
    assert not finder_patterns.may_be_code(light, [one, far, corner])
