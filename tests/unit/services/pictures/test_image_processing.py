"""Finished pictures: what cannot be made is an error that says why."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.settings import Crop, Rect, Settings
from server.errors import LocalizedText, PictureUnreadable
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.output import encode
from server.services.pictures.picture_work import process_image
from server.storage.paths import PictureFormat

SHOWN = LocalizedText("图", "the page")


def test_a_rectangle_that_holds_nothing_is_told() -> None:
    settings = Settings(crop=Crop.MANUAL, rect=Rect(500, 500, 600, 600))
    with pytest.raises(PictureUnreadable, match="the page cannot be decoded: the crop rectangle"):
        process_image(np.zeros((50, 50), np.uint8), settings, ModelCache(), SHOWN)


def test_a_picture_its_format_cannot_hold_is_told() -> None:
    with pytest.raises(PictureUnreadable, match="webp"):
        encode(np.zeros((2, 17000), np.uint8), PictureFormat.WEBP)


@pytest.mark.parametrize("kind", [PictureFormat.JPEG, PictureFormat.PDF])
def test_size_is_that_of_the_picture(kind: PictureFormat) -> None:
    made = encode(np.zeros((30, 40), np.uint8), kind, dots=300.0)
    assert made.size == (40, 30)
    assert made.data.startswith(b"%PDF-" if kind is PictureFormat.PDF else b"\xff\xd8")
