"""The evdev adapter on a real kernel, with devices that uinput makes and udev's own rules."""

from __future__ import annotations

import pytest

pytestmark = [
    pytest.mark.hardware,
    # The guest is booted, if need be twice, inside the first test's set-up.
    pytest.mark.timeout(900),
]


@pytest.fixture
def seen(guest):
    """Looks up what one step saw; an error there is an error here."""

    def look(step: str):
        assert "error" not in guest[step], guest[step]["error"]
        return guest[step]["value"]

    return look


def test_a_button_is_noticed_as_it_is_plugged_in_and_pulled(seen):
    found = seen("button noticed")
    assert (found["udev"], found["in"], found["out"], found["then"]) == (True, True, True, 0)
    assert found["info"] == [["Document Camera", "camera", "usb-0000:00:14.0-2"]]


def test_a_press_is_told_once_however_long_or_badly_it_is_made(seen):
    assert seen("button pressed") == {
        "once": [None],
        "held": [None],
        "bounced": [None],
        "twice": [None, None],
    }


def test_unplugging_ends_the_reading(seen):
    assert seen("button pulled") == "DeviceGone"


def test_a_keyboard_that_nobody_named_is_never_opened(seen):
    found = seen("keyboards")
    assert found["without a name"] == ["Document Camera"]
    assert sorted(found["with a name"]) == ["Document Camera", "PCsensor FootSwitch"]
    assert found["open"] == [True, False, True]
    assert found["heard"] == [[], []]


def test_the_udev_rule_opens_buttons_of_cameras_and_no_keyboard(seen):
    (button, keyboard) = seen("keyboards")["nodes"]
    assert button == ["video", "660"]
    assert keyboard[0] != "video"


def test_a_grabbed_switch_types_nowhere_else(seen):
    found = seen("switch grabbed")
    assert found == {"before": True, "own": [48], "while": False, "second": "DeviceBusy", "after": True}


def test_a_switch_without_a_rule_is_refused_with_the_remedy(seen):
    found = seen("switch denied")
    assert found["listed"] == 0
    ((ok, remedy),) = found["access"]
    assert not ok
    assert 'ATTRS{id/vendor}=="0c45"' in remedy
    assert "usermod" not in remedy
