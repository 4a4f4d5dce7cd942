"""S53: programs that scan come by the road of pages: costs, charges, turns, deadlines and the audit trail."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from server import config as configuration
from server.access import handshakes
from server.access.client import PROGRAM
from server.access.limits import MIB
from server.config import Config
from server.runtime import turns
from server.share.escl import BODY_BYTES, parse_settings
from server.share.listening import EsclDialect
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.functional.test_auto_capture import SIZE
from tests.patience import PATIENCE
from tests.security.test_s31_handshakes import ended
from tests.share.client import EsclClient
from tests.share.conftest import base_config, config, escl
from tests.share.test_jobs import feeder

__all__ = ["base_config", "config", "escl"]

DECODING_SECONDS = 0.02
"""Limit of processor time for which the loop decodes a message, as S42 has it."""


def filled(head: bytes, unit: bytes, tail: bytes = b"</ScanSettings>") -> bytes:
    """A body of the largest size that is read."""
    return head + unit * ((BODY_BYTES - len(head) - len(tail)) // len(unit)) + tail


ROOT = b"<ScanSettings>"
COSTLY = {
    "attributes": b"<ScanSettings " + b" ".join(b"a%d=''" % number for number in range(6800)) + b"/>",
    "one attribute": filled(b"<ScanSettings a='", b"&lt;", b"'/>"),
    "spaces": b"<ScanSettings " + b" ".join(b"xmlns:a%d='u'" % number for number in range(3600)) + b"/>",
    "references": filled(ROOT, b"&#65;"),
    "comments": filled(ROOT, b"<!---->"),
    "instructions": filled(ROOT, b"<?a?>"),
    "sections": filled(ROOT, b"<![CDATA[]]>"),
    "lines": filled(ROOT, b"\r\n"),
    "elements": filled(ROOT, b"x<a/>"),
    "depth": filled(ROOT, b"<a>"),
    "an open tag": filled(ROOT + b"<a", b" b"),
    "a name": filled(b"<", b"a", b"/>"),
}


@pytest.mark.parametrize("body", COSTLY.values(), ids=COSTLY)
def test_no_settings_keep_the_loop(body: bytes) -> None:
    """Processor time of this thread, the least of five: other work counts for nothing."""
    assert len(body) <= BODY_BYTES

    def cost() -> float:
        begun = time.thread_time()
        with contextlib.suppress(ValueError):
            parse_settings(body)
        return time.thread_time() - begun

    assert min(cost() for _ in range(5)) < DECODING_SECONDS


async def test_a_flood_leaves_a_page_its_answers(escl: EsclClient, service: Running) -> None:
    """Counted: no request of a page waits for more than some of the flood."""
    answered = 0
    over = asyncio.Event()

    async def flood() -> None:
        nonlocal answered
        while not over.is_set():
            await escl.get("ScannerCapabilities" if answered % 2 else "ScannerStatus")
            answered += 1

    flooding = [asyncio.create_task(flood()) for _ in range(64)]
    try:
        async with connect(service.url, origin=ALLOWED) as page:
            for _ in range(10):
                before = answered
                await page.must("GetServiceInfo")
                assert answered - before < 400
    finally:
        over.set()
        await asyncio.gather(*flooding)
    assert answered


async def test_work_of_a_program_has_its_owner_for_turns(
    escl: EsclClient, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = []
    ask = EsclDialect.answer

    async def answer(dialect: EsclDialect, request: object, session: object) -> object:
        owners.append(turns.payer.get().owner)
        return await ask(dialect, request, session)  # type: ignore[arg-type]

    monkeypatch.setattr(EsclDialect, "answer", answer)
    await escl.get("ScannerStatus")
    assert owners == [f"{PROGRAM}localhost"]


class TestBudget:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, limits=configuration.LimitsConfig(origin_waiting_mib=1))

    async def test_pages_that_wait_are_charged_and_one_too_many_is_an_error(
        self, escl: EsclClient, service: Running
    ) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (SIZE.height, SIZE.width, 3), np.uint8)
        service.camera.jpegs[SIZE] = [cv2.imencode(".jpg", noise)[1].tobytes()]
        wanted = {"DocumentFormat": "image/png", "XResolution": 150, "Intent": "Object"}
        first = await escl.job(**wanted)
        async with asyncio.timeout(PATIENCE):
            while (await escl.get("ScannerStatus")).values("ImagesToTransfer") != ["1"]:
                await asyncio.sleep(0.05)
            while (begun := await escl.post(**wanted)).status != 201:
                await asyncio.sleep(0.05)
        second = begun.headers["Location"]
        answer = await escl.ask("GET", f"{second}/NextDocument")
        assert (answer.status, answer.headers.get("Retry-After")) == (503, "2")
        assert len((await escl.next(first)).body) > MIB
        assert (await escl.ask("DELETE", first)).status == 200
        assert len(await escl.scan(**wanted)) == 1, "what was charged is free again"


async def test_silent_and_half_requests_end(
    escl: EsclClient, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HEADER_SECONDS", "IDLE_SECONDS"):
        monkeypatch.setattr(handshakes, name, 0.3)
    port = int(escl.address.rpartition(":")[2])
    for begin in (
        b"",
        b"POST /eSCL/ScanJobs HT",
        b"GET /eSCL/ScannerStatus HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begin)
        received = await ended(reader)
        assert received.startswith(b"HTTP/1.1 200 ") is begin.endswith(b"\r\n\r\n")
        writer.close()


async def test_a_program_has_so_many_requests_in_work(
    escl: EsclClient, service: Running, config: Config
) -> None:
    """Requests that are held for pages, too."""
    service.camera.frozen.set()
    job = await escl.job()
    most = config.limits.waiting_requests
    held = [asyncio.create_task(escl.ask("GET", f"{job}/NextDocument")) for _ in range(most + 8)]
    done, _ = await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
    assert {task.result().status for task in done} == {429}
    service.camera.frozen.clear()
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*held)
    assert [answer.status for answer in answers].count(200) == 1


class TestAudit:
    @pytest.fixture
    def config(self, config: Config, tmp_path: Path) -> Config:
        audit = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
        return configuration.replace(config, audit=audit)

    async def test_the_trail_has_who_scanned_and_what_was_refused(
        self, escl: EsclClient, service: Running, tmp_path: Path
    ) -> None:
        await (await feeder(escl)).scan(InputSource="Feeder")
        await escl.ask("GET", "/eSCL/ScannerStatus", Origin="https://evil.example")
        await service.stop()
        text = "".join(path.read_text() for path in sorted((tmp_path / "audit").iterdir()) if path.is_file())
        lines = [json.loads(line) for line in text.splitlines()]
        asked = [(line["func"], line["result"]) for line in lines if line["event"] == "request"]
        assert asked == [("escl ScanJobs", 0), *4 * [("escl NextDocument", 0)]]
        assert {line["origin"] for line in lines if line["event"] == "request"} != {""}
        assert [line for line in lines if line["event"] == "refuse" or "refus" in json.dumps(line)], text
