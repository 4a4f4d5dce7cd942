"""Eloam WebCamera over HTTP, and its Linux control, as their pages speak to them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
from pathlib import Path

import aiohttp
import cv2
import numpy as np
import pikepdf
import pytest

from imgcore.face import LivenessResult
from server.dialects import page_session
from server.services.cards.reading import CardReadService
from tests.dialects.conftest import Ports
from tests.dialects.pages import EMBEDDED, HttpPage, closed, http_page, is_open, jpeg, until
from tests.fakes.camera import SIZES, FakeCamera
from tests.fakes.face_engine import ALIVE, PRINTED, UNSURE, coded, face, portrait
from tests.fakes.finger_sensor import press
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import connect
from tests.patience import PATIENCE

STREAM = "/video=stream&camidx=0"


@pytest.fixture
async def page(service: Running, ports: Ports):
    async with http_page(ports.http("eloam")) as page:
        yield page


def size(data: bytes) -> tuple[int, int]:
    """Width and height of a picture."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return image.shape[1], image.shape[0]


# The stream --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        STREAM,
        f"{STREAM}?1",
        f"{STREAM}?1700000000000",
        f"{STREAM}&T=1700000000000",
        "/?video=stream&camidx=0",
        "/video%3Dstream%26camidx%3D0",
    ],
)
async def test_the_picture_opens_the_camera_however_it_is_asked_for(
    service: Running, page: HttpPage, path: str
) -> None:
    async with page.image(path) as image:
        assert await image.next() in service.camera.jpegs[SIZES[0]]
        assert "Access-Control-Allow-Origin" not in image.response.headers
    await closed(service)


async def test_the_camera_is_closed_within_three_seconds_of_the_pages_end(
    service: Running, page: HttpPage
) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        image.response.close()
    await closed(service)
    # Nothing else closes it: a page is forgotten after more than tests wait.
    assert page_session.LINGER_SECONDS + page_session.CHECK_SECONDS < 3
    assert page_session.FORGET_SECONDS > PATIENCE


async def test_an_aborted_request_does_not_end_the_picture_beside_it(
    service: Running, page: HttpPage
) -> None:
    async with page.image(STREAM) as image:
        async with page.request("GET", STREAM) as aborted:
            assert aborted.headers["Access-Control-Allow-Origin"] == ALLOWED
            await aborted.content.readany()
        for _ in range(5):
            await image.next()
        assert service.camera.history.count("close") == 0


async def test_no_camera_is_an_error_of_the_picture(service: Running, page: HttpPage) -> None:
    service.finder.cameras = []
    async with page.request("GET", STREAM, headers=EMBEDDED) as response:
        assert response.status == 503
        assert await response.read() == b""


async def test_a_camera_of_another_page_is_not_shown(service: Running, page: HttpPage) -> None:
    async with connect(service.url, OTHER) as other:
        await other.must("OpenCamera", devNum=0)
        async with page.request("GET", STREAM, headers=EMBEDDED) as response:
            assert response.status == 503


async def test_both_cameras_at_once(service: Running, page: HttpPage) -> None:
    service.finder.cameras.append(FakeCamera("Second"))
    async with page.image(STREAM) as first, page.image("/video=stream&camidx=1") as second:
        await first.next()
        await second.next()
        status = await page.post("/video=status")
        assert (status["video0"], status["video1"]) == ("run", "run")
        assert await page.post("/camera=state") == {"code": "0", "message": "ok", "state": "opened,opened"}


# States and modes --------------------------------------------------------------------------


async def test_states(service: Running, page: HttpPage) -> None:
    assert await page.post("/device=isconnect", {}) == {"code": "0", "message": "ok", "data": "1"}
    assert await page.get("/video=status") == {"code": "0", "message": "ok", "video0": "ok", "video1": "no"}
    async with page.image(STREAM) as image:
        await image.next()
        assert (await page.post("/video=status"))["video0"] == "run"
    service.finder.cameras = []
    assert (await page.post("/device=isconnect"))["data"] == "0"
    assert (await page.post("/video=status"))["video0"] == "no"


async def test_resolutions(page: HttpPage) -> None:
    mjpg = await page.post("/device=getresolution", {"camidx": "0", "mode": "1"})
    assert mjpg == {"code": "0", "message": "ok", "data": "640*480|320*240"}
    yuyv = await page.post("/device=getresolution", {"camidx": "0", "mode": "0"})
    assert (yuyv["code"], yuyv["data"]) == ("1", "")
    assert (await page.post("/device=getequipmenttype", {"camidx": "0"}))["data"] == "Fake"


async def test_a_resolution_set_after_close_holds_for_the_next_stream(
    service: Running, page: HttpPage
) -> None:
    async with page.image(STREAM) as image:
        await image.next()
    await page.post("/video=close", {"camidx": "0"})
    chosen = {"camidx": "0", "mode": "1", "width": "320", "height": "240"}
    assert (await page.post("/device=setresolution", chosen))["code"] == "0"
    async with page.image(STREAM) as image:
        assert size(await image.next()) == (320, 240)


async def test_close_is_idempotent_and_is_carried_out_by_a_page_that_leaves(
    service: Running, page: HttpPage
) -> None:
    assert (await page.post("/video=close", {"camidx": "0"}))["code"] == "0"
    async with page.image(STREAM) as image:
        await image.next()
        response = await page.request("POST", "/video=close", b'{"camidx":"0"}')
        response.close()
        await closed(service)
    assert (await page.post("/video=close"))["code"] == "0"


# Captures ----------------------------------------------------------------------------------


async def test_a_capture_without_a_stream_fails_at_once_and_without_a_picture(page: HttpPage) -> None:
    answer = await page.post("/video=grabimage", {"filepath": "base64", "camidx": "0"})
    assert answer["code"] == "1"
    assert answer["photoBase64"] == ""


@pytest.mark.parametrize(
    "body",
    [
        {"filepath": "base64", "rotate": "0", "cutpage": "0", "camidx": "0"},
        {"filepath": "base64", "rotate": "", "ColorMode": ""},
        b"",
        b"{}",
        b'{"filepath":"base64","rotate":"0"}:""',
        b"%7B%22filepath%22%3A%22base64%22%7D",
    ],
)
async def test_bodies_of_every_kind(page: HttpPage, body: object) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        answer = await page.post("/video=grabimage", body)
        assert answer["code"] == "0"
        assert size(jpeg(answer["photoBase64"])) == SIZES[0]


async def test_the_members_of_a_capture(page: HttpPage) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        cut = await page.post("/video=grabimage", {"filepath": "base64", "cutpage": "1", "deskew": "1"})
        assert size(jpeg(cut["photoBase64"]))[0] < SIZES[0][0]
        turned = await page.post("/video=grabimage", {"filepath": "base64", "rotate": "90"})
        assert size(jpeg(turned["photoBase64"])) == SIZES[0][::-1]
        grey = await page.post("/video=grabimage", {"filepath": "base64", "ClolorMode": "1"})
        assert jpeg(grey["photoBase64"])
        wrong = await page.post("/video=grabimage", {"filepath": "base64", "rotate": "45"})
        assert wrong["code"] == "1"


async def test_other_makers_form_of_a_capture(page: HttpPage) -> None:
    async with page.image("/?video=stream&camidx=0") as image:
        await image.next()
        answer = await page.post("/video=grabimage", {"camidx": "0", "image_process_info": {"cut_type": "1"}})
        assert answer["code"] == "0"
        assert jpeg(answer["images"][0]["base64"])


async def test_files_have_the_pages_own_spelling_and_are_replaced(service: Running, page: HttpPage) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        for _ in range(2):
            answer = await page.post("/video=grabimage", {"filepath": "D:\\tmp\\\\a.jpg"})
            assert (answer["code"], answer["filepath"]) == ("0", "D:\\tmp\\\\a.jpg")
            assert jpeg(answer["photoBase64"]) == (service.root / "D/tmp/a.jpg").read_bytes()
        unnamed = await page.post("/video=grabimage", {"filepath": ""})
        assert Path(unnamed["filepath"]).read_bytes() == jpeg(unnamed["photoBase64"])
        assert unnamed["uuid"] in unnamed["filepath"]
        folder = await page.post("/video=grabimage", {"filepath": "D:/scans/"})
        assert (service.root / "D/scans" / f"{folder['uuid']}.jpg").exists()
        document = await page.post("/video=grabimage", {"filepath": "/tmp/a.pdf"})
        assert jpeg(document["photoBase64"])
        assert (service.root / "tmp/a.pdf").read_bytes().startswith(b"%PDF-")


async def test_a_curved_page(page: HttpPage) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        asked = {"filepath": "base64", "rotate": "0", "autoflat": {"flat": "1", "removefinger": "0"}}
        answer = await page.post("/video=autoflat", asked)
        assert answer["code"] == "0"
        assert jpeg(answer["photoBase64"])
        assert answer["leftphotoBase64"] == ""


# Rotation ----------------------------------------------------------------------------------


def brightest_corner(data: bytes) -> str:
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = grey.shape
    corners = {
        "left top": grey[: height // 8, : width // 8],
        "right top": grey[: height // 8, -width // 8 :],
        "left bottom": grey[-height // 8 :, : width // 8],
        "right bottom": grey[-height // 8 :, -width // 8 :],
    }
    return max(corners, key=lambda name: float(corners[name].mean()))


@pytest.mark.parametrize(
    ("rotations", "corner"),
    [
        (["90"], "left bottom"),
        (["270"], "right top"),
        (["180"], "right bottom"),
        (["90", "90"], "right bottom"),
        (["90", "90", "90", "90"], "left top"),
        (["-90"], "left bottom"),
        (["-90", "90"], "left top"),
        (["90", "90", "-180"], "left top"),
        (["-90", "90", "90"], "right top"),
    ],
)
async def test_rotations_add_up_and_show_in_stream_and_capture(
    service: Running, page: HttpPage, rotations: list[str], corner: str
) -> None:
    picture = np.zeros((SIZES[0].height, SIZES[0].width, 3), np.uint8)
    picture[:60, :80] = 255
    service.camera.jpegs[SIZES[0]] = [cv2.imencode(".jpg", picture)[1].tobytes()]
    async with page.image(STREAM) as image:
        await image.next()
        for rotation in rotations:
            assert (await page.post("/video=rotate", {"camidx": "0", "rotate": rotation}))["code"] == "0"
        answer = await page.post("/video=grabimage", {"filepath": "base64"})
        assert brightest_corner(jpeg(answer["photoBase64"])) == corner
        async with asyncio.timeout(PATIENCE):
            while brightest_corner(await image.next()) != corner:
                pass
    await page.post("/video=close", {"camidx": "0"})
    async with page.image(STREAM) as image:
        assert brightest_corner(await image.next()) == "left top"


# Documents, barcodes, cards, fingers and faces ---------------------------------------------


async def test_pictures_become_a_pdf(service: Running, page: HttpPage) -> None:
    assert (await page.post("/pdf=save", {"PdfPath": "D:\\a.pdf"}))["code"] == "1"
    async with page.image(STREAM) as image:
        await image.next()
        captured = await page.post("/video=grabimage", {"filepath": "D:\\p.jpg"})
    assert (await page.post("/pdf=addimage", {"ImagePath": "D:\\p.jpg"}))["code"] == "0"
    assert (await page.post("/pdf=addimage", {"ImageBase64": captured["photoBase64"]}))["code"] == "0"
    assert (await page.post("/pdf=addimage", {"ImageBase64": "bm8="}))["code"] == "1"
    answer = await page.post("/pdf=save", {"PdfPath": "D://doc.pdf"})
    assert answer["code"] == "0"
    document = base64.b64decode(answer["data"])
    assert document.startswith(b"%PDF-")
    with pikepdf.open(io.BytesIO(document)) as opened:
        assert len(opened.pages) == 2
    assert (service.root / "D/doc.pdf").read_bytes() == document
    assert (await page.post("/pdf=clear"))["code"] == "0"
    assert (await page.post("/pdf=save", {"PdfPath": "D:\\b.pdf"}))["code"] == "1"


async def test_a_barcode_is_waited_for(service: Running, page: HttpPage) -> None:
    assert (await page.post("/barcode=get", {"time": "1"}))["code"] == "2"
    async with page.image(STREAM) as image:
        await image.next()
        none = await page.post("/barcode=get", {"time": "1"})
        assert (none["code"], none["data"]) == ("1", [])
        code = cv2.resize(cv2.QRCodeEncoder.create().encode("A-77"), (300, 300), interpolation=0)
        paper = np.full((480, 640), 255, np.uint8)
        paper[90:390, 170:470] = code
        service.camera.jpegs[SIZES[0]] = [cv2.imencode(".jpg", paper)[1].tobytes()]
        found = await page.post("/barcode=get", {"time": "20"})
        assert found == {"code": "0", "message": "ok", "data": [{"barcodedata": "A-77"}]}


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_resident_card(page: HttpPage, method: str) -> None:
    answer = await getattr(page, method)("/card=idcard")
    assert answer["code"] == "0"
    card = answer["IDCardInfo"]
    assert (card["name"], card["sex"], card["sexCode"]) == ("王小明", "男", "1")
    assert (card["cardID"], card["birthday"]) == ("911124198802291234", "19880229")
    assert (card["validStart"], card["validEnd"]) == ("20240101", "20340101")
    assert all(isinstance(value, str) for value in card.values())


async def test_no_card_is_told_within_three_seconds(
    service: Running, page: HttpPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.reader.put.clear()
    waits: list[float | None] = []
    read = CardReadService.read

    async def noted(self, client, options):  # type: ignore[no-untyped-def]
        waits.append(options.seconds)
        return await read(self, client, options)

    monkeypatch.setattr(CardReadService, "read", noted)
    assert (await page.post("/card=idcard"))["code"] == "1"
    assert waits == [2.0]


async def test_a_social_card(page: HttpPage) -> None:
    answer = await page.post("/card=iccard", {"iccardtype": "1"})
    assert answer["socialardinfo"]["name"] == "欧阳小明"
    assert answer["socialardinfo"]["cardnumber"] == "A12345678"


async def test_a_finger(service: Running, page: HttpPage) -> None:
    service.sensor.presses = [press(7)]
    answer = await page.post("/biokey=get", {"time": "5"})
    assert answer["code"] == "0"
    assert base64.b64decode(answer["data"]).startswith(b"\x89PNG")
    assert (await page.post("/biokey=get", {"time": "1"}))["code"] == "1"


async def test_faces_are_compared_on_the_makers_scale(page: HttpPage) -> None:
    async def compared(one: str, other: str) -> int:
        answer = await page.post("/comparison=imgdata", {"FaceOne": one, "FaceTwo": other})
        assert answer["code"] == "0"
        return int(answer["data"])

    mine = coded(portrait(1))
    other = coded(portrait(9))
    assert await compared(mine, mine) > 50
    assert await compared(mine, other) <= 50
    assert (await page.post("/comparison=imgdata", {"FaceOne": mine}))["code"] == "1"


@pytest.mark.parametrize(("verdict", "data"), [(ALIVE, "1"), (PRINTED, "0"), (UNSURE, "-1")])
@pytest.mark.parametrize("streaming", [False, True])
async def test_liveness(
    service: Running, page: HttpPage, verdict: LivenessResult, data: str, streaming: bool
) -> None:
    service.faces.verdict, service.faces.before = verdict, [face(1)]
    if not streaming:
        assert (await page.post("/faceLive=start", {"time": "1"}))["data"] == data
        assert not is_open(service)
        return
    async with page.image(STREAM) as image:
        await image.next()
        assert (await page.post("/faceLive=start", {"time": "1"}))["data"] == data
        await image.next()
        assert is_open(service)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/twoinchphoto", {}),
        ("/device=a3a4switch", {}),
        ("/sign=start", {}),
        ("/softkey=check", {}),
        ("/nothing=known", {}),
    ],
)
async def test_what_is_not_served_says_so(
    page: HttpPage, path: str, body: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.dialects.eloam.dialect.REFUSED_SECONDS", 0.01)
    answer = await page.post(path, body)
    assert answer["code"] == "1"
    assert answer["message"]


# The Linux control -------------------------------------------------------------------------


async def test_the_linux_control_lists(page: HttpPage) -> None:
    assert await page.get("/GetDeviceCount") == {"returnCode": 0, "returnMsg": "ok", "data": 1}
    sizes = [{"width": 640, "height": 480}, {"width": 320, "height": 240}]
    assert (await page.get("/GetAllDisplayInfo"))["data"] == [
        {"name": "Fake", "dev_idx": 0, "resolution": sizes}
    ]
    assert (await page.get("/GetDisplayName?dev_idx=0"))["data"] == "Fake"
    assert (await page.get("/GetResolution%20?dev_idx=0"))["data"] == sizes
    assert (await page.get("/GetResolution?dev_idx=7"))["returnCode"] == 2001


async def test_the_linux_control_shows_and_captures(service: Running, page: HttpPage) -> None:
    assert (await page.get("/getFrame"))["returnCode"] != 0
    assert (await page.get("/StartPreview?dev_idx=0&res_id=1&pixfmt=pixfmt"))["returnCode"] == 0
    assert size(jpeg((await page.get("/getFrame"))["data"]["img"])) == (320, 240)
    assert (await page.get("/EnableDeskImage?enable=true"))["returnCode"] == 0
    cut = await page.get("/getPic?savepath=D://Test.jpg&quality=100")
    assert size(jpeg(cut["data"]["img"]))[0] < 320
    assert (service.root / "D/Test.jpg").read_bytes() == jpeg(cut["data"]["img"])
    assert (await page.get("/EnableDeskImage?enable=0"))["returnCode"] == 0
    whole = await page.get("/getPic?savepath=/tmp")
    assert size(jpeg(whole["data"]["img"])) == (320, 240)
    assert len(list((service.root / "tmp").glob("*.jpg"))) == 1
    outside = await page.get("/getPic?savepath=../../evil.jpg")
    assert jpeg(outside["data"]["img"])
    assert (await page.get("/getRotate"))["data"] == "0"
    assert (await page.get("/Rotate?count=1"))["returnCode"] == 0
    assert (await page.get("/getRotate"))["data"] == "1"
    assert size(jpeg((await page.get("/getPic"))["data"]["img"])) == (240, 320)
    assert (await page.get("/StopPreview?dev_idx=1"))["returnCode"] == 0
    assert not is_open(service)


@pytest.mark.long
async def test_a_silent_page_loses_the_camera_and_gets_it_back(service: Running, page: HttpPage) -> None:
    await page.get("/StartPreview?dev_idx=0&res_id=0&pixfmt=pixfmt")
    assert jpeg((await page.get("/getFrame"))["data"]["img"])
    await closed(service)
    assert jpeg((await page.get("/getFrame"))["data"]["img"])
    assert is_open(service)
    await closed(service)
    assert jpeg((await page.get("/getPic"))["data"]["img"])


async def test_both_sides_of_a_card_in_one_picture(page: HttpPage) -> None:
    await page.get("/StartPreview?dev_idx=0&res_id=0&pixfmt=pixfmt")
    assert (await page.get("/composeIDcardPic?step=2"))["returnCode"] != 0
    first = await page.get("/composeIDcardPic?step=1")
    assert first == {"returnCode": 0, "returnMsg": "ok", "data": {}}
    second = await page.get("/composeIDcardPic?step=2")
    assert size(jpeg(second["data"]["img"]))[1] > 2 * SIZES[0].height


async def test_the_linux_control_reads_cards(page: HttpPage) -> None:
    card = (await page.get("/getIDCardInfo"))["data"]
    assert (card["name"], card["cardnumber"]) == ("王小明", "911124198802291234")


# HTTP --------------------------------------------------------------------------------------


async def test_pages_with_credentials_and_preflights(page: HttpPage) -> None:
    async with page.request("GET", "/GetDeviceCount") as response:
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
    headers = {
        "Origin": ALLOWED,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-requested-with",
        "Access-Control-Request-Private-Network": "true",
    }
    async with page.request("OPTIONS", "/video=grabimage", headers=headers) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Private-Network"] == "true"
        assert response.headers["Access-Control-Allow-Headers"] == "content-type,x-requested-with"


async def test_bursts_and_floods(service: Running, page: HttpPage) -> None:
    asked = [page.post("/video=status") for _ in range(8)]
    assert all(answer["code"] == "0" for answer in await asyncio.gather(*asked))

    async def status() -> int:
        async with page.request("POST", "/device=isconnect") as response:
            return int(response.status)

    statuses = await asyncio.gather(*(status() for _ in range(400)))
    assert set(statuses) == {200, 429}


async def test_a_service_that_stops_closes_the_camera(service: Running, page: HttpPage) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        await service.stop()
        with contextlib.suppress(aiohttp.ClientError, AssertionError):
            while True:
                await image.next()
    await until(lambda: not is_open(service))
