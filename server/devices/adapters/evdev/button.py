"""A button as a device: opened, proved to be the one that was found, and read."""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from server.devices.adapters.evdev.kernel import (
    EV_KEY,
    EV_SYN,
    PRESSED,
    SYN_DROPPED,
    SYN_REPORT,
    InputDevice,
    InputEvent,
    InputKernel,
    grab,
    identify,
    read_events,
    use_monotonic_clock,
)
from server.devices.ports.button import ButtonInfo
from server.errors import DRIVER_ANSWER, OTHER_PROGRAM, DeviceBusy, DeviceFailed, DeviceGone, DevicePermission

_GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO})


@dataclass(frozen=True, slots=True)
class PressSettings:
    """Settings of the presses that count.

    Attributes
    ----------
    camera_keys
        Keys of cameras' own buttons.
    pause
        Seconds after a press in which the same key does not count again.
    """

    camera_keys: tuple[int, ...]
    pause: float


@dataclass(frozen=True, slots=True)
class EvdevButton:
    """Button as listed. See `server.devices.ports.button.Button`."""

    device: InputDevice
    settings: PressSettings
    kernel: InputKernel

    @property
    def info(self) -> ButtonInfo:
        """Description of the button."""
        return self.device.info

    def open(self) -> OpenEvdevButton:
        """Open its device and, where the configuration says so, keep its keys from other programs."""
        with _translated(self.info.name):
            fd = self.kernel.open(str(self.device.node))
            try:
                self._set_up(fd)
            except BaseException:
                self.kernel.close(fd)
                raise
        return OpenEvdevButton(self, fd)

    def _set_up(self, fd: int) -> None:
        # Another device may have got this node since, and that may be a keyboard: nothing of it is read.
        if identify(self.kernel, fd) != self.device.identity:
            raise DeviceGone(device=self.info.name)
        use_monotonic_clock(self.kernel, fd)
        if self.device.switch is not None and self.device.switch.grab:
            grab(self.kernel, fd)


class OpenEvdevButton:
    """Button that is read. See `server.devices.ports.button.OpenButton`."""

    def __init__(self, button: EvdevButton, fd: int) -> None:
        self._kernel = button.kernel
        self._name = button.info.name
        self._fd = fd
        switch = button.device.switch
        keys = button.settings.camera_keys if switch is None else switch.keys
        self._filter = PressFilter(keys or None, button.settings.pause)
        # A key that nobody listed may be any that a keyboard has.
        self._tells = switch is not None and bool(switch.keys)

    def fileno(self) -> int:
        return self._fd

    def presses(self) -> Sequence[int | None]:
        with _translated(self._name):
            events = list(read_events(self._kernel, self._fd))
        return [event.code if self._tells else None for event in events if self._filter.is_press(event)]

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            self._kernel.close(fd)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Raise the service's errors in place of the kernel's."""
    try:
        yield
    except PermissionError as exc:
        raise DevicePermission(device=name) from exc
    except OSError as exc:
        if exc.errno in _GONE:
            raise DeviceGone(device=name) from exc
        if exc.errno == errno.EBUSY:
            raise DeviceBusy(device=name, holder=OTHER_PROGRAM) from exc
        raise DeviceFailed(
            device=name, reason=DRIVER_ANSWER.filled(code=errno.errorcode.get(exc.errno or 0))
        ) from exc


class PressFilter:
    """Tells presses from releases, repetitions, bounces, and keys that do not count.

    Parameters
    ----------
    keys
        Keys that count; None for all.
    pause
        Seconds after a press in which the same key does not count again.
    """

    def __init__(self, keys: Collection[int] | None, pause: float) -> None:
        self._keys = keys
        self._pause = pause
        self._pressed_at: dict[int, float] = {}
        self._lost = False

    def is_press(self, event: InputEvent) -> bool:
        """Return whether an event, which follows those before, is a press that counts."""
        if event.type == EV_SYN:
            # The kernel had no room: what it still delivers until the next report is a part only.
            self._lost = event.code == SYN_DROPPED or (self._lost and event.code != SYN_REPORT)
        if event.type != EV_KEY or event.value != PRESSED or self._lost:
            return False
        if self._keys is not None and event.code not in self._keys:
            return False
        return self._is_new(event)

    def _is_new(self, event: InputEvent) -> bool:
        before = self._pressed_at.get(event.code)
        if before is not None and event.seconds - before < self._pause:
            return False
        self._pressed_at[event.code] = event.seconds
        return True
