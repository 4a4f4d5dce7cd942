"""Figures of the architecture: ``python -m tests.architecture.measure``."""

from __future__ import annotations

import ast
import asyncio
import itertools
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import aiohttp
from aiohttp import web

from server.app import create_app
from server.config import Config, StorageConfig
from server.devices.adapters.demo import DemoCameraFinder
from server.finders import Finders
from tests.architecture import docstrings
from tests.architecture.tree import ROOT, parsed, shown
from tests.patience import PATIENCE

PRODUCT = ("server", "imgcore", "models", "synthetic", "benchmarks")
PICTURES = ("imgcore", "models", "benchmarks")
LONGEST = 400
CAPTURES = 5
BESIDE = ("/devices/", "/runtime/background.py", "/access/grants.py")
"""Work that goes on beside a request: device threads, and watching for devices and decisions."""
BEFORE: Sequence[dict[str, object]] = (
    {"func": "GetCameraInfo"},
    {"func": "OpenCamera", "devNum": 0, "mediaNum": 0, "resolutionNum": 0},
    {"func": "SetCameraImageInfo", "devNum": 0, "cropType": 1},
    # What is loaded once is not counted.
    {"func": "CameraCapture", "devNum": 0, "imagePath": "warm.jpg"},
)


def sources(*packages: str) -> Iterator[Path]:
    """Python files of packages."""
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def shared_class_names(*packages: str) -> dict[str, list[str]]:
    """Public classes whose name another one has, with their files."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources(*packages):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(shown(path))
    return {name: files for name, files in found.items() if len(files) > 1}


def public_classes(*packages: str) -> int:
    """Number of public classes."""
    trees = (parsed(path) for path in sources(*packages))
    classes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return sum(not node.name.startswith("_") for node in classes)


def long_files(*packages: str) -> list[tuple[int, str]]:
    """Files over the limit, longest first."""
    lengths = ((len(path.read_text().splitlines()), path) for path in sources(*packages))
    return sorted(((count, shown(path)) for count, path in lengths if count > LONGEST), reverse=True)


class Trail:
    """Modules that calls enter between `begin` and `end`, in every thread started after it.

    Attributes
    ----------
    shortest
        Files and changes of room of the capture with the fewest: others had something going on beside them.
    """

    def __init__(self) -> None:
        self.on = False
        self.files: set[str] = set()
        self.changes = 0
        self.shortest: tuple[int, int, set[str]] | None = None
        self._rooms: dict[int, str] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Follow from here."""
        self.files, self.changes, self._rooms = set(), 0, {}
        self.on = True

    def end(self) -> None:
        """Follow no more."""
        self.on = False
        found = (len(self.files), self.changes, self.files)
        self.shortest = min(self.shortest or found, found, key=lambda each: each[:2])

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if not self.on or event != "call":
            return
        name = frame.f_code.co_filename
        if not name.startswith(str(ROOT / "server")) or frame.f_code.co_name.startswith("<"):
            return
        if any(part in name for part in BESIDE):
            return
        room = name.rpartition("/")[0]
        with self._lock:
            self.files.add(name)
            thread = threading.get_ident()
            if self._rooms.get(thread, room) != room:
                self.changes += 1
            self._rooms[thread] = room


async def capture_with_crop(trail: Trail) -> None:
    """One CameraCapture with crop of the demo camera through a WebSocket, with the trail on."""
    with tempfile.TemporaryDirectory() as root:
        app = create_app(Config(storage=StorageConfig(root=root)), Finders([DemoCameraFinder()]))
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            async with aiohttp.ClientSession() as session, session.ws_connect(url) as page:
                await _capture(page, trail)
        finally:
            await runner.cleanup()


async def _capture(page: aiohttp.ClientWebSocketResponse, trail: Trail) -> None:
    for message in BEFORE:
        await _ask(page, message)
    for number in range(CAPTURES):
        trail.begin()
        await _ask(page, {"func": "CameraCapture", "devNum": 0, "imagePath": f"{number}.jpg"})
        trail.end()


async def _ask(page: aiohttp.ClientWebSocketResponse, message: dict[str, object]) -> None:
    await page.send_json(message)
    async with asyncio.timeout(PATIENCE):
        answer = await page.receive_json()
    if answer["result"] != 0:
        raise RuntimeError(answer["errorMsg"])


def main(arguments: Sequence[str]) -> None:
    """Print every figure; with an argument also what stands behind it."""
    trail = Trail()
    threading.setprofile(trail)
    sys.setprofile(trail)
    asyncio.run(capture_with_crop(trail))
    sys.setprofile(None)
    threading.setprofile(None)  # type: ignore[arg-type]
    shared = shared_class_names("server", "imgcore", "models")
    classes = public_classes("server", "imgcore", "models")
    sharing = sum(map(len, shared.values()))
    clauses = {
        package: [fault for path in docstrings.sources(package) for fault in docstrings.faults(path)]
        for package in PRODUCT
    }
    print(f"source files in server/: {len(list(sources('server')))}")
    assert trail.shortest is not None
    entered, changes, files = trail.shortest
    print(f"CameraCapture with crop: {entered} files of server/ entered, {changes} changes of room")
    print(f"public classes that share a name: {sharing} of {classes} ({100 * sharing / classes:.1f} %)")
    print(f"public classes that share a name in {', '.join(PICTURES)}: {len(shared_class_names(*PICTURES))}")
    counts = ", ".join(f"{package} {len(found)}" for package, found in clauses.items())
    print(f"docstrings that open with a noun clause: {counts}")
    print(f"files over {LONGEST} lines in server/, imgcore/: {long_files('server', 'imgcore') or 'none'}")
    if arguments:
        print("\n".join([*sorted(files), *map(str, shared.items()), *itertools.chain(*clauses.values())]))


if __name__ == "__main__":
    main(sys.argv[1:])
