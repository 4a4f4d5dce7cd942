"""Cards of one size that nearly touch are found as a set; what only looks like a set is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.outline import DocumentNets, find_documents
from imgcore.outline.propose.candidates import Proposal
from imgcore.outline.scene import Scene
from imgcore.outline.several import find_of_one_size
from imgcore.types import Image, Outline
from synthetic.datasets.whole_pages import make_whole_page
from tests.fakes.paper import Corners, desk, laid, overlap, sheet, turned

WIDE = (1280, 960)
CARDS = [
    turned(240, 150, (380 + 262 * column, 330 + 172 * row), 0) for row in range(2) for column in range(3)
]


def cards() -> Image:
    card = np.full((150, 240, 3), (228, 232, 234), np.uint8)
    cv2.circle(card, (120, 75), 30, (60, 50, 210), -1, cv2.LINE_AA)
    picture = desk(*WIDE)
    for quad in CARDS:
        picture = laid(card, quad, picture)
    return picture


def of_one_size(picture: Image, found: list[Outline]) -> list[Outline] | None:
    return find_of_one_size(Scene(picture), found)


def outline(quad: Corners) -> Outline:
    return Outline(quad.astype(np.float32), 0.7)


def test_cards_in_rows_are_found_each() -> None:
    found = of_one_size(cards(), [])
    assert found is not None and len(found) == len(CARDS)
    for quad in CARDS:
        assert max(overlap(each.corners, quad) for each in found) > 0.9


def test_what_was_found_stays_and_what_holds_several_gives_way() -> None:
    whole = np.array([(258, 253), (1026, 253), (1026, 579), (258, 579)], np.float64)
    beside = outline(turned(100, 60, (1150, 800), 10))
    first = outline(CARDS[0])
    found = of_one_size(cards(), [outline(whole), first, beside])
    assert found is not None and len(found) == len(CARDS) + 1
    assert any(each is first for each in found) and any(each is beside for each in found)


def test_pictures_on_documents_are_no_set() -> None:
    larger = [outline(quad.mean(axis=0) + 1.3 * (quad - quad.mean(axis=0))) for quad in CARDS]
    assert of_one_size(cards(), larger) is None


@pytest.mark.parametrize("kind", ["calendar", "spreadsheet", "comic"])
def test_cells_of_a_page_are_no_set(kind: str) -> None:
    assert of_one_size(make_whole_page(9, kind).picture, []) is None


def test_few_regions_are_no_set() -> None:
    scene = Scene(laid(sheet(), CARDS[0], desk(*WIDE)))
    assert find_of_one_size(scene, []) is None
    scene.by_regions = [Proposal(CARDS[0], np.zeros(4, bool), 0.9, True)]
    assert find_of_one_size(scene, []) is None


@pytest.mark.long
def test_all_cards_are_found_in_reading_order(documents: DocumentNets) -> None:
    found = find_documents(cards(), documents).outlines
    assert len(found) == len(CARDS)
    for each, quad in zip(found, CARDS, strict=True):
        assert overlap(each.corners, quad) > 0.9
