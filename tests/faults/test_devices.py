"""Devices and processes that go away in the middle of what they do; see also the adapters' own tests."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from server.devices.ports.camera import CameraMode
from server.errors import DeviceBusy, DeviceGone, PaperJam
from server.services.scanners import scan
from tests.fakes.camera import SIZES, FakeCamera, FakeStream
from tests.fakes.face_engine import coded, portrait
from tests.faults.vanishing import Vanishing, Way
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.patience import PATIENCE

GONE = DeviceGone(device="Fake")


class SlowToClose(FakeStream):
    """Takes its time to give the device back."""

    may_close = threading.Event()
    closing = threading.Event()

    def close(self) -> None:
        self.closing.set()
        self.may_close.wait(PATIENCE)
        super().close()


async def test_nobody_gets_a_camera_before_who_has_left_gave_it_back(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client is gone while its camera is being closed."""
    monkeypatch.setattr(FakeCamera, "open", lambda camera, mode: _noted(camera, mode))
    SlowToClose.may_close.clear()
    SlowToClose.closing.clear()
    client = await Vanishing.open(service.url)
    await client.ask("GetCameraInfo")
    await client.ask("OpenCamera", devNum=0)
    client.send("CloseCamera", devNum=0)
    assert await asyncio.to_thread(SlowToClose.closing.wait, PATIENCE)
    client.vanish(Way.RST)
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        number = await page.send("OpenCamera", devNum=0)
        # The open waits, and the service serves others meanwhile.
        async with connect(service.url) as other:
            await other.must("Heartbeat")
        SlowToClose.may_close.set()
        assert (await page.answer(number))["result"] == 0
        await page.must("CameraCaptureBase64", devNum=0)
    assert service.camera.history[:3] == ["open", "close", "open"]


async def test_who_waited_while_a_camera_was_taken_over_does_not_change_it(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = threading.Event()
    may_open = threading.Event()
    straight = FakeCamera.open

    def slow(camera: FakeCamera, mode: CameraMode) -> FakeStream:
        if mode.size == SIZES[1]:
            opening.set()
            may_open.wait(PATIENCE)
        return straight(camera, mode)

    monkeypatch.setattr(FakeCamera, "open", slow)
    async with connect(service.url, ALLOWED) as first, connect(service.url, ALLOWED) as second:
        for page in (first, second):
            await page.must("GetCameraInfo")
        await first.must("OpenCamera", devNum=0)
        taking = await second.send("OpenCamera", devNum=0, resolutionNum=1)
        assert await asyncio.to_thread(opening.wait, PATIENCE)
        waiting = await first.send("SetCameraInfo", devNum=0, resolutionNum=0)
        await second.send("Heartbeat")
        async with connect(service.url, ALLOWED) as other:
            # Whatever was sent before has arrived by now.
            await other.must("Heartbeat")
            await other.must("Heartbeat")
        may_open.set()
        assert (await second.answer(taking))["result"] == 0
        assert (await first.answer(waiting))["result"] == DeviceBusy.code
        await second.must("CameraCaptureBase64", devNum=0)
    assert [done for done in service.camera.history if "open" in done] == ["open 640x480", "open 320x240"]


def _noted(camera: FakeCamera, mode: object) -> SlowToClose:
    camera.history[:] = [*(done for done in camera.history if done in ("open", "close")), "open"]
    return SlowToClose(camera, mode)  # type: ignore[arg-type]


async def test_a_camera_unplugged_in_mid_stream_is_told_and_serves_again(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        number = await page.send("GetCameraVideoBuff", devNum=0, enable=True)
        await page.answer(number)
        service.camera.fault = GONE
        while (message := await page.answer(number))["result"] == 0:
            pass
        assert message["result"] == DeviceGone.code
        service.camera.fault = None
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCaptureBase64", devNum=0)


async def test_a_camera_unplugged_in_mid_face_match_is_told(service: Running) -> None:
    service.faces.before = []
    async with connect(service.url) as page:
        await page.must("GetFaceCameraInfo")
        await page.must("OpenFaceCamera", faceCameraNum=0)
        number = await page.send("FaceMatch", faceImageBase64=coded(portrait(1)), timeout=20_000)
        assert await asyncio.to_thread(service.camera.started.wait, PATIENCE)
        service.camera.fault = GONE
        assert (await page.answer(number))["result"] == DeviceGone.code
        await page.must("Heartbeat")


async def test_pages_before_a_jam_are_kept_on_the_disk(service: Running) -> None:
    service.scanner.fault = PaperJam(device="Fake")
    async with connect(service.url) as page:
        await page.must("GetScannerName")
        wish = {"scanSource": 1, "scanMode": 0, "scanResolution": 0, "scanPaperSize": 0}
        number = await page.send("Scan", devIndex=0, imagePath="scan.png", **wish)
        while (await page.answer(number))["func"] != "GetScanEndStatue":
            pass
        await page.must("Heartbeat")
    pages = sorted(path.name for path in service.root.glob("*.png"))
    assert pages == ["scan.png", "scan1.png", "scan2.png"]
    assert all(cv2.imread(str(service.root / name)) is not None for name in pages)


@pytest.mark.long
async def test_a_client_that_takes_nothing_holds_no_scanner(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What was complete would be handed out for so long, to whoever takes it.
    monkeypatch.setattr(scan, "DRAIN_SECONDS", 3600.0)
    noise = np.random.default_rng(1).integers(0, 255, (1600, 1200, 3), np.uint8)
    service.scanner.pages = [noise] * 12
    wish = {"devIndex": 0, "scanSource": 1, "scanMode": 0, "scanResolution": 0, "scanPaperSize": 0}
    stuck = await Vanishing.open(service.url)
    await stuck.ask("GetScannerName")
    stuck.send("Scan", **wish)
    async with connect(service.url) as page, asyncio.timeout(PATIENCE):
        while not service.scanner.given:
            await asyncio.sleep(0.01)
        assert (await page.ask("Scan", **wish))["result"] == DeviceBusy.code
        service.scanner.pages = [noise[:200, :100]]
        while (await page.ask("Scan", **wish))["result"] == DeviceBusy.code:
            await asyncio.sleep(0.05)
    # A page was complete, and many were never pulled.
    assert 0 < len(service.scanner.given) < 12
    stuck.vanish(Way.RST)


@pytest.mark.long
async def test_decoding_processes_that_are_killed_cost_nothing_but_their_job(service: Running) -> None:
    cv2.imwrite(str(service.root / "a.png"), np.full((3000, 3000), 255, np.uint8))
    async with connect(service.url) as page:
        for _ in range(4):
            await page.ask("RecogBarCode", imagePath="a.png")
            for child in _children():
                os.kill(child, signal.SIGKILL)
        number = await page.send("MergeFile", imagePath=["a.png"] * 8, fileType=1, filePath="")
        async with asyncio.timeout(PATIENCE):
            while not (children := _children()):
                await asyncio.sleep(0.005)
        os.kill(children[0], signal.SIGKILL)
        await page.answer(number)
        await page.must("MergeFile", imagePath=["a.png"], fileType=1, filePath="whole.tif")
    assert (service.root / "whole.tif").stat().st_size > 0
    assert not list(service.root.rglob(".*.part"))


def _children() -> list[int]:
    """The decoding processes of this one."""
    found = []
    for task in Path("/proc/self/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            if b"server.decoding.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found
