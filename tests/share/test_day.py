"""A day of jobs, of which nothing is left: no job, picture, byte, task, thread, descriptor or file."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import pytest

from server.access.limits import ByteBudgets
from server.services.pictures.output import EncodedPicture
from server.share.jobs import SharedJob
from tests.extent import extent
from tests.functional.conftest import Running
from tests.patience import PATIENCE
from tests.share.client import EsclClient
from tests.share.test_jobs import feeder

JOBS = extent(60, 80)
"""A thousand are those of ``script/bench sharing``."""
KINDS = (SharedJob, EncodedPicture)


def held(root: Path) -> dict[str, int]:
    """Memory, descriptors, threads and files of this process."""
    gc.collect()
    objects = gc.get_objects()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        **{kind.__name__: sum(type(each) is kind for each in objects) for kind in KINDS},
        "bytes in work": sum(each.held for each in objects if type(each) is ByteBudgets),
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "files": sum(path.is_file() for path in root.rglob("*")),
        "MiB": int(status["VmRSS"].split()[0]) // 1024,
    }


async def job(client: EsclClient, number: int) -> int:
    """One of the day's: cancelled, never fetched, or with all its pages; returns how many."""
    while (begun := await client.post(InputSource="Feeder" if number % 3 else "Platen")).status == 503:
        await asyncio.sleep(0.02)
    assert begun.status == 201, begun.body
    address = begun.headers["Location"]
    pages = 0
    if number % 10 == 3:
        assert (await client.ask("DELETE", address)).status == 200
    elif number % 10 != 7:
        while (answer := await client.next(address)).status == 200:
            pages += 1
        assert answer.status == 404, answer.body
    return pages


@pytest.mark.long
@pytest.mark.timeout(20 * PATIENCE)
async def test_jobs_leave_nothing(
    escl: EsclClient, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.share.jobs.KEPT_SECONDS", 0.5)
    monkeypatch.setattr("server.share.jobs.UNFETCHED_SECONDS", 1.0)
    service.scanner.pulls = asyncio.Semaphore(5 * JOBS)
    scanner = await feeder(escl)

    async def day(jobs: int) -> int:
        pages = [await job(scanner, number) for number in range(jobs) if number % 4]
        pages += [len(await escl.scan()) for number in range(jobs) if number % 4 == 0]
        return sum(pages)

    async def rest() -> dict[str, int]:
        """Return the figures once all that ends by itself has ended."""
        async with asyncio.timeout(PATIENCE):
            while (found := held(service.root))["SharedJob"]:
                await asyncio.sleep(0.5)
        await asyncio.sleep(3)  # cameras stay open for a while
        return found | held(service.root)

    await day(min(JOBS, 60))
    before = await rest()
    pages = await day(JOBS)
    after = await rest()
    print(f"{JOBS} jobs, {pages} pages; before {before}, after {after}")
    expected = sum(1 for each in range(JOBS) if each % 4 == 0) + sum(
        3 if each % 3 else 1 for each in range(JOBS) if each % 4 and each % 10 not in (3, 7)
    )
    assert pages == expected, "a page is lost"
    grown = {name: count - before[name] for name, count in after.items() if count > before[name]}
    # Each thread that comes allocates from an arena of its own; one page kept of each job would be more.
    assert grown.pop("MiB", 0) < 48, (before, after)
    # Pools of threads fill up to their bounds, as they are needed.
    assert grown.pop("threads", 0) <= 4, (before, after)
    assert not grown, (before, after)
