"""A device's own settings."""

import errno

import pytest

from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.camera_controls import ControlKind, controls, set_control
from server.devices.adapters.v4l2.video_node import VideoNode

BRIGHTNESS = 0x980900
HEADING = 0x980901
FOCUS = 0x98090A
SHUTTER = 0x98090B
HIDDEN = 0x98090C


@pytest.fixture
def device(node, kernel):
    node.controls = [
        {"id": BRIGHTNESS, "type": 1, "name": b"Brightness", "minimum": -64, "maximum": 64, "step": 1},
        {"id": HEADING, "type": 6, "name": b"Camera Controls"},
        {"id": FOCUS, "type": 1, "name": b"Focus", "maximum": 255, "flags": v4l2.CTRL_FLAG_INACTIVE},
        {"id": SHUTTER, "type": 4, "name": b"Shutter"},
        {"id": HIDDEN, "type": 2, "name": b"Hidden", "flags": v4l2.CTRL_FLAG_DISABLED},
    ]
    node.values = {BRIGHTNESS: -3, FOCUS: 40}
    opened = VideoNode(kernel, "/dev/video0")
    yield opened
    opened.close()


def test_settings_are_listed(device):
    found = controls(device)
    assert [(one.name, one.kind, one.value, one.writable) for one in found] == [
        ("Brightness", ControlKind.INTEGER, -3, True),
        ("Focus", ControlKind.INTEGER, 40, False),
        ("Shutter", ControlKind.BUTTON, None, True),
    ]
    assert (found[0].minimum, found[0].maximum) == (-64, 64)


def test_a_setting_is_changed(device, node):
    assert set_control(device, BRIGHTNESS, 12) == 12
    assert node.values[BRIGHTNESS] == 12


def test_one_setting_that_stalls_does_not_hide_the_others(device, node):
    node.fail[v4l2.G_CTRL] = errno.EIO
    assert [one.value for one in controls(device)] == [None, None, None]


def test_a_device_without_settings_has_none(device, node):
    node.fail[v4l2.QUERYCTRL] = errno.ENOTTY
    assert controls(device) == ()
