"""S56: work on pages' pictures is bounded by their shape, weighed by its memory, and ends with its client."""

from __future__ import annotations

import asyncio
import base64
import struct
import threading
import zlib
from collections.abc import Mapping

import pytest

from imgcore.settings import ImageType, Removal, Settings
from imgcore.stopping import WorkStopped, stop_here
from imgcore.types import Image
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from server.errors import (
    GaopaiError,
    PictureTooLarge,
    PictureTooLong,
    PictureTooNarrow,
    PictureUnreadable,
)
from server.services import processing
from server.services.fingerprints.matcher import MinutiaeMatcher, UploadedFingerprints
from server.services.pictures.output import PictureWork
from server.services.pools import ThreadPools
from server.services.processing import MOST_MEMORY
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.patience import PATIENCE

SHAPES: Mapping[tuple[int, int], type[GaopaiError]] = {
    (20, 20_000): PictureTooNarrow,
    (1, 3000): PictureTooNarrow,
    (1500, 7): PictureTooNarrow,
    (60, 300_000): PictureTooLong,
    (400, 33_000): PictureTooLong,
    (12_000, 12_000): PictureTooLarge,
}
ASKED: Mapping[str, Mapping[str, object]] = {
    "ProcessImage": {"filePath": "", "cropType": 1, "removalForeign": 3},
    "RecogBarCode": {},
    "FingerMatch": {"timeout": 0},
}
"""Functions that take a picture, and what else they are given."""


def png(width: int, height: int) -> str:
    """Return a grey PNG in base64, of few bytes whatever its size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x80" * width) * height, 9)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("func", ASKED)
async def test_a_picture_of_no_shape_is_refused_by_its_error(service: Running, func: str) -> None:
    field = "fingerImageBase64" if func == "FingerMatch" else "imageBase64"
    async with connect(service.url, ALLOWED) as page:
        for (width, height), error in SHAPES.items():
            answer = await page.ask(func, **{field: png(width, height), **ASKED[func]})
            assert answer["result"] == error.code, (width, height, answer)
            assert f"{width} x {height}" in answer["errorMsg"]


async def test_the_thinnest_that_are_worked_on_meet_no_internal_error(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        for width, height in ((1, 1), (1, 100), (100, 1), (7, 700), (1500, 15)):
            for kind in ImageType:
                asked = {"imageType": kind, "removalForeign": 3, "cropType": 1, "fillBorderType": 2}
                answer = await page.ask("ProcessImage", imageBase64=png(width, height), filePath="", **asked)
                assert answer["result"] == 0, (width, height, kind, answer)


async def test_a_picture_of_no_fingers_size_is_told_so() -> None:
    pools = ThreadPools()
    pool = Pool(1_000_000, most=1)
    try:
        uploaded = UploadedFingerprints(MinutiaeMatcher(), pools, Decoders(pool))
        for width, height in ((1, 1), (700, 7), (63, 200)):
            with pytest.raises(PictureUnreadable, match="no finger's size"):
                await uploaded.views(png(width, height), "")
    finally:
        await pool.close()
        pools.close()


async def test_work_ends_when_its_page_hangs_up(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    ended = threading.Event()

    def endless(*_: object) -> list[object]:
        begun.set()
        try:
            while not ended.wait(0.001):
                stop_here()
        except WorkStopped:
            ended.set()
            raise
        return []

    monkeypatch.setattr(PictureWork, "run", endless)
    async with connect(service.url, ALLOWED) as page:
        await page.send("ProcessImage", imageBase64=png(30, 20), filePath="")
        assert await asyncio.to_thread(begun.wait, PATIENCE)
    assert await asyncio.to_thread(ended.wait, PATIENCE)


def test_a_picture_that_the_machine_has_no_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    image: Image = processing.np.zeros((3000, 2000, 3), processing.np.uint8)
    stamp = Settings(image_type=ImageType.RED_STAMP, removal=Removal.SHOW_THROUGH)
    assert processing._memory(image, stamp, "a") > 20 * image.size // 3
    assert processing._memory(image, Settings(), "a") < processing._memory(image, stamp, "a") < MOST_MEMORY
    monkeypatch.setattr(processing, "MOST_MEMORY", 200 << 20)
    processing._memory(image, Settings(), "a")
    with pytest.raises(PictureTooLarge, match="2000 x 3000"):
        processing._memory(image, stamp, "a")
