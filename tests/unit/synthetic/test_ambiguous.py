"""Outlines of documents that lie partly beyond a picture, cut at its border."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.outline.overlap import iou
from synthetic.datasets.ambiguous import seen_corners


def test_a_tilted_sheet_is_cut_along_its_sides() -> None:
    """Moving its corners into the picture would turn the sides."""
    tilted = np.array([(40.0, -60), (60, -60), (80, 40), (60, 40)])
    seen = seen_corners(tilted, (100, 60))
    assert seen[:, 1].min() == -0.5
    top = np.sort(seen[seen[:, 1] == -0.5][:, 0])
    assert top == pytest.approx([51.9, 71.9])


def test_a_corner_beyond_the_picture_becomes_two() -> None:
    seen = seen_corners(np.array([(-10.0, 10), (10, -10), (30, 10), (10, 30)]), (100, 40))
    assert len(seen) == 6


def test_a_sheet_within_the_picture_stays() -> None:
    sheet = np.array([(10.0, 10), (50, 12), (48, 30), (11, 28)])
    assert iou(seen_corners(sheet, (100, 40)), sheet) == pytest.approx(1)
