"""Buttons as devices: which are found, that they are who they were, and what they tell."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Sequence

import pytest

from server.config.devices import SwitchConfig
from server.devices.adapters.evdev import kernel as evdev
from server.devices.adapters.evdev.button import EvdevButton, EvdevButtonFinder
from server.devices.ports.button import ButtonKind, OpenButton
from server.errors import DeviceBusy, DeviceFailed, DeviceGone, GaopaiError
from tests.fakes.input_device import (
    CAMERA,
    KEY_A,
    KEY_B,
    FakeMachine,
    camera_button,
    foot_switch,
    keyboard,
)
from tests.patience import PATIENCE

Make = Callable[..., EvdevButtonFinder]


def found(finder: EvdevButtonFinder) -> Sequence[EvdevButton]:
    return asyncio.run(finder.find())


def only(finder: EvdevButtonFinder) -> EvdevButton:
    (button,) = found(finder)
    return button


def heard(opened: OpenButton) -> Sequence[int | None]:
    presses = opened.presses()
    assert opened.presses() == []
    return presses


def test_a_cameras_button_is_found_with_its_camera(machine: FakeMachine, finder_of: Make) -> None:
    machine.plug(camera_button(), 5)
    info = only(finder_of()).info
    assert (info.name, info.kind, info.housing) == ("Document Camera", ButtonKind.CAMERA, CAMERA)


@pytest.mark.parametrize("device", ["PCsensor FootSwitch", "0c45:7403", "0C45:7403"])
def test_a_switch_is_found_by_its_name_or_id(machine: FakeMachine, finder_of: Make, device: str) -> None:
    machine.plug(keyboard(), 0)
    machine.plug(foot_switch(), 1)
    info = only(finder_of(SwitchConfig(device=device))).info
    assert (info.name, info.kind, info.housing) == ("PCsensor FootSwitch", ButtonKind.SWITCH, "")


def test_the_same_one_plugged_in_again_is_another(machine: FakeMachine, finder_of: Make) -> None:
    finder = finder_of()
    machine.plug(camera_button(), 3)
    before = only(finder).info.id
    machine.pull(3)
    assert found(finder) == []
    machine.plug(camera_button(), 3)
    assert only(finder).info.id != before


def test_presses_of_a_camera_name_no_key(machine: FakeMachine, finder_of: Make) -> None:
    device = camera_button()
    machine.plug(device)
    opened = only(finder_of()).open()
    device.press(evdev.KEY_CAMERA, 1)
    assert heard(opened) == [None]
    opened.close()


@pytest.mark.parametrize(("listed", "told"), [((KEY_B,), [KEY_B]), ((), [None, None])])
def test_a_switch_names_keys_that_are_listed_only(
    machine: FakeMachine, finder_of: Make, listed: tuple[int, ...], told: Sequence[int | None]
) -> None:
    device = foot_switch()
    machine.plug(device)
    opened = only(finder_of(SwitchConfig(device=device.name, keys=listed))).open()
    device.press(KEY_A, 1)
    device.press(KEY_B, 2)
    assert heard(opened) == told
    opened.close()


@pytest.mark.parametrize("grab", [False, True])
def test_a_switch_is_grabbed_where_the_configuration_says_so(
    machine: FakeMachine, finder_of: Make, grab: bool
) -> None:
    device = foot_switch()
    machine.plug(device)
    opened = only(finder_of(SwitchConfig(device=device.name, grab=grab))).open()
    assert device.grabbed is grab
    opened.close()
    opened.close()
    assert not device.grabbed


def test_one_that_another_program_grabbed_is_busy(machine: FakeMachine, finder_of: Make) -> None:
    device = foot_switch()
    machine.plug(device)
    button = only(finder_of(SwitchConfig(device=device.name, grab=True)))
    device.grabbed = True
    with pytest.raises(DeviceBusy, match="another program"):
        button.open()


def test_an_unplugged_one_is_gone(machine: FakeMachine, finder_of: Make) -> None:
    device = camera_button()
    machine.plug(device)
    opened = only(finder_of()).open()
    device.unplug()
    with pytest.raises(DeviceGone):
        opened.presses()
    opened.close()


@pytest.mark.parametrize(
    ("number", "error"), [(errno.ENODEV, DeviceGone), (errno.EIO, DeviceFailed), (errno.EBUSY, DeviceBusy)]
)
def test_errors_of_the_kernel_are_the_services(
    machine: FakeMachine, finder_of: Make, number: int, error: type[GaopaiError]
) -> None:
    device = camera_button()
    machine.plug(device)
    button = only(finder_of())
    device.refuses[evdev.SET_CLOCK] = number
    with pytest.raises(error):
        button.open()
    assert machine._open == {}


def test_hot_plug_is_noticed_without_udev(machine: FakeMachine, finder_of: Make) -> None:
    finder = finder_of()
    assert not finder.acknowledge_change()
    machine.plug(camera_button(), 3)
    assert finder.acknowledge_change()
    machine.pull(3)
    assert finder.acknowledge_change()
    assert finder.change_fd() is None
    asyncio.run(asyncio.wait_for(finder.close(), PATIENCE))
