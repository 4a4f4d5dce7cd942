"""Two sides on one page: found, upright, in order, and as large as they are."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from imgcore.models import Models
from imgcore.output.compose import Arrangement, compose_page, find_sides
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.scene.desk import Desk, Moment, Scene, sides

SIZE = (2592, 1944)


@cache
def models() -> Models:
    files = ModelCache()
    return Models(documents=files.documents(), orientation=files.orientation())


@cache
def drawn() -> tuple[Image, Image]:
    """Front and back; when they are needed, as every process of the tests reads this."""
    return sides(np.random.default_rng((1, 0)))


def view(scene: Scene, step: int = 0) -> Image:
    return Desk().renderer(scene, SIZE).picture(Moment(step, 0))


def likeness(seen: Image, side: Image) -> float:
    """Correlation of a cut-out with what was drawn."""
    grey = [
        cv2.cvtColor(cv2.resize(one, (171, 108)), cv2.COLOR_BGR2GRAY).astype(float) for one in (seen, side)
    ]
    return float(np.corrcoef(grey[0].ravel(), grey[1].ravel())[0, 1])


@pytest.mark.long
def test_each_capture_gives_its_side_upright() -> None:
    (front,) = find_sides(view(Scene.CARD), 1, Arrangement.CARD, models())
    (back,) = find_sides(view(Scene.CARD, 20), 1, Arrangement.CARD, models())
    assert likeness(front, drawn()[0]) > 0.7 and likeness(back, drawn()[1]) > 0.7
    assert likeness(front, np.ascontiguousarray(drawn()[0][::-1, ::-1])) < 0.3


@pytest.mark.long
def test_one_capture_gives_both_in_reading_order() -> None:
    front, back = find_sides(view(Scene.CARDS), 2, Arrangement.CARD, models())
    assert likeness(front, drawn()[0]) > 0.7 and likeness(back, drawn()[1]) > 0.7


@pytest.mark.long
def test_a_card_that_was_cut_out_before_is_its_side_and_an_empty_desk_is_none() -> None:
    (side,) = find_sides(drawn()[0], 1, Arrangement.CARD, models())
    assert likeness(side, drawn()[0]) > 0.75
    assert find_sides(view(Scene.EMPTY), 1, Arrangement.CARD, models()) == []
    assert len(find_sides(view(Scene.CARD), 2, Arrangement.CARD, models())) == 1


@pytest.mark.parametrize("dots", [150.0, 300.0])
def test_a_card_has_its_true_size_and_round_corners(dots: float) -> None:
    black = np.zeros((540, 856, 3), np.uint8)
    page = compose_page([black, black], Arrangement.CARD, dots)
    assert page.shape == (round(297 / 25.4 * dots), round(210 / 25.4 * dots), 3)
    inked = page[:, :, 0] < 128
    columns = np.flatnonzero(inked.any(axis=0))
    assert (columns[-1] - columns[0] + 1) / dots * 25.4 == pytest.approx(85.6, abs=0.4)
    rows = np.flatnonzero(inked.any(axis=1))
    assert len(rows) / dots * 25.4 == pytest.approx(2 * 54.0, abs=0.8)
    gap = int(np.diff(rows).max()) - 1
    assert gap / dots * 25.4 == pytest.approx(20.0, abs=0.4)
    assert not inked[rows[0], columns[0]] and inked[rows[0] + 10, columns[0] + len(columns) // 2]
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(page.shape[0] / 2, abs=2)


def test_a_single_side_lies_in_the_middle_and_an_upright_card_stays_so() -> None:
    page = compose_page([np.zeros((856, 540), np.uint8)], Arrangement.CARD, 100)
    inked = page[:, :, 0] < 128
    assert int(inked.any(axis=1).sum()) > int(inked.any(axis=0).sum())
    assert np.flatnonzero(inked.any(axis=1)).mean() == pytest.approx(page.shape[0] / 2, abs=2)


def test_pages_of_a_form_fill_their_halves() -> None:
    one = np.full((1414, 1000, 3), 50, np.uint8)
    two = np.full((1414, 1000), 100, np.uint8)
    beside = compose_page([one, two], Arrangement.BESIDE, 100)
    assert beside.shape[1] > beside.shape[0]
    half = beside.shape[1] // 2
    assert set(np.unique(beside[:, :half])) == {50, 255} and set(np.unique(beside[:, half:])) == {100, 255}
    below = compose_page([one, two], Arrangement.BELOW, 100)
    half = below.shape[0] // 2
    assert below.shape[0] > below.shape[1]
    assert set(np.unique(below[:half])) == {50, 255} and set(np.unique(below[half:])) == {100, 255}
    assert (below[:half, :, 0] == 50).any(axis=0).sum() / (below[:half, :, 0] == 50).any(
        axis=1
    ).sum() == pytest.approx(1000 / 1414, rel=0.02)


@pytest.mark.long
def test_a_page_without_anything_around_it_is_taken_as_it_is() -> None:
    (side,) = find_sides(np.full((700, 500, 3), 240, np.uint8), 1, Arrangement.BESIDE, Models())
    assert side.shape == (700, 500, 3)
    (page,) = find_sides(view(Scene.PAGE), 1, Arrangement.BELOW, models())
    assert page.shape[0] / page.shape[1] == pytest.approx(2**0.5, rel=0.03)
