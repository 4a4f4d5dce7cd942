"""Presses of buttons over a real WebSocket."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from server.devices.ports.button import ButtonKind
from server.devices.ports.camera import CameraInfo
from server.errors import DevicePermission
from server.runtime import background
from tests.fakes.button import FakeButton
from tests.fakes.camera import FakeCamera
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE

HOUSING = "usb-0000:00:14.0-2"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def plug(service: Running, *buttons: FakeButton) -> None:
    """Have these buttons, and no others, and wait until pages are told."""
    async with connect(service.url) as page:
        service.buttons.devices = list(buttons)
        service.buttons.changed = True
        async with asyncio.timeout(PATIENCE):
            while (await page.receive()).get("kind") != "button":
                pass


@pytest.fixture
async def button(service: Running) -> FakeButton:
    """The button of the camera."""
    service.camera.info = dataclasses.replace(service.camera.info, housing=HOUSING)
    button = FakeButton(housing=HOUSING)
    await plug(service, button)
    return button


@asynccontextmanager
async def listening(
    service: Running, *buttons: FakeButton, origin: str | None = ALLOWED
) -> AsyncIterator[Page]:
    """A page that is told of presses, and for which these buttons are read."""
    async with connect(service.url, origin) as page:
        page_answer = await page.must("ExternalButton")
        assert len(page_answer["buttons"]) == len(service.buttons.devices)
        await until(lambda: all(button.readers for button in buttons))
        yield page


async def push(page: Page) -> Message:
    """Return the next press that a page is told of."""
    async with asyncio.timeout(PATIENCE):
        while (message := await page.receive()).get("event") != "OnExternalButton":
            pass
    return message


async def test_a_press_is_pushed_with_the_number_of_the_request_and_of_the_camera(
    service: Running, button: FakeButton
) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        number = await page.send("ExternalButton")
        answer = await page.answer(number)
        assert answer["buttons"] == [{"kind": "camera", "name": "Fake Button", "devNum": 0}]
        await until(lambda: bool(button.readers))
        button.press()
        told = await push(page)
    assert (told["func"], told["reqId"], told["result"]) == ("ExternalButton", number, 0)
    assert (told["kind"], told["name"], told["devNum"]) == ("camera", "Fake Button", 0)
    assert "key" not in told


async def test_a_switch_has_no_camera_and_may_name_its_key(service: Running) -> None:
    pedal = FakeButton("Pedal", ButtonKind.SWITCH)
    await plug(service, pedal)
    async with listening(service, pedal) as page:
        pedal.press(48)
        told = await push(page)
    assert (told["kind"], told["name"], told["key"]) == ("switch", "Pedal", 48)
    assert "devNum" not in told


async def test_without_buttons_the_answer_is_success_as_ever(service: Running) -> None:
    async with connect(service.url) as page:
        assert (await page.must("ExternalButton"))["buttons"] == []


async def test_nothing_is_read_before_a_page_asks_nor_after_the_last_left(
    service: Running, button: FakeButton
) -> None:
    assert button.opened == 0
    async with listening(service, button), listening(service, button):
        assert (button.opened, len(button.readers)) == (1, 1)
    await until(lambda: not button.readers)
    async with listening(service, button) as page:
        await page.must("ExternalButton", enable=False)
        await until(lambda: not button.readers)
        await page.must("ExternalButton", enable=True)
        await until(lambda: bool(button.readers))


async def test_one_that_takes_a_while_to_close_is_read_again_after_it(
    service: Running, button: FakeButton
) -> None:
    button.exclusive = 0.3
    async with listening(service, button) as page:
        await page.must("ExternalButton", enable=False)
        await page.must("ExternalButton")
        await until(lambda: button.opened == 2)
        button.press()
        await push(page)


async def test_pages_that_did_not_ask_are_not_told(service: Running, button: FakeButton) -> None:
    async with connect(service.url) as silent, listening(service, button) as page:
        button.press()
        await push(page)
        assert await silent.silence("ExternalButton") == []


async def test_the_button_of_a_camera_in_use_is_for_the_pages_of_its_origin(
    service: Running, button: FakeButton
) -> None:
    async with listening(service, button) as page, listening(service, button, origin=OTHER) as stranger:
        button.press()
        await asyncio.gather(push(page), push(stranger))
        await page.must("OpenCamera", devNum=0)
        button.press()
        await push(page)
        assert await stranger.silence("ExternalButton") == []
        await page.must("CloseCamera", devNum=0)
        button.press()
        await asyncio.gather(push(page), push(stranger))


async def test_a_camera_that_came_after_the_listing_has_no_number(
    service: Running, button: FakeButton
) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        late = FakeCamera("Late")
        late.info = CameraInfo("fake:late", "Late", late.info.media, "usb-late")
        service.finder.cameras.append(late)
        service.finder.changed = True
        other = FakeButton("Late Button", housing="usb-late")
        await plug(service, other)
        async with connect(service.url) as second:
            await second.must("GetCameraInfo")
        assert (await page.must("ExternalButton"))["buttons"] == [{"kind": "camera", "name": "Late Button"}]


async def test_one_that_is_plugged_in_again_is_read_again(service: Running, button: FakeButton) -> None:
    async with listening(service, button) as page:
        button.unplug()
        await until(lambda: not button.readers)
        again = FakeButton(housing=HOUSING, number=2)
        await plug(service, again)
        await until(lambda: bool(again.readers))
        again.press()
        assert (await push(page))["name"] == "Fake Button"


async def test_one_that_fails_is_reported_and_read_again(
    service: Running, button: FakeButton, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "FIRST_PAUSE_SECONDS", 0.01)
    async with listening(service, button) as page:
        button.break_with()
        await until(lambda: not button.readers)
        button.fault = None
        await until(lambda: bool(button.readers))
        assert "button" in [worker.name for worker in background.failures()]
        button.press()
        await push(page)


async def test_one_that_may_not_be_read_is_logged_and_costs_nothing_else(
    service: Running, button: FakeButton, caplog: pytest.LogCaptureFixture
) -> None:
    button.refusal = DevicePermission(device="Fake Button")
    async with connect(service.url) as page:
        await page.must("ExternalButton")
        await until(lambda: "Fake Button is not read" in caplog.text)
        await page.must("Heartbeat")
