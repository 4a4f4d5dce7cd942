"""The service on a port of its own, with cameras the test holds in its hand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvloop
from blockbuster import BlockBuster, blockbuster_ctx

from server import config as configuration
from server.app import create_app
from server.composition import Engines
from server.config import Config
from server.devices.ports.card_reader import CardReader
from server.devices.ports.fingerprint_sensor import FingerprintSensor
from server.devices.ports.scanner import Scanner
from server.finders import Finders
from server.session.listeners import listen_all, serving
from server.session.own_origins import OwnOrigins
from tests.fakes.camera import FakeCamera, FakeFinder
from tests.fakes.card_reader import FakeCardReader
from tests.fakes.face_engine import FakeFaceEngine
from tests.fakes.finger_sensor import FakeFingerSensor, FakeMatcher
from tests.fakes.listed import ListedFinder
from tests.fakes.scanner import FakeScanner
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
    watch, root = Watch(), logging.getLogger()
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


@pytest.fixture
async def service(config: Config) -> AsyncIterator[Running]:
    """The service with one fake device of each kind."""
    camera, scanner, reader, sensor = FakeCamera(), FakeScanner(), FakeCardReader(), FakeFingerSensor()
    finder, scanners = FakeFinder(camera), ListedFinder[Scanner](scanner)
    cards, fingers = ListedFinder[CardReader](reader), ListedFinder[FingerprintSensor](sensor)
    finders = Finders([finder], [scanners], [cards], [fingers])
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
        faces,
        stack.aclose,
    )
    await stack.aclose()
