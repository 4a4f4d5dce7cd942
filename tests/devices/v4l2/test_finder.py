"""Which nodes are cameras, and what they are called."""

import errno
import logging

import pytest

from server.devices.adapters.v4l2 import V4l2Finder
from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.hotplug import UdevMonitor
from server.devices.ports.camera import MediaType, PixelFormat, Size


def test_a_camera_is_described(camera):
    assert (camera.info.id, camera.info.name) == ("v4l2:usb-0000:00:14.0-2", "Desk Cam")
    assert camera.info.media == (
        MediaType(PixelFormat.MJPG, (Size(2592, 1944), Size(1600, 1200), Size(640, 480))),
        MediaType(PixelFormat.YUYV, (Size(640, 480), Size(320, 240))),
    )


def test_a_range_of_sizes_gives_the_usual_ones_and_the_largest(finder, node):
    node.formats = {"YUYV": v4l2.Stepwise(48, 2000, 16, 32, 1500, 8)}
    (camera,) = finder.find()
    assert camera.info.media[0].sizes == (
        Size(2000, 1500), Size(1920, 1080), Size(1600, 1200), Size(1280, 1024), Size(1280, 960),
        Size(1280, 720), Size(1024, 768), Size(800, 600), Size(640, 480), Size(640, 360), Size(320, 240),
    )  # fmt: skip


def test_sizes_off_the_step_are_not_offered(finder, node):
    node.formats = {"YUYV": v4l2.Stepwise(0, 1280, 256, 0, 1024, 256)}
    (camera,) = finder.find()
    assert camera.info.media[0].sizes == (Size(1280, 1024), Size(1024, 768))


def test_nodes_that_give_no_pictures_are_left_out(finder, machine):
    machine("video0", machine.node())
    machine("video1").caps = 0x00800000 | v4l2.CAP_STREAMING
    machine("video2").caps = v4l2.CAP_VIDEO_CAPTURE
    machine("video3").formats = {"H264": [(1920, 1080)]}
    assert [camera.path[-6:] for camera in finder.find()] == ["video0"]


def test_two_interfaces_of_one_device_have_their_own_ids(finder, machine):
    machine("video0", machine.node("Twin: RGB"))
    machine("video2", machine.node("Twin: IR"), interface="02")
    machine("video4", machine.node("Twin: IR 2"), interface="02", index=2)
    assert [camera.info.id for camera in finder.find()] == [
        "v4l2:usb-0000:00:14.0-2",
        "v4l2:usb-0000:00:14.0-2:02.0",
        "v4l2:usb-0000:00:14.0-2:02.2",
    ]


def test_a_camera_for_infrared_has_its_partners_housing_and_no_colour(finder, machine):
    machine("video0", machine.node("Twin: RGB"))
    machine("video2", machine.node("Twin: IR"), interface="02").formats = {"GREY": [(640, 480)]}
    machine("video4", machine.node("Loopback", "platform:v4l2loopback-000"))
    colour, infrared, loopback = (camera.info for camera in finder.find())
    assert colour.housing == infrared.housing == "usb-0000:00:14.0-2"
    assert loopback.housing == ""
    assert (colour.grey, infrared.grey, loopback.grey) == (False, True, False)
    assert infrared.media == (MediaType(PixelFormat.YUYV, (Size(640, 480),)),)


def test_nodes_their_driver_cannot_tell_apart_are_all_listed(finder, machine):
    machine("video0")
    machine("video1")
    first, second = (camera.info.id for camera in finder.find())
    assert first != second


def test_ids_stay_when_another_camera_goes(finder, machine, kernel):
    machine("video0", machine.node("A", "usb-1"))
    machine("video1", machine.node("B", "usb-2"))
    _, second = finder.find()
    kernel.denied["video0"] = errno.ENOENT
    assert finder.find() == (second,)


def test_order_is_numeric(finder, machine):
    for number in (10, 9, 2):
        machine(f"video{number}", machine.node(str(number), f"usb-{number}"))
    assert [camera.info.name for camera in finder.find()] == ["2", "9", "10"]


def test_a_name_cut_inside_a_character_is_read(finder, machine):
    machine("video0", machine.node("高拍仪摄像头高拍仪摄像头"))
    assert finder.find()[0].info.name == "高拍仪摄像头高拍仪摄"


def test_a_refused_node_is_left_out_and_said_once(finder, machine, kernel, caplog):
    machine("video0")
    machine("video1", machine.node("B", "usb-2"))
    kernel.denied["video0"] = errno.EACCES
    for _ in range(3):
        assert [camera.info.name for camera in finder.find()] == ["B"]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_node_that_fails_half_way_is_left_out(finder, node, kernel, caplog):
    node.fail[v4l2.ENUM_FMT] = errno.EIO
    assert finder.find() == ()
    assert "EIO" in caplog.text
    assert kernel.opened == {}


def test_a_format_without_sizes_is_not_offered(finder, node, caplog):
    node.fail[v4l2.ENUM_FRAMESIZES] = errno.ENOTTY
    assert finder.find() == ()
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


def test_an_endless_list_is_cut(finder, node, monkeypatch):
    monkeypatch.setattr(node, "_enum_sizes", lambda answer: setattr(answer, "type", 1))
    assert finder.find()[0].info.media[0].sizes == (Size(0, 0),)


def test_configured_paths_are_listed_once(machine, kernel):
    machine("video0")
    machine("doccam", machine.node("Configured", "usb-9"))
    (machine.root / "dev/by-id").symlink_to(machine.root / "dev/video0")
    finder = V4l2Finder(("/dev/by-id", "/dev/doccam", "/dev/absent"), machine.root, kernel)
    assert [camera.info.name for camera in finder.find()] == ["Desk Cam", "Configured"]


def test_without_udev_new_nodes_are_noticed(finder, machine):
    assert finder.change_fd() is None
    assert not finder.acknowledge_change()
    machine("video0")
    assert finder.acknowledge_change()
    assert not finder.acknowledge_change()
    (machine.root / "dev/video0").unlink()
    (machine.root / "dev/video0").touch()
    assert finder.acknowledge_change()
    finder.close()


def test_where_udev_runs_its_socket_is_watched(machine, kernel):
    (machine.root / "run/udev").mkdir(parents=True)
    (machine.root / "run/udev/control").touch()
    try:
        UdevMonitor("video4linux").close()
    except (ImportError, OSError) as exc:
        pytest.skip(f"no udev socket here: {exc}")
    finder = V4l2Finder(root=machine.root, kernel=kernel)
    assert finder.change_fd() >= 0
    assert not finder.acknowledge_change()
    finder.close()
    assert finder.change_fd() is None


def test_a_configured_name_wins_over_the_devices_own(machine, kernel):
    machine("video0")
    finder = V4l2Finder({"/dev/video0": "Window 3"}, machine.root, kernel)
    assert [camera.info.name for camera in finder.find()] == ["Window 3"]
    finder = V4l2Finder({"/dev/video0": ""}, machine.root, kernel)
    assert [camera.info.name for camera in finder.find()] == ["Desk Cam"]
