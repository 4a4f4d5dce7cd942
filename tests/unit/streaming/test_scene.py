"""A scene that rests."""

from __future__ import annotations

import numpy as np

from imgcore.types import Image
from server.streaming.planes import ChangeDetector, StillSceneThrottle


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
    rest, marks = StillSceneThrottle(4), ()
    shown = [rest.passes(thumbnail(number), marks, number / 32) for number in range(64)]
    assert sum(shown) == 8


def test_a_change_is_shown_at_once() -> None:
    rest, marks, others = StillSceneThrottle(1), [1], [2]
    assert rest.passes(thumbnail(0), marks, 0.0)
    assert not rest.passes(thumbnail(1), marks, 0.1)
    assert rest.passes(thumbnail(2, level=160), marks, 0.2)
    assert not rest.passes(thumbnail(3, level=160), marks, 0.3)
    assert rest.passes(thumbnail(4, level=160), others, 0.4)
