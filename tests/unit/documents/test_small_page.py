"""Small PDFs of a page: their bytes, their size, and what viewers show of them."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pikepdf
import pytest

from imgcore import codec
from imgcore.paper.layers_net import PageLayersNet
from imgcore.types import Image
from server.archive.conformance import breaches, claimed_level
from server.archive.pdfa import Archival, make_archival, saved
from server.documents.pdf_image import PdfImage
from server.documents.small_page import small_page, small_page_within, structural_similarity
from server.services.pictures.model_cache import ModelCache
from synthetic.documents.illustrated import illustrated_page
from tests.unit.documents.samples import drawn

SIZE = (1240, 1754)
DOTS = (150.0, 150.0)
PHOTOGRAPH = np.s_[530:900, 120:620]


@pytest.fixture(scope="module")
def net() -> PageLayersNet:
    return ModelCache().page_layers()


@pytest.fixture(scope="module")
def page() -> Image:
    """As a scanner gives it, with grain."""
    image = illustrated_page(SIZE)
    grain = np.random.default_rng(1).normal(0, 2, image.shape)
    return np.asarray(np.clip(image + grain, 0, 255), np.uint8)


@pytest.fixture(scope="module")
def jpeg(page: Image) -> bytes:
    return codec.encode(page, "jpg", 92)


@pytest.fixture(scope="module")
def made(page: Image, jpeg: bytes, net: PageLayersNet) -> bytes:
    return small_page_within(page, DOTS, net, len(jpeg))


def test_it_is_smaller_and_of_the_same_size(made: bytes, jpeg: bytes) -> None:
    assert 0 < len(made) < 0.3 * len(jpeg)
    with pikepdf.open(io.BytesIO(made)) as document:
        (only,) = document.pages
        assert [float(number) for number in only.mediabox] == pytest.approx([0, 0, 595.2, 841.92], abs=0.1)


def test_viewers_show_the_page(made: bytes, page: Image) -> None:
    # Viewers round a page's size up.
    shown = drawn(made, scale=150 / 72)[: SIZE[1], : SIZE[0]]
    assert shown.shape == page.shape
    assert structural_similarity(shown[PHOTOGRAPH], page[PHOTOGRAPH]) > 0.93
    small = (SIZE[0] // 5, SIZE[1] // 5)
    ours, theirs = (
        cv2.resize(each, small, interpolation=cv2.INTER_AREA).astype(int) for each in (shown, page)
    )
    assert np.abs(ours - theirs).mean() < 4


def test_it_is_an_archive_where_asked(made: bytes) -> None:
    with pikepdf.open(io.BytesIO(made)) as document:
        make_archival(document, Archival("2b", 0))
        data = bytes(saved(document))
    with pikepdf.open(io.BytesIO(data)) as document:
        assert claimed_level(document) == "2b" and not breaches(data, document, "2b")


def test_a_page_that_would_not_become_smaller_stays(page: Image, made: bytes, net: PageLayersNet) -> None:
    assert small_page_within(page, DOTS, net, len(made)) == b""


def test_black_and_white_stays(page: Image, net: PageLayersNet) -> None:
    bilevel = np.where(page.min(axis=2) > 128, 255, 0).astype(np.uint8)
    assert small_page_within(bilevel, DOTS, net, 1 << 30) == b""


def test_a_profile_is_kept_and_one_of_other_colours_stays_with_its_page(
    page: Image, jpeg: bytes, net: PageLayersNet
) -> None:
    profile = b"a profile"
    stored = PdfImage(jpeg, "JPEG", *SIZE, 3, dots=DOTS, profile=profile)
    data = small_page(page, stored, net)
    with pikepdf.open(io.BytesIO(data)) as document:
        spaces = [one.ColorSpace for one in document.pages[0].Resources.XObject.values()]
        assert {bytes(space[1].read_bytes()) for space in spaces} == {profile}
    cmyk = PdfImage(jpeg, "JPEG", *SIZE, 4, dots=DOTS, profile=profile)
    assert small_page(page, cmyk, net) == b""


def test_likeness_of_a_picture_to_itself_and_to_noise() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (60, 60), np.uint8)
    assert structural_similarity(picture, picture) == pytest.approx(1)
    assert structural_similarity(picture, picture[::-1].copy()) < 0.2
