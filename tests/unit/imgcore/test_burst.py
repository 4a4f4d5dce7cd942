"""A burst merges to one picture of less noise, and never to a worse one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.burst.merge import merge_burst, sensor_noise
from imgcore.types import Image
from tests.fakes.paper import sheet

COLS = 620
ROWS = 877
NOISE = 12.0
SCENE = sheet(COLS, ROWS)


def shot(scene: Image, number: int, shift: tuple[float, float] = (0, 0), gain: float = 1.0) -> Image:
    """Return a scene as a shaking camera with a poor sensor sees it."""
    way = np.array([(1, 0, shift[0]), (0, 1, shift[1])], np.float64)
    seen = cv2.warpAffine(
        scene, way, scene.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    noise = np.random.default_rng(number).normal(0, NOISE, scene.shape)
    return np.clip(seen * (0.85 * gain) + 10 + noise, 0, 255).astype(np.uint8)


def truth(scene: Image) -> Image:
    return np.clip(scene * 0.85 + 10, 0, 255).astype(np.uint8)


def error(image: Image, scene: Image) -> float:
    return float(np.sqrt(np.mean((image.astype(np.float64) - truth(scene)) ** 2)))


SHIFTS = [(0.4, -0.3), (-1.6, 0.5), (0.2, 2.1), (-0.7, -0.8), (1.2, 0.1)]


@pytest.mark.long
def test_noise_is_halved_and_edges_stay() -> None:
    first = shot(SCENE, 0)
    merged = merge_burst(first, (shot(SCENE, n, shift) for n, shift in enumerate(SHIFTS, 1)))
    assert (merged.count, merged.reference) == (6, 0)
    assert error(merged.image, SCENE) < 0.5 * error(first, SCENE)
    ink = cv2.cvtColor(truth(SCENE), cv2.COLOR_BGR2GRAY) < 120
    # The mean of the ink is no paler: nothing was blurred into it.
    assert merged.image[ink].mean() < first[ink].mean() + 3


def test_flicker_of_a_lamp_is_evened_out() -> None:
    merged = merge_burst(shot(SCENE, 0), (shot(SCENE, n, gain=1 + 0.03 * (-1) ** n) for n in range(1, 5)))
    assert merged.count == 5
    assert abs(float(merged.image.mean()) - truth(SCENE).mean()) < 1


def other_page() -> Image:
    return np.ascontiguousarray(SCENE[::-1, ::-1])


def moved_page() -> Image:
    return np.roll(SCENE, 25, axis=0)


def darker() -> Image:
    return (SCENE * 0.8).astype(np.uint8)


@pytest.mark.parametrize("before", [other_page, moved_page, darker])
def test_another_scene_adds_nothing(before) -> None:
    first = shot(SCENE, 0)
    merged = merge_burst(first, (shot(before(), n) for n in range(1, 5)))
    assert merged.count == 1
    assert merged.image is first


def test_a_hand_that_comes_in_leaves_no_trace() -> None:
    held = SCENE.copy()
    cv2.ellipse(held, (COLS, ROWS // 2), (150, 40), 0, 0, 360, (120, 150, 200), -1)
    clean = shot(SCENE, 0)
    merged = merge_burst(clean, [shot(held, 1), shot(held, 2), shot(SCENE, 3), shot(SCENE, 4)])
    place = np.s_[ROWS // 2 - 20 : ROWS // 2 + 20, COLS - 100 :]
    assert abs(float(merged.image[place].mean()) - clean[place].mean()) < 1.5


@pytest.mark.parametrize(("rows", "blur"), [(3, (1, 4)), (0, (1, 3))], ids=["dark rows", "a little"])
def test_a_first_frame_that_was_shaken_gives_way(rows: int, blur: tuple[int, int]) -> None:
    scene = SCENE.copy()
    scene[:rows] = 0
    shaken = np.asarray(cv2.blur(scene, blur), np.uint8)
    merged = merge_burst(shot(shaken, 0), (shot(scene, n, shift) for n, shift in enumerate(SHIFTS, 1)))
    assert (merged.reference, merged.count) == (1, 5)


def test_the_sharpest_is_taken() -> None:
    shaken = cv2.blur(SCENE, (5, 1))
    merged = merge_burst(shot(np.asarray(shaken), 0), [shot(SCENE, 1), shot(SCENE, 2), shot(SCENE, 3)])
    assert (merged.reference, merged.count) == (1, 3)
    assert error(merged.image, SCENE) < 0.7 * error(shot(SCENE, 1), SCENE)


def with_reflection(x: int) -> Image:
    lit = SCENE.copy()
    cv2.circle(lit, (x, 400), 40, (400, 400, 400), -1)
    return lit


def bright(scene: Image, number: int) -> Image:
    noise = np.random.default_rng(number).normal(0, 3, scene.shape)
    return np.clip(np.where(scene == 255, 260, scene * 0.85 + 10) + noise, 0, 255).astype(np.uint8)


def test_a_reflection_that_wanders_is_replaced() -> None:
    first = bright(with_reflection(200), 0)
    others = [bright(with_reflection(200 + 60 * n), n) for n in range(1, 5)]
    merged = merge_burst(first, others)
    assert merged.count == 5
    below = np.s_[370:430, 170:230]
    assert error(first[below], SCENE[below]) > 30
    assert error(merged.image[below], SCENE[below]) < 12


def test_one_that_stays_is_kept() -> None:
    first = bright(with_reflection(200), 0)
    merged = merge_burst(first, [bright(with_reflection(200), n) for n in range(1, 5)])
    assert merged.image[390:410, 190:210].min() >= 245


def test_frames_of_another_shape_and_none_at_all() -> None:
    first = shot(SCENE, 0)
    assert merge_burst(first, []).image is first
    assert merge_burst(first, [np.zeros((1, 1), np.uint8), first[:-1]]).count == 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (40, 40, 3)])
def test_pictures_without_an_edge(shape: tuple[int, ...]) -> None:
    blank = np.full(shape, 200, np.uint8)
    assert merge_burst(blank, [blank]).image is blank
    assert sensor_noise(blank) == 0


def test_inputs_stay_as_they_are() -> None:
    frames = [shot(SCENE, n) for n in range(3)]
    before = [frame.copy() for frame in frames]
    merge_burst(frames[0], frames[1:])
    assert all((a == b).all() for a, b in zip(frames, before, strict=True))


def test_grey_frames_merge_too() -> None:
    frames = [np.ascontiguousarray(shot(SCENE, n)[:, :, 1]) for n in range(4)]
    merged = merge_burst(frames[0], frames[1:])
    assert merged.count == 4
    assert merged.image.shape == frames[0].shape


@pytest.mark.parametrize("noise", [2.0, 6.0, 15.0])
def test_noise_is_estimated(noise: float) -> None:
    rng = np.random.default_rng(0)
    grey = cv2.cvtColor(truth(SCENE), cv2.COLOR_BGR2GRAY) + rng.normal(0, noise, SCENE.shape[:2])
    assert sensor_noise(np.clip(grey, 0, 255).astype(np.uint8)) == pytest.approx(noise, rel=0.25)
