"""S16: the processes that decode have limits; what happens to one costs its file only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from benchmarks.reliability.hostile_files import nested_pdf
from imgcore.types import ImageError
from server.children import entry, memory
from server.decoding import limits, wire
from server.decoding import pool as pool_module
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool, Reply
from server.documents import rendering
from server.documents.faults import DocumentFault
from server.errors import DecoderUnavailable
from server.runtime.process import MEMORY_BYTES
from tests.fakes.decoding import mapped
from tests.patience import PATIENCE
from tests.security import bombs
from tests.unit.documents.samples import HEIGHT, WIDTH, jpeg

LIMIT = 30_000_000
PICTURE = jpeg()


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    running = Pool(LIMIT, most=2)
    yield running
    await running.close()


def large_png() -> bytes:
    """A picture of 25 megapixels in 25 kB."""
    return bombs.png_of(5000, 5000, bombs.zeros(25 << 20), 8, 0)


BOMBS = [bombs.pdf_flate, bombs.pdf_run_lengths, bombs.pdf_content_bomb, large_png]


async def decode(pool: Pool, data: bytes = PICTURE) -> tuple[int, ...]:
    decoders = Decoders(pool)
    file = await decoders.opened("a", data)
    with contextlib.closing(file):
        return (await decoders.raster(file, 0)).image.shape


async def pid_of(pool: Pool) -> int:
    """The process that will be asked next."""
    assert await decode(pool) == (HEIGHT, WIDTH, 3)
    return pool.idle[-1].pid


async def asked(pool: Pool, pid: int) -> asyncio.Task[tuple[int, ...]]:
    """A picture handed to a process that was stopped, and has it now."""
    os.kill(pid, signal.SIGSTOP)
    task = asyncio.create_task(decode(pool))
    # It is taken from the others and given its job in one step.
    while pool.idle:
        await asyncio.sleep(0)
    return task


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter where it goes between open and read
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while is_running(pid):
            await asyncio.sleep(0.01)


async def test_the_first_is_started_before_it_is_asked_for(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.decoding.pool.WARM_SECONDS", 0.0)
    pool.warm_up()
    async with asyncio.timeout(PATIENCE):
        while not pool.idle:
            await asyncio.sleep(0.01)


async def test_those_that_have_nothing_to_do_end_and_give_their_memory_back(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.decoding.pool.IDLE_SECONDS", 0.01)
    await asyncio.gather(decode(pool), decode(pool))
    pids = [one.pid for one in pool.idle]
    async with asyncio.timeout(PATIENCE):
        while len(pool.idle) > 1:
            await asyncio.sleep(0.01)
    pool.end_unused(PATIENCE)
    assert len(pool.idle) == 1
    pool.end_unused(0.0)
    assert not pool.idle
    for pid in pids:
        await gone(pid)
    assert await decode(pool) == (HEIGHT, WIDTH, 3)


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_crash_costs_its_file_only(pool: Pool, how: signal.Signals) -> None:
    pid = await pid_of(pool)
    task = await asked(pool, pid)
    os.kill(pid, how)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
    with pytest.raises(DocumentFault, match=how.name):
        await task
    assert await pid_of(pool) != pid


async def test_time_of_a_processor_is_limited(pool: Pool) -> None:
    pid = await pid_of(pool)
    task = await asked(pool, pid)
    os.kill(pid, signal.SIGXCPU)
    os.kill(pid, signal.SIGCONT)
    with pytest.raises(DocumentFault, match="took more than"):
        await task
    assert await pid_of(pool) != pid


async def test_one_that_hangs_is_ended() -> None:
    pool = Pool(LIMIT, most=1)
    decoders = Decoders(pool)
    file = await decoders.opened("a", PICTURE)
    pid = pool.idle[-1].pid
    os.kill(pid, signal.SIGSTOP)
    pool._seconds = 0.5
    with pytest.raises(DocumentFault, match=r"took more than 0\.5 seconds"):
        await decoders.raster(file, 0)
    await gone(pid)
    file.close()
    await pool.close()


async def test_one_killed_while_it_had_nothing_to_do_is_replaced(pool: Pool) -> None:
    pid = await pid_of(pool)
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    assert await decode(pool) == (HEIGHT, WIDTH, 3)


async def test_its_limits_are_set(pool: Pool) -> None:
    pid = await pid_of(pool)
    address, _ = resource.prlimit(pid, resource.RLIMIT_AS)
    assert address == limits.address_bytes(LIMIT, MEMORY_BYTES)
    seconds, _ = resource.prlimit(pid, resource.RLIMIT_CPU)
    assert 0 < seconds <= 3 * limits.SECONDS
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    status = Path(f"/proc/{pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "1000"


@pytest.mark.parametrize("bomb", BOMBS)
async def test_memory_is_limited(pool: Pool, bomb: Callable[[], bytes]) -> None:
    pid = await pid_of(pool)
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    # Not the real limit, which takes seconds to reach.
    room = pages * os.sysconf("SC_PAGE_SIZE") + (12 << 20)
    resource.prlimit(pid, resource.RLIMIT_AS, (room, room))
    with pytest.raises((DocumentFault, ImageError, MemoryError)):
        await decode(pool, bomb())
    assert await decode(pool) == (HEIGHT, WIDTH, 3)


async def test_giving_up_ends_what_goes_on(pool: Pool) -> None:
    pid = await pid_of(pool)
    task = await asked(pool, pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(pid)
    assert await decode(pool) == (HEIGHT, WIDTH, 3)


async def test_closing_ends_all(pool: Pool) -> None:
    await asyncio.gather(*(decode(pool) for _ in range(6)))
    pids = [one.pid for one in pool.idle]
    assert 1 <= len(pids) <= 3, "two, and one for small pictures"
    await pool.close()
    for pid in pids:
        await gone(pid)


async def test_without_a_process_there_is_an_error(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(DecoderUnavailable):
        await decode(pool)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DecoderUnavailable, match="exit 1"):
        await decode(pool)
    monkeypatch.undo()
    assert await decode(pool) == (HEIGHT, WIDTH, 3)


BUSY = "for each in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 0.2; {work}; done"
WORK = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"


@pytest.mark.long
@pytest.mark.parametrize(("work", "ready"), [(WORK, True), (":", False)], ids=["slow", "stuck"])
async def test_a_slow_start_is_waited_for_and_a_stuck_one_is_not(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, work: str, ready: bool
) -> None:
    monkeypatch.setattr(pool_module, "START_SECONDS", 1.5)
    starter = tmp_path / "python"
    starter.write_text(f'#!/bin/sh\n{BUSY.format(work=work)}\nexec "{sys.executable}" "$@"\n')
    starter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(starter))
    if ready:
        assert await decode(pool) == (HEIGHT, WIDTH, 3)
    else:
        with pytest.raises(DecoderUnavailable, match="not ready in"):
            await decode(pool)


@pytest.mark.skipif(os.geteuid() != 0, reason="a child shows its environment and descriptors to root alone")
async def test_it_knows_no_secrets_and_no_files(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAOPAI_TOKEN", "secret")
    pid = await pid_of(pool)
    assert b"GAOPAI_TOKEN" not in Path(f"/proc/{pid}/environ").read_bytes()
    opened = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    assert {name.partition(":")[0] for name in opened} <= {"/dev/null", "socket", "/memfd"}
    assert sum(name.startswith("socket") for name in opened) == 1


@pytest.mark.long
async def test_it_dies_with_the_service() -> None:
    program = (
        "import asyncio, os, signal\n"
        "from server.decoding.pool import Pool\n"
        "async def main():\n"
        "    process = await Pool(9)._acquire()\n"
        "    os.kill(process.pid, signal.SIGSTOP)\n"
        "    print(process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, timeout=PATIENCE, check=False
    )
    # Stopped, it cannot have noticed by itself that its socket was closed.
    await gone(int(done.stdout))


def test_a_file_that_could_still_change_is_not_read() -> None:
    file = os.memfd_create("loose", os.MFD_ALLOW_SEALING)
    os.write(file, b"pixels")
    with pytest.raises(ValueError, match="not sealed"):
        memory.mapped(file)
    os.close(file)
    sealed = memory.filled([b"pixels"])
    assert bytes(memory.mapped(sealed)) == b"pixels"
    with pytest.raises(PermissionError):
        os.ftruncate(sealed, 0)
    with pytest.raises(PermissionError):
        os.write(sealed, b"other")
    os.close(sealed)


class Mad:
    """A process that was taken over."""

    def __init__(self, answer: wire.DecodingAnswer, content: bytes | None) -> None:
        self._said = answer
        self._content = content

    async def run(self, task: wire.Task, file: int, quick: bool = False) -> Reply:
        if isinstance(task, wire.Inspect):
            return wire.Inspected(1), None
        return self._said, None if self._content is None else await asyncio.to_thread(mapped, [self._content])


@pytest.mark.parametrize(
    "mad",
    [
        Mad(wire.Rasterized((2, 2)), None),
        Mad(wire.Rasterized((2, 2)), b"123"),
        Mad(wire.Rasterized((2**40, 2**40)), b"1234"),
        Mad(wire.Rasterized((-2, -2)), b"1234"),
        Mad(wire.Rasterized((2, 2, 4)), bytes(16)),
        Mad(wire.Rasterized(()), b"1"),
        Mad(wire.Inspected(1), b"1"),
        Mad(wire.PdfWritten(), None),
        Mad(wire.PagePrepared(False), b"\xc1"),
    ],
)
async def test_nonsense_is_not_believed(mad: Mad) -> None:
    decoders = Decoders(mad)
    file = await decoders.opened("a", PICTURE)
    with pytest.raises(DocumentFault, match="nonsense"):
        await decoders.raster(file, 0)
    with pytest.raises(DocumentFault, match="nonsense"):
        await decoders.pdf_page(file, 0)


def test_the_modules_of_the_process_are_read_under_its_limits() -> None:
    """What is read before the limits are set is standard."""
    program = f"import sys, {entry.__name__}; print('cv2' in sys.modules, 'pikepdf' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout.split() == ["False", "False"]


async def test_a_page_gets_no_more_memory_than_its_instructions_and_pixels_need(pool: Pool) -> None:
    """A kilobyte of forms that draw forms would become gigabytes while it is parsed."""
    pid = await pid_of(pool)
    idle = most = peak_bytes(pid)
    decoders = Decoders(pool)
    with contextlib.closing(await decoders.opened("a", nested_pdf())) as file:
        task = asyncio.create_task(decoders.raster(file, 0))
        while not task.done():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, StopIteration):
                most = max(most, peak_bytes(pid))
            await asyncio.sleep(0.01)
    with pytest.raises(DocumentFault, match="ended"):
        await task
    assert most < idle + rendering.PARSED_BYTES + (32 << 20)


def peak_bytes(pid: int) -> int:
    """The most memory that a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) << 10
