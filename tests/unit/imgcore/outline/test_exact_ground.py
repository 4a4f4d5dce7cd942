"""Pictures that a program made are pages; those of a camera or a scanner are not, however white its glass."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.outline import DocumentNets, find_documents, find_outline_fast, find_page
from imgcore.outline.measure.surroundings import are_drawn
from imgcore.types import Image
from tests.fakes.paper import Corners, laid, sheet, turned

FIGURE = np.array([(150, 200), (650, 200), (650, 560), (150, 560)], np.float64)


def page(quality: int | None) -> Image:
    """A page with a plain figure and lines below it, as a program renders it, or as a JPEG of that."""
    picture = np.full((1100, 800, 3), 255, np.uint8)
    cv2.rectangle(picture, (150, 200), (650, 560), (180, 120, 60), -1)
    for row in range(640, 1040, 24):
        cv2.putText(picture, "words of the page below it", (100, row), 0, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
    return picture if quality is None else jpeg(picture, quality)


def jpeg(picture: Image, quality: int) -> Image:
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def grained(picture: Image, quad: Corners) -> Image:
    """A picture in which all within is as a sensor sees it, and all else exactly what it was."""
    cover = cv2.fillPoly(np.zeros(picture.shape[:2], np.uint8), [np.rint(quad).astype(np.int32)], 1)
    noise = np.random.default_rng(2).normal(-6, 3, picture.shape) * cover[:, :, None]
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("quality", [None, 80])
def test_a_figure_of_a_page_that_a_program_made_is_drawn(quality: int | None) -> None:
    assert are_drawn(page(quality), [FIGURE]) == [True]


def test_a_photograph_on_such_a_page_is_told_by_the_print_around_it() -> None:
    assert are_drawn(grained(page(None), FIGURE), [FIGURE]) == [True]


def test_a_photograph_alone_on_such_a_page_is_told_by_its_sharp_sides() -> None:
    picture = grained(page(None), FIGURE)
    picture[600:] = 255
    assert are_drawn(picture, [FIGURE]) == [True]
    assert are_drawn(cv2.GaussianBlur(picture, (0, 0), 1.5), [FIGURE]) == [False]


def test_a_card_on_white_glass_is_no_figure() -> None:
    quad = turned(400, 260, (400, 500), 3)
    glass = np.full((1100, 800, 3), 255, np.uint8)
    scanned = cv2.GaussianBlur(laid(sheet(400, 260), quad, glass), (0, 0), 1.5)
    assert are_drawn(grained(scanned, quad), [quad]) == [False]


def test_paper_that_is_too_bright_on_a_desk_that_is_too_dark_is_no_figure() -> None:
    quad = turned(420, 600, (400, 500), 3)
    black = np.zeros((1100, 800, 3), np.uint8)
    dust = np.random.default_rng(3).random(black.shape[:2]) < 0.02
    black[dust] = 12
    seen = cv2.GaussianBlur(laid(np.full((600, 420, 3), 255, np.uint8), quad, black), (0, 0), 1.0)
    assert are_drawn(seen, [quad]) == [False]


def test_a_page_on_a_drawn_desk_is_a_document() -> None:
    quad = turned(420, 600, (400, 500), 3)
    desk = np.full((1100, 800, 3), (60, 90, 120), np.uint8)
    assert are_drawn(laid(sheet(420, 600), quad, desk), [quad]) == [False]


@pytest.mark.parametrize("shape", [(16, 16), (9, 400, 3), (400, 17)])
def test_no_size_crashes(shape: tuple[int, ...]) -> None:
    assert are_drawn(np.full(shape, 9, np.uint8), []) == []
    assert (
        len(are_drawn(np.full(shape, 9, np.uint8), [np.array([(1, 1), (8, 1), (8, 8), (1, 8)], float)])) == 1
    )


@pytest.mark.long
def test_no_finder_cuts_a_drawn_figure(documents: DocumentNets) -> None:
    picture = page(None)
    picture[640:] = 255
    for found in (find_page(picture, documents), find_documents(picture, documents)):
        assert found.outlines == ()
    assert find_outline_fast(cv2.resize(picture, (320, 440), interpolation=cv2.INTER_AREA)) is None
