"""The network that draws skin: its layers are those of the training, and what it draws is skin."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import pytest

from imgcore.fingers.net import (
    ADDED,
    LAYERS,
    SIDE,
    STRAIGHT,
    FingerNet,
    convolution_inputs,
    network_input,
    skin_probability,
)
from imgcore.fingers.removal import remove_fingers
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from tests.fakes.paper import sheet
from tests.unit.imgcore.fingers.test_fingers import SKINS, held

NET = ModelCache().fingers()


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (4, 4)])
def test_a_layer_is_a_convolution_as_training_pads_it(kernel: int, stride: int) -> None:
    random = np.random.default_rng(1)
    planes = random.normal(size=(16, 24, 2)).astype(np.float32)
    weight = random.normal(size=(kernel, kernel, 2)).astype(np.float32)
    result = convolution_inputs(planes, kernel, stride) @ weight.reshape(-1)
    # As "SAME" pads: around each pixel; with a stride of two from each pixel on.
    anchor = (1, 1) if (kernel, stride) == (3, 1) else (0, 0)
    correlate = partial(cv2.filter2D, ddepth=-1, anchor=anchor, borderType=cv2.BORDER_CONSTANT)
    whole = sum(correlate(planes[:, :, at], kernel=weight[:, :, at]) for at in range(2))
    assert np.allclose(result, np.asarray(whole)[::stride, ::stride], atol=1e-4)


def test_every_layer_has_its_weights() -> None:
    for name, (kernel, _, before, after) in LAYERS.items():
        assert NET.weights[name].shape == (kernel * kernel * before, after)
        assert NET.offsets[name].shape == (after,)
    assert set(LAYERS) >= ADDED | STRAIGHT


@pytest.mark.parametrize("shape", [(848, 600), (64, 900), (2339, 1654)])
def test_the_picture_is_seen_at_one_size_and_drawn_at_its_own(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 230, np.uint8)
    planes = network_input(picture)
    assert max(planes.shape[:2]) == SIDE and not any(side % 16 for side in planes.shape[:2])
    skin = skin_probability(NET, picture)
    assert skin.shape == shape and skin.min() >= 0 and skin.max() < 0.5


@pytest.mark.parametrize("skin", SKINS.values(), ids=SKINS)
def test_a_finger_is_skin_and_the_page_is_not(skin: tuple[int, int, int]) -> None:
    picture, finger = held(skin)
    drawn = skin_probability(NET, picture)
    core = cv2.erode(finger.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    away = cv2.dilate(finger.astype(np.uint8), np.ones((41, 41), np.uint8)) == 0
    assert drawn[core].mean() > 0.65
    assert (drawn[away] > 0.5).mean() < 0.005


def guilloche() -> Image:
    page = sheet(600, 848).astype(np.float32)
    y, x = np.mgrid[:848, :600].astype(np.float32)
    lines = 0.5 + 0.5 * np.sin(0.9 * (y + 8 * np.sin(x / 15)))
    page[500:] *= 1 - 0.5 * lines[500:, :, None] * (1 - np.array((120, 165, 215), np.float32) / 255)
    return np.asarray(page, np.uint8)


def highlighted() -> Image:
    page = sheet(600, 848).copy()
    page[300:330, 420:] = np.minimum(page[300:330, 420:], (90, 170, 255))
    return page


def banded() -> Image:
    page = sheet(600, 848).copy()
    page[:40] = (120, 165, 215)
    return page


@pytest.mark.parametrize("draw", [guilloche, highlighted, banded])
def test_print_of_skins_colours_stays(draw: Callable[[], Image]) -> None:
    picture = draw()
    assert remove_fingers(picture, NET).image is picture


def test_weights_are_dequantised() -> None:
    arrays = {f"{name}.levels": np.full((2, 3), 2, np.int8) for name in LAYERS}
    arrays |= {f"{name}.steps": np.array([0.5, 1, 2], np.float32) for name in LAYERS}
    arrays |= {f"{name}.offset": np.zeros(3, np.float32) for name in LAYERS}
    assert FingerNet.unpacked(arrays).weights["at4"].tolist() == [[1, 2, 4]] * 2
