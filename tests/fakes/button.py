"""A button that the test presses."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from server.devices.ports.button import ButtonInfo, ButtonKind
from server.errors import DeviceBusy, DeviceFailed, DeviceGone, GaopaiError


class FakeOpenButton:
    """One that is read; `waiting` holds the presses that were not told yet."""

    def __init__(self, button: FakeButton) -> None:
        self._button = button
        self._fd = os.eventfd(0, os.EFD_NONBLOCK)
        self.waiting: list[int | None] = []

    def fileno(self) -> int:
        return self._fd

    def wake(self) -> None:
        os.eventfd_write(self._fd, 1)

    def presses(self) -> Sequence[int | None]:
        os.eventfd_read(self._fd)
        if self._button.fault is not None:
            raise self._button.fault
        waiting = self.waiting
        self.waiting = []
        return waiting

    def close(self) -> None:
        time.sleep(self._button.exclusive)
        os.close(self._fd)
        self._button.readers.remove(self)


class FakeButton:
    """One button.

    Attributes
    ----------
    fault
        Raised by the next read.
    refusal
        Raised by opening.
    opened
        How often it was opened.
    exclusive
        Seconds that closing takes, until which it cannot be opened again; 0 for any number of readers.
    """

    def __init__(
        self,
        name: str = "Fake Button",
        kind: ButtonKind = ButtonKind.CAMERA,
        housing: str = "",
        number: int = 1,
    ) -> None:
        self.info = ButtonInfo(f"fake:{name}:{number}", name, kind, housing)
        self.fault: Exception | None = None
        self.refusal: GaopaiError | None = None
        self.readers: list[FakeOpenButton] = []
        self.opened = 0
        self.exclusive = 0.0

    def open(self) -> FakeOpenButton:
        if self.refusal is not None:
            raise self.refusal
        if self.exclusive and self.readers:
            raise DeviceBusy(device=self.info.name, holder="itself")
        self.opened += 1
        self.readers.append(FakeOpenButton(self))
        return self.readers[-1]

    def press(self, key: int | None = None) -> None:
        for reader in self.readers:
            reader.waiting.append(key)
            reader.wake()

    def unplug(self) -> None:
        self.break_with(DeviceGone(device=self.info.name))

    def break_with(self, fault: Exception | None = None) -> None:
        """Have its readers raise an error."""
        self.fault = fault or DeviceFailed(device=self.info.name, reason="it burns")
        for reader in self.readers:
            reader.wake()
