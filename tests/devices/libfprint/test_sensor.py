"""Fingers on libfprint's virtual sensor, from its driver to the service."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.libfprint import finder as sensor_module
from server.devices.adapters.libfprint.finder import LibfprintFinder, LibfprintSensor
from server.devices.ports.fingerprint_sensor import FingerprintScan
from server.errors import (
    DeviceFailed,
    DeviceGone,
    DeviceTimeout,
    DriverCrashed,
    FingerUnclear,
    GaopaiError,
    NoFinger,
)
from tests.devices.libfprint.pad import BY_HAND, ERROR, FINGER, PULLED_OUT, RETRY, Pad, asked, ridges
from tests.patience import PATIENCE

BLANK = np.full((120, 100), 200, np.uint8)


def workers() -> list[int]:
    """Processes of ours that libfprint runs in."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            status = (command.parent / "stat").read_text().rpartition(")")[2].split()
            if b"libfprint.worker" in command.read_bytes() and int(status[1]) == os.getpid():
                found.append(int(command.parent.name))
        except OSError:
            continue
    return found


async def waiting(sensor: LibfprintSensor, seconds: float = PATIENCE) -> asyncio.Task[FingerprintScan]:
    """A press that the sensor is ready for."""
    with asked() as ready:
        pressing = asyncio.create_task(sensor.press(seconds))
        async with asyncio.timeout(PATIENCE):
            await ready.wait()
    return pressing


async def pressed(sensor: LibfprintSensor, pad: Pad, picture: Image) -> Image:
    """What the sensor makes of a press."""
    pressing = await waiting(sensor)
    await pad.touch(picture)
    return (await pressing).image


async def refused(sensor: LibfprintSensor, pad: Pad, error: type[GaopaiError], *said: int) -> str:
    """What a press ends with when the sensor says that."""
    pressing = await waiting(sensor)
    await pad.say(*said)
    with pytest.raises(error) as raised:
        await pressing
    return str(raised.value)


async def test_the_picture_is_the_drivers(sensor: LibfprintSensor, pad: Pad, fingers: list[Image]) -> None:
    pressing = await waiting(sensor)
    await pad.touch(fingers[0])
    press = await pressing
    assert press.image.dtype == np.uint8
    np.testing.assert_array_equal(press.image, fingers[0])
    assert press.dots == 500
    assert str(fingers[0].tobytes()[:8])[2:-1] not in repr(press)


async def test_several_presses(sensor: LibfprintSensor, pad: Pad, fingers: list[Image]) -> None:
    for finger in fingers:
        np.testing.assert_array_equal(await pressed(sensor, pad, finger), finger)
        await sensor.lifted(PATIENCE)
    assert len(workers()) == 1


async def test_made_ridges_do_as_well(sensor: LibfprintSensor, pad: Pad) -> None:
    np.testing.assert_array_equal(await pressed(sensor, pad, ridges(7)), ridges(7))


async def test_a_press_lasts_until_the_finger_is_lifted(
    sensor: LibfprintSensor, pad: Pad, fingers: list[Image]
) -> None:
    pressing = await waiting(sensor, 1)
    await pad.say(BY_HAND, 0)
    await pad.say(FINGER, 1)
    await pad.touch(fingers[0])
    await asyncio.sleep(1.5)  # it came in time, though it stays longer
    assert not pressing.done()
    await pad.say(FINGER, 0)
    np.testing.assert_array_equal((await pressing).image, fingers[0])


async def test_no_finger_comes(sensor: LibfprintSensor, pad: Pad, fingers: list[Image]) -> None:
    with pytest.raises(NoFinger, match=r"0\.3 seconds"):
        await sensor.press(0.3)
    np.testing.assert_array_equal(await pressed(sensor, pad, fingers[0]), fingers[0])


@pytest.mark.parametrize(
    ("kind", "words"), [(0, "no ridges"), (1, "too short"), (2, "in the middle"), (3, "lifted")]
)
async def test_a_press_that_the_driver_rejects(
    sensor: LibfprintSensor, pad: Pad, fingers: list[Image], kind: int, words: str
) -> None:
    assert words in await refused(sensor, pad, FingerUnclear, RETRY, kind)
    np.testing.assert_array_equal(await pressed(sensor, pad, fingers[0]), fingers[0])


KNOWS_HASTE = (
    "import gi; gi.require_version('FPrint', '2.0'); from gi.repository import FPrint; "
    "raise SystemExit(not hasattr(FPrint.DeviceRetry, 'TOO_FAST'))"
)


async def test_a_swipe_that_was_too_fast(bindings: Path, sensor: LibfprintSensor, pad: Pad) -> None:
    probe = await asyncio.create_subprocess_exec(bindings, "-I", "-B", "-c", KNOWS_HASTE)
    if await probe.wait():
        pytest.skip("this libfprint does not tell swipes that were too fast")
    assert "too fast" in await refused(sensor, pad, FingerUnclear, RETRY, 4)


async def test_a_press_without_ridges(sensor: LibfprintSensor, pad: Pad) -> None:
    pressing = await waiting(sensor)
    await pad.touch(BLANK)
    with pytest.raises(FingerUnclear, match="no ridges"):
        await pressing


async def test_an_error_of_the_driver(sensor: LibfprintSensor, pad: Pad, fingers: list[Image]) -> None:
    assert "unknown error" in await refused(sensor, pad, DeviceFailed, ERROR, 0)
    await pad.leave()
    assert "broke down" in await refused(sensor, pad, DeviceFailed, ERROR, 5)
    await pad.leave()
    np.testing.assert_array_equal(await pressed(sensor, pad, fingers[0]), fingers[0])


async def test_a_plug_pulled(sensor: LibfprintSensor, pad: Pad) -> None:
    await refused(sensor, pad, DeviceGone, PULLED_OUT, 0)
    with pytest.raises(DeviceGone):
        await sensor.press(1)


async def test_a_pad_that_goes_and_comes_is_no_finger(
    sensor: LibfprintSensor, pad: Pad, fingers: list[Image]
) -> None:
    pressing = await waiting(sensor)
    await pad.say(BY_HAND, 0)
    await pad.leave()
    await asyncio.sleep(0.2)
    assert not pressing.done()
    await pad.say(BY_HAND, 1)
    await pad.touch(fingers[0])
    np.testing.assert_array_equal((await pressing).image, fingers[0])


async def test_a_press_that_is_given_up(sensor: LibfprintSensor, pad: Pad, fingers: list[Image]) -> None:
    for _ in range(3):
        pressing = await waiting(sensor)
        await pad.say(BY_HAND, 1)
        pressing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pressing
        await pad.leave()
    np.testing.assert_array_equal(await pressed(sensor, pad, fingers[0]), fingers[0])
    assert len(workers()) == 1


async def test_the_process_is_killed_while_a_finger_is_waited_for(
    sensor: LibfprintSensor, pad: Pad, fingers: list[Image], caplog: pytest.LogCaptureFixture
) -> None:
    pressing = await waiting(sensor)
    await pad.say(BY_HAND, 1)
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(DriverCrashed):
        await pressing
    assert "SIGKILL" in caplog.text
    await pad.leave()
    np.testing.assert_array_equal(await pressed(sensor, pad, fingers[0]), fingers[0])


async def test_a_process_that_hangs_is_ended(
    sensor: LibfprintSensor, pad: Pad, fingers: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensor_module, "BUSY_SECONDS", 0.5)
    (worker,) = workers()
    os.kill(worker, signal.SIGSTOP)
    with pytest.raises(DeviceTimeout):
        await sensor.press(0.5)
    assert worker not in workers()
    monkeypatch.undo()
    monkeypatch.setenv("FP_VIRTUAL_IMAGE", str(pad.path))
    np.testing.assert_array_equal(await pressed(sensor, pad, fingers[0]), fingers[0])


async def test_closing_ends_the_process(finder: LibfprintFinder, sensor: LibfprintSensor) -> None:
    assert len(workers()) == 1
    await finder.close()
    assert workers() == []
