"""Components of ink in the holes of others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.barcode.nesting import nested_components
from imgcore.types import Image

ROWS = 90
COLS = 120


def dark(seed: int) -> Image:
    rng = np.random.default_rng(seed)
    rough = rng.random((ROWS // 6, COLS // 6)).astype(np.float32)
    grey = cv2.resize(rough, (COLS, ROWS)) + rng.random((ROWS, COLS)) * 0.1 * (seed % 3)
    return np.asarray(grey > 0.5, np.uint8)


@pytest.mark.parametrize("seed", range(12))
def test_as_many_are_nested_as_the_tree_of_contours_says(seed: int) -> None:
    ink = dark(seed)
    _, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    parents = tree[0][:, 3]
    inner = parents[parents >= 0]
    assert nested_components(ink) == np.count_nonzero(parents[inner] >= 0)
