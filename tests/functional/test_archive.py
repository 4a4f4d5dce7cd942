"""Papers that last, over a real WebSocket: PDF/A, and signed PDFs that stay what they are."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

import pikepdf
import pytest

from server.archive.conformance import breaches, claimed_level
from server.errors import BadParameter, DocumentSigned, PictureUnreadable
from tests.functional.conftest import Running
from tests.functional.page import connect
from tests.unit.documents.samples import jpeg, pdf, text_pdf


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
        for wrong in ({"attachOriginals": False}, {"record": {"a": "b" * 70_000}}):
            refused = await page.ask("MergeFile", **{**order, "filePath": "d.pdf", "record": {}, **wrong})
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
