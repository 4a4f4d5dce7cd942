"""S13, S14: no function of the protocol that takes a path writes or reads outside the root."""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import cv2
import numpy as np
import pytest
import zxingcpp

from server import config as configuration
from server.archive import signing
from server.config import Config
from server.decoding.text_process import TextDecoder
from server.errors import FaceTooSmall, FileOfNoPage, table
from server.storage import place
from tests.extent import extent
from tests.fakes.documents import PlantedReader
from tests.fakes.forms import teach_claim
from tests.functional.conftest import Running, decoding, kept_processes  # noqa: F401 - fixtures
from tests.functional.page import Message, Page, connect
from tests.functional.receiver import Receiver, receiving
from tests.functional.signer import Signer
from tests.patience import PATIENCE
from tests.security.hostile_paths import CANARY, Taker, everything, hostile, lay_traps, renamed, takers

TAKERS = takers()
NAMES = [f"{taker.function}.{taker.parameter}" for taker in TAKERS]
WRITERS = {
    "CameraCapture.imagePath": "jpg",
    "SetCameraAutoCapture.imagePath": "jpg",
    "Scan.imagePath": "jpg",
    "MergeFile.filePath": "pdf",
    "ComposeCards.filePath": "pdf",
    "PrivateCopy.filePath": "jpg",
    "ProcessImage.filePath": "jpg",
    "SignFile.filePath": "p7s",
    "RequestSignature.filePath": "pdf",
    "StampFile.filePath": "jpg",
    "StartRecord.filePath": "mkv",
}
"""Parameters of names that are written, with a suffix that each takes."""
OTHERS: dict[str, Message] = {
    "Scan": {"scanSource": 0, "scanMode": 0, "scanResolution": 0, "scanPaperSize": 0},
    "SetCameraAutoCapture": {"mode": 2, "seconds": 0.5},
    "ComposeCards": {"layout": 1, "imagePath": ["own.jpg", "own.jpg"]},
    "ProcessImage": {"handle": "", "corners": None, "imagePath": "own.jpg"},
}
"""Parameters of a request beside its name."""
REFUSED = {
    code
    for code, error in table().items()
    if error.__name__
    in {"BadSuffix", "PathOutside", "FileMissing", "BadName", "FileUnreadable", "BadParameter", "InvalidJson",
        "FileExists", "NotAvailable", "DeviceFailed"}
}  # fmt: skip
PICTURE_TROUBLE = 3001
"""A folder has no JPEG's beginning."""
FOUND = {"FaceMatch": FaceTooSmall.code, "GetFile": FileOfNoPage.code}
"""Answers about a picture of a code that no page made, other than 0."""
OVERLONG = (
    b"\xc0\xae\xc0\xae",
    b"\xe0\x80\xae\xe0\x80\xae",
    b"\xf0\x80\x80\xae\xf0\x80\x80\xae",
    b"..\xc0\xaf",
)
"""Dots and a slash in two, three and four bytes, which careless decoders take for the plain ones."""
RACES = extent(4, 12)
"""Requests of each function while a folder is exchanged for a link some ten thousand times a second."""


def barcode(text: str) -> bytes:
    """A JPEG that says `text` to those who read codes, and as a comment to those who take its bytes."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    pixels = np.array(zxingcpp.write_barcode_to_image(made, scale=6, add_quiet_zones=True), np.uint8)
    data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR))[1].tobytes()
    comment = text.encode()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]


@pytest.fixture(autouse=True)
def text_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a page says, copies of it hide something: these tests are about names."""
    planted = PlantedReader()
    monkeypatch.setattr(TextDecoder, "ask", lambda _, task, image: planted.ask(task, image))


@pytest.fixture(autouse=True)
def signatures_are_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for each would take a second of the processor."""

    async def done(job: signing.ArchiveJob, pieces: Sequence[bytes], *_: object) -> bytes:
        worker = await asyncio.to_thread(importlib.import_module, "server.archive.worker")
        # pyHanko reads the time zone in its own loop, once.
        await asyncio.to_thread(importlib.import_module("tzlocal").get_localzone)
        try:
            return await asyncio.to_thread(worker._done, job, b"".join(pieces), bytes) or b"-"
        except signing.JobRefused as exc:
            raise signing._failed(*exc.texts) from exc

    if signing.is_there():
        monkeypatch.setattr(signing, "_run", done)


@pytest.fixture(autouse=True)
def a_form_is_taught(config: Config) -> None:
    """Without any, pages are refused before anybody looks at them."""
    teach_claim(config.access)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as server:
        yield server


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.jpg").write_bytes(barcode(CANARY.decode()))
    return folder


@pytest.fixture
def config(tmp_path: Path, receiver: Receiver) -> Config:
    return Config(
        storage=configuration.StorageConfig(root=str(tmp_path / "pictures")),
        upload=configuration.UploadConfig(allow=(receiver.origin,)),
        limits=configuration.LimitsConfig(waiting_requests=256),
    )


async def prepare(page: Page) -> None:
    """What functions that write need before they look at a path."""
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)
    await page.must("GetScannerName")
    await page.must("GetScannerInfo", devIndex=0)


def fields(taker: Taker, path: str, receiver: Receiver) -> Message:
    """All parameters of a request but that of its name."""
    others = dict(OTHERS.get(taker.function, {}))
    if taker.function == "UploadHttpFile":
        others["url"] = f"{receiver.origin}/up"
    if (taker.function, taker.parameter) == ("MergeFile", "filePath"):
        others["imagePath"] = ["own.jpg"]
    if (taker.function, taker.parameter) == ("SignFile", "filePath"):
        others["path"] = "own.jpg"
    if (taker.function, taker.parameter) == ("VerifyFile", "signaturePath"):
        others["path"] = path
    if taker.function == "RequestSignature":
        others |= {"page": 1, "left": 1, "top": 1, "width": 3, "height": 2, "timeout": 30_000}
        others |= {"imagePath": "own.jpg"} if taker.parameter == "filePath" else {"filePath": ""}
    if taker.function == "PrivateCopy":
        others |= {"imageBase64": "", "hide": ["id"], "keepOriginal": True}
        others |= {"imagePath": "own.jpg"} if taker.parameter == "filePath" else {"filePath": ""}
    if taker.function == "StampFile":
        others |= {"imageBase64": "", "stamps": "copy"}
        others |= {"imagePath": "own.jpg"} if taker.parameter == "filePath" else {"filePath": ""}
    request = taker.request(path, **others)
    return {name: value for name, value in request.items() if name not in ("func", "reqId")}


async def answered(page: Page, taker: Taker, request: Message) -> Message:
    """The answer, which has no reqId where the message was no JSON; notices are passed over.

    A signature that is asked for is written.
    """
    await page.send(taker.function, **request)
    while (answer := await page.receive())["func"] in ("GetScanEndStatue", "Notify", "OnAutoCapture"):
        if answer.get("event") == "OnSignature" and "url" in answer:
            async with Signer(answer["url"]) as signer:
                await signer.sign()
    return answer


def test_the_functions_that_take_paths_are_these() -> None:
    # A new one is here at once, by its parameter's name; this only says that the search finds any.
    assert set(NAMES) >= {
        *WRITERS,
        "RecogBarCode.imagePath",
        "UploadHttpFile.imagePath",
        "MergeFile.imagePath",
    }
    assert "FaceMatch.faceImagePath" in NAMES


@pytest.mark.parametrize("taker", TAKERS, ids=NAMES)
async def test_hostile_paths_are_refused(
    service: Running,
    outside: Path,
    receiver: Receiver,
    taker: Taker,
) -> None:
    (service.root / "own.jpg").write_bytes(barcode("own"))
    lay_traps(service.root, outside)
    before = everything(service.root, outside)
    async with connect(service.url) as page:
        await prepare(page)
        paths = hostile(service.root, outside)
        if f"{taker.function}.{taker.parameter}" not in WRITERS:
            paths |= {what: path for what, (path, _) in renamed(service.root, outside).items()}
        for what, path in paths.items():
            answer = await answered(page, taker, fields(taker, path, receiver))
            assert answer["result"] in REFUSED, (what, answer)
            assert CANARY.decode() not in json.dumps(answer), what
    assert everything(service.root, outside) == before
    assert receiver.arrived == []


@pytest.mark.parametrize("taker", TAKERS, ids=NAMES)
async def test_absolute_names_lead_below_the_root_alone(
    service: Running,
    outside: Path,
    receiver: Receiver,
    taker: Taker,
) -> None:
    """Where a file may be written, there; where one is read, the one that lies there."""
    (service.root / "own.jpg").write_bytes(barcode("own"))
    before = everything(outside)
    suffix = WRITERS.get(f"{taker.function}.{taker.parameter}", "jpg")
    async with connect(service.url) as page:
        await prepare(page)
        for what, (path, below) in renamed(service.root, outside).items():
            file = service.root / below.replace("secret.jpg", f"secret.{suffix}")
            if f"{taker.function}.{taker.parameter}" not in WRITERS:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(barcode("below"))
            answer = await answered(page, taker, fields(taker, path.replace(".jpg", f".{suffix}"), receiver))
            assert answer["result"] == FOUND.get(taker.function, 0), (what, answer)
            assert CANARY.decode() not in json.dumps(answer), what
            if taker.function == "StartRecord":
                await page.must("StopRecord")
            if taker.function == "SetCameraAutoCapture":
                while (await page.receive())["func"] != "OnAutoCapture":
                    pass
                await page.must("SetCameraAutoCapture", mode=0)
            assert file.is_file(), what
            file.unlink()
    assert everything(outside) == before
    assert not any(CANARY in field.data for upload in receiver.arrived for field in upload.fields)


# Refused before it is known whose message it is: one that reads and one that writes stand for all.
@pytest.mark.parametrize("taker", (TAKERS[0], TAKERS[-1]), ids=(NAMES[0], NAMES[-1]))
async def test_overlong_utf8_is_refused(
    service: Running,
    outside: Path,
    receiver: Receiver,
    taker: Taker,
) -> None:
    before = everything(service.root, outside)
    text = json.dumps({"func": taker.function, "reqId": 7, **fields(taker, "@/outside/secret.jpg", receiver)})
    for dots in OVERLONG:
        async with connect(service.url) as page:
            await page.socket.send_bytes(text.encode().replace(b"@", dots))
            answer = await page.receive()
            assert answer["result"] in REFUSED
        async with connect(service.url) as page:
            await page.socket._writer.send_frame(text.encode().replace(b"@", dots), aiohttp.WSMsgType.TEXT)
            async with asyncio.timeout(PATIENCE):
                ended = await page.socket.receive()
            assert ended.type is aiohttp.WSMsgType.CLOSE
            assert ended.data == aiohttp.WSCloseCode.INVALID_TEXT
    assert everything(service.root, outside) == before


@contextmanager
def exchanging(first: Path, second: Path) -> Iterator[None]:
    """Swap two names all the time, each in one step (RENAME_EXCHANGE), so that both always exist."""
    paths = [(ctypes.c_int(-100), ctypes.c_char_p(bytes(path))) for path in (first, second)]
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            place._call("renameat2", *paths[0], *paths[1], ctypes.c_uint(2))

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(PATIENCE)


@pytest.mark.parametrize("taker", TAKERS, ids=NAMES)
async def test_a_folder_exchanged_for_a_link_catches_nobody(
    service: Running,
    outside: Path,
    tmp_path: Path,
    receiver: Receiver,
    taker: Taker,
) -> None:
    (service.root / "own.jpg").write_bytes(barcode("own"))
    (service.root / "sub").mkdir()
    (service.root / "sub" / "secret.jpg").write_bytes(barcode("inside"))
    (tmp_path / "link").symlink_to(outside)
    before = everything(outside)
    answers = []
    async with connect(service.url) as page:
        await prepare(page)
        with exchanging(service.root / "sub", tmp_path / "link"):
            for number in range(RACES):
                writes = f"{taker.function}.{taker.parameter}" in WRITERS
                suffix = WRITERS.get(f"{taker.function}.{taker.parameter}", "jpg")
                path = f"sub/new{number}.{suffix}" if writes else "sub/secret.jpg"
                answers.append(await answered(page, taker, fields(taker, path, receiver)))
    assert everything(outside) == before
    assert CANARY.decode() not in json.dumps(answers)
    sent = [field.data for upload in receiver.arrived for field in upload.fields]
    folder = next(path for path in (service.root / "sub", tmp_path / "link") if not path.is_symlink())
    written = everything(service.root, folder)
    assert not any(CANARY in data for data in [*sent, *written.values()])
