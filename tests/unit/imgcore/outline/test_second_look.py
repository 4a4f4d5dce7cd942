"""What no search trusts by itself is found by all that is known of it, and a page stays whole."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from benchmarks.quality.whole_pages import kept
from imgcore.outline import DocumentNets, find_documents, find_page, finder, second_look
from imgcore.outline.finder import Detection
from imgcore.outline.overlap import iou
from imgcore.outline.scoring.joint_score import NAMES, JointMeasures
from imgcore.outline.search.candidates import reduce_picture, search_quads
from imgcore.outline.search.document_maps import CELL, DocumentMaps
from imgcore.outline.search.document_search import SEARCH_SIDE
from imgcore.outline.search.segmentation import segment_documents
from imgcore.outline.whole_page import Refusal
from imgcore.types import Image, Outline
from synthetic.datasets.whole_pages import make_whole_page
from tests.fakes.paper import PAGE, Corners, desk, overlap, page_on_desk

SIZE = (440, 330)
LEAVING = np.array([(140, 90), (290, 96), (286, 330), (136, 330)], np.float64)
"""A sheet that leaves the picture at the bottom."""


def seen(corners: Corners | None) -> DocumentMaps:
    """Output of a net that takes one quadrilateral for a document, or nothing."""
    output = np.zeros((10, SIZE[1] // CELL + 1, SIZE[0] // CELL), np.float32)
    output[3], output[5] = 2.0, 2.0
    output[8] = -6.0
    if corners is not None:
        cells = np.rint((corners - (CELL - 1) / 2) / CELL).astype(np.int32)
        cv2.fillConvexPoly(output[8], cells, 6.0)
    return DocumentMaps(output, SIZE, np.ones(2))


def looked_at(picture: Image, net_maps: DocumentMaps) -> Outline | None:
    """Look again at what lines find."""
    reduced = reduce_picture(picture)
    by_lines = finder.pages(search_quads(reduced), picture.shape)
    return second_look.look_again(picture, reduced, net_maps, [by_lines], finder.REACH)


def detection(corners: Corners, score: float = 0.1) -> Detection:
    return Detection(corners.astype(np.float64), np.zeros(4, bool), score, 0.0, False)


def test_few_of_each_search_are_weighed_and_none_twice() -> None:
    lines = [detection(PAGE + shift) for shift in (0.0, 0.5, 20.0, 40.0, 60.0, 80.0)]
    weighed = second_look.weighed([lines, [detection(PAGE), detection(PAGE + 100)]])
    np.testing.assert_array_equal(
        [each.corners - PAGE for each in weighed],
        [np.full((4, 2), shift) for shift in (0.0, 20.0, 40.0, 60.0, 100.0)],
    )
    assert second_look.weighed([[], []]) == []


def test_a_document_has_higher_odds_than_its_parts_and_the_desk(documents: DocumentNets) -> None:
    picture = page_on_desk()
    larger = reduce_picture(picture, SEARCH_SIDE)
    maps = segment_documents(documents.segmentation, larger.small, larger.factor)
    measures = JointMeasures(reduce_picture(picture), maps)
    middle = PAGE.mean(axis=0)
    corners, rows = measures.cheap(
        np.array([PAGE, middle + 0.6 * (PAGE - middle), middle + 1.1 * (PAGE - middle)])
    )
    assert rows.shape == (3, len(NAMES))
    rows[:, 0] = [measures.page(quad) for quad in corners]
    odds = second_look.document_odds(rows, maps.agreement(corners))
    assert odds[0] > second_look.MIN_LOG_ODDS
    assert odds[1:].max() < second_look.MIN_LOG_ODDS


def test_a_document_that_one_check_alone_refuses_is_found(
    documents: DocumentNets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(small: Image, quads: Sequence[Corners], least: float = 0.0) -> list[Refusal]:
        return [Refusal.PRINT] * len(quads)

    monkeypatch.setattr(finder, "judge_whole_page", refuse)
    picture = page_on_desk()
    assert find_page(picture).outlines == ()
    for found in (find_page(picture, documents), find_documents(picture, documents)):
        assert len(found.outlines) == 1
        assert overlap(found.outlines[0].corners, PAGE) > 0.97
        assert found.refused == ()


@pytest.mark.parametrize("kind", ["form", "album", "certificate", "brochure"])
def test_of_a_page_nothing_is_cut_by_either_finder(kind: str, documents: DocumentNets) -> None:
    page = make_whole_page(9, kind)
    for finding in (find_page(page.picture, documents), find_documents(page.picture, documents)):
        assert not kept(page, [outline.corners.astype(np.float64) for outline in finding.outlines]).cut


def test_what_is_found_gives_way_to_what_is_far_likelier_alone(documents: DocumentNets) -> None:
    picture = page_on_desk()
    reduced, larger = reduce_picture(picture), reduce_picture(picture, SEARCH_SIDE)
    maps = segment_documents(documents.segmentation, larger.small, larger.factor)
    middle = PAGE.mean(axis=0)

    def instead_of(quad: Corners) -> Outline | None:
        found = Outline(quad.astype(np.float32), 0.6)
        return second_look.look_again(picture, reduced, maps, [[detection(PAGE)]], 2.5, found)

    better = instead_of(middle + 0.6 * (PAGE - middle))
    assert better is not None and overlap(better.corners, PAGE) > 0.97
    assert instead_of(PAGE) is None
    assert instead_of(middle + 1.02 * (PAGE - middle)) is None


def test_nothing_comes_of_nothing(documents: DocumentNets) -> None:
    picture = desk(640, 480)
    reduced, larger = reduce_picture(picture), reduce_picture(picture, SEARCH_SIDE)
    maps = segment_documents(documents.segmentation, larger.small, larger.factor)
    assert second_look.look_again(picture, reduced, maps, [[], []], 2.5) is None


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
    found = looked_at(desk_with_sheet(), seen(LEAVING))
    assert found is not None and iou(found.corners.astype(np.float64), LEAVING) > 0.93


@pytest.mark.parametrize(
    "elsewhere", [None, np.array([(10, 10), (90, 10), (90, 60), (10, 60)], np.float64)], ids=["none", "other"]
)
def test_nothing_is_found_on_a_blank_page(elsewhere: Corners | None) -> None:
    noise = np.random.default_rng(5).normal(0, 2, (SIZE[1], SIZE[0], 3))
    assert looked_at(np.asarray(235 + noise, np.uint8), seen(elsewhere)) is None


def test_a_part_of_a_page_is_none_although_the_net_takes_it_for_one() -> None:
    picture = np.full((SIZE[1], SIZE[0], 3), 240, np.uint8)
    cv2.rectangle(picture, (60, 90), (380, 240), (150, 150, 150), 1)
    for row in (*range(20, 80, 12), *range(104, 230, 12), *range(254, 320, 12)):
        cv2.putText(picture, "lines of small print on all of it", (75, row), 0, 0.35, (30, 30, 30), 1)
    part = np.array([(60, 90), (380, 90), (380, 240), (60, 240)], np.float64)
    assert looked_at(picture, seen(part)) is None


def test_agreement_is_the_overlap_with_what_is_document() -> None:
    quads = np.stack([LEAVING, LEAVING - (140, 0), LEAVING * (1, 0.5)])
    same, beside, half = seen(LEAVING).agreement(quads)
    assert same > 0.9 and beside < 0.25 and 0.1 < half < 0.6
