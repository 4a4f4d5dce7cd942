"""Buttons: clients that asked for it are told of each press."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from server.access.client import Client
from server.devices.ports.button import Button, ButtonFinder, ButtonInfo, OpenButton
from server.devices.ports.camera import Camera
from server.errors import DeviceBusy, DeviceGone, DeviceNotOpen, GaopaiError
from server.protocol.messages import buttons as messages
from server.protocol.messages.base import Answer
from server.runtime.background import ended, supervise
from server.services.cameras.handlers import Cameras
from server.services.cameras.leases import CameraLeases
from server.services.context import RequestContext, handles
from server.services.leases import DeviceLeases

log = logging.getLogger(__name__)

FIND_SECONDS = 10.0
"""Time limit for the search of buttons and foot switches, in seconds."""
CLOSE_SECONDS = 5.0
"""Longest wait for a device that is closed, in seconds, before it is opened again."""


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """Press of a button.

    Attributes
    ----------
    key
        Number of the key, of several at one device; None where pages may not know it.
    camera
        Camera that the button belongs to; None if it is no camera's, or that cannot be told.
    """

    button: ButtonInfo
    key: int | None
    camera: Camera | None


Tell = Callable[[ButtonPress], None]
"""Tells a client of a press; never blocks."""


class ButtonService(DeviceLeases[Button]):
    """Tells the clients that asked for it of each press.

    Buttons are open while there is such a client. A press of a camera's own button is not for the pages of
    another origin than that which has the camera open.

    Parameters
    ----------
    cameras
        Cameras that buttons may belong to.
    """

    def __init__(self, finders: Sequence[ButtonFinder], cameras: Cameras) -> None:
        super().__init__("buttons", finders, FIND_SECONDS)
        self.registry.listen(self._follow)
        self._leases = cameras.leases
        self._cameras = cameras.registry
        self._clients: dict[Client, Tell] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._ending: list[asyncio.Task[None]] = []

    async def close(self) -> None:
        """Close the buttons and their finders."""
        self._clients.clear()
        self._follow()
        await ended(*self._ending)
        await super().close()

    def subscribe(self, client: Client, tell: Tell) -> None:
        """Tell a client of each press from now on, in place of what it asked for before."""
        self._clients[client] = tell
        self._follow()

    def release(self, client: Client) -> None:
        """Tell a client of no more presses; also once its connection is gone."""
        super().release(client)
        if self._clients.pop(client, None) is not None:
            self._follow()

    def camera_of(self, button: ButtonInfo) -> Camera | None:
        """Return the camera that a button belongs to, of a pair the one for colour."""
        housed = [
            one for one in self._cameras.devices if button.housing and one.info.housing == button.housing
        ]
        return min(housed, key=lambda camera: camera.info.grey, default=None)

    def _follow(self) -> None:
        """Read exactly the buttons that are present, while anybody wants to be told."""
        wanted = {button.info.id: button for button in self.registry.devices} if self._clients else {}
        self._ending = [task for task in self._ending if not task.done()]
        for key in self._readers.keys() - wanted.keys():
            self._ending.append(self._readers.pop(key))
            self._ending[-1].cancel()
        for key, button in wanted.items():
            before = self._readers.get(key)
            if before is None or before.done():
                read = partial(self._read, button, tuple(self._ending))
                self._readers[key] = supervise("button", read)

    async def _read(self, button: Button, before: Sequence[asyncio.Task[None]]) -> None:
        """Tell of the presses of one button until it is unplugged, once readers `before` have ended."""
        if before:
            await asyncio.wait(before, timeout=CLOSE_SECONDS)
        try:
            opened = await _opened(button)
        except GaopaiError as error:
            log.warning("%s is not read: %s", button.info.name, error)
            return
        loop = asyncio.get_running_loop()
        pressed = asyncio.Event()
        fd = opened.fileno()
        loop.add_reader(fd, pressed.set)
        try:
            while True:
                await pressed.wait()
                pressed.clear()
                for key in opened.presses():
                    self._tell(button.info, key)
        except DeviceGone:
            log.info("%s was unplugged", button.info.name)
        finally:
            loop.remove_reader(fd)
            await asyncio.to_thread(opened.close)

    def _tell(self, button: ButtonInfo, key: int | None) -> None:
        camera = self.camera_of(button)
        press = ButtonPress(button, key, camera)
        for client, tell in tuple(self._clients.items()):
            if camera is None or self._may_use(client, camera):
                tell(press)

    def _may_use(self, client: Client, camera: Camera) -> bool:
        try:
            self._leases.watched(client, camera)
        except DeviceBusy:
            return False
        except DeviceNotOpen:
            return True
        return True


async def _opened(button: Button) -> OpenButton:
    """Open a button in a thread; one that opens after the wait for it was cancelled is closed again."""
    opening = asyncio.get_running_loop().run_in_executor(None, button.open)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_late)
        raise


def _close_late(opening: asyncio.Future[OpenButton]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class ButtonHandlers:
    """Handlers of requests about buttons."""

    def __init__(self, leases: CameraLeases, buttons: ButtonService) -> None:
        self._leases = leases
        self._buttons = buttons

    @handles("ExternalButton")
    async def follow(self, context: RequestContext, request: messages.ExternalButtonRequest) -> Answer:
        client = context.client
        present = [button.info for button in await self._buttons.present()]

        def tell(press: ButtonPress) -> None:
            context.notify(self._push(client, press), func="ExternalButton")

        if request.enable:
            self._buttons.subscribe(client, tell)
        else:
            self._buttons.release(client)
        return messages.ExternalButtonAnswer(buttons=tuple(self._entry(client, button) for button in present))

    def _push(self, client: Client, press: ButtonPress) -> messages.ButtonPushed:
        return messages.ButtonPushed(
            event="OnExternalButton",
            kind=press.button.kind.value,
            name=press.button.name,
            dev_num=self._number(client, press.camera),
            key=press.key,
        )

    def _entry(self, client: Client, button: ButtonInfo) -> messages.ButtonEntry:
        number = self._number(client, self._buttons.camera_of(button))
        return messages.ButtonEntry(kind=button.kind.value, name=button.name, dev_num=number)

    def _number(self, client: Client, camera: Camera | None) -> int | None:
        """Return the number of a camera, None if it came after the client's listing."""
        try:
            return None if camera is None else self._leases.number(client, camera)
        except ValueError:
            return None
