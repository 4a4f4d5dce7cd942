"""S36: the barcodes of foreign pictures are read in decoding processes, and what these say is checked."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import math
from collections.abc import AsyncIterator

import cv2
import msgspec
import numpy as np
import pytest
import zxingcpp

from imgcore.barcode import Code, Symbology
from server.decoding import packing, wire
from server.decoding import packing as barcodes
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from server.documents.faults import DocumentFault
from server.services.pictures import output
from tests import adversarial
from tests.architecture.test_foreign_input import serving, used
from tests.architecture.tree import ROOT
from tests.fakes.decoding import mapped
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect

TEXT = "https://oa.example.cn/?id=42"
STREAMING = ROOT / "server" / "streaming"
LIVE = STREAMING / "barcodes.py"
"""Reads the frames of cameras, with the least effort."""
CAPTURED = ROOT / "server" / "services" / "pictures" / "output.py"
"""Reads what the service captured or scanned itself, where its file's name needs a barcode."""
BARCODE = barcodes.PackedBarcode(TEXT, Symbology.QR, ((1, 2), (3, 2), (3, 4), (1, 4)), (), ())


def page() -> bytes:
    """A page of finder patterns, and one code."""
    made = zxingcpp.create_barcode(TEXT, zxingcpp.BarcodeFormat.QRCode)
    code = np.array(zxingcpp.write_barcode_to_image(made, scale=6, add_quiet_zones=True), np.uint8)
    tiling = adversarial.finder_patterns(1000)
    tiling[: len(code) + 60, : len(code) + 60] = 255
    tiling[30 : 30 + len(code), 30 : 30 + len(code)] = code
    return cv2.imencode(".png", tiling)[1].tobytes()


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    running = Pool(30_000_000, most=1)
    yield running
    await running.close()


async def test_a_process_finds_the_code_among_finder_patterns(pool: Pool) -> None:
    decoders = Decoders(pool)
    with contextlib.closing(await decoders.opened("a", page())) as file:
        (found,) = await decoders.read_barcodes(file, 0)
    assert (found.text, found.symbology) == (TEXT, Symbology.QR)
    assert found.corners.dtype == np.float32
    assert found.corners.shape == (4, 2)


def test_only_what_the_service_sees_itself_is_read_in_it() -> None:
    modules = (*serving(), *STREAMING.rglob("*.py"))
    reading = {path for path in modules if any(name.endswith(".read_codes") for name in used(path))}
    assert reading == {LIVE, CAPTURED}


@pytest.mark.parametrize(
    "content",
    [
        b"\xc1",
        msgspec.msgpack.encode([["text"]]),
        msgspec.msgpack.encode([msgspec.structs.replace(BARCODE, corners=BARCODE.corners[:3])]),
        msgspec.msgpack.encode([msgspec.structs.replace(BARCODE, corners=((math.nan, 0),) * 4)]),
        msgspec.msgpack.encode([msgspec.structs.replace(BARCODE, corners=((math.inf, 0),) * 4)]),
        msgspec.msgpack.encode([["text", "no symbology", BARCODE.corners, [], []]]),
        bytes(barcodes.LONGEST_BARCODES + 1),
    ],
)
async def test_nonsense_is_not_believed(content: bytes) -> None:
    file = await asyncio.to_thread(mapped, [content])
    with pytest.raises(DocumentFault, match="nonsense"):
        packing.unpacked_barcodes(file)


def test_barcodes_travel_whole() -> None:
    corners = np.array([(0, 0.5), (9, 0), (9, 9), (0, 9)], np.float32)
    (back,) = packing.unpacked_barcodes(
        packing.packed_barcodes([Code("7", Symbology.PHARMACODE, corners, ("5",), ("x",))])
    )
    assert (back.text, back.symbology, back.alternatives, back.checks) == (
        "7",
        Symbology.PHARMACODE,
        ("5",),
        ("x",),
    )
    assert (back.corners == corners).all()


class Elsewhere:
    """A process that says that it has read barcodes, and gives none."""

    async def run(self, task: wire.Task, file: int, quick: bool = False) -> tuple[wire.DecodingAnswer, None]:
        return (wire.Inspected(1) if isinstance(task, wire.Inspect) else wire.BarcodesRead()), None


async def test_an_answer_without_its_file_is_nonsense() -> None:
    decoders = Decoders(Elsewhere())
    file = await decoders.opened("a", page())
    with contextlib.closing(file), pytest.raises(DocumentFault, match="nonsense"):
        await decoders.read_barcodes(file, 0)


async def test_a_name_with_a_barcode_reads_a_pages_picture_elsewhere(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_here(image: object) -> str:
        raise AssertionError("a foreign picture is read in the service")

    monkeypatch.setattr(output, "read_codes", read_here)
    picture = base64.b64encode(page()).decode()
    async with connect(service.url, ALLOWED) as client:
        answer = await client.must("ProcessImage", imageBase64=picture, filePath="{barcode}.png")
    assert "oa.example.cn" in answer["imagePath"][0]
