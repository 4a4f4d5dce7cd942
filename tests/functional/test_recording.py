"""Recordings of a camera over a real WebSocket."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import av
import pytest

from server import config as configuration
from server.config import Config
from server.documents.matroska import MatroskaWriter
from server.errors import (
    BadSuffix,
    DeviceBusy,
    DeviceGone,
    FileExists,
    GaopaiError,
    NotRecording,
    PathOutside,
    RecordingCut,
    SigningFailed,
    StorageFull,
    ToolMissing,
)
from tests.fakes.camera import SIZES
from tests.functional.conftest import OTHER, Running
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE

FRAMES = 12


async def _open(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


async def _finished(page: Page) -> Message:
    """Return the notice of a recording that ended by itself."""
    async with asyncio.timeout(PATIENCE):
        while (message := await page.receive()).get("event") != "OnRecordFinished":
            pass
    return message


async def _grown(path: Path, size: int) -> None:
    """Wait until a file has a size."""
    async with asyncio.timeout(PATIENCE):
        while (await asyncio.to_thread(path.stat)).st_size < size:
            await asyncio.sleep(0.02)


def frames(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def chapters(path: Path) -> int:
    with av.open(str(path)) as container:
        return len(container.chapters())


async def test_the_file_holds_the_cameras_own_jpegs_and_a_chapter_for_each_capture(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        path = Path((await page.must("StartRecord", filePath="case/17.mkv"))["filePath"])
        assert path == service.root / "case" / "17.mkv"
        own = service.camera.jpegs[SIZES[0]]
        await _grown(path, 5 * len(own[0]))
        for _ in range(2):
            await page.must("CameraCaptureBase64")
        await _grown(path, FRAMES * len(own[0]))
        done = await page.must("StopRecord")
    assert (done["filePath"], done["reason"], done["captures"]) == (str(path), "stopped", 2)
    seen = await asyncio.to_thread(frames, path)
    assert len(seen) >= FRAMES - 1
    assert set(seen) <= set(own)
    assert await asyncio.to_thread(chapters, path) == 3
    assert done["size"] == path.stat().st_size


async def test_what_is_on_the_disk_plays_at_any_moment(service: Running, tmp_path: Path) -> None:
    async with connect(service.url) as page:
        await _open(page)
        path = Path((await page.must("StartRecord"))["filePath"])
        size = len(service.camera.jpegs[SIZES[0]][0])
        await _grown(path, FRAMES * size)
        killed = tmp_path / "killed.mkv"
        await asyncio.to_thread(lambda: killed.write_bytes(path.read_bytes()))
        assert len(await asyncio.to_thread(frames, killed)) >= FRAMES - 3


async def test_it_ends_by_itself_at_its_limit_and_says_so(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        number = await page.send("StartRecord", filePath="a.mkv", seconds=1)
        assert (await page.answer(number))["result"] == 0
        told = await _finished(page)
        assert (told["reason"], told["reqId"]) == ("seconds", number)
        done = await page.must("StopRecord")
        assert done["reason"] == "seconds"
        assert 0.5 <= done["seconds"] < 2
        assert (await page.ask("StopRecord"))["result"] == NotRecording.code


async def test_a_file_never_gets_larger_than_asked(service: Running) -> None:
    service.camera.jpegs[SIZES[0]] = [jpeg + bytes(200_000) for jpeg in service.camera.jpegs[SIZES[0]]]
    async with connect(service.url) as page:
        await _open(page)
        path = Path((await page.must("StartRecord", maxBytes=1_000_000))["filePath"])
        assert (await _finished(page))["reason"] == "bytes"
        await page.must("StopRecord")
        assert 500_000 < (await asyncio.to_thread(path.stat)).st_size <= 1_000_000


async def test_a_camera_that_goes_away_leaves_what_it_sent(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        path = Path((await page.must("StartRecord"))["filePath"])
        await _grown(path, FRAMES * len(service.camera.jpegs[SIZES[0]][0]))
        service.camera.fault = DeviceGone(device="Fake")
        assert (await _finished(page))["reason"] == "device"
        assert len(await asyncio.to_thread(frames, path)) >= FRAMES - 1


async def _recorded(page: Page, service: Running) -> tuple[Path, Message]:
    await _open(page)
    path = Path((await page.must("StartRecord", filePath="a.mkv"))["filePath"])
    await _grown(path, FRAMES * len(service.camera.jpegs[SIZES[0]][0]))
    return path, await page.must("StopRecord")


async def test_a_recording_proves_that_nothing_was_altered(service: Running) -> None:
    pytest.importorskip("pyhanko", reason="signatures need gaopai[archive]")
    async with connect(service.url) as page:
        path, done = await _recorded(page, service)
        assert done["signed"] is True
        told = await page.must("VerifyFile", path="a.mkv")
        assert (told["holds"], told["problems"]) == (True, [])
        assert told["recording"]["seconds"] == told["recording"]["provenSeconds"] == done["seconds"]
        assert told["recording"]["alterations"] == []
        film = bytearray(await asyncio.to_thread(path.read_bytes))
        film[film.index(service.camera.jpegs[SIZES[0]][0]) + 30] ^= 1
        await asyncio.to_thread(path.write_bytes, film)
        told = await page.must("VerifyFile", path="a.mkv")
        assert (told["holds"], told["problems"]) == (False, ["recording.altered"])
        assert told["recording"]["provenSeconds"] == 0


@pytest.mark.parametrize("error", [ToolMissing(tool="pyHanko"), SigningFailed(reason="no key")])
async def test_a_recording_that_cannot_be_signed_is_kept(
    service: Running, monkeypatch: pytest.MonkeyPatch, error: GaopaiError
) -> None:
    async def refusing(*_: object, **__: object) -> bytes:
        raise error

    monkeypatch.setattr("server.archive.signing.sign", refusing)
    async with connect(service.url) as page:
        path, done = await _recorded(page, service)
        assert done["signed"] is False
        assert len(await asyncio.to_thread(frames, path)) >= FRAMES - 1
        told = await page.must("VerifyFile", path="a.mkv")
    assert (told["holds"], told["problems"]) == (False, ["unsigned"])
    assert told["recording"]["provenSeconds"] == done["seconds"]


async def test_it_ends_with_its_connection(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        path = Path((await page.must("StartRecord"))["filePath"])
        await _grown(path, FRAMES * len(service.camera.jpegs[SIZES[0]][0]))
    async with asyncio.timeout(PATIENCE):
        # The index at the end: what is cut short has no length.
        while await asyncio.to_thread(_length, path) is None:
            await asyncio.sleep(0.05)


def _length(path: Path) -> int | None:
    with av.open(str(path)) as container:
        return container.duration


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.avi", BadSuffix.code),
        ("a", BadSuffix.code),
        ("../a.mkv", PathOutside.code),
        ("/dev/a.mkv", PathOutside.code),
    ],
)
async def test_a_bad_name_starts_nothing(service: Running, path: str, code: int) -> None:
    async with connect(service.url) as page:
        await _open(page)
        assert (await page.ask("StartRecord", filePath=path))["result"] == code
        assert (await page.ask("StopRecord"))["result"] == NotRecording.code
        assert await asyncio.to_thread(lambda: [*service.root.rglob("*.mkv")]) == []


async def test_one_recording_of_a_camera(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("StartRecord", filePath="a.mkv")
        assert (await page.ask("StartRecord", filePath="b.mkv"))["result"] == DeviceBusy.code
        await page.must("StopRecord")
        await page.must("StartRecord", filePath="b.mkv")


async def test_what_another_origin_recorded_is_not_replaced(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("StartRecord", filePath="a.mkv")
        await page.must("StopRecord")
        await page.must("CloseCamera")
    async with connect(service.url, origin=OTHER) as page:
        await _open(page)
        assert (await page.ask("StartRecord", filePath="a.mkv"))["result"] == FileExists.code


async def test_another_origin_learns_nothing_of_a_recording(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("StartRecord", filePath="a.mkv")
        await page.must("CloseCamera")
        async with connect(service.url, origin=OTHER) as other:
            await _open(other)
            assert (await other.ask("StopRecord"))["result"] == NotRecording.code
        assert (await page.must("StopRecord", devNum=0))["reason"] == "device"


class TestFullDisk:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, storage=configuration.replace(config.storage, quota_mib=1))

    async def test_a_quota_that_cannot_hold_it_is_told_before(self, service: Running) -> None:
        async with connect(service.url) as page:
            await _open(page)
            answer = await page.ask("StartRecord", filePath="a.mkv", maxBytes=50_000_000)
            assert answer["result"] == StorageFull.code


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
async def test_a_disk_that_fills_up_leaves_what_it_took_and_says_so(
    service: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    write = MatroskaWriter.write
    frames = []

    def filling(self: MatroskaWriter, *values: object) -> None:
        frames.append(1)
        if len(frames) > FRAMES:
            raise OSError(fault, os.strerror(fault))
        write(self, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(MatroskaWriter, "write", filling)
    async with connect(service.url) as page:
        await _open(page)
        path = Path((await page.must("StartRecord", filePath="a.mkv"))["filePath"])
        told = (await _finished(page))["reason"]
        answer = await page.ask("StopRecord")
    assert answer["result"] == RecordingCut.code
    for text in (told, answer["errorMsg"]):
        assert "no partial file" not in text
    with av.open(str(path)) as file:
        # The muxer holds a frame or two until the next ones come.
        assert sum(1 for packet in file.demux(video=0) if packet.size) >= FRAMES - 2


class TestNearlyFullDisk:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, recording=configuration.RecordingConfig(free_mib=10**9))

    async def test_room_is_left_for_others(self, service: Running) -> None:
        async with connect(service.url) as page:
            await _open(page)
            await page.must("StartRecord")
            assert (await _finished(page))["reason"] == "disk"
