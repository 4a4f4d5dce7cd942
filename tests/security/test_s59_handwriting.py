"""S59: a document is signed by hand in the service's own page, here, once, and as it was shown."""

from __future__ import annotations

import aiohttp
import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from server.access.peer import Peer
from server.connection import signing_page
from server.errors import BadParameter, Cancelled
from server.errors.signatures import DocumentUnread, SignatureElsewhere, SignatureTicketGone
from server.services.signatures.desk import Ceremony, SigningDesk, SigningTask
from tests.functional.conftest import Running, Watch
from tests.functional.page import Message, Page, connect
from tests.functional.signer import Signer, name_of
from tests.security.test_s24_page_resources import TARGETS, fetch
from tests.unit.documents.samples import text_pdf

pytestmark = pytest.mark.long
FUNCTIONS = ("state", "page", "read", "begin", "done", "leave")
HERE = Peer(1000)
OTHERS = (Peer(1001), Peer(None), Peer(None, "192.0.2.7"))


async def asked(page: Page, service: Running) -> tuple[int, str]:
    """Number of a request for a signature, and the address that is to be opened."""
    (service.root / "c.pdf").write_bytes(text_pdf("one", "two"))
    place = {"signer": "Zhang San", "left": 20, "top": 30, "width": 40, "height": 15}
    number = await page.send("RequestSignature", imagePath="c.pdf", **place)
    return number, (await page.answer(number))["url"]


async def ended(page: Page, number: int) -> Message:
    """The answer, notices passed over."""
    while (message := await page.answer(number))["func"] == "Notify":
        pass
    return message


async def test_a_ticket_is_good_once(service: Running) -> None:
    async with connect(service.url) as page:
        number, url = await asked(page, service)
        async with Signer(url) as signer, Signer(url) as second:
            await signer.open()
            second.secret = second.ticket
            assert await second.refused("open") == SignatureTicketGone.code
            await signer.must("state")
            await page.send("CancelSignature")
            assert (await ended(page, number))["result"] == Cancelled.code
            assert await signer.refused("state") == SignatureTicketGone.code
    assert not (service.root / "c-signed.pdf").exists()


async def test_without_the_secret_nothing_is_answered(service: Running) -> None:
    async with connect(service.url) as page:
        _, url = await asked(page, service)
        async with Signer(url) as signer, Signer(url) as stranger:
            told = await signer.open()
            secret = told["session"]
            for guess in ("", "guessed", signer.ticket, secret[:-1], f"{secret}x", "x" * 4000):
                stranger.secret = guess
                for function in FUNCTIONS:
                    # The secret is looked at before the body.
                    assert await stranger.refused(function, {"nonsense": 1}) == SignatureTicketGone.code
            await signer.must("state")


async def test_only_the_services_own_page_is_answered(service: Running) -> None:
    async with connect(service.url) as page:
        _, url = await asked(page, service)
        port = service.http.rpartition(":")[2]
        for headers in (
            {"Origin": "https://evil.example.com"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Host": f"127.0.0.1:{int(port) + 1}"},
        ):
            async with Signer(url, **headers) as foreign:
                status, answer = await foreign.ask("open", foreign.ticket)
                assert (status, answer["code"]) == (SignatureElsewhere.status, SignatureElsewhere.code)
        # None of them has used it.
        async with Signer(url) as signer:
            await signer.open()


async def test_nobody_else_comes_by_it() -> None:
    async def draw(_: int) -> bytes:
        return b""

    task = SigningTask("c.pdf", "Zhang San", "", 1, 1, (0, 0, 1, 1), (90, 40), True, "en", draw)
    desk = SigningDesk()
    with desk.before(Ceremony(task, lambda *_: None)) as ceremony:
        _, secret = desk.open(ceremony.ticket, HERE)
        for other in OTHERS:
            with pytest.raises(SignatureTicketGone):
                desk.find(secret, other)
        assert desk.find(secret, HERE) is ceremony
        with pytest.raises(DocumentUnread):
            ceremony.read_to_end()


async def test_what_is_not_shown_is_not_signed(service: Running) -> None:
    async with connect(service.url) as page:
        _, url = await asked(page, service)
        async with Signer(url) as signer:
            await signer.open()
            await signer.must("page", {"page": 1})
            for function, body in (("read", {}), ("begin", {}), ("done", {"strokes": name_of()})):
                assert await signer.refused(function, body) == DocumentUnread.code


async def test_what_arrives_is_bounded(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_page, "BODY_BYTES", 1000)
    async with connect(service.url) as page:
        _, url = await asked(page, service)
        async with Signer(url) as signer:
            await signer.open()
            await signer.read(2)
            assert await signer.refused("done", {"strokes": name_of(points=100)}) == BadParameter.code
            for body in ([], {"strokes": 1}, {"strokes": [], "more": 1}, {"strokes": "[" * 500}):
                assert await signer.refused("done", body) == BadParameter.code
            signer.headers["Content-Encoding"] = "gzip"
            assert await signer.refused("done", {"strokes": []}) == BadParameter.code


async def test_the_page_is_framed_and_kept_by_nobody(service: Running) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{service.http}/sign") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.cookies == {}


async def test_no_path_leads_out_of_the_page(service: Running) -> None:
    for target in TARGETS:
        for start in ("/sign/", "/sign/../", "/sign/api/../"):
            status, body = await fetch(service.http, start + target)
            assert b"root:" not in body and b"import " not in body, target
            assert status in (200, 400, 403, 404, 405), target


async def test_no_log_tells_who_signed(service: Running, watch: Watch) -> None:
    async with connect(service.url) as page:
        number, url = await asked(page, service)
        async with Signer(url) as signer:
            assert await signer.sign([[[0.123456, 0.5, 0, 0.777777]] * 5]) == 200
        assert (await ended(page, number))["result"] == 0
    told = "\n".join(watch.said)
    for private in ("Zhang San", "0.123456", "0.777777", url.rpartition("=")[2], signer.secret):
        assert private not in told
