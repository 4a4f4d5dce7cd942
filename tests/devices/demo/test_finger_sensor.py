"""The demo's fingers: drawn, alike with themselves, unlike others, and unclear on request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from blockbuster import BlockBuster

from server.devices.adapters.demo import DemoFingerSensorFinder
from server.devices.adapters.demo.fingerprint_sensor import DemoFingerSensor, FingerFault
from server.devices.ports.fingerprint_sensor import FingerprintScan, FingerprintSensorFinder
from server.errors import DeviceGone, NoFinger
from server.services.fingerprints.matcher import FingerprintView, MinutiaeMatcher
from synthetic.fingerprints import DOTS, HEIGHT, LOOP, WIDTH, DemoFinger

PACE = 0.01
MATCHER = MinutiaeMatcher()


@pytest.fixture
async def finder(never_blocks: BlockBuster) -> AsyncIterator[DemoFingerSensorFinder]:
    finder = DemoFingerSensorFinder(faulty=True, pace=PACE)
    yield finder
    await finder.close()


@pytest.fixture
def sensor(finder: DemoFingerSensorFinder) -> DemoFingerSensor:
    return finder.sensors[0]


def at_fault(finder: DemoFingerSensorFinder, fault: FingerFault) -> DemoFingerSensor:
    return next(sensor for sensor in finder.sensors if fault.value in sensor.info.name)


def view(press: FingerprintScan) -> FingerprintView:
    return MATCHER.extract(press.image, press.dots)


async def test_the_sound_one_is_listed_first_and_faulty_ones_only_on_request(
    finder: DemoFingerSensorFinder,
) -> None:
    port: FingerprintSensorFinder = finder
    assert port.missing() is None
    names = [sensor.info.name for sensor in await port.find()]
    assert names[0] == "Demo Fingerprint Sensor"
    assert len(set(names)) == 1 + len(FingerFault)
    alone = DemoFingerSensorFinder()
    assert [sensor.info.id for sensor in await alone.find()] == ["demo:finger-sensor"]
    await alone.close()


@pytest.mark.long
async def test_presses_of_a_finger_match_and_differ(sensor: DemoFingerSensor) -> None:
    presses = [await sensor.press(10) for _ in range(3)]
    assert all(press.image.shape == (HEIGHT, WIDTH) and press.dots == DOTS for press in presses)
    assert not np.array_equal(presses[0].image, presses[1].image)
    first, second, third = map(view, presses)
    assert [one.flaw for one in (first, second, third)] == [None] * 3
    assert MATCHER.compare(first, [second]) > 0.9
    assert MATCHER.compare(third, [first, second]) > 0.9


@pytest.mark.long
async def test_another_finger_does_not_match(
    finder: DemoFingerSensorFinder, sensor: DemoFingerSensor
) -> None:
    enrolled = [view(await sensor.press(10)) for _ in range(3)]
    other = view(await at_fault(finder, FingerFault.OTHER).press(10))
    assert other.flaw is None
    assert MATCHER.compare(other, enrolled) < 0.9


async def test_an_unclear_press_is_seen_to_be_unclear(finder: DemoFingerSensorFinder) -> None:
    press = await at_fault(finder, FingerFault.UNCLEAR).press(10)
    assert view(press).flaw is not None


async def test_no_finger_comes(finder: DemoFingerSensorFinder, sensor: DemoFingerSensor) -> None:
    with pytest.raises(NoFinger):
        await at_fault(finder, FingerFault.NO_FINGER).press(0.01)
    with pytest.raises(NoFinger):
        await sensor.press(0.0)


async def test_one_that_is_unplugged_leaves_the_list(
    finder: DemoFingerSensorFinder, sensor: DemoFingerSensor
) -> None:
    pressing = asyncio.create_task(sensor.press(10))
    await asyncio.sleep(0)
    sensor.connection.disconnect()
    with pytest.raises(DeviceGone):
        await pressing
    assert finder.acknowledge_change()
    assert sensor not in await finder.find()


async def test_a_finger_may_be_lifted_within_bounds(sensor: DemoFingerSensor) -> None:
    await sensor.lifted(0.0)
    await sensor.lifted(1.0)


@pytest.mark.long
def test_a_finger_is_the_same_for_the_same_seed() -> None:
    one = DemoFinger(LOOP, 5)
    same = DemoFinger(LOOP, 5)
    other = DemoFinger(LOOP, 6)
    assert np.array_equal(one.press(1), same.press(1))
    first, second = (MATCHER.extract(finger.press(1), DOTS) for finger in (one, other))
    assert MATCHER.compare(first, [second]) < 0.9, "a finger of the same pattern is another finger"
