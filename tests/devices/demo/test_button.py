"""The demo button: pressed by a call or a signal, unplugged like any other."""

from __future__ import annotations

import asyncio
import os
import select
import signal

import pytest

from server.devices.adapters.demo import DemoButtonFinder, DemoCameraFinder
from server.errors import DeviceGone
from tests.patience import PATIENCE


async def test_a_signal_presses_it() -> None:
    finder = DemoButtonFinder(by_signal=True)
    (button,) = await finder.find()
    opened = button.open()
    os.kill(os.getpid(), signal.SIGUSR1)
    async with asyncio.timeout(PATIENCE):
        while not select.select([opened.fileno()], [], [], 0)[0]:
            await asyncio.sleep(0.001)
    assert opened.presses() == [None]
    assert opened.presses() == []
    opened.close()
    await finder.close()
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


async def test_without_being_asked_it_takes_no_signal() -> None:
    finder = DemoButtonFinder()
    await finder.find()
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
    await finder.close()


async def test_it_belongs_to_the_demo_camera() -> None:
    buttons = DemoButtonFinder()
    cameras = DemoCameraFinder()
    (button,) = await buttons.find()
    (camera,) = cameras.find()
    assert button.info.housing == camera.info.housing != ""
    await buttons.close()
    cameras.close()


async def test_it_is_told_to_everybody_who_has_it_open_and_not_to_who_closed_it() -> None:
    finder = DemoButtonFinder()
    first = finder.button.open()
    second = finder.button.open()
    finder.button.press()
    assert (first.presses(), second.presses()) == ([None], [None])
    first.close()
    finder.button.press()
    assert second.presses() == [None]
    second.close()
    await finder.close()


async def test_an_unplugged_one_is_gone_and_no_longer_listed() -> None:
    finder = DemoButtonFinder()
    opened = finder.button.open()
    finder.button.connection.disconnect()
    assert await finder.find() == ()
    assert finder.acknowledge_change()
    with pytest.raises(DeviceGone):
        opened.presses()
    opened.close()
    await finder.close()
