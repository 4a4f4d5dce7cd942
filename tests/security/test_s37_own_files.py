"""S37: a page reads, merges, sends, recognises and replaces what its own origin made, no other's."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from server import config as configuration
from server.config import Config
from server.decoding.text_process import TextDecoder
from server.errors import FileExists, FileOfAnotherOrigin
from tests.fakes.documents import PlantedReader
from tests.fakes.forms import teach_claim
from tests.functional.conftest import ALLOWED, OTHER, Running, decoding, kept_processes  # noqa: F401 - fixtures
from tests.functional.page import Page, connect
from tests.functional.receiver import Receiver, receiving
from tests.security.hostile_paths import Taker, takers
from tests.security.test_s14_every_path import WRITERS, answered, barcode, fields, prepare

READERS = [taker for taker in takers() if f"{taker.function}.{taker.parameter}" not in WRITERS]
NAMES = [f"{taker.function}.{taker.parameter}" for taker in READERS]
SECRET = "secret-of-one-page"


@pytest.fixture(autouse=True)
def text_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a page says, copies of it hide something: these tests are about names."""
    planted = PlantedReader()
    monkeypatch.setattr(TextDecoder, "ask", lambda _, task, image: planted.ask(task, image))


@pytest.fixture(autouse=True)
def a_form_is_taught(config: Config) -> None:
    """Without any, pages are refused before anybody looks at them."""
    teach_claim(config.access)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as server:
        yield server


@pytest.fixture
def sharing() -> bool:
    """The configuration; tests may override it."""
    return False


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder beside the storage folder, with a form in it."""
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "form.jpg").write_bytes(barcode("form"))
    return folder


@pytest.fixture
def config(config: Config, receiver: Receiver, sharing: bool, shared: Path) -> Config:
    storage = msgspec.structs.replace(config.storage, sharing=sharing, folders=(str(shared),))
    upload = configuration.UploadConfig(allow=(receiver.origin,), retry=True)
    return msgspec.structs.replace(config, storage=storage, upload=upload)


async def made(service: Running, origin: str | None) -> str:
    """A picture of a code that a page made, in a file of its own."""
    async with connect(service.url, origin) as page:
        answer = await page.must(
            "MergeFile", imageBase64=base64.b64encode(barcode(SECRET)).decode(), fileType=0
        )
    return str(answer["filePath"])


async def tried(page: Page, taker: Taker, path: str, receiver: Receiver) -> tuple[int, str]:
    request = fields(taker, path, receiver)
    if taker.function in ("MergeFile", "ComposeCards"):
        request["filePath"] = ""
    answer = await answered(page, taker, request)
    return answer["result"], json.dumps(answer)


@pytest.mark.parametrize("taker", READERS, ids=NAMES)
async def test_what_another_origin_made_is_refused_by_every_function(
    service: Running, receiver: Receiver, taker: Taker
) -> None:
    paths = {origin: await made(service, origin) for origin in (ALLOWED, OTHER, None)}
    for origin in paths:
        async with connect(service.url, origin) as page:
            await prepare(page)
            for owner, path in paths.items():
                result, said = await tried(page, taker, path, receiver)
                assert (result == FileOfAnotherOrigin.code) == (owner != origin), (origin, owner, said)
                assert owner == origin or SECRET not in said
            # Every spelling leads to the same file.
            stranger = next(path for owner, path in paths.items() if owner != origin)
            name = Path(stranger).name
            for spelling in (name, f"/{name}", stranger.replace("/", "//")[1:]):
                result, said = await tried(page, taker, spelling, receiver)
                assert result == FileOfAnotherOrigin.code, (spelling, said)


@pytest.mark.parametrize("sharing", [True])
@pytest.mark.parametrize("taker", READERS, ids=NAMES)
async def test_the_configuration_may_share_what_may_be_read(
    service: Running, receiver: Receiver, taker: Taker
) -> None:
    path = await made(service, OTHER)
    async with connect(service.url, ALLOWED) as page:
        await prepare(page)
        assert (await tried(page, taker, path, receiver))[0] != FileOfAnotherOrigin.code
        taken = await page.ask("MergeFile", imagePath=[path], filePath=path)
    assert taken["result"] == FileExists.code


async def test_what_an_administrator_laid_there_is_everybodys(service: Running) -> None:
    (service.root / "form.jpg").write_bytes(barcode("form"))
    for origin in (ALLOWED, OTHER, None):
        async with connect(service.url, origin) as page:
            (found,) = (await page.must("RecogBarCode", imagePath="form.jpg"))["codeInfos"]
            assert found["codeNum"] == "form"
            await prepare(page)
            assert (await page.ask("CameraCapture", devNum=0, imagePath="form.jpg"))[
                "result"
            ] == FileExists.code
            await page.must("CloseCamera")


async def test_a_configured_folder_is_no_way_around_it(service: Running, shared: Path) -> None:
    path = str(shared / "own.jpg")
    async with connect(service.url, ALLOWED) as page:
        await prepare(page)
        (found,) = (await page.must("RecogBarCode", imagePath=str(shared / "form.jpg")))["codeInfos"]
        assert found["codeNum"] == "form"
        for _ in range(2):
            assert (await page.must("CameraCapture", devNum=0, imagePath=path))["imagePath"] == [path]
        await page.must("CloseCamera")
    async with connect(service.url, OTHER) as page:
        await prepare(page)
        assert (await page.ask("RecogBarCode", imagePath=path))["result"] == FileOfAnotherOrigin.code
        assert (await page.ask("CameraCapture", devNum=0, imagePath=path))["result"] == FileExists.code
    assert not any(service.root.rglob("own.jpg"))


async def test_the_standards_one_name_works_again_and_again_for_one_origin(service: Running) -> None:
    """CameraCapture and Scan as in the standard, each twice; another page keeps its hands off."""
    async with connect(service.url, ALLOWED) as page:
        await prepare(page)
        for imagepath in ("/tmp/capture.jpg", "C:/tmp/a.jpg", "C:\\tmp\\a.jpg"):
            paths = [
                (await page.must("CameraCapture", devNum=0, imagePath=imagepath))["imagePath"]
                for _ in range(2)
            ]
            assert paths[0] == paths[1]
        scan = {"devIndex": 0, "scanSource": 1, "scanMode": 0, "scanResolution": 0, "scanPaperSize": 0}
        scans = [await page.must("Scan", **scan, imagePath="/tmp/scannerimage.jpg") for _ in range(2)]
        assert scans[0]["imagePath"] == scans[1]["imagePath"]
        merged = await page.must(
            "MergeFile", imagePath=["/tmp/capture.jpg", "C:/tmp/a.jpg"], filePath="C:/tmp/a.pdf"
        )
        await page.must("CloseCamera")
    assert merged["filePath"] == str(service.root / "C/tmp/a.pdf")
    before = (service.root / "tmp/capture.jpg").read_bytes()
    async with connect(service.url, OTHER) as page:
        await prepare(page)
        refused = await page.ask("CameraCapture", devNum=0, imagePath="/tmp/capture.jpg")
        assert refused["result"] == FileExists.code
        assert "start" in service.camera.history
        # A series passes over what it may not replace, so that no page is lost.
        await page.must("Scan", **scan, imagePath="/tmp/other.jpg")
    assert (service.root / "tmp/capture.jpg").read_bytes() == before


async def test_default_names_cannot_be_guessed(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        await prepare(page)
        one, two = [(await page.must("CameraCapture"))["imagePath"][0] for _ in range(2)]
    ends = [re.fullmatch(r".*/\d{8}-\d{6}-\d{3}-([0-9a-f]{10})\.jpg", path) for path in (one, two)]
    assert ends[0] and ends[1] and ends[0][1] != ends[1][1]


async def test_an_upload_that_waits_sends_nothing_of_another_origin(
    service: Running, receiver: Receiver
) -> None:
    path = await made(service, OTHER)
    receiver.answers.append((503, "later"))
    async with connect(service.url, ALLOWED) as page:
        answer = await page.ask("UploadHttpFile", url=f"{receiver.origin}/up", imagePath=path, retry=True)
    assert answer["result"] == FileOfAnotherOrigin.code
    assert not answer.get("queued")
    assert receiver.arrived == []
