"""Memory that was needed once goes back to the kernel, and files may be opened as many as there are."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import resource
import subprocess
import sys
import weakref

import pytest

from server.runtime.process import files_allowed, raise_file_limit, trim_regularly
from tests.patience import PATIENCE

HOLES = """
import asyncio
import contextlib
import re
from pathlib import Path

from server.runtime.process import trim_regularly, tune_process


def mib():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024


async def main():
    tune_process()
    first = mib()
    # Each hole lies below something that stays, too large for the small holes of the start.
    kept = []
    for _ in range(100):
        hole = bytearray(1 << 20)
        hole[::4096] = b"x" * len(hole[::4096])
        kept.append((hole, bytearray(50_000)))
    kept = [small for _, small in kept]
    del hole
    full = mib()
    freed = asyncio.Event()
    if FREED:
        freed.set()
    giving = asyncio.create_task(trim_regularly(freed, lambda: None, SECONDS))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT):
            while mib() - first > 20:
                await asyncio.sleep(0.05)
    giving.cancel()
    print(int(full - first), int(mib() - first))


asyncio.run(main())
"""


def _risen(seconds: float, limit: float, freed: bool = False) -> tuple[int, int]:
    program = HOLES.replace("SECONDS", str(seconds)).replace("LIMIT", str(limit)).replace("FREED", str(freed))
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    before, after = map(int, told.split())
    return before, after


async def test_cycles_are_given_back() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.me = self

    gc.collect()
    gc.disable()
    try:
        gone = weakref.ref(Cycle())
        assert gone() is not None
        giving = asyncio.create_task(trim_regularly(asyncio.Event(), lambda: None, 0.01))
        async with asyncio.timeout(PATIENCE):
            while gone() is not None:
                await asyncio.sleep(0.01)
        giving.cancel()
    finally:
        gc.enable()


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no malloc_trim")
def test_holes_are_given_back() -> None:
    before, after = _risen(0.1, PATIENCE)
    assert before > 90
    assert after < 20


@pytest.mark.long
@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no malloc_trim")
def test_what_a_flood_left_is_given_back_at_once() -> None:
    before, after = _risen(2 * PATIENCE, PATIENCE, freed=True)
    assert before > 90
    assert after < 20


@pytest.mark.long
@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no malloc_trim")
def test_by_themselves_they_stay() -> None:
    _, after = _risen(60, 1)
    assert after > 90


def test_as_many_files_may_be_open_as_the_kernel_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert files_allowed() == hard


def test_a_limit_above_the_kernels_own_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    raise_file_limit()


def test_no_limit_is_above_every_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, resource.RLIM_INFINITY))
    assert files_allowed() > 1 << 60
