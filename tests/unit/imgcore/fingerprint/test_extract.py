"""Minutiae are found where they were drawn, whatever way the finger lay."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.fingerprint import Template, extract
from imgcore.fingerprint.template import LIMIT
from imgcore.types import ImageError
from tests.unit.imgcore.fingerprint.prints import SIZE, Finger, Press, draw, finger

NEAR = 6.0


def nearest(
    template: Template, points: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The minutia nearest to each point, and how far it is."""
    apart = np.hypot(*np.moveaxis(points[:, None] - template.points, 2, 0))
    return apart.argmin(1), apart.min(1)


def nearest_of(
    points: npt.NDArray[np.float64], template: Template
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The point nearest to each minutia, and how far it is."""
    apart = np.hypot(*np.moveaxis(template.points[:, None] - points, 2, 0))
    return apart.argmin(1), apart.min(1)


def within(points: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Away from the edge of the picture, and of the oval."""
    x, y = (points - np.array(SIZE[::-1]) / 2).T
    return np.square(x / (SIZE[1] / 2 - 30)) + np.square(y / (SIZE[0] / 2 - 30)) < 1


def turns(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.abs((first - second + 180) % 360 - 180)


@pytest.mark.parametrize(
    "press", [Press(), Press(25, (12, -9)), Press(noise=40), Press(contrast=30, noise=8)], ids=str
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_minutiae_are_found_where_they_are_and_few_where_none_are(seed: int, press: Press) -> None:
    one = finger(seed)
    template = extract(draw(one, press))
    points = press.to_picture(one.points)
    inner = within(points)
    which, apart = nearest(template, points)
    found = inner & (apart < NEAR)
    assert found.sum() >= 0.85 * inner.sum()
    wanted = np.degrees(-one.directions()) + press.turn
    assert np.median(turns(template.angles[which], wanted)[found]) < 8
    _, beside = nearest_of(points, template)
    assert (beside[within(template.points)] > 2 * NEAR).sum() <= 0.2 * inner.sum()


@pytest.mark.parametrize("sense", [1.0, -1.0])
def test_the_angle_points_to_where_there_is_one_ridge_more(sense: float) -> None:
    """Counted in the picture: as ISO has it, along the ridge that ends, or between the branches."""
    level = Finger(
        np.array([135.0, -3000.0]),
        np.ones(2),
        np.zeros((0, 4)),
        np.array([[135.0, 165.0]]),
        np.array([sense]),
    )
    picture = draw(level)
    template = extract(picture)
    which, apart = nearest(template, level.points)
    assert apart[0] < NEAR
    more_on_the_right = np.mean(
        [ridges(picture, 141, half) - ridges(picture, 129, half) for half in range(60, 100)]
    )
    assert abs(more_on_the_right) > 0.6
    assert turns(template.angles[which], np.array([0.0 if more_on_the_right > 0 else 180.0]))[0] < 12


def ridges(picture: npt.NDArray[np.uint8], col: int, half: int) -> int:
    """How many begin in a column, `half` pixels up and down from the middle."""
    return int((np.diff((picture[165 - half : 165 + half, col] < 150).astype(int)) > 0).sum())


def test_a_ridge_that_ends_is_told_from_one_that_forks() -> None:
    one = finger(5)
    plain = extract(draw(one))
    inverse = extract(255 - draw(one))
    which, apart = nearest(inverse, plain.points.astype(np.float64))
    same = apart < 3
    assert same.sum() > 15
    assert np.mean(plain.endings[same] != inverse.endings[which[same]]) > 0.9


def test_another_resolution_gives_the_same_places() -> None:
    one = finger(3)
    fine = extract(draw(one, scale=2.0), 1000)
    plain = extract(draw(one))
    _, apart = nearest(fine, plain.points.astype(np.float64))
    assert abs(fine.size[0] - plain.size[0]) <= 1
    assert np.mean(apart < 4) > 0.85


def test_a_print_full_of_spots_keeps_its_best_minutiae_only() -> None:
    noisy = np.random.default_rng(1).integers(0, 256, (700, 700)).astype(np.uint8)
    template = extract(cv2.GaussianBlur(noisy, (0, 0), 2.5))
    assert len(template) == LIMIT
    assert (np.diff(template.quality) <= 0).all()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_has_no_minutiae(level: int) -> None:
    template = extract(np.full((300, 200), level, np.uint8))
    assert len(template) == 0
    assert template.ridges is not None
    assert not template.ridges.any()


def test_the_picture_is_not_changed() -> None:
    picture = draw(finger(1))
    before = picture.copy()
    extract(picture)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize(
    ("shape", "dots"),
    [((300, 200, 3), 500), ((40, 40), 500), ((3000, 400), 500), ((300, 300), 50), ((300, 300), 5000)],
)
def test_what_is_no_finger_is_refused(shape: tuple[int, ...], dots: float) -> None:
    with pytest.raises(ImageError):
        extract(np.zeros(shape, np.uint8), dots)


def test_other_depths_are_refused() -> None:
    with pytest.raises(ImageError, match="8 bits"):
        extract(np.zeros((300, 200), np.uint16))  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(64, 64), (65, 131), (97, 203), (301, 67)])
def test_odd_sizes_do(shape: tuple[int, int]) -> None:
    template = extract(np.ascontiguousarray(draw(finger(2))[: shape[0], : shape[1]]))
    assert template.size == (shape[1], shape[0]) or template.size[0] <= shape[1]
