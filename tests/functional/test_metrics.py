"""What ``/metrics`` tells, and whom."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server import config as configuration
from server.config import Config, LimitsConfig
from server.errors import TooManyRequests
from server.telemetry import audit
from tests.fakes.camera import FakeCamera
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import CONNECTION, about_sockets, connect
from tests.patience import PATIENCE

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def config(config: Config) -> Config:
    """Metrics are on, and little may wait."""
    limits = LimitsConfig(waiting_requests=1, connections_per_origin=1)
    return msgspec.structs.replace(config, metrics=configuration.MetricsConfig(enabled=True), limits=limits)


async def scrape(service: Running, **headers: str) -> tuple[int, Samples]:
    """The status, and every sample by name and labels."""
    address = f"{service.http}/metrics"
    async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as answer:
        text = await answer.text()
        if answer.status != 200:
            return answer.status, {}
        assert answer.content_type == "text/plain"
        assert "Access-Control-Allow-Origin" not in answer.headers
    families = text_string_to_metric_families(text)
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }
    return 200, samples


def value(samples: Samples, name: str, **labels: str) -> float:
    """One sample's."""
    return samples[f"gaopai_{name}", frozenset(labels.items())]


@about_sockets(CONNECTION)
async def test_requests_connections_and_devices_are_counted(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.ask("OpenCamera", devNum=9)
        await page.ask("a page's own words")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with connect(service.url, ALLOWED):
                pass
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with connect(service.url, "https://evil.example"):
                pass
        _, samples = await scrape(service)
        assert value(samples, "connections_open") == value(samples, "connections_total") == 1
        assert value(samples, "cameras_open") == 1
        assert value(samples, "requests_total", func="OpenCamera", code="0") == 1
        assert value(samples, "requests_total", func="OpenCamera", code="2001") == 1
        assert value(samples, "requests_total", func="-", code="1003") == 1
        assert value(samples, "request_seconds_count", func="OpenCamera") == 2
        assert value(samples, "connections_refused_total", reason="origin_full") == 1
        assert value(samples, "connections_refused_total", reason="origin") == 1
        assert value(samples, "messages_sent_total") == 4
        assert samples["process_resident_memory_bytes", frozenset()] > 0


async def test_what_is_turned_away_and_what_is_over_is_counted(service: Running) -> None:
    service.reader.going_on.clear()
    async with connect(service.url, ALLOWED) as page:
        await page.send("ReadIDCardInfo")
        sent = [await page.send("Heartbeat") for _ in range(5)]
        assert (await page.receive())["reqId"] in sent
        _, samples = await scrape(service)
        assert value(samples, "requests_turned_away_total", code=str(TooManyRequests.code)) >= 1
        assert value(samples, "messages_held_bytes") > 0
    service.reader.going_on.set()
    await service.stop()


async def test_background_work_that_failed_is_counted_by_name(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, samples = await scrape(service)
    assert not [name for name, _ in samples if name == "gaopai_worker_failures_total"]

    def broken() -> list[FakeCamera]:
        raise ValueError("Fake")

    monkeypatch.setattr(service.finder, "find", broken)
    async with connect(service.url, ALLOWED) as page:
        for _ in range(3):
            assert (await page.must("GetCameraInfo"))["devInfo"] == []
    _, samples = await scrape(service)
    assert value(samples, "worker_failures_total", worker="search for cameras") == 3
    assert value(samples, "audit_lost_total") == 0


class TestAudit:
    @pytest.fixture
    def config(self, config: Config, tmp_path: Path) -> Config:
        audit = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
        return msgspec.structs.replace(config, audit=audit)

    async def test_lines_that_the_audit_trail_lost_are_counted(
        self, service: Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit, "_write_all", _full)
        async with connect(service.url, ALLOWED) as page:
            await page.must("GetServiceInfo")
        # Connecting, the request, and the end of the connection.
        async with asyncio.timeout(PATIENCE):
            while value((await scrape(service))[1], "audit_lost_total") < 3:
                await asyncio.sleep(0.01)


def _full(file: int, data: bytes) -> None:
    raise OSError(28, "No space left on device")


async def test_only_this_computer_s_programs_and_the_own_page_may_read_them(service: Running) -> None:
    assert (await scrape(service, Origin=service.http))[0] == 200
    assert (await scrape(service, **{"Sec-Fetch-Site": "same-origin"}))[0] == 200
    for site in ("cross-site", "same-site"):
        assert (await scrape(service, **{"Sec-Fetch-Site": site}))[0] == 403
    for origin in (ALLOWED, OTHER, "https://evil.example", "null", ""):
        assert (await scrape(service, Origin=origin))[0] == 403
    assert (await scrape(service, Host="attacker.test"))[0] == 421


class TestOff:
    """As it is without a configuration."""

    @pytest.fixture
    def config(self, config: Config) -> Config:
        return msgspec.structs.replace(config, metrics=configuration.MetricsConfig())

    async def test_they_are_off_unless_asked_for(self, service: Running) -> None:
        assert (await scrape(service))[0] == 404
