"""A disk that was full and has room again: everything that was refused works, without a restart."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server import config as configuration
from server.config import Config
from server.errors import StorageFull
from server.services.upload import service as upload_service
from server.services.upload.transfer import Upload
from server.storage.paths import SUFFIXES
from tests.faults.disk import Mount, ext4, filled, tmpfs
from tests.functional.conftest import Running
from tests.functional.page import Page, connect
from tests.functional.receiver import Receiver, receiving
from tests.functional.uploading import JPEG, Told, retrying, transferring
from tests.patience import PATIENCE

__all__ = ["ext4", "tmpfs"]

pytestmark = pytest.mark.disks

FEED = {"devIndex": 0, "scanSource": 1, "scanMode": 0, "scanResolution": 0, "scanPaperSize": 0}


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request: pytest.FixtureRequest) -> Path:
    """A small file system of the kernel's own."""
    if request.param == "ext4":
        return request.getfixturevalue("ext4")
    return request.getfixturevalue("tmpfs")("size=8m")


@pytest.fixture
def quota() -> int | None:
    """The configuration; tests may override it."""
    return None


@pytest.fixture
def config(config: Config, disk: Path, quota: int | None) -> Config:
    storage = configuration.StorageConfig(root=str(disk / "root"), quota_mib=quota)
    return msgspec.structs.replace(config, storage=storage)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as server:
        yield server


async def everything(page: Page, name: str) -> list[int]:
    """The results of all functions that write, each with names of its own."""
    await page.must("GetScannerName")
    await page.must("GetScannerInfo", devIndex=0)
    requests: list[tuple[str, dict[str, Any]]] = [
        *(("CameraCapture", {"imagePath": f"{name}/{kind}.{kind}"}) for kind in SUFFIXES),
        ("CameraCapture", {"imagePath": ""}),
        ("CameraCapture", {"imagePath": "again.jpg"}),
        ("Scan", {**FEED, "imagePath": f"{name}/scan.tif"}),
        *(("MergeFile", {"imagePath": ["again.jpg"], "fileType": kind}) for kind in (0, 1, 3)),
    ]
    results = []
    for func, parameters in requests:
        number = await page.send(func, **parameters)
        while (answer := await page.answer(number))["func"] == "GetScanEndStatue":
            pass
        results.append(answer["result"])
    return results


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


async def test_all_that_was_refused_works_once_there_is_room(service: Running, disk: Path) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        assert set(await everything(page, "before")) == {0}
        for number in range(3):
            before = files(service.root)
            with filled(disk, 0):
                assert set(await everything(page, f"full{number}")) == {StorageFull.code}
                assert files(service.root) == before, "a part of what was refused stays"
            assert set(await everything(page, f"freed{number}")) == {0}


@pytest.mark.parametrize("quota", [2])
async def test_a_quota_that_was_used_up_counts_what_is_deleted(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        for round_ in range(3):
            for number in range(100):
                name = f"fill/{round_}-{number}.bmp"
                if (await page.ask("CameraCapture", imagePath=name))["result"] == StorageFull.code:
                    break
            assert number < 50
            await asyncio.to_thread(shutil.rmtree, service.root / "fill")
            await page.must("CameraCapture", imagePath=f"after{round_}.jpg")


async def test_a_storage_folder_that_was_deleted_whole_is_made_again(service: Running) -> None:
    """As somebody does who sees which folder is large."""
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCapture", imagePath="again.jpg")
        await asyncio.to_thread(shutil.rmtree, service.root)
        results = await everything(page, "after")
        assert set(results) == {0}
    assert service.root.stat().st_mode & 0o777 == 0o700


async def test_uploads_are_kept_again_by_a_service_that_was_started_on_a_full_disk(
    tmpfs: Mount, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upload_service, "REOPEN_SECONDS", 0.02)
    root = tmpfs("size=512k")
    told = Told()
    (root / ".gaopai").mkdir()
    wanted = Upload(f"{receiver.origin}/up", None, {}, picture=JPEG)
    full = filled(root, 0)
    full.__enter__()
    async with transferring(root, [receiver.origin]) as transfer, retrying(transfer, told) as retries:
        assert "uploads cannot be kept" in caplog.text
        assert not await retries.add(wanted)
        full.__exit__(None, None, None)
        assert await retries.add(wanted)
        assert (await told.first()).uploaded
    assert len(receiver.arrived) == 1


async def test_uploads_that_waited_are_resumed_once_there_is_room(
    tmpfs: Mount, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_service, "REOPEN_SECONDS", 0.02)
    root = tmpfs("size=512k")
    told = Told()
    wanted = Upload(f"{receiver.origin}/up", None, {}, picture=JPEG)
    async with transferring(root, [receiver.origin]) as transfer, retrying(transfer, Told()) as retries:
        monkeypatch.setattr(upload_service, "DELAYS", (3600.0,))
        await kept(retries.add, wanted)
    full = filled(root, 0)
    full.__enter__()
    async with transferring(root, [receiver.origin]) as transfer, retrying(transfer, told):
        full.__exit__(None, None, None)
        async with asyncio.timeout(PATIENCE):
            assert (await told.first()).uploaded
    assert len(receiver.arrived) == 1


async def kept(add: Callable[[Upload], Any], upload: Upload) -> None:
    assert await add(upload)
