"""Opening, reading and losing a camera, through the port."""

import errno
import select
import time

import pytest

from server.devices.adapters.v4l2 import videodev2 as v4l2
from server.devices.ports.camera import CameraMode, PixelFormat, Size
from server.errors import DeviceBusy, DeviceFailed, DeviceGone, DevicePermission

MODE = CameraMode(PixelFormat.MJPG, Size(1600, 1200), 15)


@pytest.fixture
def stream(camera):
    opened = camera.open(MODE)
    opened.start()
    yield opened
    opened.close()


def test_a_frame_carries_what_the_driver_knows(stream, node, jpeg):
    node.push(jpeg + bytes(333), at=1234.5)
    frame = stream.read(0)
    assert (frame.seq, frame.time, frame.format, frame.size, frame.data) == (
        0, 1234.5, PixelFormat.MJPG, MODE.size, jpeg
    )  # fmt: skip


def test_the_mode_is_what_the_driver_made_of_it(camera, node):
    def shrink(pix):
        pix.width = 640
        pix.height = 480

    node.accepts = shrink
    node.rates = [(1, 10), (1, 25)]
    assert camera.open(MODE).mode == CameraMode(PixelFormat.MJPG, Size(640, 480), 10)


def test_rows_are_packed(camera, node):
    def pad(pix):
        pix.bytesperline = 1536

    node.accepts = pad
    stream = camera.open(CameraMode(PixelFormat.YUYV, Size(640, 480), 30))
    stream.start()
    node.push((b"\x10\x80" * 640 + bytes(256)) * 480)
    assert stream.read(0).data == b"\x10\x80" * 640 * 480


def test_buffers_go_round(stream, node, jpeg):
    for number in range(20):
        node.push(jpeg)
        assert stream.read(0).seq == number
    assert len(node.queued) == 4


def test_broken_frames_are_skipped_and_leave_a_gap(stream, node, jpeg):
    node.push(jpeg, flags=v4l2.BUF_FLAG_ERROR)
    node.push(bytes(500))
    node.push(jpeg, lost=3)
    assert stream.read(1).seq == 5
    assert len(node.queued) == 4


def test_fewer_buffers_than_asked_will_do(camera, node, jpeg):
    node.grants = 2
    stream = camera.open(MODE)
    stream.start()
    for number in range(5):
        node.push(jpeg)
        assert stream.read(0).seq == number


def test_no_buffers_at_all_is_a_failure(camera, node):
    node.grants = 0
    stream = camera.open(MODE)
    with pytest.raises(DeviceFailed):
        stream.start()


def test_a_silent_device_gives_none(stream):
    assert stream.read(0.01) is None


def test_waking_without_a_frame_is_not_an_error(stream, node):
    node.events = select.POLLIN
    assert stream.read(0.01) is None


def test_a_driver_that_only_reports_errors_does_not_spin(stream, node):
    node.events = select.POLLERR
    with pytest.raises(DeviceFailed):
        stream.read(60)


def test_a_foreign_clock_is_replaced(stream, node, jpeg):
    before = time.monotonic()
    node.push(jpeg, flags=0x4000, at=5.0)
    assert before <= stream.read(0).time <= time.monotonic()


def test_the_count_goes_on_after_a_restart(stream, node, jpeg):
    node.push(jpeg, lost=2)
    assert stream.read(0).seq == 0
    stream.stop()
    stream.start()
    node.push(jpeg)
    assert stream.read(0).seq == 1


def test_a_counter_that_stands_still_still_counts(stream, node, jpeg):
    for number in range(3):
        node.sequence = 0
        node.push(jpeg)
        assert stream.read(0).seq == number


def test_stop_gives_the_memory_back(stream, node):
    stream.stop()
    assert (node.streaming, node.buffers) == (False, [])
    stream.stop()


def test_a_start_that_fails_gives_the_memory_back(camera, node):
    stream = camera.open(MODE)
    node.fail[v4l2.STREAMON] = errno.ENOSPC
    with pytest.raises(DeviceFailed, match="bandwidth"):
        stream.start()
    assert node.buffers == []
    node.fail.clear()
    stream.start()
    assert node.streaming


def test_reading_before_the_start_is_refused(camera):
    with pytest.raises(DeviceFailed):
        camera.open(MODE).read(0)


class TestUnplugged:
    def test_in_mid_stream(self, stream, node, kernel):
        node.gone = True
        with pytest.raises(DeviceGone):
            stream.read(60)
        stream.stop()
        stream.close()
        stream.close()
        assert kernel.opened == {}

    def test_as_a_hang_up_alone(self, stream, node):
        node.events = select.POLLHUP
        with pytest.raises(DeviceGone):
            stream.read(60)

    @pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV])
    def test_as_an_error_of_the_next_buffer(self, stream, node, jpeg, number):
        node.push(jpeg)
        node.fail[v4l2.DQBUF] = number
        with pytest.raises(DeviceGone):
            stream.read(60)

    def test_between_listing_and_opening(self, camera, node):
        node.gone = True
        with pytest.raises(DeviceGone):
            camera.open(MODE)

    def test_and_another_plugged_into_its_place(self, camera, machine, kernel):
        kernel.nodes["video0"] = machine.node("Another", "usb-0000:00:14.0-3")
        with pytest.raises(DeviceGone):
            camera.open(MODE)
        assert kernel.opened == {}


class TestRefused:
    @pytest.mark.parametrize("request_", [v4l2.S_FMT, v4l2.S_PARM])
    def test_busy(self, camera, node, kernel, request_):
        node.fail[request_] = errno.EBUSY
        with pytest.raises(DeviceBusy) as caught:
            camera.open(MODE)
        assert "另一个程序" in caught.value.message("zh")
        assert "another program" in caught.value.message("en")
        assert kernel.opened == {}

    def test_busy_at_the_start(self, camera, node):
        stream = camera.open(MODE)
        node.fail[v4l2.REQBUFS] = errno.EBUSY
        with pytest.raises(DeviceBusy):
            stream.start()

    @pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
    def test_denied(self, camera, kernel, number):
        kernel.denied["video0"] = number
        with pytest.raises(DevicePermission):
            camera.open(MODE)

    @pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL, errno.EXDEV])
    def test_failed(self, camera, node, number):
        node.fail[v4l2.S_FMT] = number
        with pytest.raises(DeviceFailed):
            camera.open(MODE)

    def test_a_format_it_never_listed(self, camera):
        with pytest.raises(DeviceFailed):
            camera.open(CameraMode(PixelFormat.BGR, Size(640, 480), 30))

    def test_a_format_the_driver_put_in_its_place(self, camera, node):
        def substitute(pix):
            pix.pixelformat = v4l2.fourcc("H264")

        node.accepts = substitute
        with pytest.raises(DeviceFailed):
            camera.open(MODE)

    def test_no_path_in_the_texts(self, camera, kernel):
        kernel.denied["video0"] = errno.EXDEV
        with pytest.raises(DeviceFailed) as caught:
            camera.open(MODE)
        assert "/" not in caught.value.message("en") + caught.value.message("zh")


@pytest.mark.parametrize(
    ("rates", "wanted", "got"),
    [
        ([(1, 30), (1, 15), (1, 5)], 20, 15),
        ([(1, 30), (1, 15), (1, 5)], 0, 30),
        (((1, 60), (1, 2)), 24, 24),
        (((1, 12), (1, 2)), 0, 12),
        ([], 12, 12),
        ([], 0, 30),
        ([(1001, 30000)], 30, 30000 / 1001),
    ],
)
def test_the_nearest_rate_is_asked_for(camera, node, rates, wanted, got):
    node.rates = rates
    assert camera.open(CameraMode(PixelFormat.MJPG, Size(640, 480), wanted)).mode.fps == pytest.approx(got)


def test_a_driver_without_rates_keeps_the_wish(camera, node):
    node.fail[v4l2.G_PARM] = errno.ENOTTY
    assert camera.open(MODE).mode.fps == 15
