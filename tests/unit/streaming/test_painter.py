"""The pictures of each variant, from each kind of frame."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest

from imgcore.settings import Rect
from imgcore.types import Image
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.protocol.codec import Head
from server.protocol.frames import FrameEnvelope
from server.streaming.painter import Overlay, Painter, Variant
from server.streaming.pixels import BrokenFrame, PlaneUnpacker

SIZE = Size(320, 240)
OUTLINE = np.array([[40, 30], [280, 36], [270, 210], [50, 200]], np.float32)


def scene() -> Image:
    rough = np.random.default_rng(3).integers(90, 160, (12, 16, 3), dtype=np.uint8)
    return cv2.resize(rough, SIZE, interpolation=cv2.INTER_CUBIC)


def frame(kind: str) -> Frame:
    image = scene()
    if kind == "BGR":
        return Frame(0, 0.0, PixelFormat.BGR, SIZE, image.tobytes())
    if kind == "YUYV":
        packed = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_YUY2)
        return Frame(0, 0.0, PixelFormat.YUYV, SIZE, packed.tobytes())
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1] if kind == "progressive" else []
    return Frame(0, 0.0, PixelFormat.MJPG, SIZE, cv2.imencode(".jpg", image, options)[1].tobytes())


def shown(jpeg: bytes) -> Image:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("kind", ["JPEG", "progressive", "BGR", "YUYV"])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mark", [Overlay.NOTHING, Overlay.OUTLINE, Overlay.RECT])
def test_every_frame_is_shown_turned_and_marked(kind: str, rotate: int, mark: Overlay) -> None:
    rect = Rect(20, 20, 200, 200) if mark is Overlay.RECT else None
    outlines = [OUTLINE] if mark is Overlay.OUTLINE else []
    picture = Painter(Variant(rotate, mark, rect)).paint(frame(kind), outlines)
    image = shown(picture.jpeg)
    assert (image.shape[1], image.shape[0]) == picture.size
    assert base64.b64decode(picture.base64) == picture.jpeg
    expected = np.ascontiguousarray(np.rot90(scene(), -rotate // 90))
    corners = OUTLINE if mark is Overlay.OUTLINE else np.array([[20, 20], [199, 20], [199, 199], [20, 199]])
    if mark is not Overlay.NOTHING:
        cv2.polylines(expected, [np.int32(np.round(corners * 16))], True, (0, 255, 0), 2, cv2.LINE_AA, 4)
    assert np.abs(image.astype(int) - expected).mean() < 6
    green = (image[..., 1] > 170) & (image[..., 2] < 130)
    assert (green.sum() > 100) == (mark is not Overlay.NOTHING)


def test_an_untouched_frame_keeps_its_bytes_and_needs_no_thread() -> None:
    painter = Painter(Variant())
    assert painter.passes(frame("JPEG"), ())
    assert painter.paint(frame("JPEG"), ()).jpeg == frame("JPEG").data
    assert not Painter(Variant(90)).passes(frame("JPEG"), ())
    assert not painter.passes(frame("YUYV"), ())


def test_an_unusual_frame_is_not_encoded_anew_for_nothing() -> None:
    unusual = frame("progressive")
    assert Painter(Variant(overlay=Overlay.OUTLINE)).paint(unusual, ()).jpeg == unusual.data


def test_a_binary_viewer_draws_itself() -> None:
    picture = Painter(Variant(overlay=Overlay.OUTLINE, binary=True)).paint(frame("JPEG"), [OUTLINE])
    assert picture.jpeg == frame("JPEG").data
    assert picture.base64 == b""
    assert picture.outlines == [[(40.0, 30.0), (280.0, 36.0), (270.0, 210.0), (50.0, 200.0)]]


@pytest.mark.parametrize("variant", [Variant(overlay=Overlay.OUTLINE), Variant(90, Overlay.OUTLINE)])
def test_a_cut_off_frame_is_broken(variant: Variant) -> None:
    whole = frame("JPEG")
    cut = Frame(0, 0.0, PixelFormat.MJPG, SIZE, whole.data[:600])
    with pytest.raises(BrokenFrame):
        Painter(variant).paint(cut, [OUTLINE])


def test_a_picture_is_shared_by_messages_that_differ() -> None:
    picture = Painter(Variant()).paint(frame("JPEG"), ())
    heads = [Head(func="GetCameraVideoBuff", req_id=number, echo=None) for number in (b"1", b"2")]
    one, other = (FrameEnvelope.camera(head, 0, SIZE).message(picture.base64) for head in heads)
    assert one != other
    assert any(piece is picture.base64 for piece in one)
    assert any(piece is picture.base64 for piece in other)


def test_a_frame_of_pixels_is_taken_apart_once_for_all_its_painters() -> None:
    unpacker = PlaneUnpacker()
    raw = frame("YUYV")
    painters = [Painter(Variant(overlay=mark), unpacker) for mark in (Overlay.NOTHING, Overlay.OUTLINE)]
    for painter in painters:
        painter.paint(raw, [OUTLINE])
    planes = unpacker.planes(raw)
    assert unpacker.planes(raw) is planes
    assert unpacker.planes(frame("YUYV")) is not planes
    # Drawn on a copy: the next painter's frame has no line on it.
    assert np.abs(planes[0].astype(int) - cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)).max() <= 3


def test_a_frame_of_pixels_has_a_thumbnail_like_that_of_its_jpeg() -> None:
    thumbnails = []
    for kind in ("YUYV", "JPEG"):
        painter = Painter(Variant(overlay=Overlay.OUTLINE))
        painter.paint(frame(kind), ())
        thumbnails.append(painter.thumbnail)
    one, other = thumbnails
    assert np.abs(one.grey.astype(int) - other.grey).max() <= 3
    assert np.abs(one.colour().astype(int) - other.colour()).mean() <= 6


def test_a_painter_leaves_thumbnails_where_it_is_asked_to() -> None:
    for painter in (Painter(Variant()), Painter(Variant(), thumbnails=True)):
        picture = painter.paint(frame("JPEG"), ())
        assert picture.jpeg == frame("JPEG").data
    assert painter.thumbnail is not None
    assert not painter.passes(frame("JPEG"), ())


@pytest.mark.parametrize("kind", ["JPEG", "progressive", "BGR", "YUYV"])
@pytest.mark.parametrize("rotate", [0, 90])
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize(
    ("most", "factor"), [(Size(400, 400), 1), (Size(200, 400), 2), (Size(99, 99), 4), (Size(16, 16), 8)]
)
def test_a_picture_fits_into_what_is_wanted(
    kind: str, rotate: int, binary: bool, most: Size, factor: int
) -> None:
    painter = Painter(Variant(rotate, Overlay.OUTLINE, None, binary, most))
    picture = painter.paint(frame(kind), [OUTLINE])
    turned = (240, 320) if rotate else (320, 240)
    assert picture.reduction == factor
    assert picture.size == tuple(side // factor for side in turned)
    image = shown(picture.jpeg)
    assert (image.shape[1], image.shape[0]) == picture.size
    whole = np.ascontiguousarray(np.rot90(scene(), -rotate // 90))
    expected = cv2.resize(whole, picture.size, interpolation=cv2.INTER_AREA)
    if binary:
        assert np.abs(image.astype(int) - expected).mean() < 8
        assert np.allclose(picture.outlines[0], (OUTLINE + 0.5) / factor - 0.5, atol=0.06)
    if painter.thumbnail is not None:
        assert painter.thumbnail.grey.shape == (30, 40)


def test_a_cut_off_frame_is_broken_at_any_size() -> None:
    whole = frame("JPEG")
    cut = Frame(0, 0.0, PixelFormat.MJPG, SIZE, whole.data[:-300])
    for most in (Size(200, 200), Size(99, 99), Size(50, 50)):
        with pytest.raises(BrokenFrame):
            Painter(Variant(most=most)).paint(cut, [])
