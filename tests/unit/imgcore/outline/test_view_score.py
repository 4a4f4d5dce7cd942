"""The net that sees candidates gets each of them squared, with its surroundings, and answers by odds."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.outline import DocumentNets
from imgcore.outline.finding import clockwise
from imgcore.outline.measure.view import (
    CHANNELS,
    RIM,
    SIDE,
    WIDE_RIM,
    as_planes,
    candidate_views,
    proportions,
    view_log_odds,
)
from imgcore.outline.propose.candidates import reduce_picture
from tests.fakes.paper import PAGE, Corners, page_on_desk

PICTURE = np.full((300, 400, 3), 40, np.uint8)
PICTURE[100:200, 150:300] = (200, 180, 160)
QUAD = np.array([(150, 100), (300, 100), (300, 200), (150, 200)], np.float64) - 0.5


@pytest.mark.parametrize("larger", [0.3, 1, 4])
def test_a_candidate_fills_the_middle_of_its_view(larger: float) -> None:
    picture = cv2.resize(PICTURE, None, fx=larger, fy=larger, interpolation=cv2.INTER_AREA)
    (view,) = candidate_views(np.asarray(picture, np.uint8), (QUAD[None] + 0.5) * larger - 0.5)
    assert view.shape == (SIDE, SIDE, 8)
    middle = view[RIM + 2 : -RIM - 2, RIM + 2 : -RIM - 2, :3]
    np.testing.assert_array_equal(np.ptp(middle.reshape(-1, 3), axis=0), 0)
    np.testing.assert_array_equal(middle[0, 0], (200, 180, 160))
    np.testing.assert_array_equal(view[: RIM - 3, :, :3], 40)
    assert (view[..., 3] == 255).all()
    wide = view[WIDE_RIM + 2 : -WIDE_RIM - 2, WIDE_RIM + 2 : -WIDE_RIM - 2, 4:7]
    np.testing.assert_array_equal(wide[2, 2], (200, 180, 160))
    np.testing.assert_array_equal(view[WIDE_RIM - 8 : WIDE_RIM - 4, WIDE_RIM:-WIDE_RIM, 4:7], 40)


def test_the_wide_view_shows_more_and_keeps_level_what_perspective_tilts() -> None:
    tapered = np.array([(150, 100), (300, 100), (260, 200), (190, 200)], np.float64)
    (view,) = candidate_views(PICTURE, tapered[None])
    assert np.isfinite(view.astype(float)).all()
    assert (view[SIDE // 2, :, 7] == 255).sum() > SIDE // 2
    assert (view[..., 7] == 0).any()  # The picture ends within it.


def test_what_is_beyond_the_picture_is_told() -> None:
    beyond = np.array([(0, 100), (150, 100), (150, 200), (0, 200)], np.float64) - 0.5
    (view,) = candidate_views(PICTURE, beyond[None])
    assert (view[:, : RIM - 1] == 0).all()
    assert (view[:, RIM + 1 :, 3] == 255).all()
    planes = as_planes(view[None], proportions(beyond[None]))
    assert planes.shape == (1, SIDE, SIDE, CHANNELS)
    assert (planes[0, :, : RIM - 1, :4] == 0).all()
    assert (planes[0, :, : WIDE_RIM - 1, 4:8] == 0).all()


def test_a_grey_picture_is_seen_as_one_of_grey_colours() -> None:
    grey = np.ascontiguousarray(PICTURE[:, :, 0])
    coloured = np.repeat(grey[:, :, None], 3, axis=2)
    np.testing.assert_array_equal(candidate_views(grey, QUAD[None]), candidate_views(coloured, QUAD[None]))


def test_proportions_are_told_of_the_find_alone_and_within_limits() -> None:
    wide = np.array([(0, 0), (100, 0), (100, 50), (0, 50)], np.float64)
    long = wide * (1, 100)
    ratios = proportions(np.stack([wide, np.roll(wide, 1, axis=0), long]))
    np.testing.assert_allclose(ratios, (1, -1, -1.9), atol=1e-6)
    planes = as_planes(np.zeros((3, SIDE, SIDE, 8), np.uint8), ratios)
    np.testing.assert_allclose(planes[:, SIDE // 2, SIDE // 2, 8], 1 + ratios / 2, atol=1e-6)
    assert (planes[:, :RIM, :, 8] == 0).all()


def test_a_candidate_and_its_mirror_picture_have_the_same_odds() -> None:
    def told(planes: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        return [planes[:, 0, :, : SIDE // 3].mean(axis=(1, 2)) + planes[:, 8].mean(axis=(1, 2))]

    quad = QUAD + np.array([(0, 0), (90, -40), (0, 30), (-70, 0)])
    mirrored = quad[[0, 3, 2, 1]]
    one, other = view_log_odds(told, PICTURE, np.stack([quad, mirrored]))
    assert one == pytest.approx(other, abs=1e-4)
    alone = candidate_views(PICTURE, quad[None])
    (as_it_is,) = told(as_planes(alone, proportions(quad[None])).transpose(0, 3, 1, 2))
    assert abs(as_it_is[0] - one) > 0.02


def test_a_page_is_likelier_than_its_parts_and_what_holds_it(documents: DocumentNets) -> None:
    assert documents.verification is not None
    reduced = reduce_picture(page_on_desk())
    middle = PAGE.mean(axis=0)
    quads: list[Corners] = [middle + share * (PAGE - middle) for share in (1, 0.7, 1.25)]
    small = [reduced.to_small(np.asarray(quad, np.float64)) for quad in quads]
    corners = np.array([clockwise(quad) for quad in small])
    right, part, more = view_log_odds(documents.verification, reduced.small, corners.astype(np.float64))
    assert right > max(part, more) + 1
    assert not len(view_log_odds(documents.verification, reduced.small, np.empty((0, 4, 2))))
