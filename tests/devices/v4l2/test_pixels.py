"""Raw frames packed into the layouts the port promises."""

import mmap

import cv2
import numpy as np
import pytest

from server.devices.adapters.v4l2.pixels import copier, sources
from server.devices.adapters.v4l2.video_node import BufferLayout
from server.devices.adapters.v4l2.videodev2 import fourcc
from server.devices.ports.camera import PixelFormat, Size

SIZE = Size(4, 3)


def copy(source: str, rows: np.ndarray, stride: int, used: int | None = None) -> bytes | None:
    padded = np.full((len(rows), stride), 0xEE, np.uint8)
    padded[:, : rows.shape[1]] = rows
    buffer = mmap.mmap(-1, padded.size)
    buffer[:] = padded.tobytes()
    return copier(BufferLayout(fourcc(source), SIZE, stride))(buffer, padded.size if used is None else used)


@pytest.fixture
def yuyv():
    return np.arange(24, dtype=np.uint8).reshape(3, 8)


@pytest.mark.parametrize("stride", [8, 13, 64])
def test_padded_rows_are_packed(yuyv, stride):
    assert copy("YUYV", yuyv, stride) == yuyv.tobytes()


def test_the_last_row_may_lack_its_padding(yuyv):
    assert copy("YUYV", yuyv, 16, used=2 * 16 + 8) == yuyv.tobytes()


@pytest.mark.parametrize(("stride", "used"), [(8, 23), (16, 39), (8, 0)])
def test_a_short_frame_is_refused(yuyv, stride, used):
    assert copy("YUYV", yuyv, stride, used) is None


def test_a_stride_of_zero_means_no_padding(yuyv):
    buffer = mmap.mmap(-1, 24)
    buffer[:] = yuyv.tobytes()
    assert copier(BufferLayout(fourcc("YUYV"), SIZE, 0))(buffer, 24) == yuyv.tobytes()


@pytest.mark.parametrize("stride", [8, 16])
def test_uyvy_becomes_yuyv(yuyv, stride):
    uyvy = yuyv.reshape(3, 4, 2)[:, :, ::-1].reshape(3, 8)
    assert copy("UYVY", uyvy, stride) == yuyv.tobytes()


@pytest.mark.parametrize("stride", [4, 16])
def test_grey_becomes_yuyv_and_comes_out_as_it_went_in(stride):
    grey = np.array([[0, 1, 2, 3], [100, 127, 128, 129], [252, 253, 254, 255]], np.uint8)
    packed = np.frombuffer(copy("GREY", grey, stride), np.uint8).reshape(3, 4, 2)
    shown = cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_YUY2)
    assert np.abs(shown - grey[..., None].astype(int)).max() <= 1


def test_rgb_becomes_bgr():
    bgr = np.arange(36, dtype=np.uint8).reshape(3, 12)
    assert copy("BGR3", bgr, 12) == bgr.tobytes()
    assert copy("RGB3", bgr.reshape(3, 4, 3)[:, :, ::-1].reshape(3, 12), 20) == bgr.tobytes()


def test_compressed_comes_first_and_native_before_converted():
    offered = [fourcc(text) for text in ("NV12", "UYVY", "YUYV", "H264", "MJPG")]
    assert list(sources(offered).items()) == [
        (PixelFormat.MJPG, fourcc("MJPG")),
        (PixelFormat.YUYV, fourcc("YUYV")),
    ]
