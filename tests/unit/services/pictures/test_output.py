"""Output: a verdict is found while a picture is encoded, and what cannot be made is told with its reason."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from imgcore.output.finish import OutputSettings
from imgcore.settings import Crop, ImageType, Rect, Settings
from imgcore.types import Image
from imgcore.verdict import Verdict
from server.errors import LocalizedText, PictureUnreadable
from server.services.pictures import output
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.order import PictureOrder
from server.services.pictures.output import PictureWork, encode, process_image
from server.storage.paths import PictureFormat
from tests.fakes.paper import A4, page_on_desk, printed
from tests.patience import PATIENCE

ASKED = Settings(crop=Crop.SINGLE, image_type=ImageType.COLOUR)
WORK = PictureWork(PictureOrder(ASKED), ModelCache())
SHOWN = LocalizedText("图", "the page")


def test_a_picture_is_judged_while_it_is_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    encoding = threading.Event()
    encode = output.encode

    def judge(_: Image, __: float) -> Verdict:
        return Verdict(blurred=1.0 if encoding.wait(PATIENCE) else 0.0)

    def announced(*arguments: object) -> object:
        encoding.set()
        return encode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(output, "judge", judge)
    monkeypatch.setattr(output, "encode", announced)
    with ThreadPoolExecutor(1) as threads:
        (finished,) = replace(WORK, helpers=threads).run(page_on_desk(), "page")
    assert finished.encoded.verdict == Verdict(blurred=1.0)


def test_threads_change_nothing_of_a_verdict() -> None:
    (alone,) = WORK.run(page_on_desk(), "page")
    with ThreadPoolExecutor(1) as threads:
        (beside,) = replace(WORK, helpers=threads).run(page_on_desk(), "page")
    assert alone.encoded.verdict is not None
    assert beside.encoded.verdict == alone.encoded.verdict
    (unjudged,) = replace(WORK, order=PictureOrder(ASKED, judged=False)).run(page_on_desk(), "page")
    assert unjudged.encoded.verdict is None


def test_a_rectangle_that_holds_nothing_is_told() -> None:
    settings = Settings(crop=Crop.MANUAL, rect=Rect(500, 500, 600, 600))
    with pytest.raises(PictureUnreadable, match="the page cannot be decoded: the crop rectangle"):
        process_image(np.zeros((50, 50), np.uint8), settings, ModelCache(), SHOWN)


def test_a_picture_its_format_cannot_hold_is_told() -> None:
    with pytest.raises(PictureUnreadable, match="webp"):
        encode(np.zeros((2, 17000), np.uint8), PictureOrder(picture_format=PictureFormat.WEBP))


@pytest.mark.parametrize("kind", [PictureFormat.JPEG, PictureFormat.PDF])
def test_size_is_that_of_the_picture(kind: PictureFormat) -> None:
    made = encode(np.zeros((30, 40), np.uint8), PictureOrder(picture_format=kind), dots=300.0)
    assert made.size == (40, 30)
    assert made.data.startswith(b"%PDF-" if kind is PictureFormat.PDF else b"\xff\xd8")


@pytest.mark.parametrize(("dots", "stated", "source"), [(0.0, 150.0, "format"), (75.0, 75.0, "device")])
def test_a_sheet_of_a_standard_format_is_stated_at_its_size(dots: float, stated: float, source: str) -> None:
    page = printed(A4, 15)
    cut = Settings(crop=Crop.MANUAL, rect=Rect(0, 0, *A4))
    order = replace(WORK.order, settings=cut, picture_format=PictureFormat.PDF, judged=False)
    work = replace(WORK, order=order)
    ((made, *_),) = work.run(page, "page", dots)
    assert made.dots == pytest.approx(stated, rel=2e-3)
    assert made.dots_source == source
    assert made.crop.paper == ("A2" if dots else "A4")
    asked = replace(order, output=OutputSettings(dots=100.0))
    ((overridden, *_),) = replace(work, order=asked).run(page, "page", dots)
    assert (overridden.dots, overridden.dots_source) == (100.0, "stated")
