"""Filter that makes presses out of a device's events."""

from __future__ import annotations

from collections.abc import Collection

from server.devices.adapters.evdev.kernel import (
    EV_KEY,
    EV_SYN,
    PRESSED,
    SYN_DROPPED,
    SYN_REPORT,
    InputEvent,
)


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
