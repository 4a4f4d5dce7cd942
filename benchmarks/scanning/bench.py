"""Pages a minute beside `scanimage`, and how long a complete page takes to its web page."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import report
from benchmarks.scanning.backend import DOTS, PAGES, SIDE_MM, environment, missing, scanimage

REPOSITORY = Path(__file__).parents[2]
SCAN = {"scanSource": 1, "scanMode": 1, "scanResolution": 5, "scanPaperSize": -1}
SETTINGS: Mapping[str, dict[str, object]] = {
    "nothing done": {},
    "grey, deskewed": {"imageType": 1, "deskew": True},
    "black and white": {"imageType": 2},
    "cropped, colour document": {"cropType": 1, "imageType": 3},
}
HEAD = ("pages", "from complete to page, ms", "pipeline's own, ms", "beside it, ms", "p95, ms")


@dataclass
class Seen:
    """What a client saw of one way to scan.

    Attributes
    ----------
    seconds
        Of each scan, from the request to its end.
    whole, pipeline
        Seconds of each page: from complete in the driver to received, and in the pipeline.
    """

    seconds: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    pipeline: list[float] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="scanning", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="3 rounds, and nothing is written")
    options = parser.parse_args(arguments)
    if (reason := missing()) is not None:
        print(f"scanning: {reason}", file=sys.stderr)
        return 1
    rounds = 3 if options.quick else options.rounds
    with tempfile.TemporaryDirectory() as scratch:
        peers, seen = asyncio.run(_measure(Path(scratch), rounds))
    body = "\n\n".join([_intro(rounds), _speed(peers, seen["nothing done"]), _delays(seen)])
    report.publish("scanning", "Scanning", body, options.quick)
    return 0


def _intro(rounds: int) -> str:
    return (
        f"{report.machine(('aiohttp', 'opencv-contrib-python', 'numpy'))} SANE's `test` backend, which delivers as "
        f"fast as it can: {PAGES} sheets of {SIDE_MM} x {SIDE_MM} mm in colour at {DOTS} dots an inch, medians of "
        f"{rounds} rounds in which every way takes its turn. *gaopai* is the time from the request to the notice of "
        "the end at a client of the WebSocket, with every page as a JPEG in base64; `scanimage` writes files."
    )


def _speed(peers: Mapping[str, list[float]], ours: Seen) -> str:
    gaopai = statistics.median(ours.seconds)
    rows = [("gaopai", f"{PAGES * 60 / gaopai:.0f}", "")]
    for kind, seconds in peers.items():
        peer = statistics.median(seconds)
        rows.append((f"`scanimage --format={kind}`", f"{PAGES * 60 / peer:.0f}", f"{peer / gaopai:.2f} x"))
    return report.table(("", "pages/min", "gaopai beside it"), rows)


def _delays(seen: Mapping[str, Seen]) -> str:
    rows = []
    for name, one in seen.items():
        beside = [whole - pipeline for whole, pipeline in zip(one.whole, one.pipeline, strict=True)]
        figures = (
            *map(statistics.median, (one.whole, one.pipeline, beside)),
            statistics.quantiles(beside, n=20)[-1],
        )
        rows.append((name, *(f"{figure * 1000:.1f}" for figure in figures)))
    return report.table(HEAD, rows)


async def _measure(scratch: Path, rounds: int) -> tuple[dict[str, list[float]], dict[str, Seen]]:
    variables = environment(scratch / "sane.d")
    peers: dict[str, list[float]] = {"pnm": [], "jpeg": []}
    seen = {name: Seen() for name in SETTINGS}
    command = [sys.executable, "-m", "benchmarks.scanning.serve", str(scratch / "root")]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env=dict(variables), cwd=REPOSITORY
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        url = server.stdout.readline().strip()
        async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
            await _ask(socket, "GetScannerName")
            for number in range(rounds + 1):
                await _round(socket, server, seen, warm=number > 0)
                for kind, seconds in peers.items():
                    seconds.append(scanimage(scratch, kind, variables))
        server.stdin.close()
    return peers, seen


async def _round(socket: Any, server: Any, seen: Mapping[str, Seen], warm: bool) -> None:
    for name, settings in SETTINGS.items():
        await _ask(
            socket, "SetScannerImageInfo", **{"cropType": 0, "imageType": 0, "deskew": False, **settings}
        )
        begun, arrived = time.monotonic(), await _scan(socket)
        ended = time.monotonic()
        server.stdin.write("pages\n")
        server.stdin.flush()
        pages = sorted(json.loads(server.stdout.readline()), key=lambda page: page["complete"])
        if warm:  # the first scan starts the driver's process and describes the scanner
            seen[name].seconds.append(ended - begun)
            seen[name].whole += [at - page["complete"] for at, page in zip(arrived, pages, strict=True)]
            seen[name].pipeline += [page["pipeline"] for page in pages]


async def _scan(socket: Any) -> list[float]:
    """When each page was there."""
    await socket.send_json({"func": "Scan", "reqId": "scan", "devIndex": 0, **SCAN})
    arrived = []
    while True:
        message = await socket.receive()
        if b'"imageBase64Str"' in message.data[:400].encode():
            arrived.append(time.monotonic())
            continue
        answer = json.loads(message.data)
        if answer["result"] != 0:
            raise RuntimeError(answer["errorMsg"])
        if answer["func"] == "GetScanEndStatue":
            return arrived


async def _ask(socket: Any, func: str, **parameters: object) -> None:
    await socket.send_json({"func": func, "reqId": func, **parameters})
    while (answer := json.loads((await socket.receive()).data))["reqId"] != func:
        pass
    if answer["result"] != 0:
        raise RuntimeError(answer["errorMsg"])
