"""Button of the demo camera, pressed by a signal or by a call."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

from server.devices import hotplug
from server.devices.adapters.demo.camera import INFO
from server.devices.adapters.demo.faults import ConnectionState, HotplugFinder
from server.devices.ports.button import ButtonInfo, ButtonKind, OpenButton
from server.errors import DeviceGone

BUTTON_INFO = ButtonInfo("demo:button", "Demo Document Camera Button", ButtonKind.CAMERA, INFO.housing)
"""Description of the button in the housing of the demo document camera."""


class OpenDemoButton:
    """Demo button that is read. See `server.devices.ports.button.OpenButton`."""

    def __init__(self, connection: ConnectionState) -> None:
        self._connection = connection
        self.pressed = hotplug.ChangeNotifier()
        self._fd = self.pressed.fileno() or -1

    def fileno(self) -> int:
        return self._fd

    def presses(self) -> Sequence[int | None]:
        if not self._connection.connected:
            raise DeviceGone(device=BUTTON_INFO.name)
        return [None] if self.pressed.changed() else []

    def close(self) -> None:
        self.pressed.close()


class DemoButton:
    """Button of the demo camera. See `server.devices.ports.button.Button`."""

    info = BUTTON_INFO

    def __init__(self) -> None:
        self.connection = ConnectionState()
        self.connection.watch(self.press)
        self._open: list[OpenDemoButton] = []

    def open(self) -> OpenButton:
        """Open it, any number of times."""
        opened = OpenDemoButton(self.connection)
        self._open = [other for other in self._open if other.pressed.fileno() is not None] + [opened]
        return opened

    def press(self) -> None:
        """Press it."""
        for opened in self._open:
            opened.pressed.notify()


class DemoButtonFinder(HotplugFinder[DemoButton]):
    """Lists the demo button while it is connected.

    Parameters
    ----------
    by_signal
        True to press it at SIGUSR1, which needs the event loop of the main thread.
    """

    def __init__(self, by_signal: bool = False) -> None:
        self.button = DemoButton()
        super().__init__((self.button,))
        self._by_signal = by_signal

    async def find(self) -> Sequence[DemoButton]:
        """Return the button while it is connected; the first call begins to wait for the signal."""
        if self._by_signal:
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.button.press)
        return await super().find()

    async def close(self) -> None:
        """End to wait for the signal, and close the descriptor."""
        if self._by_signal:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR1)
        await super().close()
