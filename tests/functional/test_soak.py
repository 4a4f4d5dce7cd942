"""A bad day at the counter, in a minute: clients that come, go, stall, reset and lie, all at once.

``GAOPAI_SOAK_SECONDS`` makes it longer, ``GAOPAI_SOAK_SEED`` another day.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from aiohttp import WSMsgType

from server.errors import Cancelled, DeviceBusy, DeviceNotOpen, FileExists, TooManyRequests
from tests.fakes.canaries import personal
from tests.functional.page import PATIENCE, Page, connect

SECONDS = float(os.environ.get("GAOPAI_SOAK_SECONDS", "60"))
SEED = os.environ.get("GAOPAI_SOAK_SEED", "1")
CLIENTS = 6
"""At any moment; the service and they share two processors."""
VISIT_SECONDS = 90.0
"""A bound far above what any visit takes."""
ORIGINS = ("https://oa.example.cn", "https://other.example.cn")
REPOSITORY = Path(__file__).parents[2]
MIB = 1 << 20

MORE_DESCRIPTORS = 4
MORE_THREADS = 8
"""Pools start their threads when they need them; a thread lost with each connection is hundreds."""
MORE_MIB = 200
"""Threads keep buffers of up to 32 MiB for the next frame, and what all keep together was seen to rise by
90 MiB after the morning, and then to stay; what a hundred connections lose would be more."""

REFUSALS = {DeviceBusy.code, DeviceNotOpen.code, Cancelled.code, FileExists.code}
"""What an honest client may be told here: others have the camera, took it away, or took the file's name."""


@dataclass(frozen=True)
class Holdings:
    """What a process holds."""

    descriptors: int
    threads: int
    mib: float


@dataclass(frozen=True)
class Service:
    """The service in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/"

    def holdings(self) -> Holdings:
        folder = Path(f"/proc/{self.process.pid}")
        pages = int((folder / "statm").read_text().split()[1])
        descriptors, threads = (len(list((folder / name).iterdir())) for name in ("fd", "task"))
        return Holdings(descriptors, threads, pages * os.sysconf("SC_PAGE_SIZE") / MIB)

    def lines(self, pattern: str) -> list[str]:
        """Lines of its log."""
        return [line for line in self.log.read_text().splitlines() if re.search(pattern, line)]

    def camera_is_closed(self) -> bool:
        name = "Demo Document Camera"
        return len(self.lines(f"opened {name}")) == len(self.lines(f"closed {name}"))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The service as a user starts it, with the demo camera."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "server", "serve", "--demo", "--port", str(port)]
    command += ["--root", str(tmp_path / "pictures")]
    for origin in ORIGINS:
        command += ["--allow-origin", origin]
    log = tmp_path / "log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=REPOSITORY
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert str(port) in process.stdout.readline(), log.read_text()
            _await_listener(port)
            yield Service(process, port, log)
        finally:
            process.kill()


def _await_listener(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.timeout(SECONDS + 2 * VISIT_SECONDS + 120)
async def test_a_bad_day_leaves_no_trace(service: Service) -> None:
    # A morning first, so that what is made once and kept does not count as growth.
    await _open_counter(service, "morning", SECONDS / 3)
    await _settle(service)
    before = service.holdings()
    await _open_counter(service, "afternoon", SECONDS * 2 / 3)
    await _settle(service, before)
    after = service.holdings()

    await _use(service)
    assert service.camera_is_closed()
    assert not service.lines("ERROR|Traceback"), service.log.read_text()[-4000:]
    assert personal(service.log.read_text()) == []
    assert after.descriptors <= before.descriptors + MORE_DESCRIPTORS, (before, after)
    assert after.threads <= before.threads + MORE_THREADS, (before, after)
    assert after.mib <= before.mib + MORE_MIB, (before, after)
    service.process.terminate()
    assert await asyncio.to_thread(service.process.wait, PATIENCE) == 0


async def _open_counter(service: Service, time_of_day: str, seconds: float) -> None:
    """Let clients come for a time; whoever is there may finish."""
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            chance = Random(f"{SEED} {time_of_day} {number}")
            group.create_task(_client(service, chance, end))


async def _client(service: Service, chance: Random, end: float) -> None:
    """Every kind of visit once, then one after the other as chance has it."""
    kinds = chance.sample(VISITS, len(VISITS))
    while time.monotonic() < end:
        await _within_bounds(kinds.pop() if kinds else chance.choice(VISITS), service, chance)


async def _within_bounds(visit: Visit, service: Service, chance: Random) -> None:
    try:
        async with asyncio.timeout(VISIT_SECONDS):
            await visit(service, chance)
    except Exception as exc:
        exc.add_note(f"in a visit to {visit.__name__} with the seed {SEED}")
        raise


async def _settle(service: Service, wanted: Holdings | None = None) -> None:
    """Wait, within bounds, until the service has seen that everybody left."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        await asyncio.sleep(0.25)
        few = wanted is None or service.holdings().descriptors <= wanted.descriptors
        if few and service.camera_is_closed() and not _connections(service):
            return


def _connections(service: Service) -> int:
    """How many the service still serves."""
    return len(service.lines(r" connected from")) - len(service.lines(" disconnected"))


async def _use(service: Service) -> None:
    """The camera works for the next honest page."""
    async with connect(service.url, ORIGINS[0]) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0, resolutionNum=6)
        await page.must("CameraCaptureBase64")
        await page.must("CloseCamera")


# Honest clients ------------------------------------------------------------------------


async def work(service: Service, chance: Random) -> None:
    """Open, look, capture and close in any order, then leave somehow."""
    async with _page(service, chance) as page:
        for _ in range(chance.randint(2, 10)):
            func, parameters = _request(chance)
            answer = await page.ask(func, devNum=0, **parameters)
            assert answer["result"] in REFUSALS | {0}, answer
        _leave(page, chance)


async def watch(service: Service, chance: Random) -> None:
    """Look on for a while with whatever outline and rotation."""
    async with _page(service, chance, ("gaopai.v1.binary",)) as page:
        if (await page.ask("OpenCamera", devNum=0, resolutionNum=chance.randint(2, 6)))["result"] == 0:
            await page.must("SetCameraImageInfo", devNum=0, **_style(chance))
            await page.send("GetCameraVideoBuff", devNum=0, enable=True)
            for _ in range(chance.randint(1, 40)):
                message = await asyncio.wait_for(page.socket.receive(), PATIENCE)
                if message.type is WSMsgType.BINARY or message.json()["func"] == "Notify":
                    continue
                # Another page of the origin took the camera over and closed it.
                assert message.json()["result"] in REFUSALS
                break
        _leave(page, chance)


async def stall(service: Service, chance: Random) -> None:
    """Ask for pictures and take none."""
    async with _page(service, chance) as page:
        await page.ask("OpenCamera", devNum=0, resolutionNum=chance.randint(0, 6))
        for _ in range(chance.choice((1, 5))):
            await page.send("GetCameraVideoBuff", devNum=0, enable=True)
            await page.send("CameraCaptureBase64", devNum=0)
        # Beyond ten seconds the service drops it.
        await asyncio.sleep(chance.choice((0.1, 1, 3, 12)))
        _leave(page, chance)


async def hurry(service: Service, chance: Random) -> None:
    """More requests at once than may wait; each is answered."""
    async with _page(service, chance) as page:
        requests = [_request(chance) for _ in range(100)]
        funcs = [(func, kept) for func, kept in requests if func != "GetCameraVideoBuff"]
        sent = {await page.send(func, devNum=0, **kept) for func, kept in funcs}
        while sent:
            answer = await page.receive()
            assert answer["result"] in REFUSALS | {0, TooManyRequests.code}, answer
            sent.discard(answer["reqId"])


async def embed(service: Service, chance: Random) -> None:
    """Show the camera in an img element, and drop it."""
    async with _raw(service) as (reader, writer):
        writer.write(_http(service, f"GET /stream/{chance.randint(0, 1)}.mjpg HTTP/1.1"))
        await _listen(reader, chance.uniform(0, 3))
        _hang_up(writer, chance)


@contextlib.asynccontextmanager
async def _page(service: Service, chance: Random, protocols: tuple[str, ...] = ()) -> AsyncIterator[Page]:
    async with connect(service.url, chance.choice(ORIGINS), protocols) as page:
        await page.must("GetCameraInfo")
        yield page


def _request(chance: Random) -> tuple[str, dict[str, object]]:
    name = f"{chance.randint(1, 20)}.{chance.choice(('jpg', 'png', 'pdf'))}"
    requests: tuple[tuple[str, dict[str, object]], ...] = (
        ("OpenCamera", {"resolutionNum": chance.randint(0, 6), "fps": chance.choice((5, 15, 30))}),
        ("SetCameraInfo", {"mediaNum": 1, "resolutionNum": chance.randint(0, 3)}),
        ("SetCameraImageInfo", _style(chance)),
        ("GetCameraVideoBuff", {"enable": True}),
        ("GetCameraVideoBuff", {"enable": False}),
        ("CameraCapture", {"imagePath": name} if chance.random() < 0.9 else {}),
        ("CameraCaptureBase64", {}),
        ("CloseCamera", {}),
        ("Heartbeat", {}),
    )
    return chance.choice(requests)


def _style(chance: Random) -> dict[str, object]:
    return {"cropType": chance.choice((0, 1, 1, 2)), "rotate": chance.choice((0, 0, 90, 180, 270))}


def _leave(page: Page, chance: Random) -> None:
    """Politely (by the caller's context), or by a reset while messages are on their way."""
    connection = page.socket._response.connection
    if chance.random() < 0.5 and connection is not None and connection.transport is not None:
        _reset(connection.transport)


# Liars ---------------------------------------------------------------------------------


async def lie(service: Service, chance: Random) -> None:
    """Agree on the protocol, then break it."""
    async with _raw(service) as (reader, writer):
        writer.write(_handshake(service, chance))
        for piece in chance.choice(LIES)(chance):
            if writer.transport.is_closing():
                break
            writer.write(piece)
            # A service that takes no more of it has hung up, or has its reasons.
            with contextlib.suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(writer.drain(), 2)
        await _listen(reader, chance.uniform(0, 2))
        _hang_up(writer, chance)


async def crawl(service: Service, chance: Random) -> None:
    """Shake hands a byte at a time, and perhaps never finish."""
    async with _raw(service) as (reader, writer):
        handshake = _handshake(service, chance)
        for byte in handshake[: chance.randint(1, len(handshake))]:
            writer.write(bytes([byte]))
            await asyncio.sleep(chance.uniform(0, 0.02))
        await _listen(reader, chance.uniform(0, 1))
        _hang_up(writer, chance)


async def babble(service: Service, chance: Random) -> None:
    """Speak no HTTP, or far too much."""
    async with _raw(service) as (reader, writer):
        speech = (
            chance.randbytes(4096),
            b"",
            b"\x16\x03\x01\x02\x00\x01" + chance.randbytes(500),
            _http(service, "GET / HTTP/1.1", "X: " + "x" * 100_000),
            _http(service, "POST / HTTP/1.1", "Content-Length: 20000000") + b"x" * 100_000,
            _http(service, "POST / HTTP/1.1", "Transfer-Encoding: chunked") + b"ffffffffff\r\n",
            _http(service, "GET /gaopai.js HTTP/1.1") * 300,
        )
        writer.write(chance.choice(speech))
        await _listen(reader, chance.uniform(0, 1))
        _hang_up(writer, chance)


Visit = Callable[[Service, Random], Awaitable[None]]
VISITS: tuple[Visit, ...] = (work, watch, stall, hurry, embed, lie, crawl, babble)


def _frame(opcode: int, payload: bytes, *, declared: int | None = None, mask: bool = True) -> bytes:
    """A WebSocket frame, its first byte as given; a mask of zeros leaves the payload as it is."""
    size = len(payload) if declared is None else declared
    return struct.pack(">BBQ", opcode, 0xFF if mask else 0x7F, size) + bytes(4 if mask else 0) + payload


def _part(first: bytes, size: int) -> Iterator[bytes]:
    yield first
    for _ in range(size // MIB):
        yield b" " * MIB


LIES: tuple[Callable[[Random], Iterator[bytes]], ...] = (
    lambda chance: iter([chance.randbytes(chance.randint(1, 5000))]),
    lambda chance: iter([_frame(0x81, b'{"func":"Heartbeat"}', mask=False)]),
    lambda chance: iter([_frame(0x81, b'{"func":"Heart', declared=chance.randint(15, 1000))]),
    lambda chance: iter([_frame(0x81, b'{"func":"Heartbeat","reqId":1}')[: chance.randint(1, 30)]]),
    lambda chance: _part(_frame(0x81, b"", declared=20 * MIB), chance.choice((0, 5, 20))),
    lambda chance: _part(_frame(0x82, b"", declared=40 * MIB), 1),
    lambda chance: iter([_frame(0x81, b"x", declared=(1 << 63) + 1)]),
    lambda chance: iter([_frame(0x01, b"") + _frame(0x00, b" " * MIB)] * 2),
    lambda chance: iter([_frame(0x01, b" ")] + [_frame(0x00, b" " * MIB)] * 35),
    lambda chance: iter([_frame(0x01, b" ")] + [_frame(0x00, b" ") * 1000] * 20),
    lambda chance: iter([_frame(0x89, b"x" * 200)]),
    lambda chance: iter([_frame(0x89, b"ping") * 1000] * 5),
    lambda chance: iter([_frame(0x88, b"\x00\x01")]),
    lambda chance: iter([_frame(0x88, b"\x03\xe8") + _frame(0x81, b'{"func":"GetCameraInfo"}')]),
    lambda chance: iter([_frame(0xF1, b"{}")]),
    lambda chance: iter([_frame(0x8B, b"{}")]),
    lambda chance: iter([_frame(0x81, b"\xff\xfe")]),
    lambda chance: iter([_frame(0x81, b"[" * 100_000)]),
    lambda chance: iter([_frame(0x81, b'{"func":"OpenCamera","reqId":1}') * 500]),
)


@contextlib.asynccontextmanager
async def _raw(service: Service) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def _http(service: Service, *lines: str) -> bytes:
    return "\r\n".join((*lines, f"Host: 127.0.0.1:{service.port}", "", "")).encode()


def _handshake(service: Service, chance: Random) -> bytes:
    return _http(
        service,
        "GET / HTTP/1.1",
        f"Origin: {chance.choice(ORIGINS)}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(chance.randbytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    )


async def _listen(reader: asyncio.StreamReader, seconds: float) -> None:
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(seconds):
            while await reader.read(MIB):
                pass


def _hang_up(writer: asyncio.StreamWriter, chance: Random) -> None:
    if chance.random() < 0.5:
        _reset(writer.transport)


def _reset(transport: asyncio.BaseTransport) -> None:
    """End a connection with a RST, as a killed browser or a pulled plug does."""
    if transport.is_closing():
        return
    line = transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
