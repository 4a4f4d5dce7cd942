"""Memory of a service at rest and after captures, the time of the first, processor time of a start."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp

from benchmarks import report
from benchmarks.reliability.page import PageConnection
from benchmarks.reliability.service import DEMO_ONLY, REPOSITORY, descendants

SETTLED_SECONDS = 10.0
HEAD = ("", "MiB", "processes", "s of a processor")
TEXT = """
{machine}

`gaopai serve` with nothing opened and no page connected, {seconds:g} s after it was ready: resident memory
of all its processes (pages that two of them share count twice), and the processor time that it has taken by
then; medians of {rounds}. Large libraries are read when a request needs them
([decision 0059](decisions/0059-large-libraries-are-read-late.md)).

{table}

One page and the demo's 8-megapixel camera without a preview: six captures with crop, three with curves, and
{later:g} s later: proportional set size (what processes share is divided by their number), of which the
demo's painted desk has some 60 MiB while it shows something. The first capture waits for the camera and for
the libraries: {first:.1f} times the median of the next five, with the preview on before it {previewed:.1f}
times.

{used}
"""
USED_HEAD = ("", "MiB", "processes")
LATER_SECONDS = 30.0
KINDS = {"without devices": (DEMO_ONLY,), "with demo devices": (DEMO_ONLY, "--demo")}


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print the table and put it into the page of results."""
    options = _options(arguments)
    rows = []
    for kind, (config, *words) in KINDS.items():
        measured = [_measured(config, words) for _ in range(options.rounds)]
        memory, processes, taken = (statistics.median(values) for values in zip(*measured, strict=True))
        rows.append([kind, f"{memory:.0f}", f"{processes:.0f}", f"{taken:.2f}"])
    first, used = asyncio.run(_used())
    previewed, _ = asyncio.run(_used(preview=True))
    text = TEXT.format(
        later=LATER_SECONDS,
        first=first,
        previewed=previewed,
        used=report.table(USED_HEAD, used),
        machine=report.machine(["aiohttp", "numpy", "opencv-contrib-python"]),
        seconds=SETTLED_SECONDS,
        rounds=options.rounds,
        table=report.table(HEAD, rows),
    )
    report.publish("idle", "Service at rest", text, options.quick)
    return 0


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process and its descendants."""
    return sum(map(_resident_kib, (pid, *descendants(pid)))) / 1024


async def _used(preview: bool = False) -> tuple[float, list[list[str]]]:
    """Return the first capture over the median of the next five, and the table's rows unless previewed."""
    with running(DEMO_ONLY, ["--demo"]) as (pid, port):
        address = f"ws://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as line:
            page = PageConnection(line, Counter())
            await page.ask("OpenCamera", devNum=0, mediaNum=0, resolutionNum=0)
            await page.ask("SetCameraImageInfo", devNum=0, cropType=1)
            if preview:
                await page.ask("GetCameraVideoBuff", devNum=0)
                await asyncio.sleep(SETTLED_SECONDS)
            first, *others = [await _seconds(page) for _ in range(6)]
            rows = [_row("after six captures", pid)]
            if not preview:
                await page.ask("SetCameraImageInfo", devNum=0, cropType=3)
                for _ in range(3):
                    await _seconds(page)
                rows.append(_row("after three with curves", pid))
                await asyncio.sleep(LATER_SECONDS)
                rows.append(_row(f"{LATER_SECONDS:g} s later", pid))
            return first / statistics.median(others), rows


async def _seconds(page: PageConnection) -> float:
    started = time.perf_counter()
    if (await page.ask("CameraCapture", devNum=0)).get("result"):
        raise ConnectionError("a capture failed")
    return time.perf_counter() - started


def proportional_mib(pid: int) -> float:
    """Return the proportional set size of a process and its descendants."""
    return sum(map(_proportional_kib, (pid, *descendants(pid)))) / 1024


def _row(name: str, pid: int) -> list[str]:
    return [name, f"{proportional_mib(pid):.0f}", str(1 + len(descendants(pid)))]


def _proportional_kib(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _measured(config: str, words: Sequence[str]) -> tuple[float, int, float]:
    with running(config, words) as (pid, _):
        time.sleep(SETTLED_SECONDS)
        return memory_mib(pid), 1 + len(descendants(pid)), processor_seconds(pid)


@contextlib.contextmanager
def running(config: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The service as a user starts it: its process and its port."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        (Path(folder) / "config.toml").write_text(config, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "server",
            "serve",
            "--port",
            str(port),
            "--root",
            f"{folder}/pictures",
        ]
        command += ["--config", f"{folder}/config.toml", *words]
        own = {**os.environ, "XDG_STATE_HOME": f"{folder}/state"}
        with subprocess.Popen(command, cwd=REPOSITORY, env=own, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None and process.stdout.readline()
                yield process.pid, port
            finally:
                process.terminate()


def _resident_kib(pid: int) -> int:
    """Return the resident memory of a process; 0 if it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of those that it has seen end; 0 if it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks idle", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round, and nothing is written")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds = 1
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
