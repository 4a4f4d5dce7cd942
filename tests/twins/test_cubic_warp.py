"""The compiled cubic warp against its NumPy twin, OpenCV's."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.kernels import COMPILED, cubic_warp, warp_cubic

Bytes = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]
Warp = Callable[..., None]

pytestmark = pytest.mark.skipif(not COMPILED, reason="the kernels are not compiled")

TURN = np.array([(0.9, 0.3, -20.0), (-0.3, 0.95, 70.0), (0.0, 0.0, 1.0)])
TAPER = np.array([(1.1, 0.1, -5.0), (0.05, 1.2, -9.0), (2e-4, -3e-4, 1.0)])
BEYOND = np.array([(1.0, 0.0, 90.0), (0.0, 1.0, -60.0), (0.0, 0.0, 1.0)])
HORIZON = np.array([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.008, 0.003, 0.2)])
"""The line of infinity runs through the result."""


def warped(warp: Warp, image: Bytes, matrix: Matrix, cols: int, rows: int) -> Bytes:
    result = np.zeros((rows, cols, image.shape[2]), np.uint8)
    warp(image, matrix, result)
    return result


def picture(channels: int, side: int = 301) -> Bytes:
    rough = np.random.default_rng(4).integers(0, 256, (side // 3, side // 2, channels), dtype=np.uint8)
    smooth = cv2.resize(rough, (side, side - 60), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth, np.uint8).reshape(side - 60, side, channels)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("matrix", [np.eye(3), TURN, TAPER, BEYOND], ids=["same", "turn", "taper", "beyond"])
def test_it_is_opencvs_but_for_fractions_of_a_pixel(channels: int, matrix: Matrix) -> None:
    image = picture(channels)
    ours = warped(warp_cubic, image, matrix, 259, 333).astype(int)
    apart = np.abs(ours - warped(cubic_warp.warp_cubic, image, matrix, 259, 333))
    assert ours.shape == (333, 259, channels)
    assert (apart**2).mean() < 0.7
    assert apart.max() < 6


def test_nothing_changes_by_the_identity() -> None:
    image = picture(3)
    same = warped(warp_cubic, image, np.eye(3), image.shape[1], image.shape[0])
    np.testing.assert_array_equal(same, image)


@pytest.mark.parametrize("warp", [warp_cubic, cubic_warp.warp_cubic])
@pytest.mark.parametrize("matrix", [TURN, TAPER, HORIZON], ids=["turn", "taper", "horizon"])
def test_strips_are_the_whole(warp: Warp, matrix: Matrix) -> None:
    image = picture(3)
    strips = np.zeros((200, 259, 3), np.uint8)
    for top, bottom in ((96, 200), (0, 64), (64, 96)):
        warp(image, matrix, strips, top, bottom)
    apart = np.abs(strips.astype(int) - warped(warp, image, matrix, 259, 200))
    # OpenCV counts from the first pixel of what it makes.
    assert (apart > (0 if warp is warp_cubic else 1)).mean() < (1e-9 if warp is warp_cubic else 1e-3)


def test_a_horizon_in_the_result_is_survived() -> None:
    image = picture(3)
    ours = warped(warp_cubic, image, HORIZON, 300, 200).astype(int)
    apart = np.abs(ours - warped(cubic_warp.warp_cubic, image, HORIZON, 300, 200))
    # Beside the horizon each pixel is another part of the picture.
    assert (apart > 8).mean() < 0.05


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 3), (9, 1, 3), (2, 2, 1), (3, 5, 3)])
def test_the_smallest_pictures_continue_beyond_their_borders(shape: tuple[int, int, int]) -> None:
    image = np.full(shape, 77, np.uint8)
    assert (warped(warp_cubic, image, TURN, 70, 40) == 77).all()


@pytest.mark.parametrize("warp", [warp_cubic, cubic_warp.warp_cubic])
def test_what_is_no_picture_no_homography_or_no_row_is_refused(warp: Warp) -> None:
    image = picture(3)
    result = np.zeros((40, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="channel"):
        warp(np.zeros((4, 4, 2), np.uint8), np.eye(3), result)
    with pytest.raises(ValueError, match="3 x 3"):
        warp(image, np.eye(4)[:2], result)
    with pytest.raises(ValueError, match="channels or rows"):
        warp(picture(1), np.eye(3), result)
    for top, bottom in ((-32, 8), (16, 40), (32, 41), (32, 8)):
        with pytest.raises(ValueError, match="channels or rows"):
            warp(image, np.eye(3), result, top, bottom)
