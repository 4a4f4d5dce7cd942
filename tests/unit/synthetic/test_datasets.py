"""Each dataset is seeded, and its truth lies where its picture shows it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from synthetic.datasets.aligned import make_flatbed, make_single
from synthetic.datasets.ambiguous import make_ambiguous
from synthetic.datasets.curled import curled_page, open_book
from synthetic.datasets.held import GRIPS, make_held
from synthetic.datasets.punched import BINDINGS, PATTERNS, UNPUNCHED, make_punched
from synthetic.datasets.receipts import make_receipt
from synthetic.datasets.shaded import make_shaded
from synthetic.datasets.skewed import make_skewed
from synthetic.datasets.stamped import make_stamped
from synthetic.datasets.tabletops import make_counter, make_desk, make_full_page, make_scene
from synthetic.datasets.whole_pages import PICTURED, SHEETS, make_whole_page, photographed
from tests.patience import PATIENCE

SMALL = (400, 566)
MAKERS: dict[str, Callable[[int], Any]] = {
    "held": lambda seed: make_held(seed, SMALL),
    "punched": lambda seed: make_punched(seed, SMALL),
    "stamped": lambda seed: make_stamped(seed, SMALL),
    "shaded": lambda seed: make_shaded(seed, SMALL),
    "skewed": lambda seed: make_skewed(5 * seed),
    "receipt": make_receipt,
    "curled": lambda seed: curled_page(np.random.default_rng(seed), 400),
    "book": lambda seed: open_book(np.random.default_rng(seed), 400),
    "scene": lambda seed: make_scene(seed, 2, (320, 240)),
    "full page": lambda seed: make_full_page(seed, (240, 320)),
    "desk": lambda seed: make_desk(seed, "strewn", 3, (320, 240)),
    "counter": lambda seed: make_counter(seed, (320, 240)),
    "ambiguous": lambda seed: make_ambiguous(seed, "folded receipt"),
    "single": make_single,
    "flatbed": make_flatbed,
    "photographed page": lambda seed: photographed(make_whole_page(seed, "slip"), seed),
    "whole page": lambda seed: make_whole_page(seed, "slip"),
}


@pytest.mark.long
@pytest.mark.sampled(3)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_seed_gives_one_picture_and_another_seed_another(make: Callable[[int], Any]) -> None:
    one, same, other = (make(seed).picture for seed in (1, 1, 2))
    assert one.dtype == np.uint8
    assert one.shape[2] == 3
    np.testing.assert_array_equal(one, same)
    assert one.shape != other.shape or not np.array_equal(one, other)


@pytest.mark.parametrize("grip", GRIPS)
def test_fingers_are_where_the_page_is_not_to_be_seen(grip: str) -> None:
    page = make_held(3, SMALL, grip)
    away = np.abs(page.picture - page.clean).max(axis=2)
    assert page.fingers.any()
    assert np.median(away[page.fingers]) > 3 * np.median(away[~page.fingers])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_holes_have_no_paper(pattern: str) -> None:
    page = make_punched(4, (620, 877), pattern)
    x, y = np.rint(page.centres).astype(int).T
    assert page.holes[y, x].all()
    assert len(x) >= 2
    area = page.holes.sum() / len(x)
    assert area == pytest.approx(np.pi * page.radius**2, rel=0.15) or page.torn


@pytest.mark.parametrize(("pattern", "share"), list(zip(BINDINGS, (4.0, 4.0, np.pi), strict=True)))
def test_holes_of_a_wire_are_square_and_those_of_a_coil_round(pattern: str, share: float) -> None:
    page = make_punched(4, (620, 877), pattern)
    assert len(page.centres) >= 15
    assert page.holes.sum() / len(page.centres) / page.radius**2 == pytest.approx(share, rel=0.2)


@pytest.mark.parametrize("pattern", UNPUNCHED)
def test_a_page_without_holes_has_none(pattern: str) -> None:
    page = make_punched(4, SMALL, pattern)
    assert not len(page.centres)
    assert not page.holes.any()
    assert page.picture.shape == page.bare.shape
    assert page.ink.any()


@pytest.mark.long
def test_no_paper_is_brighter_than_a_camera_shows() -> None:
    bright = [make_held(seed, SMALL).bare.max() for seed in range(6)]
    assert max(bright) == 255


@pytest.mark.parametrize("colour", ["red", "blue"])
def test_seals_have_their_colour(colour: str) -> None:
    page = make_stamped(8, (620, 877), colour)
    redder = page.picture[:, :, 2].astype(int) - page.picture[:, :, 0]
    seal = redder[page.seal & ~page.ink].mean() - redder[~page.seal & ~page.ink].mean()
    assert seal > 40 if colour == "red" else seal < -40


@pytest.mark.parametrize("make", [curled_page, open_book])
def test_bent_pages_lie_within_their_grids(make: Callable[..., Any]) -> None:
    scene = make(np.random.default_rng(5), 800)
    outlines = [np.concatenate([grid[0], grid[1][::-1]]) for grid in scene.grids]
    paper = np.zeros(scene.picture.shape[:2], np.uint8)
    cv2.fillPoly(paper, [np.rint(outline).astype(np.int32) for outline in outlines], 1)
    rim = cv2.dilate(paper, np.ones((9, 9))) - cv2.erode(paper, np.ones((9, 9)))
    grey = cv2.cvtColor(scene.picture, cv2.COLOR_BGR2GRAY)
    inside, outside = (np.median(grey[(paper == part) & (rim == 0)]) for part in (1, 0))
    assert inside > outside + 60
    bright = grey > (inside + outside) / 2
    assert bright[(rim == 1) & (paper == 1)].mean() > 0.9 > 0.1 > bright[(rim == 1) & (paper == 0)].mean()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", SHEETS)
def test_whole_pages_hold_their_print(kind: str) -> None:
    page = make_whole_page(6, kind)
    assert page.ink.shape == page.picture.shape[:2]
    assert page.ink.mean() < 0.6
    assert page.ink.any() or kind in PICTURED
    inside = cv2.fillPoly(np.zeros(page.ink.shape, np.uint8), [np.rint(page.sheet).astype(np.int32)], 1)
    assert inside.mean() > 0.45
    assert not (page.ink & (cv2.dilate(inside, np.ones((5, 5))) == 0)).any()


def test_the_demo_devices_load_no_datasets() -> None:
    code = (
        "import sys, server.devices.adapters.demo; "
        "print([name for name in sys.modules if name.startswith('synthetic.datasets.')])"
    )
    root = Path(__file__).parents[3]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert loaded.stdout.strip() == "[]"
