"""Mixed raster content: print in the mask, pictures as they are, and the page that both show."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.output.mixed_raster import LEAST_SIDE, MixedRaster, mixed_raster
from imgcore.paper.layers_net import PageLayersNet
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.documents.illustrated import illustrated_page

SIZE = (1240, 1754)
PHOTOGRAPH = np.s_[530:900, 120:620]
"""Rows and columns within the photograph of an illustrated page of that size."""


@pytest.fixture(scope="module")
def net() -> PageLayersNet:
    return ModelCache().page_layers()


@pytest.fixture(scope="module")
def page() -> Image:
    return illustrated_page(SIZE)


@pytest.fixture(scope="module")
def layers(page: Image, net: PageLayersNet) -> MixedRaster:
    found = mixed_raster(page, net, 150)
    assert found is not None
    return found


def test_print_is_in_the_mask_and_no_photograph_is(page: Image, layers: MixedRaster) -> None:
    ink = page[950:1700, 110:1100].max(axis=2) < 80
    assert layers.mask[950:1700, 110:1100][ink].mean() > 0.9
    assert not layers.mask[PHOTOGRAPH].any()


def test_a_photograph_is_a_picture(layers: MixedRaster) -> None:
    covered = np.zeros(layers.mask.shape, np.bool_)
    for rect in layers.pictures:
        covered[rect.top : rect.bottom, rect.left : rect.right] = True
    assert covered[PHOTOGRAPH].all()
    assert covered.mean() < 0.4


def test_the_layers_show_the_page(page: Image, layers: MixedRaster) -> None:
    small = (SIZE[0] // 5, SIZE[1] // 5)
    shown, seen = (
        cv2.resize(each, small, interpolation=cv2.INTER_AREA).astype(int)
        for each in (layers.shown(page), page)
    )
    assert np.percentile(np.abs(shown - seen), 99) < 25
    assert np.array_equal(layers.shown(page)[PHOTOGRAPH], page[PHOTOGRAPH])


def test_a_grey_page_stays_grey(page: Image, net: PageLayersNet) -> None:
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    layers = mixed_raster(grey, net, 150)
    assert layers is not None
    assert layers.paper.ndim == layers.ink.ndim == 2 and layers.shown(grey).shape == grey.shape


def test_a_bare_page_a_picture_and_a_scrap_have_no_layers(net: PageLayersNet) -> None:
    random = np.random.default_rng(1)
    bare = np.full((900, 700, 3), 250, np.uint8)
    coarse = random.integers(0, 256, (30, 24, 3), np.uint8)
    picture = np.asarray(cv2.resize(coarse, (700, 900), interpolation=cv2.INTER_CUBIC), np.uint8)
    scrap = np.full((LEAST_SIDE - 1, 700, 3), 250, np.uint8)
    assert [mixed_raster(one, net) for one in (bare, picture, scrap)] == [None, None, None]
