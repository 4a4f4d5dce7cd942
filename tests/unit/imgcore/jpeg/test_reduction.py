"""JPEGs decoded at a fraction of their size, beside their whole pictures."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.jpeg import Workspace, reduce_jpeg
from imgcore.types import Image, Reduction
from tests.unit.imgcore.jpeg.pictures import FACTORS, grey, jpeg, picture, pixels


@pytest.mark.parametrize("size", [(640, 480), (97, 131), (16, 16), (1, 1), (250, 33)])
@pytest.mark.parametrize("sampling", FACTORS)
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_it_is_the_picture_made_small(size: tuple[int, int], sampling: str, factor: Reduction) -> None:
    data = jpeg(cv2.GaussianBlur(picture(*size), (0, 0), 2 * factor), sampling, 95)
    luma, *chroma = reduce_jpeg(data, factor, Workspace())
    width, height = size
    assert luma.shape == (-(-height // factor), -(-width // factor))
    assert len(chroma) == 2
    whole = cv2.cvtColor(pixels(data), cv2.COLOR_BGR2YCrCb)
    down, across = (-(-luma.shape[axis] // chroma[0].shape[axis]) for axis in (0, 1))
    assert np.abs(difference(luma, whole[..., 0], factor, factor)).mean() < 2.5
    for plane, channel in zip(chroma, (2, 1), strict=True):
        assert np.abs(difference(plane, whole[..., channel], factor * down, factor * across)).mean() < 2.5


def difference(small: Image, whole: Image, down: int, across: int) -> npt.NDArray[np.float64]:
    """Difference to the means of the whole picture, without its edges, which show what fills the blocks."""
    rows = whole.shape[0] // down
    cols = whole.shape[1] // across
    if not rows or not cols:
        return np.zeros(1)
    means = whole[: rows * down, : cols * across].reshape(rows, down, cols, across).mean((1, 3))
    return np.asarray(small[:rows, :cols] - means)


@pytest.mark.parametrize("restart", [1, 3, 50])
def test_restart_markers(restart: int) -> None:
    image = picture(200, 100)
    with_markers = reduce_jpeg(jpeg(image, restart=restart), 2, Workspace())
    without = reduce_jpeg(jpeg(image), 2, Workspace())
    for one, other in zip(with_markers, without, strict=True):
        assert np.array_equal(one, other)


def test_a_grey_picture_has_luma_alone() -> None:
    (luma,) = reduce_jpeg(grey(picture(97, 131)), 4, Workspace())
    assert luma.shape == (33, 25)
