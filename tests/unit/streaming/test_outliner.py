"""The outline of a preview: found, held, and let go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from imgcore.types import Image
from server.background import failures
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.services.model_cache import ModelCache
from server.streaming.outliner import (
    AGAIN_SECONDS,
    HOLD_SECONDS,
    INTERVAL_SECONDS,
    WHOLE_SECONDS,
    Outliner,
    OutlineSearch,
)
from server.streaming.painter import Painter
from server.streaming.pixels import BrokenFrame
from server.streaming.variants import Overlay, Variant

SIZE = Size(1920, 1080)
PAGE = np.array([[600, 120], [1290, 150], [1260, 1000], [580, 960]], np.float32)


def no_nets() -> None:
    raise AssertionError("nets are for several documents, and take a moment to load")


def desk(corners: np.ndarray | None = PAGE, seed: int = 0, noise: float = 4.0) -> Image:
    """A dark desk, a white page with lines of print on it unless `corners` is None, sensor noise."""
    random = np.random.default_rng(seed)
    image = np.full((SIZE.height, SIZE.width, 3), (60, 70, 80), np.uint8)
    if corners is not None:
        flat = np.full((1000, 700, 3), 238, np.uint8)
        for row in range(80, 940, 40):
            flat[row : row + 9, 70:630] = 60
        source = np.array([[0, 0], [699, 0], [699, 999], [0, 999]], np.float32)
        matrix = cv2.getPerspectiveTransform(source, corners)
        cv2.warpPerspective(flat, matrix, SIZE, dst=image, borderMode=cv2.BORDER_TRANSPARENT)
    return np.clip(image + random.normal(0, noise, image.shape), 0, 255).astype(np.uint8)


def frame(image: Image, seq: int) -> Frame:
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
    return Frame(seq, 0.0, PixelFormat.MJPG, SIZE, jpeg)


def test_a_resting_page_has_a_resting_outline() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets)
    found = []
    for step in range(24):
        outlines = search.update(frame(desk(seed=step), step), None, step * INTERVAL_SECONDS)
        found.append(outlines[0])
    assert np.abs(found[-1] - PAGE).max() < 8
    assert np.ptp(found[4:], axis=0).max() < 0.5


def test_the_outline_follows_a_page_that_is_moved() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets)
    for step in range(8):
        moved = PAGE + step * 9
        (outline,) = search.update(frame(desk(moved, step), step), None, step * INTERVAL_SECONDS)
    assert np.abs(outline - moved).max() < 2


def test_a_larger_page_laid_on_a_followed_one_is_found_before_long() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets)
    assert search.update(frame(desk(), 0), None, 0.0)
    larger = np.array([[400, 40], [1500, 50], [1490, 1050], [390, 1040]], np.float32)
    for step in range(1, 1 + round(WHOLE_SECONDS / INTERVAL_SECONDS)):
        (outline,) = search.update(frame(desk(larger, step), step), None, step * INTERVAL_SECONDS)
    assert np.abs(outline - larger).max() < 10


def test_a_camera_whose_mode_changes_is_searched_anew() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets)
    assert search.update(frame(desk(), 0), None, 0.0)
    size = Size(2880, 1620)
    jpeg = cv2.imencode(".jpg", cv2.resize(desk(), size))[1].tobytes()
    (outline,) = search.update(Frame(1, 0.0, PixelFormat.MJPG, size, jpeg), None, INTERVAL_SECONDS)
    assert np.abs(outline - PAGE * 1.5).max() < 12


def test_a_page_taken_away_loses_its_outline_after_a_moment_only() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets)
    assert search.update(frame(desk(), 0), None, 0.0)
    assert search.update(frame(desk(None), 1), None, HOLD_SECONDS / 2)
    assert not search.update(frame(desk(None, 1), 2), None, HOLD_SECONDS + AGAIN_SECONDS)


@pytest.mark.parametrize("clockwise", [90, 180, 270])
def test_a_turned_preview_has_a_turned_outline(clockwise: int) -> None:
    (outline,) = OutlineSearch(Variant(clockwise, Overlay.OUTLINE), no_nets).update(
        frame(desk(), 0), None, 0.0
    )
    turned = Size(SIZE.height, SIZE.width) if clockwise != 180 else SIZE
    assert (outline > -1).all()
    assert (outline < np.array(turned)).all()
    mask = np.zeros((SIZE.height, SIZE.width), np.uint8)
    cv2.fillConvexPoly(mask, np.int32(PAGE), 1)
    expected = np.ascontiguousarray(np.rot90(mask, -clockwise // 90))
    drawn = np.zeros(expected.shape, np.uint8)
    cv2.fillConvexPoly(drawn, np.int32(outline), 1)
    assert (expected & drawn).sum() / (expected | drawn).sum() > 0.97


@pytest.mark.parametrize("size", [Size(640, 480), Size(1280, 960)])
def test_small_frames_are_searched_more_closely(size: Size) -> None:
    image = cv2.resize(desk(), size, interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", image)[1].tobytes()
    (outline,) = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets).update(
        Frame(0, 0.0, PixelFormat.MJPG, size, jpeg), None, 0.0
    )
    assert np.abs(outline - PAGE * (np.array(size) / np.array(SIZE))).max() < 4


def test_the_centre_line_of_an_open_book_is_found() -> None:
    book = desk(np.array([[300, 120], [1620, 120], [1620, 980], [300, 980]], np.float32), noise=2.0).astype(
        float
    )
    across = np.abs(np.arange(SIZE.width) - 960)
    shade = 1 - 0.75 * np.exp(-((across / 28) ** 2))
    shade[across > 120] = 1
    book[121:979] *= shade[None, :, None]
    picture = np.clip(book, 0, 255).astype(np.uint8)
    search = OutlineSearch(Variant(overlay=Overlay.GUTTER), no_nets)
    (line,) = search.update(frame(picture, 0), None, 0.0)
    assert line.shape == (2, 2)
    assert np.abs(line[:, 0] - 960).max() < 16


def test_a_single_sheet_has_no_centre_line() -> None:
    assert not OutlineSearch(Variant(overlay=Overlay.GUTTER), no_nets).update(frame(desk(), 0), None, 0.0)


def test_several_documents_that_touch_are_outlined_each_by_the_nets() -> None:
    picture = np.full((SIZE.height, SIZE.width, 3), (60, 70, 80), np.uint8)
    for left in (300, 960):
        cv2.rectangle(picture, (left, 200), (left + 658, 900), (238, 238, 238), -1)
        cv2.rectangle(picture, (left, 200), (left + 658, 900), (150, 150, 150), 2)
        for row in range(280, 860, 40):
            cv2.rectangle(picture, (left + 60, row), (left + 580, row + 9), (60, 60, 60), -1)
    several = Variant(overlay=Overlay.OUTLINES)
    one, other = OutlineSearch(several, ModelCache().documents).update(frame(picture, 0), None, 0.0)
    assert one[:, 0].max() < other[:, 0].min() + 24
    assert len(OutlineSearch(several, lambda: None).update(frame(picture, 0), None, 0.0)) == 1


@pytest.mark.parametrize(
    ("error", "kept", "rests"),
    [(BrokenFrame(), True, True), (ValueError("of the page"), False, False), (MemoryError(), False, False)],
    ids=repr,
)
async def test_a_search_that_fails_shows_no_old_outline_and_the_next_one_works(
    error: Exception,
    kept: bool,
    rests: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise error

    variant = Variant(overlay=Overlay.OUTLINE)
    with ThreadPoolExecutor(1) as executor:
        search = OutlineSearch(variant, no_nets)
        outliner = Outliner(None, Painter(variant), executor, search)  # type: ignore[arg-type]
        monkeypatch.setattr(outliner, "_hub", type("FakeHub", (), {"name": "Fake"}))
        assert await outliner._search_frame(frame(desk(), 0), 0.0)
        assert outliner.newest
        with monkeypatch.context() as patch:
            patch.setattr(search, "update", broken)
            assert await outliner._search_frame(frame(desk(), 1), 1.0) == rests
        assert bool(outliner.newest) == kept
        assert [worker.error for worker in failures()] == ([] if kept else [type(error).__name__])
        assert await outliner._search_frame(frame(desk(), 2), 2 + AGAIN_SECONDS)
        assert outliner.newest
    assert "of the page" not in caplog.text
