"""The demo camera obeys the camera port and fails as told."""

from __future__ import annotations

import select
from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.devices.adapters.demo import DemoCameraFinder, DemoCameraStream
from server.devices.ports.camera import CameraFinder, CameraMode, Frame, PixelFormat, Size
from server.errors import DeviceBusy, DeviceGone, DevicePermission
from synthetic.scene.camera import GRAINS
from synthetic.scene.desk import Scene
from tests.patience import PATIENCE

SMALL = CameraMode(PixelFormat.MJPG, Size(640, 480), 30)


@pytest.fixture
def finder() -> Iterator[DemoCameraFinder]:
    finder = DemoCameraFinder()
    yield finder
    finder.close()


def opened(finder: DemoCameraFinder, mode: CameraMode = SMALL) -> DemoCameraStream:
    stream = finder.find()[0].open(mode)
    stream.start()
    return stream


def frames(stream: DemoCameraStream, count: int) -> list[Frame]:
    taken = [stream.read(PATIENCE) for _ in range(count)]
    assert all(taken)
    return [frame for frame in taken if frame]


def grey(frame: Frame) -> Image:
    picture = cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def test_is_a_camera_finder(finder: DemoCameraFinder) -> None:
    port: CameraFinder = finder
    info = port.find()[0].info
    assert info.name == "Demo Document Camera"
    assert [media.format for media in info.media] == [PixelFormat.MJPG, PixelFormat.YUYV]
    assert info.media[0].sizes[0] == (3264, 2448)


@pytest.mark.parametrize("size", [Size(640, 480), Size(1920, 1080)])
def test_jpegs_have_the_size_and_the_sampling_of_real_cameras(finder: DemoCameraFinder, size: Size) -> None:
    frame = frames(opened(finder, CameraMode(PixelFormat.MJPG, size, 30)), 1)[0]
    assert frame.data[:2] == b"\xff\xd8" and frame.data[-2:] == b"\xff\xd9"
    assert grey(frame).shape == (size.height, size.width)
    header = frame.data.index(b"\xff\xc0")
    assert frame.data[header + 11] == 0x21  # luma 2x1: 4:2:2


def test_raw_frames_show_the_same_picture(finder: DemoCameraFinder) -> None:
    frame = frames(opened(finder, CameraMode(PixelFormat.YUYV, Size(640, 480), 30)), 1)[0]
    raw = np.frombuffer(frame.data, np.uint8).reshape(480, 640, 2)
    other = DemoCameraFinder()
    jpeg = frames(opened(other), 1)[0]
    # YUY2 has video range: 16..235
    assert np.abs((raw[..., 0].astype(float) - 16) * 255 / 219 - grey(jpeg)).mean() < 6
    other.close()


def test_consecutive_frames_differ_and_count_up(finder: DemoCameraFinder) -> None:
    taken = frames(opened(finder), 6)
    # A busy machine leaves frames out, and their noise comes round again.
    assert all(a.data != b.data for a, b in pairwise(taken) if (b.seq - a.seq) % GRAINS)
    assert all(a.seq < b.seq and a.time < b.time for a, b in pairwise(taken))


def test_same_seed_same_bytes() -> None:
    first, second, other = (DemoCameraFinder(seed) for seed in (3, 3, 4))
    a, b, c = (frames(opened(finder), 1)[0].data for finder in (first, second, other))
    assert a == b
    assert a != c
    for finder in (first, second, other):
        finder.close()


def test_the_scene_changes_while_streaming(finder: DemoCameraFinder) -> None:
    stream = opened(finder)
    page = frames(stream, 1)[0]
    finder.desk.scene = Scene.EMPTY
    empty = frames(stream, 1)[0]
    bright = [grey(it).mean() for it in (page, empty)]
    assert bright[0] > bright[1] + 10


def test_stop_and_start_again_numbers_no_frame_twice(finder: DemoCameraFinder) -> None:
    stream = opened(finder)
    before = frames(stream, 2)[-1]
    stream.stop()
    stream.stop()
    stream.start()
    assert frames(stream, 1)[0].seq > before.seq


def test_one_stream_at_a_time(finder: DemoCameraFinder) -> None:
    stream = opened(finder)
    with pytest.raises(DeviceBusy):
        opened(finder)
    stream.close()
    stream.close()
    second = opened(finder)
    stream.close()  # closing the first again must not free the second
    with pytest.raises(DeviceBusy):
        opened(finder)
    second.close()


def test_an_odd_mode_becomes_the_nearest(finder: DemoCameraFinder) -> None:
    stream = finder.find()[0].open(CameraMode(PixelFormat.BGR, Size(3000, 2400), 500))
    assert stream.mode == CameraMode(PixelFormat.MJPG, Size(3264, 2448), 15.0)
    stream.close()


def test_frozen_gives_none_and_recovers(finder: DemoCameraFinder) -> None:
    stream = opened(finder)
    finder.faults.frozen = True
    assert stream.read(0.05) is None
    finder.faults.frozen = False
    frames(stream, 1)


def test_slow_start_gives_none_first(finder: DemoCameraFinder) -> None:
    finder.faults.slow_start = 3600.0
    stream = opened(finder)
    assert stream.read(0.01) is None
    stream.close()
    finder.faults.slow_start = 0.1
    frames(opened(finder), 1)


def test_torn_frames_are_skipped(finder: DemoCameraFinder) -> None:
    finder.faults.torn_every = 2
    taken = frames(opened(finder), 4)
    assert all(frame.seq % 2 == 0 and frame.data.endswith(b"\xff\xd9") for frame in taken)
    finder.faults.torn_every = 1


def test_only_torn_frames_are_none_at_the_timeout(finder: DemoCameraFinder) -> None:
    finder.faults.torn_every = 1
    assert opened(finder).read(0.1) is None


def test_damaged_frames_come_through(finder: DemoCameraFinder) -> None:
    finder.faults.damaged_every = 1
    data = frames(opened(finder), 1)[0].data
    assert data.endswith(b"\xff\xd9") and bytes(1000) in data


def test_unplugging_ends_the_stream_and_is_noticed(finder: DemoCameraFinder) -> None:
    stream = opened(finder)
    fd = finder.change_fd()
    assert fd is not None and not finder.acknowledge_change()
    finder.faults.disconnect()
    assert select.select([fd], [], [], 0)[0] and finder.acknowledge_change()
    assert finder.find() == ()
    with pytest.raises(DeviceGone):
        stream.read(1)
    finder.faults.connect()
    with pytest.raises(DeviceGone):  # a stream that lost its device stays dead
        stream.read(1)
    stream.stop()
    stream.close()
    frames(opened(finder), 1)


def test_denied_and_busy(finder: DemoCameraFinder) -> None:
    finder.faults.denied = True
    with pytest.raises(DevicePermission):
        opened(finder)
    finder.faults.denied = False
    finder.faults.busy = True
    with pytest.raises(DeviceBusy):
        opened(finder)
