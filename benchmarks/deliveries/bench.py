"""Deliveries counted: how many were lost, stored twice or in half."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp
import msgspec
import tomlkit

from benchmarks.deliveries.line import Line, line
from benchmarks.deliveries.servers import SERVERS, Lacking, Place
from benchmarks.reliability.service import ServiceProcess, running
from server.services.upload.service import DELAYS

SIZES = (1_000, 20_000, 200_000, 1_000_000)
"""Bytes of files, the smaller ones more often."""
WEIGHTS = (8, 6, 3, 1)
AT_A_TIME = 6
"""Number of files that the client asks for at a time."""
KILL_SECONDS = (2.0, 6.0)
"""Bounds of the life of the service, in seconds."""
OUTAGE_SECONDS = (1.0, 3.0)
"""Bounds of the time between two outages of the line, in seconds."""
DRAIN_SECONDS = 1.3 * max(DELAYS)
"""Limit of the wait for what waits in the queue, in seconds: its longest delay, and some to send it."""
GONE = (aiohttp.ClientError, ConnectionError, TimeoutError)
"""Errors of a client whose service was killed."""


@dataclass
class Tally:
    """Count of the deliveries to one target."""

    kind: str
    asked: int
    kills: int = 0
    outages: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    twice: int = 0
    half: int = 0
    parts: int = 0
    came: int = 0
    """Number of arrivals at a server that tells those apart that it has already."""
    seconds: float = 0.0

    def line(self) -> str:
        """Return it as a line."""
        told = ", ".join(f"{name} {count}" for name, count in sorted(self.answers.items()))
        return (
            f"{self.kind:<10} {self.asked:>6} deliveries, {self.kills:>3} kills, {self.outages:>3} outages: "
            f"{self.lost} lost, {self.twice} twice, {self.half} half; {self.parts} hidden parts"
            f"{f', {self.came} arrivals' if self.came else ''}; "
            f"{self.seconds:.0f} s; {told}"
        )


def main(arguments: Sequence[str] = ()) -> int:
    """Deliver and count; 1 if something was lost, stored twice or in half."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks deliveries")
    parser.add_argument("--quick", action="store_true", help="forty for each target")
    parser.add_argument("--count", type=int, default=10_000, help="deliveries for each target")
    parser.add_argument("--only", default=",".join(SERVERS), help="kinds of targets, with commas")
    parser.add_argument("--seed", default="1", help="of the moments of kills and outages")
    given = parser.parse_args(arguments)
    count = 40 if given.quick else given.count
    wrong = False
    for kind in given.only.split(","):
        try:
            tally = asyncio.run(_delivered(kind, count, Random(f"{given.seed} {kind}")))
        except Lacking as reason:
            print(f"{kind:<10} left out: {reason}", flush=True)
            continue
        print(tally.line(), flush=True)
        wrong |= bool(tally.lost or tally.twice or tally.half)
    return int(wrong)


async def _delivered(kind: str, count: int, chance: Random) -> Tally:
    with tempfile.TemporaryDirectory(prefix="gaopai-deliveries-") as name:
        folder = Path(name)
        async with SERVERS[kind](folder) as place, contextlib.AsyncExitStack() as stack:
            cable = await stack.enter_async_context(line(place.port)) if place.port else None
            run = _Run(folder, place, cable, chance)
            files = await asyncio.to_thread(run.made, count)
            return await run.deliver(files)


class _Run:
    """Deliveries of many files to one server."""

    def __init__(self, folder: Path, place: Place, cable: Line | None, chance: Random) -> None:
        self._folder = folder
        self._place = place
        self._cable = cable
        self._chance = chance
        self._service: ServiceProcess | None = None
        self._done = False

    def made(self, count: int) -> dict[str, bytes]:
        """Write the files; return their contents by name."""
        root = self._folder / "pictures"
        root.mkdir()
        files: dict[str, bytes] = {}
        for number in range(count):
            (size,) = self._chance.choices(SIZES, WEIGHTS)
            # Some have the name of another, in another folder.
            name = f"{number}.pdf" if number % 10 else f"{number}/page.pdf"
            # No two are equal, as a server may keep what is equal once.
            files[name] = number.to_bytes(4) + os.urandom(self._chance.randint(0, size))
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(files[name])
        return files

    async def deliver(self, files: dict[str, bytes]) -> Tally:
        """Have all of them delivered while the service is killed and the line breaks; count what arrived."""
        tally = Tally(self._place.kind, len(files))
        begun = time.monotonic()
        living = asyncio.create_task(self._live(tally))
        breaking = asyncio.create_task(self._break(tally))
        waiting = asyncio.Queue[str]()
        for name in files:
            waiting.put_nowait(name)
        try:
            await asyncio.gather(*(self._ask(waiting, tally) for _ in range(AT_A_TIME)))
            self._done = True
            await breaking
            end = time.monotonic() + DRAIN_SECONDS
            wanted = Counter(files.values())
            while time.monotonic() < end:
                stored = Counter(data for _, data in await asyncio.to_thread(self._place.stored))
                if not wanted - stored:
                    break
                await asyncio.sleep(1)
        finally:
            self._done = True
            living.cancel()
            breaking.cancel()
            await asyncio.gather(living, breaking, return_exceptions=True)
        tally.lost = sum((wanted - stored).values())
        tally.twice = sum(number - 1 for data, number in stored.items() if data in wanted)
        tally.half = sum(number for data, number in stored.items() if data not in wanted)
        tally.came = getattr(self._place.box, "number_of_arrivals", 0)
        tally.parts = len(await asyncio.to_thread(self._place.parts))
        tally.seconds = time.monotonic() - begun
        return tally

    async def _live(self, tally: Tally) -> None:
        """Run the service, and kill it while files are asked for."""
        more = await asyncio.to_thread(self._table)
        while True:
            life = running(self._folder, more=more)
            self._service = await asyncio.to_thread(life.__enter__)
            try:
                await asyncio.sleep(self._chance.uniform(*KILL_SECONDS))
                if self._done:
                    # The last one has the time that its queue takes.
                    await asyncio.Event().wait()
                tally.kills += 1
            finally:
                self._service.process.kill()
                life.__exit__(None, None, None)

    async def _break(self, tally: Tally) -> None:
        while self._cable is not None and not self._done:
            await asyncio.sleep(self._chance.uniform(*OUTAGE_SECONDS))
            self._cable.cut()
            self._cable.refuse = self._chance.random() < 0.3
            self._cable.cut_after = self._cable.passed + self._chance.choice((50_000, 500_000))
            await asyncio.sleep(self._chance.uniform(0.1, 0.8))
            self._cable.cut_after = None
            self._cable.refuse = False
            tally.outages += 1

    async def _ask(self, waiting: asyncio.Queue[str], tally: Tally) -> None:
        timeout = aiohttp.ClientTimeout(60)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while not waiting.empty():
                name = waiting.get_nowait()
                while (told := await self._answer(http, name)) is None:
                    tally.answers["asked again"] += 1
                    await asyncio.sleep(0.2)
                tally.answers[told] += 1

    async def _answer(self, http: aiohttp.ClientSession, name: str) -> str | None:
        """Return what became of a file, None where nobody promised anything."""
        service = self._service
        if service is None:
            return None
        address = f"http://127.0.0.1:{service.port}/api/v1/UploadHttpFile"
        body = {"target": "t", "imagePath": name, "retry": True}
        try:
            async with http.post(address, json=body) as response:
                answer = await response.json()
        except GONE:
            return None
        if answer["result"] == 0:
            (receipt,) = answer["receipts"]
            return "already there" if receipt["already"] else "delivered"
        return "queued" if answer.get("queued") else None

    def _table(self) -> str:
        config = self._place.config(*(() if self._cable is None else (self._cable.port,)))
        table = {"adapter": config.__struct_config__.tag, **msgspec.structs.asdict(config)}
        told = {key: list(value) if isinstance(value, tuple) else value for key, value in table.items()}
        return tomlkit.dumps({"targets": {"t": told}})
