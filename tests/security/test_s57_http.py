"""S57: functions over HTTP take the road of the sockets, and foreign pages neither act nor learn by them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer

from server.access.grants import GrantFile
from server.access.limits import MIB
from server.config import Config
from server.errors import BodyNotJson, MessageTooLarge, MessageTooSlow, TooMuchWaiting
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import begun, posted
from tests.patience import PATIENCE
from tests.protocol.test_over_http import Road

EVIL = "https://evil.example"
SECRET = "s" * 40


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_over_the_limit_is_refused_however_it_comes(
    service: Running, http: aiohttp.ClientSession, chunked: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    headers = {"Content-Type": "application/json"}
    data: Any = pieces() if chunked else BytesIO(b" " * 2_000_000)
    async with http.post(f"{service.http}/api/v1/Heartbeat", data=data, headers=headers) as response:
        assert (response.status, (await response.json())["result"]) == (413, MessageTooLarge.code)


class TestSlowBodies:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        limits = msgspec.structs.replace(config.limits, message_seconds=1)
        return msgspec.structs.replace(config, limits=limits)

    async def test_a_slow_body_has_a_deadline(self, service: Running) -> None:
        port = int(service.http.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "POST /api/v1/Heartbeat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(f'{head}Content-Length: 100\r\n\r\n{{"a":'.encode())
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
            assert str(MessageTooSlow.code).encode() in await reader.read()
        writer.close()


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
@pytest.mark.parametrize("origin", [EVIL, "null", ALLOWED.upper(), f"{ALLOWED}.evil.example"])
async def test_foreign_origins_are_refused_as_at_the_socket(
    service: Running, http: aiohttp.ClientSession, origin: str, method: str
) -> None:
    for path in ("Heartbeat", "session"):
        address = f"{service.http}/api/v1/{path}"
        async with http.request(method, address, headers={"Origin": origin}) as response:
            assert response.status == 403
            assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/openapi.json"])
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": EVIL}]
)
async def test_a_page_that_embeds_learns_nothing(
    service: Running, http: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> None:
    async with http.get(service.http + path, headers=headers) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_listed_origins_may_call_and_read(service: Running, http: aiohttp.ClientSession) -> None:
    asking = {
        "Origin": ALLOWED,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,gaopai-session",
    }
    async with http.options(f"{service.http}/api/v1/Heartbeat", headers=asking) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert "Gaopai-Session" in response.headers["Access-Control-Allow-Headers"]
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert response.headers["Vary"] == "Origin"
    for func, status in (("Heartbeat", 200), ("Nothing", 404)):
        async with posted(http, service, func, Origin=ALLOWED) as response:
            assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (status, ALLOWED)


class TestLimits:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        limits = msgspec.structs.replace(config.limits, connections_per_origin=3, requests_per_second=5)
        return msgspec.structs.replace(config, limits=limits)

    async def test_sessions_count_as_connections(self, service: Running, http: aiohttp.ClientSession) -> None:
        sessions = [await begun(http, service) for _ in range(3)]
        async with http.post(f"{service.http}/api/v1/session") as response:
            assert response.status == 503
        async with http.delete(f"{service.http}/api/v1/session", headers=sessions[0]):
            pass
        await begun(http, service)

    async def test_a_session_has_the_rate_of_a_connection(
        self, service: Running, http: aiohttp.ClientSession
    ) -> None:
        session = await begun(http, service)
        statuses = []
        for _ in range(12):
            async with posted(http, service, "Heartbeat", **session) as response:
                statuses.append(response.status)
                told = response.headers.get("Retry-After"), (await response.json())["result"]
        assert statuses[0] == 200 and 429 in statuses, told


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
async def test_a_compressed_body_is_refused(
    service: Running, http: aiohttp.ClientSession, coding: str
) -> None:
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    async with http.post(f"{service.http}/api/v1/Heartbeat", data=b"{}", headers=headers) as response:
        assert (response.status, (await response.json())["result"]) == (415, BodyNotJson.code)


@pytest.fixture
async def road() -> AsyncIterator[tuple[Road, int]]:
    made = Road()
    async with TestServer(made.app, auto_decompress=False, handler_cancellation=True) as server:
        assert server.port is not None
        yield made, server.port


async def test_a_body_is_charged_as_it_comes_until_its_client_leaves(road: tuple[Road, int]) -> None:
    made, port = road
    held = made.context.bytes_in_work
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /api/v1/Heartbeat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 9000000\r\n\r\n".encode() + b" " * 500_000)
    async with asyncio.timeout(PATIENCE):
        while held.held < 400_000:
            await asyncio.sleep(0.01)
        writer.close()
        while held.held or made.context.connections.count:
            await asyncio.sleep(0.01)


async def test_a_body_beyond_the_budget_is_read_and_refused(
    road: tuple[Road, int], http: aiohttp.ClientSession
) -> None:
    made, port = road
    made.context.limits = msgspec.structs.replace(made.context.limits, origin_waiting_mib=1)
    other = made.context.bytes_in_work.connection(None)
    other.add(MIB)
    headers = {"Content-Type": "application/json"}
    data = BytesIO(b'{"a":"%b"}' % (b"A" * 100_000))
    address = f"http://127.0.0.1:{port}/api/v1/Heartbeat"
    async with http.post(address, data=data, headers=headers) as response:
        assert (response.status, (await response.json())["result"]) == (503, TooMuchWaiting.code)
    assert made.asked == []


class TestRevoked:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        GrantFile(Path(config.access.folder)).decide(EVIL, True, "command")
        return config

    async def test_a_session_ends_with_the_decision_that_let_it_in(
        self, service: Running, http: aiohttp.ClientSession, config: Config
    ) -> None:
        session = await begun(http, service, Origin=EVIL)
        async with posted(http, service, "OpenCamera", {"devNum": 0}, **session) as response:
            assert response.status == 200
        await asyncio.to_thread(GrantFile(Path(config.access.folder)).revoke, EVIL)
        async with asyncio.timeout(PATIENCE):
            while service.camera.history[-1] != "close":
                await asyncio.sleep(0.02)
        async with posted(http, service, "Heartbeat", **session) as response:
            assert response.status == 403


class TestToken:
    @pytest.fixture
    def config(self, config: Config, tmp_path: Path) -> Config:
        file = tmp_path / "token"
        file.write_text(SECRET)
        file.chmod(0o600)
        return msgspec.structs.replace(
            config, access=msgspec.structs.replace(config.access, token_file=str(file))
        )

    async def test_a_token_is_asked_for_but_not_before_the_browsers_question(
        self, service: Running, http: aiohttp.ClientSession
    ) -> None:
        address = f"{service.http}/api/v1/Heartbeat"
        for origin in ({}, {"Origin": ALLOWED}):
            async with http.post(address, headers=origin) as response:
                assert response.status == 401
            headers = {"Authorization": f"Bearer {SECRET}", **origin}
            async with http.post(address, headers=headers) as response:
                assert response.status == 200
        async with http.options(address, headers={"Origin": ALLOWED}) as response:
            assert response.status == 204
        async with http.options(address, headers={"Origin": EVIL}) as response:
            assert response.status == 403
