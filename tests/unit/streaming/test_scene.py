"""A scene that rests, and planes of a frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.streaming import pixels
from server.streaming.pixels import ChangeDetector, StillSceneThrottle, paint_planes


def thumbnail(seed: int, level: int = 120) -> Image:
    """A plain desk with what an eighth leaves of a sensor's noise."""
    noise = np.random.default_rng(seed).normal(0, 0.8, (135, 240))
    return np.clip(np.rint(level + noise), 0, 255).astype(np.uint8)


def test_noise_is_no_change_and_a_hand_is() -> None:
    scene = ChangeDetector()
    assert scene.changed(thumbnail(0))
    assert not scene.changed(thumbnail(1))
    with_hand = thumbnail(2)
    with_hand[60:80, 100:120] = 200
    assert scene.changed(with_hand)
    assert scene.changed(with_hand[:100])


def test_a_resting_scene_is_shown_a_few_times_a_second() -> None:
    rest = StillSceneThrottle(4)
    marks = ()
    shown = [rest.passes(thumbnail(number), marks, number / 32) for number in range(64)]
    assert sum(shown) == 8


def test_a_change_is_shown_at_once() -> None:
    rest = StillSceneThrottle(1)
    marks = [1]
    others = [2]
    assert rest.passes(thumbnail(0), marks, 0.0)
    assert not rest.passes(thumbnail(1), marks, 0.1)
    assert rest.passes(thumbnail(2, level=160), marks, 0.2)
    assert not rest.passes(thumbnail(3, level=160), marks, 0.3)
    assert rest.passes(thumbnail(4, level=160), others, 0.4)


@pytest.mark.parametrize("clockwise", [0, 90])
def test_without_simplejpeg_planes_are_encoded_all_the_same(
    clockwise: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    luma = np.tile(np.arange(16, 208, dtype=np.uint8), (64, 1))
    blue = np.full((64, 96), 90, np.uint8)
    red = np.full((64, 96), 160, np.uint8)
    whole = paint_planes((luma, blue, red), clockwise, [], 1, 95)
    monkeypatch.setattr(pixels.lazy_imports, "is_absent", lambda name: name == "simplejpeg")
    without = paint_planes((luma, blue, red), clockwise, [], 1, 95)
    assert without != whole
    one, two = (cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) for jpeg in (whole, without))
    assert one.shape == two.shape
    assert np.abs(one.astype(int) - two.astype(int)).mean() < 3
