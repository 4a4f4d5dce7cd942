"""Which sensors are listed, and under which Python."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from server.devices.adapters.libfprint import wire
from server.devices.adapters.libfprint.driver import FprintProcess
from server.devices.adapters.libfprint.finder import LibfprintFinder, LibfprintSensor
from server.devices.adapters.libfprint.host import candidates, find_interpreter, node_access
from server.errors import DeviceFailed, DriverMissing
from tests.devices.libfprint.pad import Pad
from tests.devices.libfprint.test_sensor import workers

IMAGE = wire.SensorMessage("uru4000:0", "uru4000", "Reader", 5, True)


async def test_the_virtual_sensor_is_listed(finder: LibfprintFinder) -> None:
    (sensor,) = await finder.find()
    assert sensor.info.id == "libfprint:virtual_image:0"
    assert sensor.info.name == "Virtual image device for debugging"
    assert sensor.info.presses == 5
    assert finder.missing() is None


async def test_a_sensor_without_pictures_is_left_out_and_named_once(
    finder: LibfprintFinder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FP_VIRTUAL_DEVICE", str(tmp_path / "other"))
    for _ in range(2):
        assert len(await finder.find()) == 1
    assert caplog.text.count("is left out: it gives no pictures") == 1


async def test_sensors_come_and_go(
    finder: LibfprintFinder, pad: Pad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FP_VIRTUAL_IMAGE")
    assert await finder.find() == []
    assert workers() == [], "a process that nobody needs"
    monkeypatch.setenv("FP_VIRTUAL_IMAGE", str(pad.path))
    (sensor,) = await finder.find()
    assert [same.info for same in await finder.find()] == [sensor.info]


async def test_a_press_goes_on_while_sensors_are_listed(
    finder: LibfprintFinder, sensor: LibfprintSensor, pad: Pad
) -> None:
    pressing = asyncio.create_task(sensor.press(5))
    await pad.say(-3, 1)
    assert len(await finder.find()) == 1
    assert not pressing.done()
    pressing.cancel()
    await asyncio.gather(pressing, return_exceptions=True)


async def test_changes_are_noticed(tmp_path: Path, never_blocks: BlockBuster) -> None:
    (tmp_path / "dev/bus/usb/001").mkdir(parents=True)
    finder = await asyncio.to_thread(LibfprintFinder, root=tmp_path)
    assert not await asyncio.to_thread(finder.acknowledge_change)
    (tmp_path / "dev/bus/usb/001/004").touch()
    assert await asyncio.to_thread(finder.acknowledge_change)
    await finder.close()


async def test_two_of_a_kind_have_names_of_their_own(
    finder: LibfprintFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def listed(driver: FprintProcess, seconds: float) -> tuple[wire.SensorMessage, ...]:
        return (IMAGE, wire.SensorMessage("uru4000:0#2", "uru4000", "Reader", 0, True))

    monkeypatch.setattr(FprintProcess, "list", listed)
    first, second = (sensor.info for sensor in await finder.find())
    assert (first.name, second.name) == ("Reader", "Reader (2)")
    assert first.id != second.id
    assert second.presses == 1


async def test_a_machine_without_bindings(tmp_path: Path, never_blocks: BlockBuster) -> None:
    finder = await asyncio.to_thread(LibfprintFinder, str(tmp_path / "python"))
    assert finder.missing() is None, "nobody has looked yet"
    assert await finder.find() == ()
    assert isinstance(finder.missing(), DriverMissing)
    await finder.close()


async def test_a_process_that_cannot_be_started(
    finder: LibfprintFinder, sensor: LibfprintSensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(python: Path) -> FprintProcess:
        raise OSError(12, "Cannot allocate memory")

    await finder.close()
    monkeypatch.setattr("server.devices.adapters.libfprint.host.start_driver", refuse)
    with pytest.raises(DeviceFailed, match="cannot be started"):
        await sensor.press(1)
    assert await finder.find() == []


def test_interpreters_are_tried(bindings: Path, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert find_interpreter([tmp_path / "none", broken, bindings]) == bindings
    assert find_interpreter([broken]) is None
    assert candidates("/opt/python") == (Path("/opt/python"),)
    assert candidates()[0] == Path(sys.executable)


def test_the_doctor_tries_the_sensors_that_libfprint_knows(tmp_path: Path) -> None:
    hwdb = tmp_path / "usr/lib/udev/hwdb.d/60-autosuspend-libfprint-2.hwdb"
    hwdb.parent.mkdir(parents=True)
    hwdb.write_text("# Supported by libfprint driver uru4000\nusb:v05BAp000A*\n ID_AUTOSUSPEND=1\n")
    for port, product in (("1-1", "000a"), ("1-2", "0825")):
        folder = tmp_path / "sys/bus/usb/devices" / port
        folder.mkdir(parents=True)
        values = {"idVendor": "05ba", "idProduct": product, "busnum": "1", "devnum": port[-1]}
        for name, value in values.items():
            (folder / name).write_text(value)
    node = tmp_path / "dev/bus/usb/001/001"
    node.parent.mkdir(parents=True)
    node.touch()
    assert [(one.path, one.ok) for one in node_access(tmp_path)] == [(str(node), True)]
