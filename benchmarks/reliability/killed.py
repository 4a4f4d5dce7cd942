"""The service killed in the middle of its work and started again: nothing it promised is lost or half."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import time
import zipfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import aiohttp
import cv2
import numpy as np

from benchmarks.reliability.page import Message, PageConnection, connect
from benchmarks.reliability.receiver import NUMBER, Receiver, receiving
from benchmarks.reliability.service import ORIGINS, ServiceProcess, running
from server.errors import DeviceTimeout
from server.telemetry.chain import follow
from server.telemetry.trail_files import trail_files

KINDS_OF_WORK = ("capture", "document", "page", "upload")
AWAITED = (KINDS_OF_WORK, (), *((kind,) for kind in KINDS_OF_WORK))
"""The kinds of which there are new results before the kill, by cycle."""
MORE_SECONDS = (0.1, 2.0)
"""Bounds of the time from then to the kill."""
WORK_SECONDS = 240.0
"""Limit of the wait for these results."""
GONE_SECONDS = 20.0
ARRIVAL_SECONDS = 100.0
"""Bounds; an upload that was refused waits for 5 and then for 15 seconds."""
GONE = (aiohttp.ClientError, ConnectionError)
"""Errors of a client whose service was killed."""
KINDS = itertools.cycle(((0, "pdf"), (1, "tif"), (3, "ofd")))
PICTURE = base64.b64encode(cv2.imencode(".png", np.full((600, 800), 200, np.uint8))[1].tobytes()).decode()


@dataclass
class Ledger:
    """Promises of the service over all kill cycles, and the broken ones.

    Attributes
    ----------
    files
        Paths reported as written.
    uploads
        Numbers of the uploads reported as sent or as queued.
    kept
        Number of files and uploads by kind of work.
    complaints
        Files lost, incomplete or left over, and other faults.
    survived
        Number of cycles without a complaint.
    """

    root: Path
    files: list[Path] = field(default_factory=list)
    uploads: set[str] = field(default_factory=set)
    kept: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    survived: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def keep(self, kind: str, count: int) -> None:
        """Count results."""
        async with self.changed:
            self.kept[kind] += count
            self.changed.notify_all()

    async def more(self, kinds: Sequence[str]) -> None:
        """Wait for a new result of each kind.

        Raises
        ------
        TimeoutError
        """
        before = Counter(self.kept)
        async with asyncio.timeout(WORK_SECONDS), self.changed:
            await self.changed.wait_for(lambda: all(self.kept[kind] > before[kind] for kind in kinds))

    def judge(self) -> None:
        """Check that each promised file exists, and that each existing file is complete."""
        paths = [path for path in self.root.rglob("*") if path.is_file()]
        seen = [path for path in paths if "/." not in str(path.relative_to(self.root.parent))]
        found = [f"{path.name} is half a file" for path in seen if not is_whole(path)]
        found += [f"{path.name} was promised and is lost" for path in {*self.files} - {*seen}]
        # What one life lost is not held against the next ones.
        self.complaints += [complaint for complaint in found if complaint not in self.complaints]


async def run_kill_cycles(folder: Path, number: int, seed: str) -> Ledger:
    """Kill the service so many times, and check its files after each kill and in the end."""
    ledger = Ledger(folder / "pictures")
    async with receiving() as receiver:
        for life in range(number):
            before = len(ledger.complaints)
            with running(folder, receiver.origin) as service:
                awaited = AWAITED[life % len(AWAITED)]
                await _KillCycle(service, ledger, life).run(awaited, Random(f"{seed} {life}"))
            ledger.judge()
            ledger.survived += before == len(ledger.complaints)
        with running(folder, receiver.origin) as service:
            await _arrive(service, ledger, receiver)
    ledger.judge()
    ledger.complaints += await asyncio.to_thread(_left_over, folder)
    return ledger


class _KillCycle:
    """One run of the service until it is killed, with its clients."""

    def __init__(self, service: ServiceProcess, ledger: Ledger, number: int) -> None:
        self._service = service
        self._ledger = ledger
        self._names = (f"{number}-{name}" for name in count())

    async def run(self, awaited: Sequence[str], chance: Random) -> None:
        """Let all clients work until the service is killed, and check that its processes end with it."""
        works = (self._capture, self._scan, self._recognise)
        working = [asyncio.create_task(self._until_killed(work)) for work in works]
        await self._ledger.more(awaited)
        await asyncio.sleep(chance.uniform(*MORE_SECONDS))
        children = self._service.children()
        self._service.process.kill()
        await asyncio.gather(*working)
        await asyncio.to_thread(self._service.process.wait, GONE_SECONDS)
        if outlived := await asyncio.to_thread(_outlived, children):
            self._ledger.complaints.append(f"{outlived} processes outlived it")

    async def _until_killed(self, work: Callable[[PageConnection], Awaitable[None]]) -> None:
        with contextlib.suppress(*GONE):
            async with connect(self._service.url, ORIGINS[0], Counter()) as page:
                while True:
                    await work(page)

    async def _capture(self, page: PageConnection) -> None:
        """Capture pictures of several formats, merge them into a document, and upload one."""
        await page.ask("GetCameraInfo")
        await page.ask("OpenCamera", devNum=0, resolutionNum=4)
        pictures: list[str] = []
        for suffix in ("jpg", "png", "tif"):
            answer = await page.ask("CameraCapture", devNum=0, imagePath=f"{next(self._names)}.{suffix}")
            pictures += await self._keep("capture", answer.get("imagePath", ()))
        if not pictures:
            return
        kind, suffix = next(KINDS)
        wish = {"imagePath": pictures, "fileType": kind, "filePath": f"{next(self._names)}.{suffix}"}
        if path := (await page.ask("MergeFile", **wish)).get("filePath"):
            await self._keep("document", [path])
        number = next(self._names)
        wish = {"imagePath": pictures[0], "params": {NUMBER: number}, "retry": True}
        answer = await page.ask("UploadHttpFile", url=f"{self._service.upload}/up", **wish)
        if answer["result"] == 0 or answer.get("queued"):
            self._ledger.uploads.add(number)
            await self._ledger.keep("upload", 1)

    async def _scan(self, page: PageConnection) -> None:
        """Scan a stack of sheets; a page is promised once it is answered."""
        await page.ask("GetScannerName")
        wish = {"scanSource": 1, "scanResolution": 0, "imagePath": f"{next(self._names)}.jpg"}
        number = await page.send("Scan", devIndex=0, withImage=True, **wish)
        while (message := await page.answer(number))["func"] != "GetScanEndStatue":
            # The last one names all pages again.
            await self._keep("page", message["imagePath"] if "page" in message else ())

    async def _recognise(self, page: PageConnection) -> None:
        """Recognise barcodes in a sent picture, which a separate process decodes."""
        await page.ask("RecogBarCode", imageBase64=PICTURE)

    async def _keep(self, kind: str, paths: Sequence[str]) -> Sequence[str]:
        self._ledger.files += map(Path, paths)
        await self._ledger.keep(kind, len(paths))
        return paths


async def _arrive(service: ServiceProcess, ledger: Ledger, receiver: Receiver) -> None:
    """Check that the service works again, and that queued uploads arrive."""
    async with connect(service.url, ORIGINS[0], Counter()) as page:
        for func in ("GetCameraInfo", "OpenCamera", "CameraCaptureBase64"):
            answer = await _patiently(page, func, **({} if func == "GetCameraInfo" else {"devNum": 0}))
            if answer["result"]:
                ledger.complaints.append(f"after all that, {func} is answered with {answer['result']}")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ARRIVAL_SECONDS), receiver.changed:
            await receiver.changed.wait_for(lambda: ledger.uploads <= receiver.taken)
    missing = ledger.uploads - receiver.taken
    ledger.complaints += [f"upload {number} was promised and never arrived" for number in missing]


def _outlived(children: Sequence[int]) -> int:
    """Return the number of processes still alive after a bounded time."""
    end = time.monotonic() + GONE_SECONDS
    while (alive := sum(map(_is_alive, children))) and time.monotonic() < end:
        time.sleep(0.05)
    return alive


def _is_alive(pid: int) -> bool:
    # One that has ended, and whose end nobody has asked for, is still listed.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def _left_over(folder: Path) -> list[str]:
    """Return complaints about temporary files and about a broken audit trail."""
    found = [f"{path.name} is left" for path in (folder / "pictures").rglob(".gaopai-*.part")]
    trail = trail_files(folder / "audit")
    verdict = follow(trail)
    if verdict.broken is not None:
        found.append(f"the audit trail is broken at {verdict.broken}")
    return found


def is_whole(path: Path) -> bool:
    """Return whether a file is complete, by its end marker and by decoding it."""
    data = path.read_bytes()
    if path.suffix == ".ofd":
        with contextlib.suppress(zipfile.BadZipFile):
            return zipfile.ZipFile(path).testzip() is None
        return False
    if path.suffix == ".pdf":
        return data.rstrip().endswith(b"%%EOF")
    tail = {".jpg": b"\xff\xd9", ".png": b"IEND\xaeB`\x82"}.get(path.suffix, b"")
    if not data or not data.endswith(tail):
        return False
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) is not None


async def _patiently(page: PageConnection, func: str, **parameters: object) -> Message:
    """Ask again while the answer is that a device was too slow, which a busy machine makes it."""
    async with asyncio.timeout(ARRIVAL_SECONDS):
        while (answer := await page.ask(func, **parameters))["result"] == DeviceTimeout.code:
            pass
    return answer
