"""Jobs of programs that scan: pages, the feeder, states, errors, and clients that leave."""

from __future__ import annotations

import asyncio
import io
import xml.dom.minidom

import aiohttp
import numpy as np
import pikepdf
import PIL.Image
import pytest
from aiohttp import web

from server.connection import downloads
from server.errors import CoverOpen, DeviceGone, FeederEmpty, PaperJam
from server.share import jobs, listening
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.functional.test_auto_capture import FIRST, SECOND, SIZE
from tests.patience import PATIENCE
from tests.share.client import EsclClient


def image(data: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(data))


async def until(condition: object) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", ["ScannerCapabilities", "ScannerStatus"])
async def test_answers_are_xml(escl: EsclClient, name: str) -> None:
    answer = await escl.get(name)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/xml")
    xml.dom.minidom.parseString(answer.body)


async def test_a_page_is_cropped_and_the_job_ends(escl: EsclClient, service: Running) -> None:
    job = await escl.job()
    page = image((await escl.next(job)).body)
    # The page is the middle half of the desk, and this one is no A4.
    assert 200 < page.width * 640 / (75 * 297 / 25.4) < 360, page.size
    assert page.info["dpi"] == (75, 75)
    assert (await escl.get("ScannerStatus")).values("JobState") == ["Completed"]
    last = await escl.next(job)
    assert (last.status, last.body) == (404, b""), "sane-escl takes any body for a picture"
    assert (await escl.ask("DELETE", job)).status == 200
    assert (await escl.ask("DELETE", job)).status == 404
    await until(lambda: service.camera.history[-1] == "close")


@pytest.mark.parametrize(
    ("colours", "mode"), [("RGB24", "RGB"), ("Grayscale8", "L"), ("BlackAndWhite1", "L")]
)
async def test_colours_are_those_asked_for(escl: EsclClient, colours: str, mode: str) -> None:
    (data,) = await escl.scan(ColorMode=colours, DocumentFormat="image/png")
    page = image(data)
    assert page.format == "PNG" and page.mode in (mode, "1" if mode == "L" else mode)
    if colours == "BlackAndWhite1":
        assert set(np.unique(np.asarray(page.convert("L")))) <= {0, 255}


async def test_a_pdf_is_one(escl: EsclClient) -> None:
    (data,) = await escl.scan(DocumentFormat="application/pdf")
    with pikepdf.open(io.BytesIO(data)) as document:
        assert len(document.pages) == 1


async def test_a_clients_intent_chooses_the_profile(escl: EsclClient, service: Running) -> None:
    """A document is cleaned, a photo keeps its paper, a preview is small, an object is the whole desk."""
    service.camera.jpegs[SIZE] = FIRST
    made = {}
    sizes = {}
    for intent in ("Document", "TextAndGraphic", "Photo", "Preview", "Object", "Unheard"):
        (data,) = await escl.scan(Intent=intent, XResolution=150)
        made[intent], sizes[intent] = np.asarray(image(data).convert("L"), np.float32), len(data)
    paper = {intent: float(np.percentile(page, 60)) for intent, page in made.items()}
    rim = {intent: float(np.median(page[:, :4])) for intent, page in made.items()}
    assert min(paper["Document"], paper["TextAndGraphic"], paper["Unheard"]) > 250
    assert max(paper["Photo"], paper["Preview"]) < 250
    assert rim["Object"] < 100 < min(rim[intent] for intent in rim if intent != "Object")
    assert sizes["Preview"] < sizes["Photo"]
    assert made["Object"].shape[1] > made["Object"].shape[0], "the desk lies across"


async def feeder(escl: EsclClient) -> EsclClient:
    lines = (await escl.ask("GET", "/")).body.decode().splitlines()[1:]
    return EsclClient(escl.session, escl.address, lines[1].split("  ")[0])


async def test_a_grey_page_is_given_in_colour_to_whom_asks_for_it(escl: EsclClient, service: Running) -> None:
    (page, *_) = await (await feeder(escl)).scan()
    assert image(page).mode == "RGB"


async def test_a_feeder_gives_every_page_and_then_no_more(escl: EsclClient, service: Running) -> None:
    scanner = await feeder(escl)
    assert (await scanner.get("ScannerStatus")).values("AdfState") == ["ScannerAdfLoaded"]
    pages = await scanner.scan(InputSource="Feeder", DocumentFormat="image/png")
    bars = [int((np.asarray(image(page).convert("L"))[22] < 128).sum()) for page in pages]
    assert len(bars) == 3 and bars[0] < bars[1] < bars[2]
    assert service.scanner.orders[0].source.feeder
    assert (await scanner.get("ScannerStatus")).values("State") == ["Idle"]


@pytest.mark.parametrize(
    ("fault", "status", "state"),
    [
        (PaperJam, 409, "ScannerAdfJam"),
        (CoverOpen, 409, "ScannerAdfDoorOpen"),
        (FeederEmpty, 404, "ScannerAdfEmpty"),
    ],
)
async def test_a_fault_comes_after_the_pages_before_it(
    escl: EsclClient, service: Running, fault: type[PaperJam], status: int, state: str
) -> None:
    scanner = await feeder(escl)
    service.scanner.fault = fault(device="Fake")
    job = await scanner.job(InputSource="Feeder")
    assert [(await scanner.next(job)).status for _ in range(4)] == [200, 200, 200, status]
    answer = await scanner.get("ScannerStatus")
    assert (answer.values("AdfState"), answer.values("JobState")) == ([state], ["Aborted"])
    service.scanner.fault = None
    assert len(await scanner.scan(InputSource="Feeder")) == 3
    assert (await scanner.get("ScannerStatus")).values("AdfState") == ["ScannerAdfLoaded"]


async def test_a_cancelled_scan_stops_the_paper(escl: EsclClient, service: Running) -> None:
    scanner = await feeder(escl)
    service.scanner.pulls = asyncio.Semaphore(1)
    job = await scanner.job(InputSource="Feeder")
    assert (await scanner.next(job)).status == 200
    assert (await scanner.ask("DELETE", job)).status == 200
    assert "close" in service.scanner.history
    service.scanner.pulls = asyncio.Semaphore(100)
    assert len(await scanner.scan(InputSource="Feeder")) == 3


async def test_the_camera_feeds_each_page_that_is_laid_down(escl: EsclClient, service: Running) -> None:
    service.camera.jpegs[SIZE] = FIRST
    job = await escl.job(InputSource="Feeder")
    first = (await escl.next(job)).body
    service.camera.jpegs[SIZE] = SECOND
    second = (await escl.next(job)).body
    assert image(first).format == image(second).format == "JPEG" and first != second
    service.camera.frozen.set()
    assert (await escl.get("ScannerStatus")).values("State") == ["Processing"]
    assert (await escl.get("ScannerStatus")).values("ImagesCompleted") == ["2"]


async def test_a_pages_camera_is_busy_and_never_taken(escl: EsclClient, service: Running) -> None:
    async with connect(service.url, origin=ALLOWED) as page:
        await page.must("OpenCamera", devNum=0)
        answer = await escl.post()
        assert answer.status == 503 and answer.headers["Retry-After"]
        assert (await escl.get("ScannerStatus")).values("State") == ["Processing"]
        await page.must("CameraCaptureBase64", devNum=0)
        await page.must("CloseCamera", devNum=0)
    assert len(await escl.scan()) == 1


async def test_a_program_without_an_origin_is_no_friend_of_it_either(
    escl: EsclClient, service: Running
) -> None:
    async with connect(service.url, origin=None) as program:
        await program.must("OpenCamera", devNum=0)
        assert (await escl.post()).status == 503


async def test_while_a_program_scans_a_page_hears_which(escl: EsclClient, service: Running) -> None:
    service.camera.frozen.set()
    job = await escl.job()
    async with connect(service.url, origin=ALLOWED) as page:
        refused = await page.ask("OpenCamera", devNum=0)
    assert refused["result"] == 2002 and "python" in refused["errorMsg"].lower(), refused
    await escl.ask("DELETE", job)
    service.camera.frozen.clear()
    assert len(await escl.scan()) == 1


async def test_of_two_jobs_at_once_one_is_busy(escl: EsclClient, service: Running) -> None:
    service.camera.frozen.set()
    job = await escl.job()
    assert (await escl.post()).status == 503
    service.camera.frozen.clear()
    assert (await escl.next(job)).status == 200
    assert len(await escl.scan()) == 1


async def test_a_camera_that_is_unplugged_ends_its_job(escl: EsclClient, service: Running) -> None:
    service.camera.frozen.set()
    job = await escl.job()
    service.camera.fault = DeviceGone(device="Fake")
    service.camera.frozen.clear()
    assert (await escl.next(job)).status == 410
    assert (await escl.get("ScannerStatus")).values("State") == ["Idle"]
    service.camera.fault = None
    assert len(await escl.scan()) == 1


async def test_a_job_that_nobody_fetches_ends(
    escl: EsclClient, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "UNFETCHED_SECONDS", 0.3)
    job = await escl.job()
    async with asyncio.timeout(PATIENCE):
        while (await escl.get("ScannerStatus")).values("JobState") != ["Aborted"]:
            await asyncio.sleep(0.02)
    assert (await escl.ask("GET", f"{job}/NextDocument")).status == 500
    await until(lambda: service.camera.history[-1] == "close")


async def test_a_page_that_a_client_did_not_take_is_given_again(
    escl: EsclClient, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def half(request: web.Request, response: web.StreamResponse, pieces: object) -> bool:
        return await downloads.send_pieces(request, response, downloads.pieces_of(b"half")) and False

    job = await escl.job()
    with monkeypatch.context() as patch:
        patch.setattr(listening, "send_pieces", half)
        with pytest.raises(aiohttp.ClientError):
            await escl.next(job)
    assert image((await escl.next(job)).body).format == "JPEG"
    assert (await escl.next(job)).status == 404


async def test_what_comes_late_is_asked_for_again(
    escl: EsclClient, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HOLD_SECONDS", 0.1)
    service.camera.frozen.set()
    job = await escl.job()
    assert (await escl.ask("GET", f"{job}/NextDocument")).status == 503
    service.camera.frozen.clear()
    assert (await escl.next(job)).status == 200
