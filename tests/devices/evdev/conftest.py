"""A machine with input devices, and the adapter on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from server.config.devices import SwitchConfig
from server.devices.adapters.evdev.button import EvdevButtonFinder, PressSettings
from server.devices.adapters.evdev.kernel import KEY_CAMERA
from tests.fakes.input_device import FakeMachine

SETTINGS = PressSettings((KEY_CAMERA,), 0.2)


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path)


@pytest.fixture
def finder_of(machine: FakeMachine) -> Callable[..., EvdevButtonFinder]:
    def make(*switches: SwitchConfig) -> EvdevButtonFinder:
        return EvdevButtonFinder(switches, SETTINGS, machine.root, machine)

    return make
