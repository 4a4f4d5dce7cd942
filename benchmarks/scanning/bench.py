"""Pages a minute beside `scanimage`, and the delay of a complete page to its web page."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import report
from benchmarks.scanning.backend import DOTS, FREE, PACED, PAGES, SIDE_MM, environment, missing, scanimage
from benchmarks.streaming.processes import processor_seconds

REPOSITORY = Path(__file__).parents[2]
SCAN = {"scanSource": 1, "scanMode": 1, "scanResolution": 5, "scanPaperSize": -1}
SETTINGS: Mapping[str, dict[str, object]] = {
    "nothing done": {},
    "grey, deskewed": {"imageType": 1, "deskew": True},
    "black and white": {"imageType": 2},
    "cropped, colour document": {"cropType": 1, "imageType": 3},
}
HEAD = ("pages", "from complete to page, ms", "pipeline's own, ms", "beside it, ms", "p95, ms")
PEERS = ("pnm", "jpeg")
PLAIN = "nothing done"


@dataclass
class ScanTimes:
    """Times of one way to scan, as a client measures them.

    Attributes
    ----------
    seconds
        Of each scan, from the request to its end.
    processor
        Seconds of processor time of each scan, of the service and the driver's process.
    whole, pipeline
        Seconds of each page: from complete in the driver to received, and in the pipeline.
    """

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    pipeline: list[float] = field(default_factory=list)


@dataclass
class Results:
    """All that was measured: of scanners by name, ours and the peers'."""

    free: ScanTimes = field(default_factory=ScanTimes)
    paced: dict[str, ScanTimes] = field(default_factory=lambda: {name: ScanTimes() for name in SETTINGS})
    peers: dict[tuple[str, str], list[float]] = field(default_factory=dict)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="scanning", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="1 round, and nothing is written")
    options = parser.parse_args(arguments)
    if (reason := missing()) is not None:
        print(f"scanning: {reason}", file=sys.stderr)
        return 1
    rounds = 1 if options.quick else options.rounds
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with _service(scratch, environment(scratch)) as (server, url):
            results = asyncio.run(_measure(server, url, scratch, rounds))
    body = "\n\n".join(
        [_intro(rounds), _speed(results), DELAYS, _delays(results), PROCESSOR, _processor(results)]
    )
    report.publish("scanning", "Scanning", body, options.quick)
    return 0


def _intro(rounds: int) -> str:
    return (
        f"{report.machine(('aiohttp', 'opencv-contrib-python', 'numpy'))} SANE's `test` backend: {PAGES} "
        f"sheets of {SIDE_MM} x {SIDE_MM} mm in colour at {DOTS} dots an inch, once at the pace of a fast "
        f"production scanner and once as fast as memory is; medians of {rounds} rounds in which every way "
        "takes its turn. *gaopai* is the time from the request to the notice of the end at a client of the "
        "WebSocket, with every page as a JPEG in base64; `scanimage` writes files."
    )


DELAYS = (
    "How long a page takes from its last line in the driver to a client of the WebSocket, at a scanner's "
    "pace: *pipeline's own* is decoding, processing, encoding and the test for blankness, *beside it* "
    "everything else."
)


PROCESSOR = "Processor time of the service and of the driver's process together, at a scanner's pace:"


def _speed(results: Results) -> str:
    rows = []
    for device, name in ((PACED, "a scanner's pace"), (FREE, "as fast as memory")):
        ours = results.free if device == FREE else results.paced[PLAIN]
        gaopai = statistics.median(ours.seconds)
        rows.append((f"{name}: gaopai", f"{PAGES * 60 / gaopai:.0f}", ""))
        for kind in PEERS:
            peer = statistics.median(results.peers[device, kind])
            label = f"{name}: `scanimage --format={kind}`"
            rows.append((label, f"{PAGES * 60 / peer:.0f}", f"{peer / gaopai:.2f} x"))
    return report.table(("", "pages/min", "gaopai beside it"), rows)


def _processor(results: Results) -> str:
    rows = [
        (name, f"{1000 * statistics.median(one.processor) / PAGES:.0f}")
        for name, one in results.paced.items()
    ]
    return report.table(("", "processor time of a page, ms"), rows)


def _delays(results: Results) -> str:
    rows = []
    for name, one in results.paced.items():
        beside = [whole - pipeline for whole, pipeline in zip(one.whole, one.pipeline, strict=True)]
        figures = (
            *map(statistics.median, (one.whole, one.pipeline, beside)),
            statistics.quantiles(beside, n=20)[-1],
        )
        rows.append((name, *(f"{figure * 1000:.1f}" for figure in figures)))
    return report.table(HEAD, rows)


@contextlib.contextmanager
def _service(scratch: Path, variables: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service in a process of its own, and its address."""
    command = [sys.executable, "-m", "benchmarks.scanning.serve", str(scratch / "root")]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env=dict(variables), cwd=REPOSITORY
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            yield server, server.stdout.readline().strip()
        finally:
            server.stdin.close()


async def _measure(server: subprocess.Popen[str], url: str, scratch: Path, rounds: int) -> Results:
    results = Results()
    async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
        client = ScanClient(socket, server)
        await client.ask("GetScannerName")
        for device in (FREE, PACED):
            # The first scan starts the driver's process and describes the scanner.
            await client.scan(device, {}, ScanTimes())
        for _ in range(rounds):
            await _round(client, results, scratch)
    return results


async def _round(client: ScanClient, results: Results, scratch: Path) -> None:
    await client.scan(FREE, {}, results.free)
    for name, settings in SETTINGS.items():
        await client.scan(PACED, settings, results.paced[name])
    for device in (FREE, PACED):
        for kind in PEERS:
            seconds = scanimage(device, scratch, kind)
            results.peers.setdefault((device, kind), []).append(seconds)


@dataclass
class ScanClient:
    """A client of the service, and the times the service reports."""

    socket: Any
    server: Any

    async def scan(self, device: str, settings: Mapping[str, object], seen: ScanTimes) -> None:
        """Scan all sheets, and add the times."""
        nothing = {"cropType": 0, "imageType": 0, "deskew": False}
        await self.ask("SetScannerImageInfo", **{**nothing, **settings})
        begun, worked = time.monotonic(), processor_seconds(self.server.pid)
        arrived = await self._pages((FREE, PACED).index(device))
        seen.seconds.append(time.monotonic() - begun)
        seen.processor.append(processor_seconds(self.server.pid) - worked)
        self.server.stdin.write("pages\n")
        self.server.stdin.flush()
        pages = sorted(json.loads(self.server.stdout.readline()), key=lambda page: page["complete"])
        seen.whole += [at - page["complete"] for at, page in zip(arrived, pages, strict=True)]
        seen.pipeline += [page["pipeline"] for page in pages]

    async def _pages(self, number: int) -> list[float]:
        """Scan; return the arrival time of each page."""
        await self.socket.send_json({"func": "Scan", "reqId": "scan", "devIndex": number, **SCAN})
        arrived = []
        while True:
            message = await self.socket.receive()
            if '"imageBase64Str"' in message.data[:400]:
                arrived.append(time.monotonic())
                continue
            answer = json.loads(message.data)
            if answer["result"] != 0:
                raise RuntimeError(answer["errorMsg"])
            if answer["func"] == "GetScanEndStatue":
                return arrived

    async def ask(self, func: str, **parameters: object) -> None:
        """Send a request that has to succeed."""
        await self.socket.send_json({"func": func, "reqId": func, **parameters})
        while (answer := json.loads((await self.socket.receive()).data))["reqId"] != func:
            pass
        if answer["result"] != 0:
            raise RuntimeError(answer["errorMsg"])
