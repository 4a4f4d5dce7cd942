"""Papers that last, over a real WebSocket: PDF/A, and signed PDFs that stay what they are."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from server.archive.conformance import breaches, claimed_level
from server.errors import BadParameter, DocumentSigned, PictureUnreadable
from tests.fakes.camera import SIZES
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect
from tests.functional.test_scan import scan
from tests.unit.documents.samples import jpeg, pdf, text_pdf

LONG = {"a": "b" * 70_000}


def _conforms(path: str) -> str:
    data = Path(path).read_bytes()
    with pikepdf.open(io.BytesIO(data)) as document:
        level = claimed_level(document)
        assert breaches(data, document, level) == []
    return level


def _signed() -> bytes:
    """A PDF that says that it is signed."""
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(jpeg()))) as document:
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), SigFlags=3)
        document.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize("level", ["2b", "2u", "3b"])
async def test_a_merged_file_is_pdfa(service: Running, level: str) -> None:
    (service.root / "a.jpg").write_bytes(jpeg("CMYK"))
    (service.root / "b.pdf").write_bytes(pdf(jpeg()))
    attach = {"attachOriginals": True} if level == "3b" else {}
    async with connect(service.url) as page:
        answer = await page.must(
            "MergeFile", imagePath=["a.jpg", "b.pdf"], filePath="c.pdf", pdfa=level, **attach
        )
    assert _conforms(answer["filePath"]) == level
    with pikepdf.open(answer["filePath"]) as document:
        attached = [
            document.attachments[name].get_file().read_bytes() for name in sorted(document.attachments)
        ]
    assert attached == (
        [(service.root / name).read_bytes() for name in ("a.jpg", "b.pdf")] if level == "3b" else []
    )


async def test_a_page_that_hinders_is_named_and_drawn_when_told(service: Running) -> None:
    (service.root / "a.pdf").write_bytes(text_pdf("one", "two"))
    async with connect(service.url) as page:
        order = {"imagePath": ["a.pdf"], "filePath": "c.pdf", "pdfa": "2b"}
        answer = await page.ask("MergeFile", **order)
        assert answer["result"] == PictureUnreadable.code
        assert "6.2.11.4.1" in answer["errorMsg"]
        assert "rasterize" in answer["errorMsg"]
        answer = await page.must("MergeFile", **order, rasterize=True)
    assert _conforms(answer["filePath"]) == "2b"


async def test_a_signed_pdf_is_never_rewritten_in_silence(service: Running) -> None:
    (service.root / "s.pdf").write_bytes(_signed())
    order = {"imagePath": ["s.pdf"], "filePath": "c.pdf"}
    async with connect(service.url) as page:
        assert (await page.ask("MergeFile", **order))["result"] == DocumentSigned.code
        assert not (service.root / "c.pdf").exists()
        await page.must("MergeFile", **order, signed="break")
        answer = await page.must("MergeFile", **order, signed="attach", pdfa="3b")
        for wrong in ({"signed": "attach"}, {"pdfa": "2b", "fileType": 3}):
            assert (await page.ask("MergeFile", **order, **wrong))["result"] == BadParameter.code
    assert _conforms(answer["filePath"]) == "3b"
    with pikepdf.open(answer["filePath"]) as document:
        assert (
            document.attachments["001-s.pdf"].get_file().read_bytes() == (service.root / "s.pdf").read_bytes()
        )


@pytest.mark.long
async def test_files_are_signed_and_verified(service: Running) -> None:
    pytest.importorskip("pyhanko", reason="the extra archive is not installed")
    (service.root / "a.jpg").write_bytes(jpeg())
    async with connect(service.url) as page:
        merged = await page.must("MergeFile", imagePath=["a.jpg"], filePath="m.pdf", pdfa="2b", sign=True)
        verdict = await page.must("VerifyFile", path=merged["filePath"])
        assert (verdict["holds"], verdict["pdfa"], verdict["breaches"]) == (True, "2b", [])
        assert verdict["signatures"][0]["timeSource"] == "clock"
        signed = await page.must("SignFile", path="a.jpg")
        assert signed["filePath"] == str(service.root / "a.jpg.p7s")
        verdict = await page.must("VerifyFile", path="a.jpg", signaturePath="a.jpg.p7s")
        assert verdict["holds"]
        verdict = await page.must("VerifyFile", path="a.jpg")
        assert (verdict["holds"], verdict["problems"]) == (False, ["unsigned"])


async def test_a_record_goes_along_and_is_read_back(service: Running) -> None:
    """Also what the page said, in JSON and XML; nothing of it is in the log."""
    (service.root / "a.jpg").write_bytes(jpeg())
    said = {"operator": "王五", "window": "7", "captures": [{"crop": "cropped"}]}
    order = {"imagePath": ["a.jpg", "a.jpg"], "filePath": "c.pdf", "pdfa": "3b", "attachOriginals": True}
    async with connect(service.url) as page:
        answer = await page.must("MergeFile", **order, record=said)
        told = await page.must("VerifyFile", path="c.pdf")
        refused = await page.ask("MergeFile", **{**order, "filePath": "d.pdf", "record": LONG})
        assert refused["result"] == BadParameter.code
    assert _conforms(answer["filePath"]) == "3b"
    record = told["record"]
    assert (record["pages"], record["said"], record["timeSource"]) == (2, said, "clock")
    assert [one["name"] for one in record["sources"]] == ["001-a.jpg", "002-a.jpg"]
    assert record["sources"][0]["sha256"] == hashlib.sha256(jpeg()).hexdigest()
    assert told["problems"] == ["unsigned"]
    with pikepdf.open(answer["filePath"]) as document:
        xml = document.attachments["record.xml"].get_file().read_bytes().decode()
    assert "<题名>c</题名>" in xml
    assert "王五" in xml


@pytest.mark.long
async def test_any_file_is_verified_with_the_signature_that_comes_along(service: Running) -> None:
    pytest.importorskip("pyhanko", reason="the extra archive is not installed")
    (service.root / "a.txt").write_bytes(b"text")
    async with connect(service.url) as page:
        signature = Path((await page.must("SignFile", path="a.txt"))["filePath"]).read_bytes()
        for data, holds in ((b"text", True), (b"texs", False)):
            files = {"fileBase64": data, "signatureBase64": signature}
            coded = {name: base64.b64encode(one).decode() for name, one in files.items()}
            assert (await page.must("VerifyFile", **coded))["holds"] is holds
        refused = await page.ask("VerifyFile", fileBase64="%%%")
    assert refused["result"] == PictureUnreadable.code
    assert "fileBase64" in refused["errorMsg"]


async def _open(page: Page, **settings: object) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)
    await page.must("SetCameraImageInfo", devNum=0, **settings)


@pytest.mark.long
async def test_a_capture_has_a_record_beside_it(service: Running) -> None:
    """It says of itself which device took it and what was done to it; the page adds what it knows."""
    info = replace(service.camera.info, serial="SN-7")
    service.camera.info = info
    async with connect(service.url) as page:
        await _open(page, cropType=1)
        (path,) = (await page.must("CameraCapture", imagePath="in/a.jpg", record={"window": "7"}))[
            "imagePath"
        ]
        told = await page.must("VerifyFile", path=path)
        assert (await page.ask("CameraCapture", imagePath="b.jpg", record=LONG))[
            "result"
        ] == BadParameter.code
        listed = {one["path"] for one in (await page.must("ListFiles"))["files"]}
    assert {path, f"{path}.json", f"{path}.xml"} <= listed
    assert not (service.root / "b.jpg").exists()
    record = told["record"]
    capture = told["record"]["capture"]
    assert told["problems"] == ["unsigned"]
    assert (record["title"], record["said"]) == ("a", {"window": "7"})
    assert record["file"]["sha256"] == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert (capture["device"], capture["serial"], capture["kind"]) == (info.name, "SN-7", "camera")
    assert (capture["stages"], capture["settings"]["crop"]) == (["crop"], "single")
    assert capture["crop"]["state"] == "cropped"
    assert "ok" in capture["verdict"]
    jpegs = service.camera.jpegs[SIZES[0]]
    assert capture["original"]["sha256"] in {hashlib.sha256(one).hexdigest() for one in jpegs}
    changed = Path(path).read_bytes()[:-1] + b"!"
    Path(path).write_bytes(changed)
    async with connect(service.url) as page:
        assert "record.file" in (await page.must("VerifyFile", path=path))["problems"]


@pytest.mark.long
async def test_a_document_says_how_its_pictures_were_taken(service: Running) -> None:
    """As base64 and as files, inside a PDF/A-3 and beside anything else."""
    async with connect(service.url) as page:
        await _open(page, cropType=1)
        captured = await page.must("CameraCaptureBase64", devNum=0)
        turned = await page.must("ProcessImage", handle=captured["handle"], rotate=90)
        pictures = [captured["imageBase64Str"], turned["imageBase64Str"]]
        for order in (
            {"filePath": "a.pdf", "pdfa": "3b", "attachOriginals": True},
            {"filePath": "b.pdf"},
            {"filePath": "c.tif", "fileType": 1},
        ):
            await page.must("MergeFile", imageBase64=pictures, record={"operator": "王五"}, **order)
            told = await page.must("VerifyFile", path=order["filePath"])
            assert told["problems"] == ["unsigned"]
            record = told["record"]
            assert (record["pages"], record["said"]) == (2, {"operator": "王五"})
            first, second = (one["capture"] for one in record["sources"])
            assert (first["stages"], second["stages"]) == (["crop"], ["rotate"])
            assert first["device"] == second["device"] == service.camera.info.name
            assert ("file" in record) is not order["filePath"].startswith("a")
        await page.must("MergeFile", imageBase64=pictures, record={}, splitEvery=1, filePath="s.pdf")
        for name in ("s.pdf", "s1.pdf"):
            assert (await page.must("VerifyFile", path=name))["record"]["pages"] == 1


async def test_how_a_picture_was_taken_is_told_to_its_own_origin_alone(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        await _open(page)
        taken = (await page.must("CameraCaptureBase64", devNum=0))["imageBase64Str"]
    async with connect(service.url, OTHER) as page:
        await page.must("MergeFile", imageBase64=[taken], record={}, filePath="a.pdf")
        (source,) = (await page.must("VerifyFile", path="a.pdf"))["record"]["sources"]
    assert "capture" not in source


@pytest.mark.long
async def test_scanned_pages_have_records(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetScannerName")
        answers = await scan(page, imagePath="s.jpg", record={})
        for path in answers[-1]["imagePath"]:
            capture = (await page.must("VerifyFile", path=path))["record"]["capture"]
            assert (capture["kind"], capture["dpiSource"]) == ("scanner", "device")
            assert capture["dpi"] > 0
            assert "original" not in capture


@pytest.mark.long
async def test_credentials_are_signed_into_a_capture(service: Running) -> None:
    """And say how it was taken, though no record lies beside it."""
    pytest.importorskip("c2pa", reason="the extra c2pa is not installed")
    async with connect(service.url) as page:
        await _open(page, cropType=1)
        await page.must("CameraCapture", imagePath="a.jpg")
        signed = await page.must("SignFile", path="a.jpg", format="c2pa")
        assert signed["filePath"] == str(service.root / "a-signed.jpg")
        told = await page.must("VerifyFile", path="a-signed.jpg")
        assert told["holds"], told
        assert told["record"]["capture"]["stages"] == ["crop"]
        (service.root / "a.pdf").write_bytes(pdf(jpeg()))
        refused = await page.ask("SignFile", path="a.pdf", format="c2pa")
    assert (refused["result"], "JPEG" in refused["errorMsg"]) == (BadParameter.code, True)
