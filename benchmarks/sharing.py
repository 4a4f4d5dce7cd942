"""Shared devices: a page by eSCL beside our own capture, and a day of jobs after which nothing is left."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from benchmarks import report
from benchmarks.reliability.page import PageConnection
from benchmarks.reliability.service import ServiceProcess, listens, running

PORT = 18_490
ADDRESS = f"http://127.0.0.1:{PORT}"
SETTINGS = """<?xml version="1.0"?><scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03"
xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"><pwg:InputSource>Platen</pwg:InputSource>
<scan:ColorMode>RGB24</scan:ColorMode><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>
<scan:XResolution>{dots}</scan:XResolution><scan:YResolution>{dots}</scan:YResolution></scan:ScanSettings>"""
DOTS = 200
HEAD = ("", "")
TEXT = """
{machine}

The demo's 8-megapixel camera, open and warm; each round measures both, one after the other: from a program's
POST of a job to the last byte of the page (`NextDocument`), cropped, flattened, upright, at {dots} dots an
inch; and from `CameraCaptureBase64` with the same settings to its answer. Then {jobs} jobs, every seventh of
the camera and the others of the scanner's glass, every tenth of them cancelled, and as many never fetched as
cancelled. An error that is told is a frame that the drawn camera did not make within eight seconds, on a
busy machine; lost is a page of which nothing was heard. Files are those beside the service's own.

{table}
"""


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print the table and put it into the page of results; 1 if something is left or lost."""
    parser = argparse.ArgumentParser(prog="benchmarks sharing")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args(arguments)
    rounds, jobs = (5, options.jobs or 30) if options.quick else (10, options.jobs or 1000)
    more = f'[share]\nenabled = true\nport = {PORT}\ndevices = ["Demo Document Camera", "Demo Scanner"]\n'
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), more=more) as service:
        if not listens(PORT):
            raise RuntimeError((service.folder / "log").read_text())
        rows, failed = asyncio.run(_measured(service, rounds, jobs))
        rows.append(["errors in the log", str(len(service.errors()))])
        failed = failed or bool(service.errors())
    machine = report.machine(["aiohttp", "numpy", "opencv-contrib-python"])
    text = TEXT.format(machine=machine, dots=DOTS, jobs=jobs, table=report.table(HEAD, rows))
    report.publish("sharing", "Shared devices", text, options.quick)
    return int(failed)


async def _measured(service: ServiceProcess, rounds: int, jobs: int) -> tuple[list[list[str]], bool]:
    async with aiohttp.ClientSession() as session:
        for _ in range(5):  # the first captures wait for libraries
            await _some_page(session)
        shared, own = zip(*[await _round(service, session) for _ in range(rounds)], strict=True)
        ratio = statistics.median(shared) / statistics.median(own)
        rows = [
            ["a page by eSCL, ms", f"{1000 * statistics.median(shared):.0f}"],
            ["our own capture, ms", f"{1000 * statistics.median(own):.0f}"],
            ["ratio", f"{ratio:.2f}"],
        ]
        await _day(session, min(jobs, 50))
        await asyncio.sleep(5)
        before = service.resource_usage()
        begun = time.monotonic()
        got, told, lost = await _day(session, jobs)
        taken = time.monotonic() - begun
        await asyncio.sleep(75)  # states of ended jobs are told for a minute
        after = service.resource_usage()
    pictures = service.folder / "pictures"
    rows += [
        ["jobs, pages, errors told, lost", f"{jobs}, {got}, {told}, {lost}"],
        ["jobs a minute", f"{60 * jobs / taken:.0f}"],
        ["descriptors before, after", f"{before.descriptors}, {after.descriptors}"],
        ["threads before, after", f"{before.threads}, {after.threads}"],
        ["MiB before, after", f"{before.steady_mib:.0f}, {after.steady_mib:.0f}"],
        [
            "files left",
            str(sum(path.is_file() for path in pictures.rglob("*") if ".gaopai" not in path.parts)),
        ],
    ]
    return rows, bool(lost) or after.descriptors > before.descriptors + 2 or not service.camera_is_closed()


async def _round(service: ServiceProcess, session: aiohttp.ClientSession) -> tuple[float, float]:
    """Return seconds of a page by eSCL, and of our own capture."""
    await _some_page(session)
    shared = await _some_page(session)
    await asyncio.sleep(2.5)  # the camera stays open for two seconds
    async with session.ws_connect(service.url, max_msg_size=0) as line:
        page = PageConnection(line, Counter())
        await page.ask("OpenCamera", devNum=0, mediaNum=0, resolutionNum=0)
        await page.ask("SetCameraImageInfo", devNum=0, cropType=1, imageType=3, deskew=True, upright=True)
        await page.ask("CameraCaptureBase64", devNum=0)
        while True:
            begun = time.perf_counter()
            if not (await page.ask("CameraCaptureBase64", devNum=0)).get("result"):
                return shared, time.perf_counter() - begun


async def _roots(session: aiohttp.ClientSession) -> list[str]:
    """Return the addresses of the camera and the scanner."""
    async with session.get(f"{ADDRESS}/") as answer:
        lines = (await answer.text()).splitlines()[1:]
    return [ADDRESS + line.split()[0] for line in lines]


async def _begin(session: aiohttp.ClientSession, dots: int = DOTS, root: str = f"{ADDRESS}/eSCL") -> str:
    while True:
        async with session.post(f"{root}/ScanJobs", data=SETTINGS.format(dots=dots)) as answer:
            if answer.status == 201:
                return answer.headers["Location"]
        await asyncio.sleep(0.1)


class _Told(Exception):
    """Raised for a page in whose place an error came."""


async def _some_page(session: aiohttp.ClientSession) -> float:
    """Scan until a page comes; return the seconds of that one."""
    while True:
        begun = time.perf_counter()
        with contextlib.suppress(_Told):
            await _page(session)
            return time.perf_counter() - begun


async def _page(session: aiohttp.ClientSession) -> int:
    """Scan a page; return its bytes, and leave the job ended."""
    return await _fetched(session, await _begin(session))


async def _fetched(session: aiohttp.ClientSession, job: str) -> int:
    while True:
        async with session.get(f"{job}/NextDocument") as answer:
            if answer.status == 200:
                return len(await answer.read())
            if answer.status != 503:  # not yet
                raise _Told(answer.status)


async def _day(session: aiohttp.ClientSession, jobs: int) -> tuple[int, int, int]:
    """Return how many pages came, in place of how many an error came, and how many are lost."""
    got = told = lost = 0
    camera, scanner = await _roots(session)
    for number in range(jobs):
        job = await _begin(session, 75, scanner if number % 7 else camera)
        if number % 10 == 3:
            await session.delete(job)
        elif number % 10 != 7:
            try:
                got += await _fetched(session, job) > 0
            except _Told:
                told += 1
            except aiohttp.ClientError:
                lost += 1
    return got, told, lost
