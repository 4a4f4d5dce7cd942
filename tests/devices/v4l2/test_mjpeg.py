"""Camera JPEGs made whole."""

import mmap

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.devices.adapters.v4l2.pixels import MAX_UNFINISHED, Mjpeg


def whole(data: bytes, mjpeg: Mjpeg | None = None, stale: bytes = b"") -> bytes | None:
    """`data` through a buffer that still holds `stale` bytes of an earlier picture after it."""
    buffer = mmap.mmap(-1, max(1, len(data) + len(stale)))
    buffer[:] = (data + stale) or b"\0"
    return (mjpeg or Mjpeg()).whole(buffer, len(data))


def test_a_sound_frame_is_untouched(jpeg):
    assert whole(jpeg) == jpeg


def test_padding_is_trimmed(jpeg):
    assert whole(jpeg + bytes(1000)) == jpeg


def test_an_earlier_picture_in_the_buffer_does_not_count(jpeg):
    assert whole(jpeg + bytes(10), stale=jpeg) == jpeg
    assert whole(jpeg[:-2], stale=jpeg) is None


def test_missing_tables_are_inserted(jpeg, bare_jpeg):
    mended = whole(bare_jpeg + bytes(64))
    assert len(mended) == len(bare_jpeg) + 420
    expected, got = (cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in (jpeg, mended))
    assert np.array_equal(expected, got)


def test_a_thumbnail_in_the_header_does_not_end_the_picture(jpeg):
    thumbnail = b"\xff\xe1" + (2 + len(jpeg)).to_bytes(2, "big") + jpeg
    assert whole(jpeg[:2] + thumbnail + jpeg[2:-200]) is None


def test_fill_bytes_before_a_marker_are_legal(jpeg):
    filled = jpeg[:2] + b"\xff\xff" + jpeg[2:]
    assert whole(filled) == filled


def test_a_frame_without_its_start_is_refused(jpeg):
    assert whole(bytes(2) + jpeg[2:]) is None


@pytest.mark.parametrize("data", [b"", bytes(5000), b"\xff\xd8", b"\xff\xd8\xff", b"RIFF" + bytes(100)])
def test_what_is_no_jpeg_is_refused(data):
    assert whole(data) is None


def test_a_camera_that_never_ends_its_frames_is_understood(jpeg):
    mjpeg = Mjpeg()
    refused = [whole(jpeg[:-2], mjpeg) for _ in range(MAX_UNFINISHED)]
    assert refused == [None] * MAX_UNFINISHED
    assert whole(jpeg[:-2], mjpeg) == jpeg


def test_a_lost_packet_now_and_then_is_no_habit(jpeg):
    mjpeg = Mjpeg()
    for _ in range(MAX_UNFINISHED * 2):
        assert whole(jpeg[:-2], mjpeg) is None
        assert whole(jpeg, mjpeg) == jpeg


@given(st.binary(max_size=200).map(lambda tail: b"\xff\xd8" + tail))
@example(b"\xff\xd8\xff\xc4\x00\x00\xff\xda\xff\xd9")
def test_any_bytes_give_a_framed_picture_or_none(data):
    result = whole(data)
    assert result is None or (result[:2], result[-2:]) == (b"\xff\xd8", b"\xff\xd9")
