"""The network's skin decides where rules are unsure, and never over print."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.fingers import removal
from imgcore.fingers.removal import remove_fingers
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from tests.fakes.paper import sheet

NET = ModelCache().fingers()
Mask = npt.NDArray[np.bool_]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the network draw a mask, so sure of it."""

    def drawn(mask: Mask, sure: float = 0.99) -> None:
        def probability(net: object, small: Image) -> npt.NDArray[np.float32]:
            whole = cv2.resize(mask.astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
            return np.asarray(0.01 + (sure - 0.01) * whole, np.float32)

        monkeypatch.setattr(removal, "skin_probability", probability)

    return drawn


def tip(colour: tuple[int, int, int], x: int = 606, half: tuple[int, int] = (26, 22)) -> tuple[Image, Mask]:
    """A page at whose right border a tip shows, and where it is."""
    page = sheet(600, 848).copy()
    shape = np.zeros(page.shape[:2], np.uint8)
    cv2.ellipse(shape, (x, 440), half, 0, 0, 360, 255, -1, cv2.LINE_AA)
    cover = shape[:, :, None] / 255
    return np.asarray(page * (1 - cover) + np.array(colour) * cover, np.uint8), shape > 127


def test_a_tip_in_deep_shade_goes_where_the_network_draws_it(draw: Callable[..., None]) -> None:
    picture, finger = tip((40, 52, 70))
    assert remove_fingers(picture).image is picture
    draw(finger)
    result = remove_fingers(picture, NET)
    assert len(result.fingers) == 1
    assert (np.abs(result.image[finger].astype(int) - (236, 240, 242)).max(axis=1) < 16).mean() > 0.9


@pytest.mark.parametrize(
    ("colour", "sure", "goes"),
    [((40, 52, 65), 0.64, True), ((40, 52, 65), 0.55, False), ((40, 60, 80), 0.99, False)],
    ids=["pale in tint and faintly drawn", "too faintly", "yellow as wood"],
)
def test_a_tip_goes_if_its_tint_and_the_network_agree(
    draw: Callable[..., None], colour: tuple[int, int, int], sure: float, goes: bool
) -> None:
    picture, finger = tip(colour)
    draw(finger, sure)
    assert (remove_fingers(picture, NET).image is not picture) == goes


def test_a_ring_of_a_spiral_stays(draw: Callable[..., None]) -> None:
    picture, ring = tip((40, 52, 70), 600, (12, 10))
    draw(ring)
    assert remove_fingers(picture, NET).image is picture


def test_print_stays_whatever_the_network_draws(draw: Callable[..., None]) -> None:
    picture = sheet(600, 848).copy()
    for row in range(8):
        cv2.putText(picture, "mnmnmn", (500, 300 + 14 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1)
    mask = np.zeros(picture.shape[:2], bool)
    mask[290:400, 505:] = True
    draw(mask)
    assert remove_fingers(picture, NET).image is picture


def test_a_whole_hand_stays_and_is_told(draw: Callable[..., None]) -> None:
    picture = sheet(600, 848).copy()
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(mask, (600, 440), (240, 120), 0, 0, 360, 1, -1)
    picture[mask > 0] = (40, 52, 70)
    draw(mask > 0)
    result = remove_fingers(picture, NET)
    assert result.image is picture
    assert len(result.unsure) == 1
