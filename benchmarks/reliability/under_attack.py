"""Costs of attacks to an honest page: frames lost, longest gap, longest wait for an answer, memory."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks import report
from benchmarks.reliability.attacks import ATTACKS, LIAR, Attack, mjpeg_camera
from benchmarks.reliability.page import camera_number, connect
from benchmarks.reliability.service import ORIGINS, REPOSITORY, ServiceProcess, running
from benchmarks.streaming.frames import RATES, cache_folder, frames
from server.errors import LocalizedText
from server.protocol.frames import SUBPROTOCOL

HONEST = ORIGINS[0]
CAMERA = "Honest Camera"
SIZE = "1080p"
SAMPLE_SECONDS = 0.25
FIRST_SECONDS = 30.0
"""Bound on the first frame."""
PATIENCE = 120.0
"""Bound on what an attack holds up, after which it counts as not answered."""
HEADS = (
    (
        *("attack", "frames lost", "longest gap, to be 250 ms", "without it"),
        *("slowest small request, to be 2 s", "memory, to be +192 MiB"),
    ),
    ("攻击", "丢失帧", "最长间隔，目标 250 ms", "无攻击时", "最慢的小请求，目标 2 s", "内存，目标 +192 MiB"),
)
"""Heads of the table, with what is to be reached; the pixels of a picture in work are beyond that memory."""
SKIPPED = LocalizedText("未测：{reason}", "not staged: {reason}")
ENDED = LocalizedText("服务终止", "the service ended")


@dataclass
class HonestPage:
    """Times of a page's frames, and the seconds that its requests took."""

    frames: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    unanswered: bool = False

    def gap(self, begun: float, ended: float) -> float:
        """Return the longest time without a frame in that span, in seconds."""
        times = [begun, *(at for at in self.frames if begun <= at < ended), ended]
        return max(later - at for at, later in itertools.pairwise(times))

    def rate(self, begun: float, ended: float) -> float:
        """Return the frames a second in that span."""
        return sum(begun <= at < ended for at in self.frames) / (ended - begun)


@dataclass(frozen=True)
class Cost:
    """Cost of one attack.

    Attributes
    ----------
    lost
        Share of the frames that came without it.
    gap, calm_gap, answer
        Seconds, `calm_gap` of those without it; `answer` is None where none came.
    mib
        Most memory of the service and its children, beyond that without the attack.
    alive
        False if the service ended.
    """

    lost: float
    gap: float
    calm_gap: float
    answer: float | None
    mib: float
    alive: bool


def section(quick: bool, names: Sequence[str] = ()) -> tuple[LocalizedText, bool]:
    """Return the table in both languages, and True if the service did not survive an attack."""
    seconds = 6.0 if quick else 30.0
    rows = []
    ended = False
    for name in names or ATTACKS:
        kind = ATTACKS[name]
        hindrance = kind.hindrance()
        cost = None if hindrance else measure(name, seconds)
        ended = ended or (cost is not None and not cost.alive)
        rows.append((kind, hindrance, cost))
    tables = [report.table(HEADS[language], [_row(*row, language) for row in rows]) for language in (1, 0)]
    return LocalizedText(*tables), ended


def measure(name: str, seconds: float) -> Cost:
    """Run a service of its own for an attack, with an honest page before and during it."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        honest, *ports = (each.getsockname()[1] for each in taken)
    spare, doccamera, eloam = ports
    dialects = "".join(
        f"\n[dialects.{name}]\nenabled = true\nport = {port}\n"
        for name, port in (("doccamera", doccamera), ("eloam", eloam))
    )
    cameras = "".join(
        f'\n[[cameras]]\nadapter = "network"\nname = "{name}"\nurl = "http://127.0.0.1:{port}/v.mjpg"\n'
        for name, port in ((LIAR, spare), (CAMERA, honest))
    )
    upload = f"http://127.0.0.1:{spare}"
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), upload, cameras + dialects) as service,
    ):
        return asyncio.run(_measure(service, name, honest, ports, seconds))


async def _measure(
    service: ServiceProcess, name: str, honest: int, ports: Sequence[int], seconds: float
) -> Cost:
    page = HonestPage()
    camera = await mjpeg_camera(frames(SIZE, cache_folder()), honest, RATES[SIZE])
    async with camera, _watching(service, page):
        begun = time.monotonic()
        before = await _peak(service, seconds / 2)
        calm = time.monotonic()
        attacking = await asyncio.to_thread(_begin, name, service.port, *ports)
        try:
            middle = time.monotonic()
            most = await _peak(service, seconds)
            ended = time.monotonic()
        finally:
            attacking.kill()
            await asyncio.to_thread(attacking.communicate)
    wanted = page.rate(begun, calm)
    got = page.rate(middle, ended)
    answer = None if page.unanswered else max(page.answers, default=None)
    alive = service.process.poll() is None
    lost = max(0.0, 1 - got / wanted) if wanted else 1.0
    gaps = page.gap(middle, ended), page.gap(begun, calm)
    return Cost(lost, *gaps, answer, most - before, alive)


@contextlib.asynccontextmanager
async def _watching(service: ServiceProcess, page: HonestPage) -> AsyncIterator[None]:
    """Watch a camera and have codes read, from the first frame to the end of the block."""
    first = asyncio.Event()
    tasks = [
        asyncio.create_task(_show(service, page, first)),
        asyncio.create_task(_recognize(service, page)),
    ]
    try:
        async with asyncio.timeout(FIRST_SECONDS):
            await first.wait()
        yield
    finally:
        # Whatever still waits has waited until now.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _show(service: ServiceProcess, page: HonestPage, first: asyncio.Event) -> None:
    async with connect(service.url, HONEST, Counter(), (SUBPROTOCOL,)) as line:
        number = camera_number(await line.ask("GetCameraInfo"), CAMERA)
        await line.ask("OpenCamera", devNum=number)
        await line.send("GetCameraVideoBuff", devNum=number, enable=True)
        async for message in line.line:
            if message.type is aiohttp.WSMsgType.BINARY:
                page.frames.append(time.monotonic())
                first.set()


async def _recognize(service: ServiceProcess, page: HonestPage) -> None:
    picture = base64.b64encode((REPOSITORY / "docs/images/demo-scanner-en.png").read_bytes()).decode()
    async with connect(service.url, HONEST, Counter()) as line:
        while True:
            begun = time.monotonic()
            try:
                await line.ask("RecogBarCode", imageBase64=picture)
            except (TimeoutError, ConnectionError, asyncio.CancelledError) as exc:
                page.answers.append(time.monotonic() - begun)
                page.unanswered = not isinstance(exc, asyncio.CancelledError)
                raise
            page.answers.append(time.monotonic() - begun)
            await asyncio.sleep(SAMPLE_SECONDS)


async def _peak(service: ServiceProcess, seconds: float) -> float:
    """Return the most memory in that time, of all its processes, in MiB."""
    most = 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end and service.process.poll() is None:
        with contextlib.suppress(FileNotFoundError):  # it ends just now
            most = max(most, (await asyncio.to_thread(service.resource_usage)).all_mib)
        await asyncio.sleep(SAMPLE_SECONDS)
    return most


def _begin(name: str, *ports: int) -> subprocess.Popen[str]:
    """Start an attack, and return its process once it attacks."""
    command = [sys.executable, "-m", "benchmarks.reliability.attacker", name, *map(str, ports)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if not process.stdout.readline():
        process.kill()
        process.communicate()
        raise RuntimeError(f"the attack {name} does not begin")
    return process


def _row(kind: Attack, hindrance: str, cost: Cost | None, language: int) -> list[str]:
    name = kind.zh if language else kind.en
    if cost is None:
        reason = (SKIPPED.zh if language else SKIPPED.en).format(reason=hindrance)
        return [name, reason, "", "", "", ""]
    answer = "-" if cost.answer is None else f"{cost.answer:.1f} s"
    memory = f"{cost.mib:+.0f} MiB" if cost.alive else (ENDED.zh if language else ENDED.en)
    gaps = [f"{1000 * gap:.0f} ms" for gap in (cost.gap, cost.calm_gap)]
    return [name, f"{cost.lost:.0%}", *gaps, answer, memory]
