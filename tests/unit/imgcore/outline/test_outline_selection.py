"""Candidates are selected as a set: each document once, by one rectangle."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.outline.propose.segmentation import CELL, UNIT, DocumentMaps
from imgcore.outline.select import select_documents

Place = tuple[float, float, float, float]
SHAPE = (480, 640)
CARD = (160.0, 160.0, 352.0, 288.0)


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def maps_of(*documents: Place) -> DocumentMaps:
    """Maps of a net that sees these documents and is certain of them."""
    output = np.zeros((10, SHAPE[0] // CELL, SHAPE[1] // CELL), np.float32)
    output[8:] = -9.0
    output[3] = output[5] = 1.0
    for left, top, right, bottom in documents:
        part = (slice(int(top / CELL), int(bottom / CELL)), slice(int(left / CELL), int(right / CELL)))
        output[8][part] = 9.0
        output[3][part] = (right - left) / 2 / UNIT
        output[5][part] = (bottom - top) / 2 / UNIT
    return DocumentMaps(output, (SHAPE[1], SHAPE[0]), np.ones(2))


def selected(candidates: dict[Place, float], maps: DocumentMaps | None) -> set[Place]:
    corners = np.array([box(*place) for place in candidates])
    chosen = select_documents(corners, np.array(list(candidates.values())), SHAPE, maps)
    return {list(candidates)[number] for number in chosen}


def test_a_header_and_a_body_are_one_card() -> None:
    left, top, right, bottom = CARD
    header = (left, top, right, top + 32)
    body = (left, top + 32, right, bottom)
    candidates = {header: 0.0, body: 2.5, CARD: 2.2}
    assert selected(candidates, maps_of(CARD)) == {CARD}
    # The net's map decides: two documents that touch are two.
    assert selected({header: 2.5, body: 2.5, CARD: 2.2}, maps_of(header, body)) == {header, body}


def test_of_near_candidates_the_one_that_covers_the_document_is_taken() -> None:
    left, top, right, bottom = CARD
    short = (left, top, right, bottom - 24)
    assert selected({short: 3.4, CARD: 3.2}, maps_of(CARD)) == {CARD}
    assert selected({short: 3.4, CARD: 3.2}, maps_of(short)) == {short}


def test_a_tile_that_the_net_does_not_see_is_no_document() -> None:
    tile = (400.0, 300.0, 500.0, 400.0)
    assert selected({CARD: 4.0, tile: 0.3}, maps_of(CARD)) == {CARD}
    assert selected({CARD: 4.0, tile: 0.3}, maps_of(CARD, tile)) == {CARD, tile}


def test_documents_overlap_but_none_lies_within_another() -> None:
    lapped = (330.0, 180.0, 520.0, 300.0)
    inner = (190.0, 180.0, 320.0, 260.0)
    assert selected({CARD: 4.0, lapped: 4.0, inner: 3.9}, maps_of(CARD, lapped)) == {CARD, lapped}


def test_a_page_over_most_of_the_picture_stays_alone() -> None:
    page = (10.0, 10.0, 560.0, 470.0)
    mark = (575.0, 20.0, 635.0, 80.0)
    assert selected({page: 4.0, mark: 4.0}, maps_of(page, mark)) == {page}


def test_without_a_net_overlaps_decide() -> None:
    inner = (190.0, 180.0, 320.0, 260.0)
    assert selected({CARD: 4.0, inner: 3.9}, None) == {CARD}
    assert selected({CARD: -0.9}, None) == {CARD}
    assert selected({CARD: -1.1}, None) == set()


@pytest.mark.parametrize("place", [CARD, (16.0, 16.0, 80.0, 64.0)])
def test_a_document_has_a_mass_of_one_that_it_covers(place: Place) -> None:
    covered, mass = maps_of(place).coverage(box(*place)[None])
    assert covered @ mass == pytest.approx(1.0, abs=0.2)
    assert mass.sum() == pytest.approx(1.0, abs=0.2)
    nothing = np.array([box(400, 300, 500, 400)])
    assert maps_of(place).coverage(nothing)[0] @ mass == pytest.approx(0.0, abs=0.01)
