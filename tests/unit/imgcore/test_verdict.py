"""Verdicts: each fault is told from a good page, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from imgcore.verdict import DOUBT, Verdict, judge
from synthetic.scene.desk import Desk, Moment, Scene

LINES = "The quick brown fox jumps over the lazy dog 0123456789"


def page(height: float = 1.0, size: tuple[int, int] = (1000, 1400)) -> Image:
    """Print on paper, with a wide margin and a little noise."""
    rows, cols = size
    sheet = np.full((rows, cols, 3), 225, np.uint8)
    for row in range(120, rows - 100, round(50 * height)):
        cv2.putText(sheet, LINES, (120, row), cv2.FONT_HERSHEY_SIMPLEX, height, (40, 40, 40), 2, cv2.LINE_AA)
    noise = np.random.default_rng(4).normal(0, 1.5, sheet.shape)
    return np.asarray(np.clip(sheet + noise, 0, 255), np.uint8)


good = cache(page)
"""Drawn when it is needed: every process of the tests reads this."""


def glared(image: Image, axes: tuple[int, int]) -> Image:
    spot = np.zeros(image.shape[:2], np.float32)
    cv2.ellipse(spot, (700, 500), axes, 0, 0, 360, 1.0, -1)
    light = cv2.GaussianBlur(spot, (0, 0), 15)[:, :, None] * 255
    return np.asarray(np.clip(image + light, 0, 255), np.uint8)


def dark(image: Image) -> Image:
    noise = np.random.default_rng(2).normal(0, 3, image.shape)
    return np.asarray(np.clip(image * 0.04 + noise, 0, 255), np.uint8)


def moved(image: Image) -> Image:
    return np.asarray(cv2.filter2D(image, -1, np.full((1, 19), 1 / 19)), np.uint8)


def faults(verdict: Verdict) -> set[str]:
    names = ("blurred", "glare", "cut_off", "too_dark", "too_small")
    return {name for name in names if getattr(verdict, name) >= DOUBT}


def test_a_good_page_has_no_fault() -> None:
    verdict = judge(good())
    assert faults(verdict) == set() and verdict.ok and verdict.glare_place is None
    assert faults(judge(cv2.cvtColor(good(), cv2.COLOR_BGR2GRAY))) == set()


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        (lambda: cv2.GaussianBlur(good(), (0, 0), 6), "blurred"),
        (lambda: moved(good()), "blurred"),
        (lambda: glared(good(), (420, 260)), "glare"),
        (lambda: np.ascontiguousarray(good()[:, :700]), "cut_off"),
        (lambda: np.ascontiguousarray(good()[110:]), "cut_off"),
        (lambda: dark(good()), "too_dark"),
        (lambda: cv2.resize(good(), None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA), "too_small"),
    ],
    ids=["defocus", "motion", "glare", "cut at the side", "cut at the top", "dark", "small"],
)
def test_each_fault_is_named(image: Callable[[], Image], fault: str) -> None:
    verdict = judge(image())
    assert fault in faults(verdict) and not verdict.ok, verdict


def test_glare_has_its_place_and_white_paper_is_none() -> None:
    place = judge(glared(good(), (200, 100))).glare_place
    assert place is not None
    assert abs((place.left + place.right) / 2 - 700) < 30 and abs((place.top + place.bottom) / 2 - 500) < 30
    white = np.where(good() > 150, 255, good()).astype(np.uint8)
    assert judge(white).glare_place is None and judge(white).ok


def test_a_page_beyond_the_picture_is_cut_off() -> None:
    assert judge(good(), beyond=0.05).cut_off == 1.0


def test_a_picture_without_text_is_not_accused() -> None:
    plain = np.full((800, 1200, 3), 180, np.uint8)
    assert judge(plain).ok
    assert not judge(np.full((800, 1200, 3), 4, np.uint8)).ok
    assert judge(np.full((3, 3), 200, np.uint8)).ok


@pytest.mark.long
def test_the_grain_of_a_desk_is_no_text() -> None:
    scene = Desk().renderer(Scene.PAGE, (3264, 2448)).picture(Moment(0, 0))
    verdict = judge(scene)
    assert verdict.ok, verdict
