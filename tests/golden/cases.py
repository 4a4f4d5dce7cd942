"""What is held against checked-in pictures: a way through the pipeline each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from imgcore.outline import find_documents
from imgcore.overlay import draw_outlines
from imgcore.pipeline import process
from imgcore.settings import Crop, ImageType, Rect, Settings
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.documents.illustrated import illustrated_page, in_lamplight
from tests.fakes.paper import desk, laid, page_on_desk, sheet, turned

EXPECTED = Path(__file__).parent / "expected"

WAYS = {
    "page": Settings(crop=Crop.SINGLE),
    "page-grey-upside-down": Settings(crop=Crop.SINGLE, image_type=ImageType.GREY, rotate=180),
    "page-black-white": Settings(crop=Crop.SINGLE, image_type=ImageType.BLACK_WHITE),
    "page-straightened": Settings(crop=Crop.MANUAL, rect=Rect(160, 70, 450, 420), deskew=True),
    "rectangle-turned": Settings(crop=Crop.MANUAL, rect=Rect(40, 150, 440, 480), rotate=90),
}


ILLUSTRATED = {
    "illustrated-colour": Settings(image_type=ImageType.COLOUR),
    "illustrated-grey": Settings(image_type=ImageType.GREY),
}
"""Ways of a page with a photograph, a tint and light print, below a lamp."""


def produce() -> dict[str, Image]:
    """All pictures by name, as this version makes them."""
    page = page_on_desk()
    pair = pair_on_desk()
    cache = ModelCache()
    pictures = {name: _processed(page, way, cache) for name, way in WAYS.items()}
    illustrated = in_lamplight(illustrated_page((440, 622)))
    for name, way in ILLUSTRATED.items():
        pictures[name] = _processed(illustrated, way, cache)
    pictures["outlined"] = draw_outlines(pair, find_documents(pair, cache.documents()).outlines)
    return pictures


def _processed(picture: Image, way: Settings, cache: ModelCache) -> Image:
    return process(picture, way, models=cache.models(way)).pictures[0]


def pair_on_desk() -> Image:
    """A page and a slip beside it, in falling light."""
    picture = laid(sheet(), turned(240, 339, (190, 240), 4), desk())
    picture = laid(sheet(180, 400), turned(150, 333, (480, 235), -7), picture)
    light = np.linspace(1.0, 0.7, picture.shape[1])[None, :, None]
    return np.rint(picture * light).astype(np.uint8)
