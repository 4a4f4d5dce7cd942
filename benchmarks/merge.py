"""Files made of many pages: MergeFile's work beside img2pdf writing the same PDF."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import img2pdf
import msgspec
import numpy as np

from benchmarks import report
from server.access.client import Client
from server.config import ArchiveConfig
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from server.protocol.messages.files import MergeFileRequest
from server.runtime.process import tune_process
from server.services.archive import SigningService
from server.services.files.merging import MergeService
from server.services.pictures.naming import CardNumbers, FileNamer
from server.services.pictures.originals import Provenance
from server.services.pools import ThreadPools
from server.storage.root import Storage
from synthetic.documents.pages import make_page

A4 = 2480, 3508
"""Pixels at 300 dots an inch."""
DOTS = 300
SHEETS = 6
BLANK = 0.05
"""Number of different pages drawn, and the share of blank ones."""
QUALITY = 85
PIXELS = 120_000_000
KINDS = {"PDF": (0, "pdf"), "TIFF": (1, "tif"), "OFD": (3, "ofd")}
GOAL = 1.3
HEAD = ("", "ms, median", "ms, best", "of img2pdf's, median", "MiB written")

Work = Callable[[Path], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class MethodTimes:
    """Milliseconds of each round of one method, and the size of its file in MiB."""

    times: list[float]
    size: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="merge", description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--folder", type=Path, help="on the disk to be written to; default: the temporary one"
    )
    parser.add_argument("--quick", action="store_true", help="8 pages, 2 rounds, and nothing is written")
    options = parser.parse_args(arguments)
    if options.quick:
        options.pages = 8
        options.rounds = 2
    tune_process()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        names = _make_pages(Path(scratch), options.pages)
        size = sum(Path(scratch, name).stat().st_size for name in names) / len(names) / 1e6
        taken = asyncio.run(_measure(Path(scratch), names, options.rounds))
    rows = [_row(name, one, taken["img2pdf"]) for name, one in taken.items()]
    body = "\n\n".join([_intro(options, size), report.table(HEAD, rows)])
    report.publish("merge", "Merging", body, options.quick)
    return 0


def _intro(options: argparse.Namespace, megabytes: float) -> str:
    machine = report.machine(("img2pdf", "pikepdf", "pillow", "opencv-contrib-python"))
    return (
        f"{machine} {options.pages} rendered pages of A4 at {DOTS} dots an inch as JPEG, {megabytes:.1f} MB "
        f"each, one in {round(1 / BLANK)} blank, merged by the service into one file, blank pages told; "
        f"{options.rounds} interleaved rounds. *img2pdf* writes the same PDF from the same files, in one "
        "thread, which is all it has, and does not look for blank pages. Both end when the file is safely on "
        f"the disk (fsync). To reach: at most {GOAL:g} times its time for a PDF; TIFF and OFD are for "
        "information."
    )


def _make_pages(folder: Path, count: int) -> list[str]:
    """JPEGs with a scanner's noise, no two alike; their names."""
    random = np.random.default_rng(1)
    sheets = [make_page(seed, A4).picture for seed in range(SHEETS)]
    empty = np.full_like(sheets[0], 246)
    names = []
    for number in range(count):
        blank = (number + 1) % round(1 / BLANK) == 0
        sheet = empty if blank else sheets[number % SHEETS]
        noise = random.standard_normal(sheet.shape, np.float32) * 2
        noisy = np.clip(sheet + noise, 0, 255).astype(np.uint8)
        data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        names.append(f"{number:03}.jpg")
        # The density in the JFIF header, as scanners state it.
        (folder / names[-1]).write_bytes(data[:13] + b"\1\1\x2c\1\x2c" + data[18:])
    return names


async def _measure(folder: Path, names: list[str], rounds: int) -> dict[str, MethodTimes]:
    workers = ThreadPools()
    decoding = Pool(PIXELS)
    service = MergeService(
        Storage(folder),
        workers,
        Decoders(decoding),
        SigningService(ArchiveConfig(), folder),
        Provenance(),
        FileNamer(CardNumbers()),
    )
    ways: dict[str, tuple[Work, str]] = {"img2pdf": (lambda path: _img2pdf(folder, names, path), "pdf")}
    for name, (kind, suffix) in KINDS.items():
        ways[name] = (lambda path, kind=kind: _merge(service, names, kind, path)), suffix  # type: ignore[misc]
    times: dict[str, list[float]] = {name: [] for name in ways}
    sizes: dict[str, float] = {}
    for _ in range(rounds + 1):
        for name, (work, suffix) in ways.items():
            path = folder / f"merged.{suffix}"
            # What others wrote before is not to be waited for.
            os.sync()
            begin = time.perf_counter()
            await work(path)
            times[name].append((time.perf_counter() - begin) * 1e3)
            sizes[name] = path.stat().st_size / (1 << 20)
            path.unlink()
    workers.close()
    await decoding.close()
    # The first round makes room.
    return {name: MethodTimes(each[1:], sizes[name]) for name, each in times.items()}


async def _img2pdf(folder: Path, names: list[str], path: Path) -> None:
    data = img2pdf.convert([str(folder / name) for name in names])
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


async def _merge(service: MergeService, names: list[str], kind: int, path: Path) -> None:
    fields = {"imagePath": names, "fileType": kind, "filePath": path.name}
    request = msgspec.convert(fields, MergeFileRequest)
    merged = (await service.merge(Client(0, None), request, names))[0]
    assert merged.page_count == len(names)
    assert len(merged.blank_pages) == len(names) // round(1 / BLANK), merged.blank_pages


def _row(name: str, taken: MethodTimes, other: MethodTimes) -> tuple[str, ...]:
    ratio = statistics.median(taken.times) / statistics.median(other.times)
    return (
        name if name == "img2pdf" else f"MergeFile, {name}",
        f"{statistics.median(taken.times):.0f}",
        f"{min(taken.times):.0f}",
        f"{ratio:.2f}",
        f"{taken.size:.0f}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
