"""What ``/health`` tells of background work that failed, and what `gaopai doctor` makes of it."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from server import config as configuration
from server.cli.doctor import running
from server.config import Config, ServerConfig
from server.telemetry import audit
from tests.fakes.camera import FakeCamera
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.patience import PATIENCE

OK = {"service": "gaopai", "protocols": ["gaopai.v1"], "status": "ok"}


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """A trail is kept."""
    trail = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
    return msgspec.structs.replace(config, audit=trail)


async def health_of(service: Running) -> dict[str, Any]:
    """The answer, which is a success for probes whatever it tells."""
    headers = {"Origin": ALLOWED}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{service.http}/health", headers=headers) as response,
    ):
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
        answer: dict[str, Any] = await response.json()
        return answer


async def doctor_on(service: Running) -> dict[str, tuple[bool, str]]:
    """What each check of the running service says in English."""
    config = Config(server=ServerConfig(port=int(service.http.rpartition(":")[2])))
    checks = await asyncio.to_thread(lambda: list(running.examine(config)))
    return {check.name: (check.ok, check.reason.en) for check in checks}


async def test_a_service_of_which_nothing_failed_is_ok(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetCameraInfo")
    assert await health_of(service) == OK
    assert await doctor_on(service) == {"background work": (True, "nothing has failed")}


async def test_mistakes_of_pages_are_told_to_the_doctor_and_to_no_page(
    service: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with connect(service.url, ALLOWED) as page:
        for _ in range(2):
            await page.must("SetCameraImageInfo", devNum=0, croptype=1)
            await page.ask("OpenCamra")
            await page.ask("Zhang San 11010119900307721X")
            await page.socket.send_str('{"func":"Heartbeat","reqId":"x",}')
            assert (await page.answer("x"))["result"] == 0
    assert await health_of(service) == OK
    _, told = (await doctor_on(service))["web pages"]
    assert ALLOWED in told and "croptype" in told and "OpenCamra" in told and "commas" in told
    assert "Zhang" not in told and "Zhang" not in caplog.text
    assert caplog.text.count("croptype") == 1


async def test_work_that_failed_is_told_without_names_of_devices_or_pages(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[FakeCamera]:
        raise ValueError(f"{service.camera.info.name} for {ALLOWED}")

    monkeypatch.setattr(service.finder, "find", broken)
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetCameraInfo")
        await page.must("GetCameraInfo")
    answer = await health_of(service)
    (worker,) = answer.pop("workers")
    assert answer == {**OK, "status": "degraded", "auditLinesLost": 0}
    at = datetime.datetime.fromisoformat(worker.pop("at"))
    assert before <= at <= datetime.datetime.now(datetime.UTC)
    assert worker == {"name": "search for cameras", "failures": 2, "error": "ValueError"}
    ok, reason = (await doctor_on(service))["background work"]
    assert not ok
    assert reason.startswith("search for cameras failed 2 times, last at ")


async def test_lines_that_the_audit_trail_lost_are_told(
    service: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    (trail,) = (tmp_path / "audit").glob("*.jsonl")
    async with asyncio.timeout(PATIENCE):
        while not trail.read_text():  # the start of the service is the first line
            await asyncio.sleep(0.01)
    monkeypatch.setattr(audit, "_write_all", full)
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetServiceInfo")
    # Connecting, the request, and the end of the connection.
    async with asyncio.timeout(PATIENCE):
        while (answer := await health_of(service)).get("auditLinesLost", 0) < 3:
            await asyncio.sleep(0.01)
    assert answer == {**OK, "status": "degraded", "workers": [], "auditLinesLost": 3}
    checks = await doctor_on(service)
    assert checks["background work"][0]
    assert checks["audit trail"] == (False, "3 lines could not be written")
