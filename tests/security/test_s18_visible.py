"""S18: a camera that is open is seen to be, and none delivers pictures that nobody watches."""

from __future__ import annotations

import asyncio
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from server.config import Config, NoticeConfig
from server.services.cameras import handlers
from server.services.cameras.indicator import (
    CameraIndicator,
    CameraUse,
    DesktopIndicator,
    NoIndicator,
    desktop_indicator,
    desktop_language,
)
from server.streaming import hub
from tests.fakes.indicator import FakeIndicator
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.patience import PATIENCE

USE = CameraUse("Window <3>", "https://oa.example.cn")
DESKTOP = Path(__file__).with_name("desktop.py")
BUSCTL = """#!/bin/sh
printf '%s\\n' "$@" >> "{log}"
echo == >> "{log}"
[ -e "{log}.refuses" ] && exit 1
echo u 7
"""


@pytest.fixture
def config(config: Config) -> Config:
    """As it is without a configuration."""
    return msgspec.structs.replace(config, notice=NoticeConfig())


@pytest.fixture
def indicator(monkeypatch: pytest.MonkeyPatch) -> FakeIndicator:
    """The service's indicator, patched in before the service is made."""
    fake = FakeIndicator()

    def fitting(wanted: bool, language: str) -> CameraIndicator:
        assert wanted
        return fake

    monkeypatch.setattr(handlers, "desktop_indicator", fitting)
    return fake


async def test_it_is_shown_from_opening_to_closing_and_by_whom(
    indicator: FakeIndicator, service: Running
) -> None:
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetCameraInfo")
        assert indicator.shown == []
        await page.must("OpenCamera", devNum=0)
        assert indicator.shown[-1] == (CameraUse("Fake", ALLOWED),)
        async with connect(service.url, ALLOWED) as other:
            await other.must("GetCameraInfo")
            await other.must("OpenCamera", devNum=0)
            await other.must("CloseCamera")
        assert indicator.shown[-1] == ()
        await page.must("OpenCamera", devNum=0)
    async with asyncio.timeout(PATIENCE):
        while indicator.shown[-1]:
            await asyncio.sleep(0.01)
    await service.stop()
    assert indicator.closed


async def test_a_camera_that_could_not_be_opened_is_not_shown(
    indicator: FakeIndicator, service: Running
) -> None:
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetCameraInfo")
        assert (await page.ask("OpenCamera", devNum=0, resolutionNum=99))["result"] != 0
    assert () in indicator.shown or indicator.shown == []
    assert not any(indicator.shown)


async def test_nothing_is_captured_in_the_background(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open is not on: the device starts with its first viewer, and stops after its last."""
    monkeypatch.setattr(hub, "LINGER_SECONDS", 0.05)
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("SetCameraImageInfo", devNum=0, cropType=1)
        for _ in range(5):
            await page.must("Heartbeat")
        assert service.camera.history == ["open 640x480"]
        await page.must("CameraCaptureBase64")
        await stopped(service)
        await page.must("GetCameraVideoBuff", devNum=0, enable=True)
        assert service.camera.started.is_set()
        await page.must("GetCameraVideoBuff", devNum=0, enable=False)
        await stopped(service)
        assert service.camera.history == ["open 640x480", *["start", "stop"] * 2]


async def stopped(service: Running) -> None:
    """Wait until the device is off."""
    async with asyncio.timeout(PATIENCE):
        while service.camera.started.is_set():
            await asyncio.sleep(0.01)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """A program in place of busctl, and beside it what it was called with."""
    program = tmp_path / "busctl"
    log = tmp_path / "calls"
    program.write_text(BUSCTL.format(log=log))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return log


async def test_the_desktop_is_told_once_a_change_and_at_the_end(calls: Path) -> None:
    indicator = DesktopIndicator(str(calls.with_name("busctl")), "en")
    indicator.show((USE,))
    assert indicator._task is not None
    await indicator._task
    await indicator.close()
    told = [call.splitlines() for call in calls.read_text().split("==\n") if call]
    assert [call[6] for call in told] == ["Notify", "CloseNotification"]
    assert told[0][8:13] == [
        "gaopai",
        "0",
        "camera-web",
        "A camera is in use",
        f"Window &lt;3&gt;: {USE.origin}",
    ]
    assert told[1][7:] == ["u", "7"]


async def test_a_desktop_that_refuses_is_complained_of_once(
    calls: Path, caplog: pytest.LogCaptureFixture
) -> None:
    calls.with_name("calls.refuses").touch()
    indicator = DesktopIndicator(str(calls.with_name("busctl")), "zh")
    for uses in ((USE,), (USE, USE)):
        indicator.show(uses)
        assert indicator._task is not None
        await indicator._task
    await indicator.close()
    assert caplog.text.count("the desktop does not show") == 1


@pytest.mark.parametrize("answer", ["", "u", 's "7"', "u -7", "t 18446744073709551615", "u 7 8", "\udc80"])
async def test_a_desktop_that_answers_nonsense_is_a_desktop_that_refuses(
    calls: Path, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    program = calls.with_name("busctl")
    (calls.parent / "answer").write_bytes(answer.encode(errors="surrogateescape"))
    program.write_text(f"#!/bin/sh\ncat {calls.parent}/answer\n")
    indicator = DesktopIndicator(str(program), "en")
    indicator.show((USE,))
    assert indicator._task is not None
    await indicator._task
    assert "the desktop does not show" in caplog.text and indicator._notification == 0
    await indicator.close()


def test_without_a_desktop_or_a_wish_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert isinstance(desktop_indicator(False, "zh"), NoIndicator)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert isinstance(desktop_indicator(True, "zh"), NoIndicator)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert [desktop_language(wanted) for wanted in ("auto", "zh", "en")] == ["en", "zh", "en"]
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert desktop_language("auto") == "zh"


def test_a_real_bus_takes_the_notification(tmp_path: Path) -> None:
    """A message bus of its own, and behind it a desktop that notes what it is asked to show."""
    for program in ("dbus-run-session", "busctl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    python = Path("/usr/bin/python3")
    if (
        not python.exists()
        or subprocess.run([python, "-c", "import gi"], check=False, timeout=PATIENCE).returncode
    ):
        pytest.skip("the system's Python has no PyGObject, which the desktop here is made of")
    command = ["dbus-run-session", "--", str(python), str(DESKTOP), sys.executable]
    shown = subprocess.run(
        command, cwd=DESKTOP.parents[2], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines() == [
        "Notify gaopai 0 Window &lt;3&gt;: https://oa.example.cn",
        "Close 42",
    ]
