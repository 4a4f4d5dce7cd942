"""The service on a port of its own, with cameras the test holds in its hand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import pytest
import uvloop
from blockbuster import BlockBuster, blockbuster_ctx

from server import config as configuration
from server.access.listeners import listen_all, serving
from server.access.origins import OwnOrigins
from server.app import create_app
from server.children.async_child import AsyncChild
from server.children.child import ChildSpec, start
from server.config import Config
from server.decoding import pool
from server.decoding.pool import DecodingProcess, start_process
from server.devices.ports.button import Button
from server.devices.ports.card_reader import CardReader
from server.devices.ports.fingerprint_sensor import FingerprintSensor
from server.devices.ports.scanner import Scanner
from server.equipment import Engines, Finders
from tests.fakes.camera import FakeCamera, FakeFinder
from tests.fakes.card_reader import FakeCardReader
from tests.fakes.face_engine import FakeFaceEngine
from tests.fakes.finger_sensor import FakeFingerSensor, FakeMatcher
from tests.fakes.listed import ListedFinder
from tests.fakes.scanner import FakeScanner
from tests.patience import PATIENCE
from tests.service import free_port

ALLOWED = "https://oa.example.cn"
OTHER = "https://other.example.cn"


@dataclass
class Running:
    """A service that runs."""

    url: str
    http: str
    root: Path
    finder: FakeFinder
    camera: FakeCamera
    scanners: ListedFinder[Scanner]
    scanner: FakeScanner
    cards: ListedFinder[CardReader]
    reader: FakeCardReader
    fingers: ListedFinder[FingerprintSensor]
    sensor: FakeFingerSensor
    buttons: ListedFinder[Button]
    faces: FakeFaceEngine
    stop: Callable[[], Awaitable[None]]


class Watch(logging.Handler):
    """Keeps all that any logger says, whatever its level."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{self.format(record)} {record.args!r} {record.__dict__!r}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(watch)
    yield watch
    root.removeHandler(watch)
    root.setLevel(before)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that `gaopai serve` runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def never_blocks() -> Iterator[BlockBuster]:
    """Any blocking call in the event loop fails the test."""
    with blockbuster_ctx("server") as guard:
        yield guard


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """What the service is started with; tests may override."""
    return Config(
        access=configuration.AccessConfig(origins=(ALLOWED, OTHER), folder=str(tmp_path / "access")),
        storage=configuration.StorageConfig(root=str(tmp_path / "pictures")),
        # A developer's desktop is left alone.
        notice=configuration.NoticeConfig(cameras=False),
        limits=configuration.LimitsConfig(message_mib=1, waiting_requests=16),
    )


class KeptProcesses:
    """Decoding processes that serve one service after the other: each takes a third of a second to start."""

    def __init__(self) -> None:
        self._limits: dict[DecodingProcess, int] = {}
        self._idle: list[DecodingProcess] = []
        # A child ends with the thread that started it, and those of a loop end with it.
        self._threads = ThreadPoolExecutor(1)

    async def start_child(self, kind: type[AsyncChild], spec: ChildSpec, *arguments: object) -> AsyncChild:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(start, kind, spec, *arguments))

    async def start(self, limit_pixels: int) -> DecodingProcess:
        for idle in self._idle:
            if idle.alive and self._limits[idle] == limit_pixels:
                self._idle.remove(idle)
                return idle
        started = await start_process(limit_pixels)
        self._limits[started] = limit_pixels
        return started

    async def end(self, processes: Sequence[DecodingProcess]) -> None:
        self._idle += (one for one in processes if one in self._limits)
        # Those that read text serve one service alone.
        await asyncio.gather(*(one.retire() for one in processes if one not in self._limits))

    def close(self) -> None:
        for started in self._limits:
            started.end()
        self._threads.shutdown()


@pytest.fixture(scope="session")
def kept_processes() -> Iterator[KeptProcesses]:
    kept = KeptProcesses()
    yield kept
    kept.close()


@pytest.fixture
def decoding(kept_processes: KeptProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes that decode for the service. Tests that are about these have their own."""
    monkeypatch.setattr(pool, "start_child", kept_processes.start_child)
    monkeypatch.setattr(pool, "start_process", kept_processes.start)
    monkeypatch.setattr(pool, "_end", kept_processes.end)


@pytest.fixture
async def service(config: Config, decoding: None) -> AsyncIterator[Running]:
    """The service with one fake device of each kind."""
    camera = FakeCamera()
    scanner = FakeScanner()
    reader = FakeCardReader()
    sensor = FakeFingerSensor()
    finder = FakeFinder(camera)
    scanners = ListedFinder[Scanner](scanner)
    cards = ListedFinder[CardReader](reader)
    fingers = ListedFinder[FingerprintSensor](sensor)
    buttons = ListedFinder[Button]()
    finders = Finders([finder], [scanners], [cards], [fingers], [buttons])
    faces = FakeFaceEngine()
    port = free_port()
    config = configuration.replace(config, server=configuration.replace(config.server, port=port))
    listeners = await asyncio.to_thread(listen_all, config, None)
    own = await asyncio.to_thread(OwnOrigins.of, [listener.address for listener in listeners])
    app = await asyncio.to_thread(create_app, config, finders, Engines(FakeMatcher(), faces), own=own)
    stack = AsyncExitStack()
    await stack.enter_async_context(serving(app, listeners))
    yield Running(
        f"ws://127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}",
        configuration.storage_root(config.storage),
        finder,
        camera,
        scanners,
        scanner,
        cards,
        reader,
        fingers,
        sensor,
        buttons,
        faces,
        stack.aclose,
    )
    await stack.aclose()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE)) as session:
        yield session
