"""S42: a handle of an original belongs to the origin that got it, for minutes, within limits of bytes."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from pathlib import Path

import msgspec
import pytest

from server import config as configuration
from server.config import Config, LimitsConfig
from server.errors import OriginalGone, StorageFailed
from server.services.pictures import originals
from server.services.pictures.originals import MIB, Original, Originals
from server.services.pools import ThreadPools
from server.storage.atomic import NamelessFile
from tests.fakes.camera import SIZES, page_jpeg
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect
from tests.patience import PATIENCE

CODED = base64.b64encode(page_jpeg(SIZES[1])).decode()


@pytest.fixture
def config(config: Config) -> Config:
    limits = msgspec.structs.replace(config.limits, origin_kept_mib=1)
    return configuration.replace(config, limits=limits)


async def handle_of(page: Page) -> str:
    return str((await page.must("ProcessImage", imageBase64=CODED))["handle"])


async def test_another_origin_is_told_the_same_as_of_one_that_never_was(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page, connect(service.url, OTHER) as other:
        handle = await handle_of(page)
        stolen = await other.ask("ProcessImage", handle=handle)
        never = await other.ask("ProcessImage", handle="A" * len(handle))
        assert stolen["result"] == OriginalGone.code
        assert {**stolen, "reqId": 0} == {**never, "reqId": 0}
        await page.must("ProcessImage", handle=handle)


async def test_handles_cannot_be_guessed(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        handles = {await handle_of(page) for _ in range(10)}
    assert len(handles) == 10
    assert all(len(handle) * 6 >= 128 for handle in handles)
    assert len({handle[:4] for handle in handles}) == 10


@pytest.mark.long
async def test_a_page_that_takes_picture_after_picture_holds_no_more_than_its_limit(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(service.url, OTHER) as other:
        theirs = await handle_of(other)
        async with connect(service.url, ALLOWED) as page:
            first = await handle_of(page)
            for _ in range(MIB // len(base64.b64decode(CODED)) + 1):
                last = await handle_of(page)
            assert (await page.ask("ProcessImage", handle=first))["result"] == OriginalGone.code
            await page.must("ProcessImage", handle=last)
        await other.must("ProcessImage", handle=theirs)


async def test_handles_are_in_no_log(service: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with connect(service.url, ALLOWED) as page:
        handle = await handle_of(page)
        await page.must("ProcessImage", handle=handle)
        await page.ask("ProcessImage", handle=handle[:-1])
    assert handle[:-1] not in caplog.text and "connected" in caplog.text


class Keeper:
    """An `Originals` with a clock and limits of the test's."""

    def __init__(self, folder: Path, limits: LimitsConfig) -> None:
        self.now = 0.0
        self.limits = limits
        self.pools = ThreadPools()
        self.folders = 0
        self._folder = folder
        self.originals = Originals(lambda: self.limits, self.pools, self.folder, lambda: self.now)

    def folder(self) -> Path:
        self.folders += 1
        return self._folder

    def keep(self, origin: str | None, size: int, mark: bytes = b"x") -> str | None:
        return self.originals.keep(origin, Original(mark * size))

    async def has(self, origin: str | None, handle: str | None) -> bool:
        try:
            await self.originals.read(origin, handle or "")
        except OriginalGone:
            return False
        return True


LIMITS = LimitsConfig(kept_minutes=10, origin_kept_mib=2, all_kept_mib=4)


async def test_time_ends_it_and_use_begins_it_anew(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    used = keeper.keep("a", 10)
    unused = keeper.keep("a", 10)
    keeper.now = 599.0
    assert await keeper.has("a", used)
    keeper.now = 601.0
    assert not await keeper.has("a", unused)
    keeper.now = 1198.0
    assert await keeper.has("a", used)
    keeper.now = 1799.0
    assert not await keeper.has("a", used)


async def test_the_oldest_of_an_origin_make_room_and_then_those_of_whoever_has_most(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    first = [keeper.keep("a", MIB) for _ in range(2)]
    third = keeper.keep("a", MIB)
    assert [await keeper.has("a", one) for one in (*first, third)] == [False, True, True]
    small = keeper.keep("b", MIB)
    other = keeper.keep(None, MIB)
    assert all([await keeper.has("b", small), await keeper.has(None, other)])
    last = keeper.keep("c", MIB)
    assert await keeper.has("c", last) and await keeper.has("b", small) and await keeper.has(None, other)
    assert [await keeper.has("a", first[1]), await keeper.has("a", third)].count(True) == 1


async def test_small_ones_are_not_kept_by_the_thousand(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    handles = [keeper.keep("a", 10) for _ in range(200)]
    kept = [await keeper.has("a", handle) for handle in handles]
    assert kept == [False] * 168 + [True] * 32


async def test_what_is_too_large_or_not_wanted_is_not_kept(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, LIMITS)
    assert keeper.keep("a", 2 * MIB + 1) is None
    keeper.limits = LimitsConfig(kept_minutes=0)
    assert keeper.keep("a", 1) is None


async def test_large_ones_are_on_the_disk_without_a_name_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(originals, "LARGE_BYTES", 1000)
    keeper = Keeper(tmp_path, LIMITS)
    handle = keeper.keep("a", 5000, b"y")
    async with asyncio.timeout(PATIENCE):
        while any(entry.original.data for entry in keeper.originals._entries.values()):
            await asyncio.sleep(0.01)
    assert keeper.folders == 1 and list(tmp_path.iterdir()) == []
    assert (await keeper.originals.read("a", handle or "")).data == b"y" * 5000
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert any(link.startswith(str(tmp_path)) and link.endswith("(deleted)") for link in links)
    keeper.originals.close()
    assert not await keeper.has("a", handle)
    assert not [
        link
        for link in Path("/proc/self/fd").iterdir()
        if link.is_symlink() and str(link.readlink()).startswith(str(tmp_path))
    ]


async def test_without_a_disk_they_stay_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "LARGE_BYTES", 1000)
    keeper = Keeper(tmp_path / "missing", LIMITS)
    handle = keeper.keep("a", 5000)
    async with asyncio.timeout(PATIENCE):
        while not keeper.folders:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    assert await keeper.has("a", handle)

    def broken() -> Path:
        keeper.folders += 1
        raise StorageFailed(name="x", reason="y")

    monkeypatch.setattr(keeper.originals, "_folder", broken)
    again = keeper.keep("a", 5000)
    async with asyncio.timeout(PATIENCE):
        while keeper.folders < 2:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    assert await keeper.has("a", again)


def test_a_file_system_that_makes_none_without_a_name_has_one_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refusing(path: object, flags: int, *rest: int, **others: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(95, "not supported")
        return opened(path, flags, *rest, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refusing)
    file = NamelessFile(tmp_path, b"abc")
    assert file.read() == b"abc" and list(tmp_path.iterdir()) == []
    file.close()
    with pytest.raises(OSError, match="descriptor"):
        file.read()
