"""Throughput of a batch by cores: ``gaopai enhance`` on a folder, beside a loop over the same files."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.streaming.frames import cache_folder, frames

SIZE = "5 MP"
ASKED = ("--crop", "single", "--image-type", "grey", "--deskew", "--format", "jpg")
LOOP = """
import sys
from pathlib import Path
from imgcore import codec
from imgcore.pipeline import process
from imgcore.settings import Crop, ImageType, Settings
settings = Settings(crop=Crop.SINGLE, image_type=ImageType.GREY, deskew=True)
for path in sorted(Path(sys.argv[1]).iterdir()):
    result = process(codec.decode(path.read_bytes(), 250_000_000), settings)
    Path(sys.argv[2], path.name).write_bytes(codec.encode(result.pictures[0], "jpg"))
"""
"""The script one would write without the command; OpenCV may use all cores in it."""


@dataclass(frozen=True, slots=True)
class RunCost:
    """Time and memory of one run.

    Attributes
    ----------
    wall, processor
        Seconds, from the command's start to its end.
    memory
        MiB, of the largest of its processes.
    others
        The part of the machine's processor time that went elsewhere meanwhile, 0..1.
    """

    wall: float
    processor: float
    memory: float
    others: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="batch", description=__doc__)
    parser.add_argument("--pages", type=int, default=48)
    parser.add_argument("--quick", action="store_true", help="8 pages, and nothing is written")
    options = parser.parse_args(arguments)
    pages = 8 if options.quick else options.pages
    with tempfile.TemporaryDirectory() as scratch:
        rows = list(_rows(Path(scratch), pages))
    body = "\n\n".join([_intro(pages), report.table(HEAD, rows)])
    report.publish("batch", "Batches", body, options.quick)
    return 0


HEAD = ("", "pages/s", "of the loop's", "CPU s/page", "MiB, largest process", "others")


def _intro(pages: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy', 'pillow'))} {pages} rendered pages of {SIZE} "
        f"as JPEG, enhanced with `{' '.join(ASKED)}`. *loop* is one process that decodes, enhances, encodes "
        "and writes file after file, with OpenCV's own threads. Everything counts: starting the processes, "
        "writing each result safely to the disk, the journal. *again* finds everything done. The last column "
        "is the part of the machine's processor time that other programs took meanwhile: above a tenth, "
        "measure again."
    )


def _rows(scratch: Path, pages: int) -> Iterator[tuple[str, ...]]:
    folder = scratch / "in"
    folder.mkdir()
    kinds = frames(SIZE, cache_folder())
    for number in range(pages):
        (folder / f"{number:04}.jpg").write_bytes(kinds[number % len(kinds)])
    (scratch / "loop").mkdir()
    loop = _timed([sys.executable, "-c", LOOP, str(folder), str(scratch / "loop")])
    yield _row("loop", pages, loop, loop)
    cores = len(os.sched_getaffinity(0))
    for count in sorted({1, 2, cores // 2, cores} - {0}):
        command = _command(folder, scratch / f"out-{count}", "--workers", str(count))
        yield _row(f"{count} worker{'s' * (count > 1)}", pages, _timed(command), loop)
    yield _row("again", pages, _timed(command), loop)
    with _cluster(cores) as address:
        if address is not None:
            command = _command(folder, scratch / "cluster", "--cluster", address)
            # The cluster's own processor time is not that of a child.
            row = _row(f"Dask on this machine, {cores} workers", pages, _timed(command), loop)
            yield (*row[:3], "-", "-", "-")


def _row(name: str, pages: int, taken: RunCost, loop: RunCost) -> tuple[str, ...]:
    return (
        name,
        f"{pages / taken.wall:.2f}",
        f"{loop.wall / taken.wall:.2f} x",
        f"{taken.processor / pages:.3f}",
        f"{taken.memory:.0f}",
        f"{taken.others:.0%}",
    )


def _command(folder: Path, output: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "server", "enhance", str(folder), "-o", str(output), *ASKED, *words]


def _timed(command: Sequence[str]) -> RunCost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = _busy()
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    others = max(0.0, _busy() - busy - processor) / (wall * (os.cpu_count() or 1))
    # Children's high water only ever rises; the loop runs first, so a later row is at least its.
    return RunCost(wall, processor, after.ru_maxrss / 1024, others)


def _busy() -> float:
    """Seconds of processor time that all programs have used since the start of the machine."""
    fields = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:]]
    user, nice, system, _idle, _iowait, irq, softirq, *_ = fields
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _cluster(workers: int) -> Iterator[str | None]:
    """A Dask cluster of this machine's cores, or None where the package is not installed."""
    if importlib.util.find_spec("distributed") is None:
        print("batch: without Dask, which is not installed: pip install 'gaopai[cluster]'")
        yield None
        return
    library: Any = importlib.import_module("distributed")
    with library.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
