"""S41: no keyboard is opened that the configuration does not name, and no page learns what is typed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from server import config as configuration
from server.access.listeners import listen_all, serving
from server.app import create_app
from server.config import Config
from server.config.devices import SwitchConfig
from server.devices.access import Account
from server.devices.adapters.evdev import kernel as evdev
from server.devices.adapters.evdev import node_access
from server.devices.adapters.evdev.button import EvdevButtonFinder, PressSettings
from server.equipment import Engines, Finders
from server.errors import DeviceGone
from tests.architecture.tree import ROOT
from tests.fakes.face_engine import FakeFaceEngine
from tests.fakes.finger_sensor import FakeMatcher
from tests.fakes.input_device import (
    KEY_A,
    KEY_B,
    FakeInput,
    FakeMachine,
    camera_button,
    foot_switch,
    keyboard,
)
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE
from tests.service import free_port

RULES = ROOT / "server/cli/69-gaopai.rules"
SETTINGS = PressSettings((evdev.KEY_CAMERA,), 0.0)


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    (tmp_path / "machine").mkdir()
    return FakeMachine(tmp_path / "machine")


def finder(machine: FakeMachine, *switches: SwitchConfig, keys: tuple[int, ...] = ()) -> EvdevButtonFinder:
    settings = replace(SETTINGS, camera_keys=keys or SETTINGS.camera_keys)
    return EvdevButtonFinder(switches, settings, machine.root, machine)


@asynccontextmanager
async def told(config: Config, buttons: EvdevButtonFinder, device: FakeInput) -> AsyncIterator[Page]:
    """A page that is told of presses, once the device is read."""
    config = configuration.replace(config, server=configuration.replace(config.server, port=free_port()))
    listeners = await asyncio.to_thread(listen_all, config, None)
    engines = Engines(FakeMatcher(), FakeFaceEngine())
    app = await asyncio.to_thread(create_app, config, Finders(buttons=[buttons]), engines)
    async with serving(app, listeners), connect(f"ws://127.0.0.1:{config.server.port}/") as page:
        await page.must("ExternalButton")
        async with asyncio.timeout(PATIENCE):
            while not device.writers:
                await asyncio.sleep(0.01)
        yield page


async def press(page: Page) -> Message:
    """Return the next press that a page is told of."""
    async with asyncio.timeout(PATIENCE):
        while (message := await page.receive())["func"] != "ExternalButton":
            pass
    return message


def test_a_keyboard_with_a_key_for_the_camera_is_not_even_opened(machine: FakeMachine) -> None:
    typed = keyboard()
    machine.plug(typed, 0)
    machine.plug(camera_button(), 1)
    buttons = asyncio.run(finder(machine).find())
    assert [button.info.name for button in buttons] == ["Document Camera"]
    for button in buttons:
        button.open().close()
    assert typed.opened == 0


@pytest.mark.parametrize("keys", [(KEY_A,), (KEY_A, evdev.KEY_CAMERA), tuple(range(1, 128))])
def test_no_choice_of_keys_makes_a_keyboard_a_camera(machine: FakeMachine, keys: tuple[int, ...]) -> None:
    machine.plug(keyboard(), 0)
    letters_only = FakeInput("One key", frozenset({KEY_A}))
    machine.plug(letters_only, 1)
    assert asyncio.run(finder(machine, keys=keys).find()) == []


@pytest.mark.parametrize("name", ["", "keyboard", "*", "0001:*", "AT Translated Set 2 keyboar"])
def test_a_part_of_a_name_names_nothing(machine: FakeMachine, name: str) -> None:
    machine.plug(keyboard(), 0)
    assert asyncio.run(finder(machine, SwitchConfig(device=name)).find()) == []


def test_a_keyboard_that_got_the_node_of_a_button_is_not_read(machine: FakeMachine) -> None:
    machine.plug(camera_button(), 3)
    (button,) = asyncio.run(finder(machine).find())
    typed = keyboard()
    machine.nodes[str(machine.root / "dev/input/event3")] = typed
    with pytest.raises(DeviceGone):
        button.open()
    assert typed.opened == 1
    assert typed.writers == {}


async def test_a_page_learns_that_a_switch_was_pressed_and_not_which_key(
    machine: FakeMachine, config: Config
) -> None:
    device = foot_switch()
    machine.plug(device)
    buttons = await asyncio.to_thread(finder, machine, SwitchConfig(device="0c45:7403"))
    async with told(config, buttons, device) as page:
        messages = []
        for at, key in enumerate((KEY_A, KEY_B, 18), 1):
            device.press(key, at)
            messages.append(await press(page))
    assert messages[0] == messages[1] == messages[2]


async def test_a_page_learns_of_listed_keys_alone(machine: FakeMachine, config: Config) -> None:
    device = foot_switch()
    machine.plug(device)
    buttons = await asyncio.to_thread(finder, machine, SwitchConfig(device="0c45:7403", keys=(KEY_B,)))
    async with told(config, buttons, device) as page:
        for at, key in enumerate((KEY_A, 18, KEY_B), 1):
            device.press(key, at)
        assert (await press(page))["key"] == KEY_B


def test_the_rule_opens_devices_with_that_one_key_to_the_service() -> None:
    (rule,) = re.findall(r'^SUBSYSTEM=="input".*$', RULES.read_text(), re.MULTILINE)
    (bitmaps,) = re.findall(r'ATTRS\{capabilities/key\}=="([^"]*)"', rule)
    for bitmap, bits in zip(bitmaps.split("|"), (64, 32), strict=True):
        words = [int(word, 16) for word in reversed(bitmap.split())]
        keys = [
            place * bits + bit for place, word in enumerate(words) for bit in range(bits) if word >> bit & 1
        ]
        assert keys == [evdev.KEY_CAMERA]
    assert 'GROUP="video"' in rule


def test_no_remedy_lets_the_account_read_every_keyboard(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.plug(foot_switch())
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    (access,) = node_access(
        (SwitchConfig(device="0c45:7403"),), SETTINGS.camera_keys, machine.root, Account("clerk")
    )
    assert not access.ok
    assert 'ATTRS{id/vendor}=="0c45", ATTRS{id/product}=="7403"' in access.remedy.en
    assert "usermod" not in access.remedy.en
    assert "usermod" not in access.remedy.zh
