"""S39: on the ports of dialects nothing acts without an allowed page, judged before anything acts."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from server import config as configuration
from server.config import Config, ConfigError
from tests.dialects.conftest import Ports, base_config, config, ports
from tests.dialects.pages import http_page, is_open
from tests.dialects.strangers import EVIL, STRANGERS
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.patience import PATIENCE

__all__ = ["base_config", "config", "ports"]

HTTP = {
    "eloam": [
        ("GET", "/video=stream&camidx=0", b""),
        ("GET", "/?video=stream&camidx=0", b""),
        ("POST", "/video=grabimage", b'{"filepath":"D:/a.jpg"}'),
        ("GET", "/card=idcard", b""),
        ("GET", "/StartPreview?dev_idx=0&res_id=0", b""),
        ("GET", "/getPic?savepath=/tmp", b""),
        ("GET", "/getIDCardInfo", b""),
    ],
}
"""Requests that act, by dialect."""
REQUESTS = [(name, *request) for name, requests in HTTP.items() for request in requests]


async def exchange(port: int, head: list[str], body: bytes = b"") -> bytes:
    """The beginning of what a raw request is answered with."""
    lines = [*head, f"Content-Length: {len(body)}", "Connection: close"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    async with asyncio.timeout(PATIENCE):
        answer = await reader.read(65_536)
    writer.close()
    return answer


def untouched(service: Running) -> bool:
    """Whether no device was used and no file was written."""
    used = service.camera.history + service.reader.history + service.sensor.history
    return used == [] and not [path for path in service.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("name", "method", "path", "body"), REQUESTS)
async def test_a_stranger_does_nothing_and_reads_nothing(
    service: Running, ports: Ports, name: str, method: str, path: str, body: bytes
) -> None:
    port = ports.numbers[name]
    for headers in STRANGERS:
        head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        answer = await exchange(port, head + [f"{key}: {value}" for key, value in headers], body)
        status, _, content = answer.partition(b"\r\n\r\n")
        assert status.startswith(b"HTTP/1.1 403 "), headers
        assert b"access-control-allow" not in status.lower(), headers
        assert content == b"", headers
    assert untouched(service)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:38088", "127.0.0.1.evil.example", "0.0.0.0", ""]
)
@pytest.mark.parametrize("name", HTTP)
async def test_another_name_of_this_computer_is_refused(
    service: Running, ports: Ports, name: str, host: str
) -> None:
    _, method, path, body = next(request for request in REQUESTS if request[0] == name)
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Origin: {ALLOWED}", f"Referer: {ALLOWED}/"]
    answer = await exchange(ports.numbers[name], head, body)
    assert answer.split()[1] in (b"403", b"400")
    assert untouched(service)


@pytest.mark.parametrize("name", HTTP)
async def test_embedding_is_allowed_by_referer_where_the_dialect_embeds(
    service: Running, ports: Ports, name: str
) -> None:
    embedded = {"stream": ("image",)}
    for _, method, path, body in [request for request in REQUESTS if request[0] == name]:
        kinds = embedded["stream"] if "video=stream" in path else ()
        for kind in ("image", "script", "iframe", "document", "style", "embed", "object", "video"):
            if kind in kinds:
                continue
            head = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Referer: {ALLOWED}/page"]
            head += ["Sec-Fetch-Site: cross-site", f"Sec-Fetch-Dest: {kind}"]
            answer = await exchange(ports.numbers[name], head, body)
            assert answer.startswith(b"HTTP/1.1 403 "), (path, kind)
    assert untouched(service)


@pytest.mark.parametrize("name", HTTP)
async def test_a_preflight_of_a_stranger_allows_nothing(service: Running, ports: Ports, name: str) -> None:
    head = [
        "OPTIONS /video=grabimage HTTP/1.1",
        "Host: localhost",
        f"Origin: {EVIL}",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Private-Network: true",
    ]
    answer = await exchange(ports.numbers[name], head)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"access-control" not in answer.lower()


async def test_only_one_address_is_listened_on(service: Running, ports: Ports) -> None:
    for port in ports.numbers.values():
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)


class TestOwnOrigins:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        """One dialect has an allow-list of its own."""
        eloam = configuration.replace(config.dialects.eloam, origins=(OTHER,))
        return configuration.replace(config, dialects=configuration.replace(config.dialects, eloam=eloam))

    async def test_they_take_the_place_of_the_services(self, service: Running, ports: Ports) -> None:
        async with http_page(ports.http("eloam"), OTHER) as page:
            assert (await page.post("/device=isconnect"))["code"] == "0"
        async with aiohttp.ClientSession() as http:
            headers = {"Origin": ALLOWED}
            async with http.post(ports.http("eloam") + "/device=isconnect", headers=headers) as response:
                assert response.status == 403


class TestDecisions:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        """No origin is on the list."""
        access = configuration.replace(config.access, origins=())
        return configuration.replace(config, access=access)

    async def test_a_decision_allows_and_revoking_it_closes_the_camera(
        self, service: Running, ports: Ports, config: Config
    ) -> None:
        from pathlib import Path

        from server.session.grants import GrantFile

        file = GrantFile(Path(config.access.folder))
        await asyncio.to_thread(file.decide, ALLOWED, True, "command")
        async with asyncio.timeout(PATIENCE), http_page(ports.http("eloam")) as page:
            while (await page.request("POST", "/device=isconnect")).status != 200:
                await asyncio.sleep(0.1)
            async with page.image("/video=stream&camidx=0") as image:
                await image.next()
                await asyncio.to_thread(file.revoke, ALLOWED)
                while is_open(service):
                    await asyncio.sleep(0.05)
            response = await page.request("POST", "/device=isconnect")
            assert response.status == 403


class TestToken:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return config

    async def test_a_service_with_a_token_has_no_dialects(self, config: Config) -> None:
        from server.app import create_app
        from server.finders import Finders

        access = configuration.replace(config.access, token_file="/nowhere")
        with pytest.raises(ConfigError):
            await asyncio.to_thread(
                create_app, configuration.replace(config, access=access), Finders([], [], [], [])
            )
