"""Work on a picture: its verdict is found while it is encoded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from imgcore.settings import Crop, ImageType, Settings
from imgcore.types import Image
from imgcore.verdict import Verdict
from server.services.pictures import picture_work
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.output import PLAIN
from server.services.pictures.picture_work import PictureWork
from server.storage.paths import PictureFormat
from tests.fakes.paper import page_on_desk
from tests.patience import PATIENCE

ASKED = Settings(crop=Crop.SINGLE, image_type=ImageType.COLOUR)
WORK = PictureWork(ASKED, PictureFormat.JPEG, PLAIN, ModelCache(), with_verdict=True)


def test_a_picture_is_judged_while_it_is_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    encoding = threading.Event()
    encode = picture_work.encode

    def judge(_: Image, __: float) -> Verdict:
        return Verdict(blurred=1.0 if encoding.wait(PATIENCE) else 0.0)

    def announced(*arguments: object) -> object:
        encoding.set()
        return encode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(picture_work, "judge", judge)
    monkeypatch.setattr(picture_work, "encode", announced)
    with ThreadPoolExecutor(1) as threads:
        (finished,) = replace(WORK, helpers=threads).run(page_on_desk(), "page")
    assert finished.encoded.verdict == Verdict(blurred=1.0)


def test_threads_change_nothing_of_a_verdict() -> None:
    (alone,) = WORK.run(page_on_desk(), "page")
    with ThreadPoolExecutor(1) as threads:
        (beside,) = replace(WORK, helpers=threads).run(page_on_desk(), "page")
    assert alone.encoded.verdict is not None
    assert beside.encoded.verdict == alone.encoded.verdict
    (unjudged,) = replace(WORK, with_verdict=False).run(page_on_desk(), "page")
    assert unjudged.encoded.verdict is None
