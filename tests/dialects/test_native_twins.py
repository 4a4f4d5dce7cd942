"""Requests of other makers' pages that a function of our own protocol serves, and those that none does."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import cv2
import msgspec
import numpy as np
import PIL.Image
import pytest

from server.devices.ports.camera import ControlName
from server.devices.ports.card_reader import CardKind
from server.dialects import identity, synjones
from server.dialects.camsdk import camsdk
from server.dialects.eloam import dialect as eloam
from server.documents import text_reader
from server.protocol.catalogue import CATALOGUE
from tests.dialects.conftest import Ports
from tests.dialects.pages import HttpPage, http_page, jpeg, socket_page
from tests.dialects.test_camsdk import CamPage, opened
from tests.dialects.test_doccamera import DocPage
from tests.fakes.camera import SIZES, AdjustableCamera, FakeCamera, page_jpeg
from tests.fakes.card_reader import RESIDENT
from tests.fakes.face_engine import PRINTED, coded, face, portrait
from tests.fakes.finger_sensor import press
from tests.functional.conftest import Running

MATROSKA = b"\x1a\x45\xdf\xa3"
STREAM = "/video=stream&camidx=0"


@pytest.fixture
async def page(service: Running, ports: Ports):
    async with http_page(ports.http("eloam")) as page:
        yield page


def decoded(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def size(data: bytes) -> tuple[int, int]:
    image = decoded(data)
    return image.shape[1], image.shape[0]


# Eloam WebCamera -------------------------------------------------------------------------


def laid_down(service: Running) -> None:
    """Let a page come to rest below the camera: an empty desk, a hand, then a page that lies still."""
    desk = cv2.imencode(".jpg", np.full((480, 640, 3), 60, np.uint8))[1].tobytes()
    service.camera.jpegs[SIZES[0]] = [desk] * 8 + [page_jpeg(SIZES[0], 60)] * 4000


async def test_the_next_page_is_taken_when_it_is_laid_down(service: Running, page: HttpPage) -> None:
    asked = {"movedetecflag": "1", "camidx": "0", "listpath": "D:\\pages", "filepath": "p_"}
    assert (await page.post("/video=movedetec", asked))["code"] == "1", "no camera is open"
    laid_down(service)
    async with page.image(STREAM) as image:
        await image.next()
        first = await page.post("/video=movedetec", asked)
        assert (first["code"], first["filepath"]) == ("0", "D:\\pages\\p_0001.jpg")
        assert jpeg(first["data"]) == (service.root / "D/pages/p_0001.jpg").read_bytes()
        waiting = asyncio.create_task(page.post("/video=movedetec", asked))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        assert (await page.post("/video=movedetec", {"movedetecflag": "0", "camidx": "0"}))["code"] == "0"
        assert (await waiting)["code"] == "1"


async def test_a_recording_of_a_page(service: Running, page: HttpPage) -> None:
    assert (await page.post("/video=record", {"action": "status"}))["status"] == "100"
    async with page.image(STREAM) as image:
        await image.next()
        begun = await page.post(
            "/video=record", {"action": "start", "parameter": {"camidx": "0", "filepath": "D:\\v\\a.mp4"}}
        )
        assert (begun["status"], begun["filepath"]) == ("101", "D:\\v\\a.mkv")
        for _ in range(5):
            await image.next()
        assert (await page.post("/video=record", {"action": "status"}))["status"] == "101"
        assert (await page.post("/video=record", {"action": "audio"}))["code"] == "1"
        assert (await page.post("/video=record", {"action": "stop"}))["status"] == "100"
    assert (service.root / "D/v/a.mkv").read_bytes().startswith(MATROSKA)
    assert (await page.post("/video=record", {"action": "stop"}))["code"] == "1"


async def test_quality_watermark_and_margin_change_a_capture(service: Running, page: HttpPage) -> None:
    async with page.image(STREAM) as image:
        await image.next()

        async def grabbed(**members: object) -> bytes:
            answer = await page.post("/video=grabimage", {"filepath": "base64", "ColorMode": "1", **members})
            assert answer["code"] == "0", answer
            return jpeg(answer["photoBase64"])

        best = await grabbed(quality="1")
        smallest = await grabbed(quality="5")
        assert len(smallest) < 0.8 * len(best)
        marked = await grabbed(
            watermark={"pos": "4", "content": "COPY", "fontsize": "200", "color": "#ff0000"}
        )
        assert not np.array_equal(decoded(marked), decoded(await grabbed()))
        plain = size(await grabbed(cutpage="1"))
        wider = await grabbed(cutpage="1", deskewval="-20")
        narrower = await grabbed(cutpage="1", deskewval="20")
        assert size(wider)[0] - plain[0] in range(30, 51)
        assert plain[0] - size(narrower)[0] in range(30, 51)


async def test_an_area_of_a_file_is_cut_out(service: Running, page: HttpPage) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        await page.post("/video=grabimage", {"filepath": "D:\\a.jpg"})
    asked = {"filepath": "D:\\a.jpg", "left": "10", "top": "20", "right": "110", "bottom": "220"}
    cut = await page.post("/select=imagearea", asked)
    assert size(jpeg(cut["photoBase64"])) == (100, 200)
    assert size((service.root / "D/a.jpg").read_bytes()) == (100, 200)
    assert (await page.post("/select=imagearea", {**asked, "right": "5"}))["code"] == "1"
    assert (await page.post("/select=imagearea", {**asked, "filepath": "/etc/passwd"}))["code"] == "1"


async def test_two_pictures_on_one_page(page: HttpPage) -> None:
    async with page.image(STREAM) as image:
        await image.next()
        picture = (await page.post("/videobase64=get"))["data"]
    assert jpeg(picture)
    made = await page.post("/compose=photos", {"imageOne": picture, "imageTwo": picture})
    assert size(jpeg(made["data"])) == (2480, 3508)
    assert (await page.post("/compose=photos", {"imageOne": picture}))["code"] == "1"


async def test_the_zoom_of_a_camera_that_has_one(service: Running, page: HttpPage) -> None:
    zooming = AdjustableCamera()
    service.finder.cameras[:] = [zooming]
    async with page.image(STREAM) as image:
        await image.next()
        assert (await page.post("/stream=zoominout", {"camidx": "0", "zoom": "in"}))["code"] == "0"
        assert zooming.controls[ControlName.ZOOM].value == 110
    await page.post("/video=close", {"camidx": "0"})
    service.finder.cameras[:] = [FakeCamera("Plain")]
    await page.post("/device=isconnect")
    async with page.image(STREAM) as image:
        await image.next()
        assert (await page.post("/stream=zoominout", {"camidx": "0", "zoom": "in"}))["code"] == "1"


@pytest.mark.long
async def test_the_text_of_a_picture(service: Running, page: HttpPage, ports: Ports) -> None:
    if not await asyncio.to_thread(text_reader.is_there):
        pytest.skip("the models that read text are not installed")
    paper = np.full((480, 640, 3), 250, np.uint8)
    cv2.putText(paper, "INVOICE 2026", (60, 220), cv2.FONT_HERSHEY_SIMPLEX, 2, (20, 20, 20), 4)
    service.camera.jpegs[SIZES[0]] = [cv2.imencode(".jpg", paper)[1].tobytes()]
    async with page.image(STREAM) as image:
        await image.next()
        await page.post("/video=grabimage", {"filepath": "D:\\t.jpg"})
    answer = await page.post("/video=ocr", {"ocrflag": "1", "picfilepath": "D:\\t.jpg", "savefilepath": ""})
    assert (answer["code"], "INVOICE" in answer["data"]) == ("0", True)
    async with socket_page(ports.ws("doccamera")) as socket:
        doc = DocPage(socket)
        await doc.say("sOCRImageToString(D:\\t.jpg)")
        assert "INVOICE" in await doc.marked("sOCRImageToString")


# DoccameraOcx ------------------------------------------------------------------------------


@pytest.fixture
async def doc(service: Running, ports: Ports):
    async with socket_page(ports.ws("doccamera")) as socket:
        yield DocPage(socket)


async def test_exposure_and_focus_of_the_plain_text_pages(service: Running, doc: DocPage) -> None:
    adjustable = AdjustableCamera()
    service.finder.cameras[:] = [adjustable]
    await doc.say("bStartPlay()", "vSetExposure(50)", "vSetBrightness(100)", "AutoFocus()", "vSetContrast(5)")
    await doc.say("sGetTempPath")
    await doc.marked("sGetTempPath")
    values = {name: one.value for name, one in adjustable.controls.items()}
    assert values[ControlName.EXPOSURE] == 500
    assert values[ControlName.BRIGHTNESS] == 64
    assert values[ControlName.FOCUS] == 7


async def test_a_recording_of_a_plain_text_page(service: Running, doc: DocPage) -> None:
    await doc.say("bStartPlay()")
    await doc.frame()
    await doc.say("bStartRec(D:\\r.avi)")
    for _ in range(5):
        await doc.frame()
    await doc.say("bStopRec", "bStopRec", "sGetTempPath")
    await doc.marked("sGetTempPath")
    assert (service.root / "D/r.mkv").read_bytes().startswith(MATROSKA)


async def test_the_finger_of_a_card(service: Running, doc: DocPage) -> None:
    await doc.say("ReadCard(1001,D:\\)")
    card = json.loads(await doc.marked("ReadCard"))
    assert base64.b64decode(card["FingerB64"]) == RESIDENT.finger_features


# CAMSDK ------------------------------------------------------------------------------------


@pytest.fixture
async def cam(service: Running, ports: Ports):
    async with socket_page(ports.ws("camsdk")) as socket:
        yield CamPage(socket)


async def test_the_form_of_captures(service: Running, cam: CamPage) -> None:
    await opened(cam)
    plain = jpeg(await cam.ask("CaptureEncodeBase64"))
    assert await cam.ask("camSetImageJPGQuanlity", quanlity=30) == "0"
    assert await cam.ask("camSetImageDPI", xDPI=300) == "0"
    small = jpeg(await cam.ask("CaptureEncodeBase64"))
    assert len(small) < 0.8 * len(plain)
    assert PIL.Image.open(io.BytesIO(small)).info["dpi"] == (300, 300)
    assert await cam.ask("camSetImageWaterMark", strMsg="COPY", itype=4) == "0"
    marked = jpeg(await cam.ask("CaptureEncodeBase64"))
    assert abs(decoded(marked).astype(int) - decoded(small)).max() > 40
    assert await cam.ask("camSetImageWaterMark", strMsg="") == "0"
    assert await cam.ask("camSetImageDenoise", IsAvailabel=1) == "0"
    assert size(jpeg(await cam.ask("CaptureEncodeBase64"))) == SIZES[0]


async def test_pages_that_are_turned_become_numbered_files(service: Running, cam: CamPage) -> None:
    assert await cam.ask("camStartAutoCapture", type=0, filePath="D:\\t\\p.jpg") == "11"
    laid_down(service)
    await opened(cam)
    assert await cam.ask("camStartAutoCapture", type=0, filePath="D:\\t\\p.exe") == "7"
    assert await cam.ask("camStartAutoCapture", type=0, filePath="D:\\t\\p.png") == "0"
    assert await cam.result("AutoCaptureBack") == "0"
    assert (service.root / "D/t/p1.png").read_bytes().startswith(b"\x89PNG")
    assert await cam.ask("camStopAutoCapture") == "0"


async def test_captures_at_intervals_count_the_seconds(service: Running, cam: CamPage) -> None:
    await opened(cam)
    assert await cam.ask("camStartAutoCapture", type=1, param=2, filePath="D:\\n.jpg") == "0"
    told = [await cam.result("AutoCaptureBack") for _ in range(4)]
    assert told == ["1", "2", "1", "2"]
    assert await cam.ask("camStopAutoCapture") == "0"
    assert {"n1.jpg", "n2.jpg"} <= {each.name for each in (service.root / "D").iterdir()}


async def test_a_recording_and_the_list_of_a_folder(service: Running, cam: CamPage) -> None:
    await opened(cam)
    assert await cam.ask("camStopRecord") == "0"
    assert await cam.ask("camStartRecord", filePath="D:\\m\\a.mp4", micphone="", videoFormat="") == "0"
    for _ in range(5):
        await cam.frame()
    assert await cam.ask("camStopRecord") == "0"
    assert (service.root / "D/m/a.mkv").read_bytes().startswith(MATROSKA)
    await cam.ask("camCaptureImageFile", filePath="D:\\m\\b.jpg")
    (service.root / "D/m/foreign.jpg").write_bytes(b"x")
    listed = (await cam.ask("getFolderDayFileA", Dictpry="D:\\m\\")).split("|")
    assert sorted(listed) == ["D:\\m\\a.mkv", "D:\\m\\b.jpg"]
    assert await cam.ask("getFolderDayFileA", Dictpry="D:\\none") == ""
    assert await cam.ask("getFolderDayFileA", Dictpry="../..") == "7"


async def test_two_files_on_one_page(service: Running, cam: CamPage) -> None:
    await opened(cam)
    for name in ("1", "2"):
        await cam.ask("camCaptureImageFile", filePath=f"D:\\{name}.jpg")
    asked = {"filePath1": "D:\\1.jpg", "filePath2": "D:\\2.jpg", "PdfPath": "D:\\both.pdf", "Type": 7}
    assert await cam.ask("camCombineImage", **asked) == "0"
    assert (service.root / "D/both.pdf").read_bytes().startswith(b"%PDF-")
    assert await cam.ask("camCombineImage", **{**asked, "filePath2": "/etc/passwd"}) == "7"


async def test_the_controls_of_a_camera(service: Running, cam: CamPage) -> None:
    await opened(cam)
    assert await cam.ask("camZooIn") == "8"
    adjustable = AdjustableCamera()
    service.finder.cameras[:] = [adjustable]
    await cam.ask("camGetDevCount")
    await opened(cam)
    assert [await cam.ask(name) for name in ("camZooIn", "camZooIn", "camZoomOut", "camAutoFocus")] == [
        "0"
    ] * 4
    assert adjustable.controls[ControlName.ZOOM].value == 110
    assert adjustable.controls[ControlName.FOCUS].value == 7
    assert await cam.ask("camOptimalPreview") == "0"
    assert adjustable.controls[ControlName.ZOOM].value == 100
    assert await cam.ask("camSetVideoParameter", ipara1=0, ipara2=0, ilvalue=12, iflag=2) == "0"
    assert adjustable.controls[ControlName.BRIGHTNESS].value == 12
    assert await cam.ask("camSetVideoParameter", ipara1=1, ipara2=4, ilvalue=0, iflag=1) == "0"
    assert await cam.ask("camSetVideoParameter", ipara1=1, ipara2=0, ilvalue=0, iflag=2) == "8"


async def test_fingers(service: Running, cam: CamPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "FINGER_SECONDS", 1.0)
    assert await cam.ask("CompareFingerFeature") == "-100"
    service.sensor.presses = [press(7), press(7), press(30)]
    assert await cam.ask("CollectFingerFeature", number=1) == "0"
    assert await cam.ask("CompareFingerFeature") == "100"
    assert int(await cam.ask("CompareFingerFeature")) < 90
    service.sensor.presses = [press(9)]
    await cam.say("GetFingerprint", bmpPath="D:\\f.bmp", FeaturePath="D:\\f.dat")
    while not (text := await cam.text()).startswith("GetFingerprint"):
        pass
    _, done, bitmap, feature = text.split("$*$")
    assert (done, base64.b64decode(feature)) == ("0", b"FMR\x09")
    assert base64.b64decode(bitmap) == (service.root / "D/f.bmp").read_bytes()
    assert (service.root / "D/f.dat").read_bytes() == b"FMR\x09"
    service.sensor.presses = [press(9)]
    assert await cam.ask("ContrastFingerprintBase64", strBase64=bitmap) == "100"
    assert await cam.ask("ContrastFingerprintBase64", one=bitmap, other=bitmap) == "8"
    await cam.say("idcardrfidGetOneFingerprintMsg")
    while not (text := await cam.text()).startswith("idcardrfidGetOneFingerprintMsg"):
        pass
    assert base64.b64decode(text.split("$*$")[2]) == RESIDENT.finger_features[:512]


async def test_live_comparison_of_faces(service: Running, cam: CamPage) -> None:
    service.faces.before = [face(1)]
    assert await cam.ask("camMatchFaceByBase64Video", personFace=coded(portrait(1)), ldelayTime=5) == "90"
    assert int(await cam.ask("camMatchFaceByBase64Video", personFace=coded(portrait(3)), ldelayTime=5)) < 20
    service.faces.verdict = PRINTED
    assert (
        await cam.ask("camStartAsyMatchFaceBase64Video", personFace=coded(portrait(1)), score=70) == "10014"
    )
    assert await cam.ask("camSetLivingBodyState", bOpen=0) == "0"
    assert await cam.ask("OpenFaceCamera") == "0"
    assert await cam.ask("MatchFace") == "-10001"
    assert await cam.ask("SetHeadByBaseStr", strBase64=coded(portrait(1))) == "0"
    assert await cam.ask("MatchFace") == "90"
    assert await cam.ask("SetHeadByFile", filePath="/etc/passwd") == "7"


# Synjones ----------------------------------------------------------------------------------


async def test_fingers_and_faces_beside_the_card_reader(
    service: Running, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "FINGER_SECONDS", 1.0)
    async with http_page(ports.http("synjones")) as page:
        assert (await page.get("/api/InitFP"))["code"] == "0"
        service.sensor.presses = [press(7), press(7), press(30)]
        feature = (await page.get("/api/GetFPData"))["FpData"]
        assert base64.b64decode(feature) == b"FMR\x07"
        asked = f"/api/FPMatch?FpData={quote(feature)}"
        assert (await page.get(asked))["score"] == "100"
        assert int((await page.get(asked.replace("FPMatch", "GetFPMatch")))["score"]) <= 50
        assert (await page.get("/api/FPMatch"))["code"] == "1"
        assert (await page.get("/api/CloseFP"))["code"] == "0"
        assert base64.b64decode((await page.get("/api/ReadMsg?Fp=1"))["FpData"]) == RESIDENT.finger_features
        assert "FpData" not in await page.get("/api/ReadMsg")
        service.reader.cards[CardKind.RESIDENT] = replace(
            RESIDENT, portrait=base64.b64decode(coded(portrait(1)))
        )
        service.faces.before = [face(1)]
        assert int((await page.get("/api/FaceMatch"))["score"]) > 50
        service.faces.before = [face(5)]
        assert int((await page.get("/api/FaceMatch"))["score"]) <= 50
        service.fingers.devices.clear()
        assert (await page.get("/api/InitFP"))["code"] == "1"


# Refused calls -----------------------------------------------------------------------------

DIALECTS = {"eloam": eloam.UNSERVED, "camsdk": camsdk.UNSERVED, "synjones": synjones.UNSERVED}
REASONS: Mapping[str, str] = {
    # a word that every function or field for it would have; the requests that want it
    "idphoto|twoinch": "twoinchphoto",
    "template": "templateocr",
    "softkey|dongle": "softkey=check",
    "a3a4": "device=a3a4switch",
    "ftp": "camUpdataFileFtp",
    "delete|remove(?!al)": "camDeleteFile DeleteFolderDayFileA",
    "cardface|frontimage": "idcardrfidGetIDCardImage",
    "magnetic": "ReadMagneticCard",
    "microphone|audio|sound|voice": "camGetMicrophoneVolumeLevel beep playsound",
    "signpad|handwriting": "StartSignDevice BeginSignMode EndSignMode CmOutputImageBase64",
    "sam(id|number)|serialno": "getsamid getidserialno",
    "m1|mifare": "m1reset m1authenkey m1readblock m1writeblock m1halt",
}


def test_nothing_is_refused_that_a_function_of_our_own_serves() -> None:
    refused = {name for names in DIALECTS.values() for name in names}
    reasons = {name: word for word, names in REASONS.items() for name in names.split()}
    assert refused == set(reasons), "each refused request has its reason, and no other"
    said = " ".join(
        f"{function.name} {' '.join(field.encode_name for field in msgspec.structs.fields(function.request))}"
        for function in CATALOGUE.values()
    ).lower()
    assert {word for word in REASONS if re.search(word, said)} == set()


def test_what_is_refused_is_in_the_documents() -> None:
    for path in (Path("docs/dialects.md"), Path("docs/dialects.zh.md")):
        text = path.read_text().lower()
        assert [name for names in DIALECTS.values() for name in names if name.lower() not in text] == []
