"""Codes in sight: kept over a miss, told apart, let go, and not looked for in vain."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import pytest

from imgcore.barcode import Code, Symbology
from imgcore.rotate import rotate
from imgcore.types import Image
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.streaming.barcodes import AGAIN_SECONDS, MISSES, BarcodeTracker, VisibleBarcodes
from server.streaming.pixels import BrokenFrame
from synthetic.codes import EAN_DIGITS, check_digit, ean13

SIZE = Size(640, 480)


def code(text: str, x: float = 100, y: float = 100, symbology: Symbology = Symbology.QR) -> Code:
    """A code of 60 pixels a side, its top left corner there."""
    return Code(text, symbology, np.array([(x, y), (x + 60, y), (x + 60, y + 60), (x, y + 60)], np.float32))


class Scripted:
    """Reads what the test wrote down, whatever the picture; the last of it for ever."""

    def __init__(self, *results: Sequence[Code]) -> None:
        self._results = iter(itertools.chain(results, itertools.repeat(results[-1])))
        self.pictures: list[Image] = []

    def __call__(self, image: Image) -> Sequence[Code]:
        self.pictures.append(image)
        return next(self._results)


def frame(level: int = 128, size: Size = SIZE) -> Frame:
    """A frame of one grey."""
    jpeg = cv2.imencode(".jpg", np.full((size.height, size.width), level, np.uint8))[1].tobytes()
    return Frame(0, 0.0, PixelFormat.MJPG, size, jpeg)


def restless() -> Iterator[Frame]:
    """Frames of a scene in which something always moves."""
    return (frame(level) for level in itertools.cycle((100, 150)))


def texts(seen: VisibleBarcodes) -> list[str]:
    return [one.text for one in seen.barcodes]


def watched(*results: Sequence[Code]) -> list[VisibleBarcodes]:
    """What is seen after each of these results, in a restless scene."""
    search = BarcodeTracker(Scripted(*results))
    return [
        search.update(one, number / 5) for number, one in zip(range(len(results)), restless(), strict=False)
    ]


def test_a_code_that_is_missed_for_a_moment_stays() -> None:
    here = [code("A")]
    seen = watched(here, [], here, [], [], here)
    assert all(one is seen[0] for one in seen)
    assert texts(seen[0]) == ["A"]


def test_a_code_that_is_missed_for_long_goes() -> None:
    seen = watched([code("A")], *[[]] * MISSES)
    assert [texts(one) for one in seen] == [["A"]] * MISSES + [[]]


def test_noise_is_no_news_and_a_move_is() -> None:
    still, noise, moved = watched([code("A")], [code("A", 101, 99)], [code("A", 110)])
    assert noise is still
    assert moved.barcodes[0].corners[0].tolist() == [110, 100]


def test_small_moves_add_up() -> None:
    seen = watched(*([code("A", 100 + step)] for step in range(9)))
    assert abs(seen[-1].barcodes[0].corners[0, 0] - 108) < 2


def test_a_code_seen_elsewhere_is_not_kept_where_it_was() -> None:
    _, moved = watched([code("A")], [code("A", 400, 300)])
    assert texts(moved) == ["A"]


def test_equal_codes_are_told_apart_by_their_places() -> None:
    left = code("A", 100)
    right = code("A", 400)
    both, one, _ = watched([left, right], [code("A", 401)], [right, left])
    assert one is both
    assert [float(each.corners[0, 0]) for each in both.barcodes] == [100, 400]


def test_another_text_in_the_same_place_takes_it_at_once() -> None:
    _, after = watched([code("A")], [code("B", 110, 105)])
    assert texts(after) == ["B"]


def test_another_kind_of_code_is_another_code() -> None:
    _, after = watched([code("12")], [code("12", symbology=Symbology.CODE_128)])
    assert [one.symbology for one in after.barcodes] == [Symbology.CODE_128]


def test_a_resting_scene_is_searched_until_two_searches_agree_then_seldom() -> None:
    read = Scripted([code("A")])
    search = BarcodeTracker(read)
    for step in range(5):
        search.update(frame(), step / 5)
    assert len(read.pictures) == 2
    search.update(frame(), AGAIN_SECONDS + 1)
    assert len(read.pictures) == 3


def test_a_resting_scene_is_searched_as_long_as_a_code_is_missed() -> None:
    search = BarcodeTracker(Scripted([code("A")], []))
    seen = [search.update(frame(), step / 10) for step in range(MISSES + 1)]
    assert texts(seen[-1]) == []


def test_a_change_of_the_scene_is_searched_at_once() -> None:
    read = Scripted([])
    search = BarcodeTracker(read)
    for step in range(4):
        search.update(frame(), step / 10)
    search.update(frame(150), 0.4)
    assert len(read.pictures) == 3


def test_a_camera_whose_mode_changes_is_searched_anew() -> None:
    search = BarcodeTracker(Scripted([code("A")], []))
    search.update(frame(), 0.0)
    after = search.update(frame(size=Size(320, 240)), 0.2)
    assert (after.barcodes, after.size) == ((), Size(320, 240))


@pytest.mark.parametrize(("size", "factor"), [(Size(2592, 1944), 1), (Size(3264, 2448), 2)])
def test_a_large_frame_is_read_at_a_half(size: Size, factor: int) -> None:
    read = Scripted([code("A")])
    (found,) = BarcodeTracker(read).update(frame(size=size), 0.0).barcodes
    assert read.pictures[0].shape == (size.height // factor, size.width // factor)
    assert found.corners[0].tolist() == [100.5 * factor - 0.5] * 2


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_codes_turn_with_the_picture(clockwise: int) -> None:
    image = np.zeros((SIZE.height, SIZE.width), np.uint8)
    image[100:161, 200:261] = 100  # a code whose first corner is the brightest
    image[100, 200] = 255
    turned = VisibleBarcodes((code("A", 200, 100),), SIZE).turned(clockwise)
    picture = rotate(image, clockwise)
    assert (turned.size.height, turned.size.width) == picture.shape
    x, y = turned.barcodes[0].corners[0].astype(int)
    assert picture[y, x] == 255
    assert all(picture[int(y), int(x)] == 100 for x, y in turned.barcodes[0].corners[1:])


@pytest.mark.parametrize("pixels", [PixelFormat.MJPG, PixelFormat.YUYV])
def test_a_printed_code_is_read_where_it_is(pixels: PixelFormat) -> None:
    paper = np.full((SIZE.height, SIZE.width, 3), 235, np.uint8)
    bars = ean13(EAN_DIGITS, 3, 120)
    paper[200:320, 150 : 150 + bars.shape[1]][bars > 0] = 20
    data = (
        cv2.imencode(".jpg", paper)[1].tobytes()
        if pixels is PixelFormat.MJPG
        else np.asarray(cv2.cvtColor(paper, cv2.COLOR_BGR2YUV_YUY2)).tobytes()
    )
    (found,) = BarcodeTracker().update(Frame(0, 0.0, pixels, SIZE, data), 0.0).barcodes
    assert (found.text, found.symbology) == (EAN_DIGITS + check_digit(EAN_DIGITS), Symbology.EAN_13)
    assert np.abs(found.corners.min(axis=0) - (150, 200)).max() < 12
    assert np.abs(found.corners.max(axis=0) - (150 + bars.shape[1], 320)).max() < 12


def test_a_broken_frame_is_no_empty_desk() -> None:
    search = BarcodeTracker(Scripted([code("A")]))
    before = search.update(frame(), 0.0)
    whole = frame(150)
    with pytest.raises(BrokenFrame):
        search.update(Frame(1, 0.0, PixelFormat.MJPG, SIZE, whole.data[: len(whole.data) // 2]), 0.2)
    assert search.update(frame(150), 0.4) is before
