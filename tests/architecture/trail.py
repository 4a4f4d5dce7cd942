"""Trails: the files of the server that a request enters."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import CodeType, FrameType

import aiohttp
from aiohttp import web

from benchmarks.reliability.service import DEMO_ONLY
from server import config as configuration
from server.app import create_app
from server.config import AccessConfig, StorageConfig
from server.config.dialects import DialectsConfig, EloamConfig
from server.equipment import all_finders
from tests.architecture.tree import ROOT
from tests.patience import PATIENCE
from tests.service import free_port

TIMES = 3
SECONDS = 10 * PATIENCE
"""A followed request is slower than one that is not, many times."""
ORIGIN = "https://page.example"
BESIDE = ("/devices/", "/runtime/background.py", "/access/grants.py")
"""Work that goes on beside a request: device threads, and watching for devices and decisions."""
WATCH = "/access/grants.py"
"""Module that looks every second for changed decisions; all that it calls is beside a request, too."""

Message = Mapping[str, object]


@dataclass(frozen=True)
class Found:
    """Files that a request entered, and how often it changed from one folder to another."""

    files: frozenset[str]
    changes: int


class Trail:
    """Modules that calls enter between `begin` and `end`, in every thread started after it."""

    def __init__(self) -> None:
        self.on = False
        self.files: set[str] = set()
        self.changes = 0
        self._rooms: dict[int, str] = {}
        self._starts: dict[CodeType, int] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Follow from here."""
        self.files = set()
        self.changes = 0
        self._rooms = {}
        self.on = True

    def end(self) -> Found:
        """Follow no more, and tell what was entered."""
        self.on = False
        return Found(frozenset(self.files), self.changes)

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if (
            event != "call"
            or not name.startswith(str(ROOT / "server"))
            or frame.f_code.co_name.startswith("<")
        ):
            return
        # A coroutine that wakes up is called again, at a later instruction than its first.
        is_entry = frame.f_lasti <= self._starts.setdefault(frame.f_code, frame.f_lasti)
        caller = frame.f_back.f_code.co_filename if frame.f_back else ""
        if not self.on or not is_entry or WATCH in caller or any(part in name for part in BESIDE):
            return
        room = name.rpartition("/")[0]
        with self._lock:
            self.files.add(name)
            thread = threading.get_ident()
            if self._rooms.get(thread, room) != room:
                self.changes += 1
            self._rooms[thread] = room


@dataclass(frozen=True)
class Traced:
    """A request that is traced.

    Attributes
    ----------
    before
        Requests that open what it needs.
    last
        Function of its last message, where that is another.
    after
        Request that ends what it began.
    """

    request: Message
    before: Sequence[Message] = ()
    last: str = ""
    after: Message | None = None


CAMERA: Sequence[Message] = (
    {"func": "GetCameraInfo"},
    {"func": "OpenCamera", "devNum": 0, "mediaNum": 0, "resolutionNum": 0},
    {"func": "SetCameraImageInfo", "devNum": 0, "cropType": 1},
)
VIDEO: Message = {"func": "GetCameraVideoBuff", "devNum": 0}
REQUESTS: Mapping[str, Traced] = {
    "CameraCapture with crop": Traced({"func": "CameraCapture", "devNum": 0}, CAMERA),
    "GetCameraVideoBuff": Traced({**VIDEO, "enable": True}, CAMERA, after={**VIDEO, "enable": False}),
    "Scan": Traced({"func": "Scan"}, ({"func": "GetScannerName"},), last="GetScanEndStatue"),
    "ReadIDCardInfo": Traced({"func": "ReadIDCardInfo", "idType": 0}, ({"func": "GetCardReaderInfo"},)),
    "RecogDocument": Traced({"func": "RecogDocument", "devNum": 0}, CAMERA),
}
GRABIMAGE = "eloam grabimage"


async def trails(trail: Trail) -> Mapping[str, Found]:
    """Return the shortest trail of each request, by name."""
    found = {name: await _asked(trail, traced) for name, traced in REQUESTS.items()}
    return {**found, GRABIMAGE: await _grabbed(trail)}


async def _asked(trail: Trail, traced: Traced) -> Found:
    async with _service() as (main, _, session), session.ws_connect(main) as page:
        for message in traced.before:
            await _ask(page, message)

        async def stop() -> None:
            if traced.after is not None:
                await _ask(page, traced.after, is_last=lambda answer: "mime" not in answer)

        def is_last(answer: Message) -> bool:
            return answer["func"] == (traced.last or traced.request["func"])

        return await _shortest(trail, partial(_ask, page, traced.request, is_last), stop)


async def _grabbed(trail: Trail) -> Found:
    async with _service() as (_, eloam, session), session.get(f"{eloam}/video=stream&camidx=0") as stream:

        async def grab() -> None:
            async with session.post(
                f"{eloam}/video=grabimage", json={"filepath": "base64", "cutpage": "1"}
            ) as done:
                answer = await done.json(content_type=None)
            if answer["code"] != "0":
                raise RuntimeError(answer)

        async def rest() -> None:
            await stream.content.readany()

        await rest()
        return await _shortest(trail, grab, rest)


async def _shortest(
    trail: Trail, request: Callable[[], Awaitable[None]], after: Callable[[], Awaitable[None]]
) -> Found:
    found = []
    for _ in range(TIMES):
        trail.begin()
        async with asyncio.timeout(SECONDS):
            await request()
        found.append(trail.end())
        async with asyncio.timeout(SECONDS):
            await after()
    return min(found, key=lambda each: (len(each.files), each.changes))


def _any(_: Message) -> bool:
    return True


async def _ask(
    page: aiohttp.ClientWebSocketResponse, message: Message, is_last: Callable[[Message], bool] = _any
) -> None:
    await page.send_json(message)
    while True:
        answer = await page.receive_json()
        if answer["result"] != 0:
            raise RuntimeError(answer["errorMsg"])
        if is_last(answer):
            return


@asynccontextmanager
async def _service() -> AsyncIterator[tuple[str, str, aiohttp.ClientSession]]:
    """Run the service with demo devices alone; give its address, that of eloam's dialect, and a client."""
    port = free_port()
    with tempfile.TemporaryDirectory() as root:
        config = configuration.replace(
            configuration.parse(DEMO_ONLY),
            access=AccessConfig(origins=(ORIGIN,)),
            storage=StorageConfig(root=root),
            dialects=DialectsConfig(eloam=EloamConfig(enabled=True, port=port)),
        )
        runner = web.AppRunner(create_app(config, all_finders(config, demo=True)))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with aiohttp.ClientSession(headers={"Origin": ORIGIN}) as session:
                yield f"http://127.0.0.1:{runner.addresses[0][1]}/", f"http://127.0.0.1:{port}", session
        finally:
            await runner.cleanup()
