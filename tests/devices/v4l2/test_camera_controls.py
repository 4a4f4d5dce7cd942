"""The controls of a camera under the protocol's names."""

import pytest

from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.adapters.v4l2.camera_controls import adjust_once, camera_controls, set_camera_control
from server.devices.adapters.v4l2.video_node import VideoNode
from server.devices.ports.camera import CameraControl, ControlName, ControlSetting

BRIGHTNESS = 0x980900
GAIN = 0x980913
POWER_LINE = 0x980918
WHITE_BALANCE_AUTO = 0x98090C
WHITE_BALANCE = 0x98091A
EXPOSURE_AUTO = 0x9A0901
EXPOSURE = 0x9A0902
FOCUS = 0x9A090A
FOCUS_AUTO = 0x9A090C
FOCUS_ONCE = 0x9A091C
INACTIVE = v4l2.CTRL_FLAG_INACTIVE


@pytest.fixture
def device(node, kernel):
    node.controls = [
        {"id": BRIGHTNESS, "type": 1, "name": b"Brightness", "minimum": -64, "maximum": 64, "step": 1},
        {"id": WHITE_BALANCE_AUTO, "type": 2, "name": b"White Balance, Automatic", "maximum": 1},
        {"id": POWER_LINE, "type": 3, "name": b"Power Line Frequency", "maximum": 2, "default_value": 1},
        {"id": WHITE_BALANCE, "type": 1, "name": b"White Balance Temperature", "minimum": 2800,
         "maximum": 6500, "step": 10, "default_value": 4600, "flags": INACTIVE},
        {"id": EXPOSURE_AUTO, "type": 3, "name": b"Auto Exposure", "maximum": 3, "default_value": 3},
        {"id": EXPOSURE, "type": 1, "name": b"Exposure Time, Absolute", "minimum": 1, "maximum": 5000,
         "step": 1, "default_value": 157, "flags": INACTIVE},
        {"id": FOCUS, "type": 1, "name": b"Focus, Absolute", "maximum": 255, "step": 5},
        {"id": FOCUS_AUTO, "type": 2, "name": b"Focus, Automatic Continuous", "maximum": 1},
    ]  # fmt: skip
    node.values = {BRIGHTNESS: 3, WHITE_BALANCE_AUTO: 1, WHITE_BALANCE: 4600, POWER_LINE: 1}
    node.values |= {EXPOSURE_AUTO: 3, EXPOSURE: 157, FOCUS: 40, FOCUS_AUTO: 0}
    opened = VideoNode(kernel, "/dev/video0")
    yield opened
    opened.close()


def test_what_v4l2_splits_is_one_control(device):
    assert camera_controls(device) == (
        CameraControl(ControlName.FOCUS, 0, 255, 5, 0, 40, automatic=False, once=True),
        CameraControl(ControlName.EXPOSURE, 1, 5000, 1, 157, 157, automatic=True),
        CameraControl(ControlName.WHITE_BALANCE, 2800, 6500, 10, 4600, 4600, automatic=True),
        CameraControl(ControlName.BRIGHTNESS, -64, 64, 1, 0, 3),
        CameraControl(ControlName.POWER_LINE, 0, 2, 1, 1, 1),
    )


def test_a_value_ends_the_automatic_first(device, node):
    order = []
    node.values = RecordingDict(node.values, order)
    set_camera_control(device, ControlSetting(ControlName.EXPOSURE, 300, None))
    assert order == [(EXPOSURE_AUTO, 1), (EXPOSURE, 300)]


def test_the_automatic_of_exposure_is_an_entry_of_a_menu(device, node):
    node.values[EXPOSURE_AUTO] = 1
    set_camera_control(device, ControlSetting(ControlName.EXPOSURE, None, True))
    assert node.values[EXPOSURE_AUTO] == 3


def test_an_entry_that_the_menu_lacks_is_passed_over(device, node):
    next(one for one in node.controls if one["id"] == EXPOSURE_AUTO)["maximum"] = 1
    set_camera_control(device, ControlSetting(ControlName.EXPOSURE, None, True))
    assert node.values[EXPOSURE_AUTO] == 0


def test_a_button_adjusts_once_where_there_is_one(device, node):
    assert not adjust_once(device, ControlName.FOCUS)
    node.controls.append({"id": FOCUS_ONCE, "type": 4, "name": b"Auto Focus, Start"})
    assert adjust_once(device, ControlName.FOCUS)
    assert node.values[FOCUS_ONCE] == 1


def test_a_read_only_value_is_no_control(device, node):
    node.controls = [{"id": GAIN, "type": 1, "name": b"Gain", "flags": v4l2.CTRL_FLAG_READ_ONLY}]
    node.values[GAIN] = 4
    assert camera_controls(device) == ()


class RecordingDict(dict):
    def __init__(self, values, order):
        super().__init__(values)
        self.order = order

    def __setitem__(self, key, value):
        self.order.append((key, value))
        super().__setitem__(key, value)
