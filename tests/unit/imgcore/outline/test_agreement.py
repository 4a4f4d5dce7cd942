"""A sheet that no search trusts is found where all that was seen agrees."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.outline.agreement import find_agreed
from imgcore.outline.overlap import iou
from imgcore.outline.search.candidates import reduce_picture
from imgcore.outline.search.document_maps import CELL, DocumentMaps
from imgcore.types import Image, Outline
from tests.fakes.paper import Corners

SIZE = (440, 330)
LEAVING = np.array([(140, 90), (290, 96), (286, 330), (136, 330)], np.float64)
"""A sheet that leaves the picture at the bottom."""


def seen(corners: Corners | None) -> DocumentMaps:
    """Output of a net that takes one quadrilateral for a document, or nothing."""
    output = np.zeros((10, SIZE[1] // CELL + 1, SIZE[0] // CELL), np.float32)
    output[3] = 2.0
    output[5] = 2.0
    output[8] = -6.0
    if corners is not None:
        cells = np.rint((corners - (CELL - 1) / 2) / CELL).astype(np.int32)
        cv2.fillConvexPoly(output[8], cells, 6.0)
    return DocumentMaps(output, SIZE, np.ones(2))


def agreed(picture: Image, net_maps: DocumentMaps) -> Outline | None:
    return find_agreed(picture, reduce_picture(picture), net_maps)


def desk_with_sheet() -> Image:
    """A sheet little brighter than the wood below it."""
    across = np.random.default_rng(3).normal(0, 5, (SIZE[1], 1)).cumsum(axis=0).clip(-25, 25)
    picture = np.tile(130 + across[:, :, None], (1, SIZE[0], 3)) * (0.8, 0.95, 1.05)
    cover = np.zeros(SIZE[::-1], np.float32)
    cv2.fillConvexPoly(cover, np.rint(LEAVING * 16).astype(np.int32), 1.0, cv2.LINE_AA, 4)
    picture = picture * (1 - cover[:, :, None]) + 205.0 * cover[:, :, None]
    for row in range(120, 320, 16):
        picture[row : row + 3, 165 : 255 - row % 3 * 12] = 60
    noise = np.random.default_rng(4).normal(0, 2, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def test_a_sheet_that_leaves_the_picture_is_found_where_the_net_sees_it() -> None:
    found = agreed(desk_with_sheet(), seen(LEAVING))
    assert found is not None and iou(found.corners.astype(np.float64), LEAVING) > 0.93


@pytest.mark.parametrize(
    "elsewhere", [None, np.array([(10, 10), (90, 10), (90, 60), (10, 60)], np.float64)], ids=["none", "other"]
)
def test_nothing_is_found_on_a_blank_page(elsewhere: Corners | None) -> None:
    noise = np.random.default_rng(5).normal(0, 2, (SIZE[1], SIZE[0], 3))
    assert agreed(np.asarray(235 + noise, np.uint8), seen(elsewhere)) is None


def test_a_part_of_a_page_is_none_although_the_net_takes_it_for_one() -> None:
    picture = np.full((SIZE[1], SIZE[0], 3), 240, np.uint8)
    cv2.rectangle(picture, (60, 90), (380, 240), (150, 150, 150), 1)
    for row in (*range(20, 80, 12), *range(104, 230, 12), *range(254, 320, 12)):
        cv2.putText(picture, "lines of small print on all of it", (75, row), 0, 0.35, (30, 30, 30), 1)
    part = np.array([(60, 90), (380, 90), (380, 240), (60, 240)], np.float64)
    assert agreed(picture, seen(part)) is None


def test_agreement_is_the_overlap_with_what_is_document() -> None:
    quads = np.stack([LEAVING, LEAVING - (140, 0), LEAVING * (1, 0.5)])
    same, beside, half = seen(LEAVING).agreement(quads)
    assert same > 0.9 and beside < 0.25 and 0.1 < half < 0.6
