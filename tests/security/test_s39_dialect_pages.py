"""S39: on the ports of dialects nothing acts without an allowed page, judged before anything acts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from server import config as configuration
from server.access.grants import GrantFile
from server.app import create_app
from server.config import Config, ConfigError
from server.dialects import sockets
from server.equipment import Finders
from tests.dialects.conftest import Ports, base_config, config, ports
from tests.dialects.pages import closed, http_page, is_open, socket_page
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
    "zkteco": [
        ("GET", "/ZKIDROnline/ScanReadIdCardInfo?OP-DEV=1&CMD-URL=4", b""),
        ("GET", "/ZKIDROnline/info", b""),
    ],
    "synjones": [
        ("GET", "/api/ReadMsg", b""),
        ("GET", "/api/ReadMsg?callback=read", b""),
        ("POST", "/api/ReadMsg?callback=read", b"x"),
    ],
}
"""Requests that act, by dialect."""
SOCKETS = ["doccamera", "camsdk"]
"""Dialects over WebSocket."""
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
    embedded = {"video=stream": "image", "callback=": "script"}
    for _, method, path, body in [request for request in REQUESTS if request[0] == name]:
        kinds = [kind for mark, kind in embedded.items() if mark in path]
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


async def shake_hands(port: int, headers: list[tuple[str, str]], host: str = "localhost") -> bytes:
    """The beginning of what a raw handshake, with a request behind it, is answered with."""
    head = ["GET / HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    head += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = head + [f"{key}: {value}" for key, value in headers]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
    try:
        async with asyncio.timeout(PATIENCE):
            return await reader.read(65_536)
    finally:
        writer.close()


@pytest.mark.parametrize("name", SOCKETS)
async def test_a_strangers_socket_is_refused(
    service: Running, ports: Ports, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "REFUSAL_SECONDS", 0.01)
    port = ports.numbers[name]
    embedding = [("Referer", f"{ALLOWED}/"), ("Sec-Fetch-Site", "cross-site")]
    for headers in (*STRANGERS, embedding):
        answer = await shake_hands(port, headers)
        assert answer.startswith(b"HTTP/1.1 403 "), headers
        assert answer.endswith(b"\r\n\r\n")
    for host in ("evil.example", "127.0.0.1.evil.example"):
        answer = await shake_hands(port, [("Origin", ALLOWED)], host)
        assert answer.startswith(b"HTTP/1.1 403 "), host
    answer = await exchange(port, ["GET / HTTP/1.1", "Host: localhost", f"Origin: {ALLOWED}"])
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert untouched(service)


@pytest.mark.parametrize("name", SOCKETS)
async def test_refusals_come_late_but_hold_nothing(
    service: Running, ports: Ports, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that connects again at once, without end, is slowed down; one that is allowed is not."""
    monkeypatch.setattr(sockets, "REFUSAL_SECONDS", 3600.0)
    evil = [asyncio.create_task(shake_hands(ports.numbers[name], [("Origin", EVIL)])) for _ in range(80)]
    done, waiting = await asyncio.wait(evil, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
    while len(done) < 80 - sockets.WAITING_REFUSALS:
        more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
        done |= more
    async with socket_page(ports.ws(name)):
        pass
    for task in evil:
        task.cancel()
    await asyncio.gather(*evil, return_exceptions=True)


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

    async def test_revoking_it_ends_the_socket(
        self, service: Running, ports: Ports, config: Config, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sockets, "REFUSAL_SECONDS", 0.01)
        file = GrantFile(Path(config.access.folder))
        await asyncio.to_thread(file.decide, ALLOWED, True, "command")
        async with asyncio.timeout(PATIENCE):
            while b" 403 " in await shake_hands_briefly(ports.numbers["doccamera"]):
                await asyncio.sleep(0.1)
            async with socket_page(ports.ws("doccamera")) as page:
                await page.send_str("bStartPlay")
                assert (await page.receive()).type is aiohttp.WSMsgType.TEXT
                await asyncio.to_thread(file.revoke, ALLOWED)
                while (await page.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
            await closed(service)


async def shake_hands_briefly(port: int) -> bytes:
    """The first line that a handshake of the allowed page is answered with."""
    head = ["GET / HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
    head += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Origin: {ALLOWED}"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(head).encode() + b"\r\n\r\n")
    line = await reader.readline()
    writer.close()
    return line


class TestToken:
    async def test_a_service_with_a_token_for_pages_has_no_dialects(
        self, config: Config, tmp_path: Path
    ) -> None:
        access = configuration.replace(config.access, token_file=str(tmp_path / "token"))
        (tmp_path / "token").write_text("x" * 43)
        (tmp_path / "token").chmod(0o600)
        with pytest.raises(ConfigError):
            await asyncio.to_thread(
                create_app, configuration.replace(config, access=access), Finders([], [], [], [])
            )
