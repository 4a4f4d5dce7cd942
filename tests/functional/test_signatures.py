"""Handwritten signatures, over a real WebSocket and the page for signing."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from imgcore.text import TextLine
from imgcore.types import Image
from server.cli import main
from server.decoding.text_process import TextDecoder
from server.errors import BadParameter, FileMissing, MissingParameter
from server.errors.signatures import (
    DocumentUnread,
    InkMissing,
    InkTooLong,
    NoSuchPage,
    PlaceNotFound,
    PlaceOffPage,
    PlaceTaken,
    SignatureBusy,
    SignatureTicketGone,
    SignatureTimeout,
    SignedAlready,
    SignerLeft,
)
from server.services.signatures import desk
from tests.functional.conftest import Running, Watch
from tests.functional.page import Page, connect
from tests.functional.signer import Signer, name_of
from tests.unit.documents.samples import jpeg, text_pdf

pytestmark = pytest.mark.long
PLACE = {"signer": "Zhang San", "page": 2, "left": 20, "top": 30, "width": 40, "height": 15}


@pytest.fixture
def document(service: Running) -> bytes:
    """A contract of two pages in the storage, each 300 x 200 points."""
    data = text_pdf("one", "two")
    (service.root / "c.pdf").write_bytes(data)
    return data


async def _waiting(page: Page, number: int, state: str = "waiting") -> dict[str, Any]:
    """The notice of a state."""
    while True:
        message = await page.receive()
        assert message["reqId"] == number, message
        assert message["func"] == "Notify", message
        if message["state"] == state:
            return message


async def _answer(page: Page, number: int) -> dict[str, Any]:
    """The answer to a request, notices of it passed over."""
    while (message := await page.answer(number))["func"] == "Notify":
        pass
    return message


async def _asked(page: Page, /, **wishes: object) -> tuple[int, str]:
    """Ask for a signature; the number of the request, and the address of the page."""
    number = await page.send("RequestSignature", **{"imagePath": "c.pdf", **PLACE, **wishes})
    return number, (await _waiting(page, number))["url"]


async def test_a_document_is_read_signed_and_sealed(service: Running, document: bytes, watch: Watch) -> None:
    """The answer has all that it promises, the file begins with what was shown, and no stroke is told."""
    async with connect(service.url) as page:
        number, url = await _asked(page, reason="loan 17")
        async with Signer(url) as signer:
            told = await signer.open()
            assert (told["signer"], told["reason"], told["pages"], told["page"]) == (
                "Zhang San",
                "loan 17",
                2,
                2,
            )
            assert await signer.refused("done", {"strokes": name_of()}) == DocumentUnread.code
            assert await signer.refused("read") == DocumentUnread.code
            drawn = await signer.read(2)
            assert all(one.startswith(b"\xff\xd8") for one in drawn)
            await signer.must("begin")
            await signer.must("done", {"strokes": name_of(), "pointer": "pen"})
        for state in ("opened", "read", "writing", "sealing"):
            await _waiting(page, number, state)
        answer = await _answer(page, number)
        assert answer["result"] == 0, answer
        verdict = await page.must("VerifyFile", path="c-signed.pdf")
    signed = Path(answer["filePath"]).read_bytes()
    assert signed.startswith(document)
    assert answer["document"] == hashlib.sha256(document).hexdigest()
    assert answer["svg"].startswith("<svg") and answer["pointer"] == "pen"
    assert base64.b64decode(answer["png"]).startswith(b"\x89PNG")
    assert "strokes" not in answer
    assert verdict["holds"]
    hand = verdict["signatures"][0]["hand"]
    assert (hand["signer"], hand["reason"], hand["page"], hand["strokes"]) == (
        "Zhang San",
        "loan 17",
        2,
        False,
    )
    assert not [one for one in watch.said if "Zhang San" in one or "loan 17" in one]


async def test_the_handwriting_is_at_its_place(service: Running, document: bytes) -> None:
    async with connect(service.url) as page:
        number, url = await _asked(page)
        async with Signer(url) as signer:
            await signer.sign([[[0, 0, 0, 0], [1, 1, 9, 0]], [[0, 1, 20, 0], [1, 0, 29, 0]]])
        await _answer(page, number)
    with pikepdf.open(service.root / "c-signed.pdf") as signed:
        assert "/Annots" not in signed.pages[0]
        left, bottom, right, top = (float(one) for one in signed.pages[1].Annots[0].Rect)
    mm = 72 / 25.4
    assert (left, right) == pytest.approx((20 * mm, 60 * mm), abs=0.2)
    assert (bottom, top) == pytest.approx((200 - 45 * mm, 200 - 30 * mm), abs=0.2)


async def test_a_picture_becomes_a_pdf_that_is_signed(service: Running) -> None:
    wishes = {**PLACE, "page": 1, "left": 1, "top": 1, "width": 3, "height": 2}
    async with connect(service.url) as page:
        number = await page.send("RequestSignature", imageBase64=base64.b64encode(jpeg()).decode(), **wishes)
        url = (await _waiting(page, number))["url"]
        async with Signer(url) as signer:
            await signer.sign()
        answer = await _answer(page, number)
        assert "filePath" not in answer
        verdict = await page.must("VerifyFile", fileBase64=answer["fileBase64"])
    assert verdict["holds"]


async def test_several_sign_one_after_the_other(service: Running, document: bytes) -> None:
    """And nobody signs over a signature in silence."""
    async with connect(service.url) as page:
        number, url = await _asked(page)
        async with Signer(url) as signer:
            await signer.sign()
        assert (await _answer(page, number))["result"] == 0
        again = {"imagePath": "c-signed.pdf", **PLACE, "filePath": "both.pdf"}
        assert (await page.ask("RequestSignature", **again))["result"] == SignedAlready.code
        number, url = await _asked(page, **{**again, "signer": "Li Si", "top": 50, "countersign": True})
        async with Signer(url) as signer:
            await signer.sign()
        assert (await _answer(page, number))["result"] == 0
        verdict = await page.must("VerifyFile", path="both.pdf")
        assert verdict["holds"]
        assert [one["hand"]["signer"] for one in verdict["signatures"]] == ["Zhang San", "Li Si"]
        over = {"imagePath": "both.pdf", **PLACE, "filePath": "over.pdf", "countersign": True, "left": 25}
        assert (await page.ask("RequestSignature", **over))["result"] == PlaceTaken.code
    assert not (service.root / "over.pdf").exists()


async def test_it_is_busy_at_once_cancelled_and_free_again(service: Running, document: bytes) -> None:
    async with connect(service.url) as page, connect(service.url) as other:
        _, url = await _asked(page)
        request = {"imagePath": "c.pdf", **PLACE}
        assert (await other.ask("RequestSignature", **request))["result"] == SignatureBusy.code
        await other.must("CancelSignature")
        async with Signer(url) as signer:
            await signer.open()
            await page.must("CancelSignature")
            assert await signer.refused("begin") == SignatureTicketGone.code
        await _asked(other)
    assert [one.name for one in service.root.iterdir() if one.name.endswith(".pdf")] == ["c.pdf"]


async def test_the_desk_is_free_once_the_connection_is_gone(service: Running, document: bytes) -> None:
    async with connect(service.url) as page:
        _, url = await _asked(page)
    wishes = {"imagePath": "c.pdf", **PLACE, "timeout": 100}
    async with connect(service.url) as page:
        # The service sees the end of a connection a moment later.
        while (answer := await page.ask("RequestSignature", **wishes))["result"] == SignatureBusy.code:
            pass
        assert answer["func"] == "Notify"
        assert (await page.answer(answer["reqId"]))["result"] == SignatureTimeout.code
        async with Signer(url) as signer:
            signer.secret = signer.ticket
            assert await signer.refused("open") == SignatureTicketGone.code


async def test_a_signer_may_leave_and_be_late(
    service: Running, document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(service.url) as page:
        number, url = await _asked(page)
        async with Signer(url) as signer:
            await signer.open()
            await signer.must("leave")
        assert (await _answer(page, number))["result"] == SignerLeft.code
        number = await page.send("RequestSignature", **{"imagePath": "c.pdf", **PLACE, "timeout": 50})
        await _waiting(page, number)
        assert (await _answer(page, number))["result"] == SignatureTimeout.code
        monkeypatch.setattr(desk, "SILENT_SECONDS", 0.1)
        number, url = await _asked(page)
        async with Signer(url) as signer:
            await signer.open()
        assert (await _answer(page, number))["result"] == SignerLeft.code
    assert not (service.root / "c-signed.pdf").exists()


BAD: list[tuple[dict[str, object], int]] = [
    ({"page": 3}, NoSuchPage.code),
    ({"left": 80}, PlaceOffPage.code),
    ({"top": 60}, PlaceOffPage.code),
    ({"width": 400}, PlaceOffPage.code),
    ({"left": -1}, BadParameter.code),
    ({"width": 0.5}, BadParameter.code),
    ({"left": None}, MissingParameter.code),
    ({"imagePath": ""}, MissingParameter.code),
    ({"imagePath": "gone.pdf"}, FileMissing.code),
    ({"signer": ""}, BadParameter.code),
]


@pytest.mark.parametrize(("wishes", "code"), BAD)
async def test_a_bad_request_is_told_before_anybody_comes(
    service: Running, document: bytes, wishes: dict[str, object], code: int
) -> None:
    async with connect(service.url) as page:
        answer = await page.ask("RequestSignature", **{"imagePath": "c.pdf", **PLACE, **wishes})
    assert answer["result"] == code, answer


async def test_bad_handwriting_is_refused_and_written_anew(service: Running, document: bytes) -> None:
    async with connect(service.url) as page:
        number, url = await _asked(page)
        async with Signer(url) as signer:
            told = await signer.open()
            await signer.read(told["pages"])
            for strokes, code in (
                ([], InkMissing.code),
                ([[[0.5, 0.5, 0, 0]]], InkMissing.code),
                ([[], *name_of()], InkMissing.code),
                (name_of(strokes=10_000, points=1), InkTooLong.code),
                (name_of(strokes=2, points=desk.MOST_POINTS), InkTooLong.code),
                ([[[9, 9, 0, 0]] * 5], BadParameter.code),
                ([[["a", 0, 0, 0]] * 5], BadParameter.code),
                ([[[0, 0, 0, 7]] * 5], BadParameter.code),
            ):
                assert await signer.refused("done", {"strokes": strokes}) == code
            for wanted in (0, 3, -1):
                assert await signer.refused("page", {"page": wanted}) == NoSuchPage.code
            assert await signer.refused("page", {"page": "x" * 100}) == BadParameter.code
            await signer.must("done", {"strokes": name_of(pressed=False), "pointer": "touch"})
        assert (await _answer(page, number))["result"] == 0


async def test_what_was_signed_cannot_be_changed_unseen(service: Running, document: bytes) -> None:
    async with connect(service.url) as page:
        number, url = await _asked(page)
        async with Signer(url) as signer:
            await signer.sign()
        await _answer(page, number)
        signed = (service.root / "c-signed.pdf").read_bytes()
        for old, new in ((b"/MediaBox [ 0 0 300", b"/MediaBox [ 0 0 299"), (b"Zhang San", b"Zhang Wu ")):
            assert old in signed
            forged = base64.b64encode(signed.replace(old, new)).decode()
            assert not (await page.must("VerifyFile", fileBase64=forged))["holds"]
        with pikepdf.open(io.BytesIO(signed)) as rewritten:
            sink = io.BytesIO()
            rewritten.save(sink)
        verdict = await page.must("VerifyFile", fileBase64=base64.b64encode(sink.getvalue()).decode())
        assert not verdict["holds"]


def planted(text: str, left: float, top: float, width: float) -> TextLine:
    """A line of text on a page, at pixels."""
    corners = np.array(
        [(left, top), (left + width, top), (left + width, top + 20), (left, top + 20)], np.float32
    )
    spans = np.array([(n / len(text), (n + 1) / len(text)) for n in range(len(text))], np.float32)
    return TextLine(text, 0.99, corners, spans)


@pytest.mark.parametrize(
    ("lines", "page", "is_beside"),
    [
        ({1: [("Sign here:", 100, 100, 100)]}, 2, True),
        ({0: [("Sign here:", 100, 100, 100)]}, 1, True),
        # The last of them, as a contract speaks of signing before.
        ({0: [("Sign here:", 20, 60, 100)], 1: [("Sign", 50, 20, 60), ("Sign", 50, 200, 60)]}, 2, True),
        # No room beside it.
        ({1: [("Sign here:", 980, 60, 100)]}, 2, False),
    ],
)
async def test_a_text_marks_the_place(
    service: Running,
    document: bytes,
    monkeypatch: pytest.MonkeyPatch,
    lines: dict[int, list[tuple[str, float, float, float]]],
    page: int,
    is_beside: bool,
) -> None:
    """The reader says where it stands on the last page that has it."""
    asked: list[tuple[int, ...]] = []

    async def read(_: TextDecoder, image: Image, crop: bool = False) -> tuple[TextLine, ...]:
        asked.append(image.shape[:2])
        return tuple(planted(*one) for one in lines.get(2 - len(asked), ()))

    monkeypatch.setattr(TextDecoder, "read", read)
    wishes = {"signer": "Zhang San", "width": 20, "height": 8, "find": "Sign"}
    async with connect(service.url) as client:
        number = await client.send("RequestSignature", imagePath="c.pdf", **wishes)
        url = (await _waiting(client, number))["url"]
        async with Signer(url) as signer:
            told = await signer.open()
    rows, columns = asked[-1]
    text, left, top, width = lines[page - 1][-1]
    share = width * 4 / len(text)
    right, bottom = (left + share) / columns, (top + 20) / rows
    assert told["page"] == page
    x, y, _, height = told["place"]
    if is_beside:
        assert right < x < right + 0.03
        assert y < (top + 10) / rows < y + height
    else:
        assert x == pytest.approx(left / columns, abs=0.01) and bottom < y < bottom + 0.05


async def test_a_text_that_is_not_there_marks_nothing(
    service: Running, document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(_: TextDecoder, image: Image, crop: bool = False) -> tuple[TextLine, ...]:
        return (planted("one", 5, 5, 40),)

    monkeypatch.setattr(TextDecoder, "read", read)
    async with connect(service.url) as page:
        answer = await page.ask("RequestSignature", imagePath="c.pdf", signer="Zhang San", find="Sign")
    assert answer["result"] == PlaceNotFound.code


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_command_says_who_signed_what(
    service: Running,
    document: bytes,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    async with connect(service.url) as page:
        number, url = await _asked(page, reason="loan 17", signer="Zhang\x1b[31m San")
        async with Signer(url) as signer:
            await signer.sign()
        answer = await _answer(page, number)
    monkeypatch.setenv("LC_ALL", {"zh": "zh_CN.UTF-8", "en": "C.UTF-8"}[language])
    path = service.root / "c-signed.pdf"
    assert await asyncio.to_thread(main, ["verify", str(path)]) == 0
    said = capsys.readouterr().out
    assert "loan 17" in said and answer["time"] in said and "\x1b" not in said
    assert {"zh": "第 2 页", "en": "by hand: "}[language] in said
    path.write_bytes(path.read_bytes().replace(b"loan 17", b"loan 18"))
    assert await asyncio.to_thread(main, ["verify", str(path)]) == 1
