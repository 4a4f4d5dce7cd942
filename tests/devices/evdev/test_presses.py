"""Presses out of events: no repetition, no bounce, nothing half."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from server.devices.adapters.evdev import kernel as evdev
from server.devices.adapters.evdev.button import PressFilter
from server.devices.adapters.evdev.kernel import InputEvent

KEY = 48
OTHER = 30
REPORT = InputEvent(0, evdev.EV_SYN, evdev.SYN_REPORT, 0)
DROPPED = InputEvent(0, evdev.EV_SYN, evdev.SYN_DROPPED, 0)


def event(at: float, value: int = evdev.PRESSED, key: int = KEY) -> InputEvent:
    return InputEvent(at, evdev.EV_KEY, key, value)


def counted(*events: InputEvent, keys: Iterable[int] | None = (KEY,)) -> int:
    presses = PressFilter(None if keys is None else set(keys), 0.2)
    return sum(presses.is_press(one) for one in events)


def test_a_key_that_is_held_is_one_press() -> None:
    held = [event(0.3 + 0.03 * place, evdev.REPEATED) for place in range(40)]
    assert counted(event(0), *held, event(2, evdev.RELEASED)) == 1


def test_two_presses_are_two() -> None:
    assert counted(event(0), event(0.1, evdev.RELEASED), event(0.4), event(0.5, evdev.RELEASED)) == 2


def test_a_contact_that_bounces_is_one_press() -> None:
    assert counted(event(1.00), event(1.01, evdev.RELEASED), event(1.02), event(1.15), event(1.19)) == 1


def test_two_pedals_at_once_are_two_presses() -> None:
    assert counted(event(1.0), event(1.01, key=OTHER), keys=(KEY, OTHER)) == 2


@pytest.mark.parametrize(("keys", "count"), [((KEY,), 0), (None, 1)])
def test_keys_that_are_not_listed_do_not_count(keys: Iterable[int] | None, count: int) -> None:
    assert counted(event(1, key=OTHER), keys=keys) == count


def test_other_events_are_no_presses() -> None:
    assert counted(InputEvent(1, 2, KEY, 1), InputEvent(1, 4, 4, 1), REPORT) == 0


def test_what_the_kernel_lost_a_part_of_does_not_count() -> None:
    assert counted(DROPPED, event(1), REPORT, event(2)) == 1
