"""Light is measured on paper alone, follows shadows there, and is carried smoothly below everything else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.paper.layers import Layer, PageLayers, find_ground
from imgcore.paper.light import measure_light
from imgcore.types import Image

SHAPE = (300, 220)


def layers(page: Image, /, **boxes: tuple[slice, slice]) -> PageLayers:
    """Layers of a page that is paper but for boxes, each by the name of its layer."""
    told = np.full(page.shape[:2], Layer.PAPER)
    for name, box in boxes.items():
        told[box] = Layer[name.upper()]
    shares = np.eye(4, dtype=np.float32)[told]
    return PageLayers(page, find_ground(page), np.asarray(shares, np.float32))


def lit(level: float = 220.0, to: float = 140.0) -> npt.NDArray[np.float64]:
    """Paper in light that falls off across the page, ``(rows, cols, 3)``."""
    return np.broadcast_to(np.linspace(level, to, SHAPE[1])[None, :, None], (*SHAPE, 3)).copy()


def test_light_falls_off_as_paper_does() -> None:
    light = measure_light(layers(np.asarray(lit(), np.uint8)))
    assert light is not None
    np.testing.assert_allclose(light.level[:, 20:-20], lit()[:, 20:-20], atol=4)


def test_a_picture_changes_nothing_of_the_light_below_it() -> None:
    box = np.s_[80:220, 60:160]
    page = lit()
    page[box] = 30 + 170 * np.random.default_rng(1).random((140, 100, 1))
    light = measure_light(layers(np.asarray(page, np.uint8), picture=box))
    assert light is not None
    share = light.level[box].mean(axis=2) / lit()[box].mean(axis=2)
    assert np.abs(share - 1).max() < 0.08
    assert not light.paper[100:200, 80:140].any()


def test_the_edge_of_a_shadow_goes_with_the_shadow() -> None:
    page = lit(220, 220)
    page[150:] *= 0.5
    light = measure_light(layers(np.asarray(page, np.uint8)))
    assert light is not None
    assert np.abs(light.level[:140] - 221).max() < 5
    assert np.abs(light.level[160:] - 111).max() < 5


def test_a_dark_field_beside_paper_is_not_taken_for_its_shadow() -> None:
    box = np.s_[:, 130:]
    page = lit(220, 220)
    page[box] = (150, 90, 60)
    light = measure_light(layers(np.asarray(page, np.uint8), field=box))
    assert light is not None
    assert np.abs(light.level - 221).max() < 8


def test_a_pale_part_of_a_picture_is_no_paper() -> None:
    """What the net takes for paper there lies within the picture, and is darker than paper would be."""
    page = lit(220, 220)
    page[60:240, 40:180] = 90
    page[120:160, 90:130] = 170
    told = layers(np.asarray(page, np.uint8), picture=np.s_[60:240, 40:180])
    told.shares[120:160, 90:130] = np.eye(4)[Layer.PAPER]
    light = measure_light(told)
    assert light is not None
    assert light.level[135:145, 105:115].mean() > 210
    assert not light.paper[125:155, 95:125].any()


def test_without_paper_there_is_no_light_to_measure() -> None:
    page = np.asarray(lit(), np.uint8)
    assert measure_light(layers(page, field=np.s_[:, :])) is None


def test_warm_light_is_white_and_pink_paper_is_pink() -> None:
    warm = lit(220, 220) * (0.72, 0.9, 1.0)
    light = measure_light(layers(np.asarray(warm, np.uint8)))
    assert light is not None
    np.testing.assert_allclose(light.level[150, 110], warm[150, 110] + 1, rtol=0.03)
    pink = lit(220, 220) * (0.816, 0.8, 1.0)
    light = measure_light(layers(np.asarray(pink, np.uint8)))
    assert light is not None
    assert np.ptp(light.level[150, 110]) < 5


def test_a_grey_page_has_one_channel_of_light() -> None:
    light = measure_light(layers(np.asarray(lit()[:, :, 0], np.uint8)))
    assert light is not None
    assert light.level.shape == (*SHAPE, 1)


def film() -> npt.NDArray[np.float64]:
    """A picture without strokes whose tones go up and down across all of it, ``(rows, cols, 3)``."""
    rows, cols = (np.arange(side) / 20 for side in SHAPE)
    waves = 150 + 60 * np.sin(rows)[:, None] * np.cos(cols)[None, :]
    return np.repeat(waves[:, :, None], 3, axis=2)


def test_a_film_that_was_taken_for_paper_is_none() -> None:
    assert measure_light(layers(np.asarray(film(), np.uint8))) is None


def test_print_on_it_makes_it_paper_in_odd_light() -> None:
    page = film()
    page[::8, ::2] *= 0.3
    assert measure_light(layers(np.asarray(page, np.uint8))) is not None


def test_a_pale_column_that_was_taken_for_paper_hardly_colours_the_light() -> None:
    page = np.full((*SHAPE, 3), (228, 243, 245), np.uint8)
    page[60:240, 20:50] = (240, 235, 232)
    light = measure_light(layers(page))
    assert light is not None
    warm = light.level[:, :, 2] / light.level[:, :, 0]
    assert warm[150, 35] / warm[150, 180] > 0.95, "the column's own is .9"
