"""The outline of a preview: found, held, and let go."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from imgcore.jpeg import Workspace
from imgcore.outline import find_outline_fast, find_page
from imgcore.settings import WhenUnsure
from imgcore.types import Image, Outline
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.runtime.background import failures
from server.services.pictures.model_cache import ModelCache
from server.streaming import quick_search
from server.streaming.broadcast import PACE, Outliner
from server.streaming.looks import Pace
from server.streaming.outline_search import (
    AGAIN_SECONDS,
    BURST_SECONDS,
    FULL_SECONDS,
    HOLD_SECONDS,
    LONGEST_SECONDS,
    PATIENCE_SECONDS,
    SHARE,
    OutlineSearch,
    SearchBudget,
)
from server.streaming.painter import Overlay, Painter, Variant, eighth
from server.streaming.pixels import BrokenFrame, pixels
from server.streaming.quick_search import (
    MOVING_SECONDS,
    WHOLE_SECONDS,
    FullFind,
    QuickFind,
    QuickSearch,
    full_search,
)
from synthetic.datasets.whole_pages import make_whole_page
from tests.extent import extent
from tests.fakes.grain import grainy
from tests.patience import PATIENCE

SIZE = Size(1920, 1080)
PAGE = np.array([[600, 120], [1290, 150], [1260, 1000], [580, 960]], np.float32)


def no_nets() -> None:
    raise AssertionError("nets are for several documents, and take a moment to load")


def no_time() -> float:
    return 0.0


def desk(corners: np.ndarray | None = PAGE, seed: int = 0, noise: float = 4.0) -> Image:
    """A dark desk, a white page with lines of print on it unless `corners` is None, sensor noise."""
    image = np.full((SIZE.height, SIZE.width, 3), (60, 70, 80), np.uint8)
    if corners is not None:
        flat = np.full((1000, 700, 3), 238, np.uint8)
        for row in range(80, 940, 40):
            flat[row : row + 9, 70:630] = 60
        source = np.array([[0, 0], [699, 0], [699, 999], [0, 999]], np.float32)
        matrix = cv2.getPerspectiveTransform(source, corners)
        cv2.warpPerspective(flat, matrix, SIZE, dst=image, borderMode=cv2.BORDER_TRANSPARENT)
    return grainy(image, noise, seed)


def frame(image: Image, seq: int) -> Frame:
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
    return Frame(seq, 0.0, PixelFormat.MJPG, SIZE, jpeg)


@pytest.mark.long
def test_a_resting_page_has_a_resting_outline() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    found = []
    for step in range(24):
        outlines = search.update(frame(desk(seed=step), step), None, step * PACE.seconds)
        found.append(outlines[0])
    assert np.abs(found[-1] - PAGE).max() < 8
    assert np.ptp(found[4:], axis=0).max() < 0.5


def test_the_outline_follows_a_page_that_is_moved() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    for step in range(8):
        moved = PAGE + step * 9
        (outline,) = search.update(frame(desk(moved, step), step), None, step * PACE.seconds)
    assert np.abs(outline - moved).max() < 2


def test_a_larger_page_laid_on_a_followed_one_is_found_before_long() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    assert search.update(frame(desk(), 0), None, 0.0)
    larger = np.array([[400, 40], [1500, 50], [1490, 1050], [390, 1040]], np.float32)
    for step in range(1, 1 + round(WHOLE_SECONDS / PACE.seconds)):
        (outline,) = search.update(frame(desk(larger, step), step), None, step * PACE.seconds)
    assert np.abs(outline - larger).max() < 10


def test_a_moving_page_found_by_a_full_search_is_tracked_before_the_whole_is_searched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quick_search, "find_outline_fast", lambda _: None)
    search = QuickSearch(Variant(overlay=Overlay.OUTLINE), no_nets)

    def found(corners: np.ndarray, at: float) -> QuickFind:
        picture = frame(desk(corners), 0)
        return search.search(picture, eighth(picture, Workspace()), at, rested_at=0.0)

    assert not found(PAGE, 1.0).document
    search.follow(Outline(PAGE, 1.0), 2.0)
    for step, at in enumerate((2.0 + WHOLE_SECONDS, 1.9 + MOVING_SECONDS), 1):
        moved = PAGE + 20 * step
        (outline,) = found(moved, at).lines
        assert np.abs(outline - moved).max() < 3
    assert not found(moved, 2.0 + MOVING_SECONDS).document


def test_a_camera_whose_mode_changes_is_searched_anew() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    assert search.update(frame(desk(), 0), None, 0.0)
    size = Size(2880, 1620)
    jpeg = cv2.imencode(".jpg", cv2.resize(desk(), size))[1].tobytes()
    (outline,) = search.update(Frame(1, 0.0, PixelFormat.MJPG, size, jpeg), None, PACE.seconds)
    assert np.abs(outline - PAGE * 1.5).max() < 12


def test_what_was_found_in_another_mode_is_forgotten() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    for step in (0, 1):
        assert not search.update(frame(desk(None, step), step), None, now(step))
    request = search.request_full(now(1))
    assert search.adopt(FullFind([PAGE], Outline(PAGE, 1.0)), request, now(1))
    size = Size(2880, 1620)
    jpeg = cv2.imencode(".jpg", cv2.resize(desk(None), size))[1].tobytes()
    assert not search.update(Frame(2, 0.0, PixelFormat.MJPG, size, jpeg), None, now(2))
    assert not search.adopt(FullFind([PAGE], Outline(PAGE, 1.0)), request, now(2))


def test_a_page_taken_away_loses_its_outline_after_a_moment_only() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
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
    (outline,) = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time).update(
        Frame(0, 0.0, PixelFormat.MJPG, size, jpeg), None, 0.0
    )
    assert np.abs(outline - PAGE * (np.array(size) / np.array(SIZE))).max() < 4


def test_the_centre_line_of_an_open_book_is_found() -> None:
    book = desk(np.array([[300, 120], [1620, 120], [1620, 980], [300, 980]], np.float32), noise=2.0).astype(
        float
    )
    across = np.abs(np.arange(SIZE.width) - 960)
    # No print runs across a gutter.
    book[121:979, across < 60] = np.median(book[121:979, 300:1620], axis=(0, 1))
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


# Full searches, as captures make them ---------------------------------------------------------------------


def settled(search: OutlineSearch, begin: int = 0) -> np.ndarray:
    """Let a page rest before the search, and what a capture would cut be found; return that."""
    for step in (begin, begin + 1):
        search.update(frame(desk(seed=step), step), None, now(step))
    assert search.wants_full(now(begin + 1))
    request = search.request_full(now(begin + 1))
    found = full_search(frame(desk(seed=9), 9), search.variant, search.documents)
    (outline,) = search.adopt(found, request, now(begin + 2))
    return outline


def now(step: int) -> float:
    return 100 + step * PACE.seconds


@pytest.mark.long
def test_while_a_page_rests_what_a_capture_would_cut_is_drawn_and_looked_for_once() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    outline = settled(search)
    page = find_page(pixels(frame(desk(seed=9), 9))).outline
    assert page is not None and np.array_equal(outline, page.corners)
    for step in range(3, extent(16, 40)):
        assert search.update(frame(desk(seed=step % 4), step), None, now(step))[0] is outline
        assert not search.wants_full(now(step))


@pytest.mark.long
def test_a_light_that_flickers_does_not_move_it() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    outline = settled(search)
    for step in range(3, 12):
        flicker = np.clip(desk(seed=step % 4) + 8.0 * (step % 2), 0, 255).astype(np.uint8)
        assert search.update(frame(flicker, step), None, now(step))[0] is outline
        assert not search.wants_full(now(step))


def test_what_a_capture_would_not_cut_is_not_drawn() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    assert search.update(frame(desk(), 0), None, now(0))
    assert search.update(frame(desk(seed=1), 1), None, now(1))
    refused = FullFind((), None)
    assert not search.adopt(refused, search.request_full(now(1)), now(2))
    for step in range(2, 6):
        shade = np.clip(desk(seed=step) - 6.0 * (step % 2), 0, 255).astype(np.uint8)
        assert not search.update(frame(shade, step), None, now(step))


@pytest.mark.long
def test_a_page_that_moves_on_is_followed_and_looked_for_again_when_it_rests() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    outline = settled(search)
    for step in range(3, 10):
        moved = PAGE + 11 * (step - 2)
        (found,) = search.update(frame(desk(moved, step), step), None, now(step))
    assert np.abs(found - moved).max() < 3
    assert np.abs(found - outline).min() > 20
    assert not search.wants_full(now(9))
    search.update(frame(desk(moved, 10), 10), None, now(10))
    assert search.wants_full(now(10))


def test_a_full_search_of_a_page_that_has_moved_meanwhile_is_asked_for_again() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    for step in (0, 1):
        search.update(frame(desk(seed=step), step), None, now(step))
    request = search.request_full(now(1))
    (moved,) = search.update(frame(desk(PAGE + 40), 2), None, now(2))
    assert search.adopt(FullFind([PAGE], Outline(PAGE, 1.0)), request, now(2))[0] is moved
    search.update(frame(desk(PAGE + 40, 1), 3), None, now(7))
    assert search.wants_full(now(7))


@pytest.mark.long
def test_an_empty_desk_that_never_rests_is_searched_in_full_less_and_less() -> None:
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time)
    asked = []
    for step in range(60):
        empty = np.full((SIZE.height, SIZE.width, 3), 60 + 20 * (step % 2), np.uint8)
        search.update(frame(empty, step), None, now(step))
        if search.wants_full(now(step)):
            asked.append(now(step))
            search.adopt(FullFind((), None), search.request_full(now(step)), now(step))
    pauses = np.diff(asked)
    assert (pauses >= FULL_SECONDS - 0.01).all()
    assert pauses[-1] >= PATIENCE_SECONDS - 0.01


@pytest.mark.parametrize("overlay", [Overlay.OUTLINES, Overlay.GUTTER])
def test_the_other_crops_draw_what_a_capture_would_cut_too(overlay: Overlay) -> None:
    search = OutlineSearch(Variant(90, overlay), lambda: None)
    for step in (0, 1):
        search.update(frame(desk(seed=step), step), None, now(step))
    found = full_search(frame(desk(), 0), search.variant, search.documents)
    lines = search.adopt(found, search.request_full(now(1)), now(2))
    assert len(lines) == (overlay is Overlay.OUTLINES)
    assert search.update(frame(desk(seed=2), 2), None, now(3)) is lines


@pytest.mark.long
@pytest.mark.parametrize(("asked", "state"), [("whole", "unsure"), ("crop", "cropped")])
def test_what_a_capture_would_not_trust_is_told(asked: str, state: str) -> None:
    page = cv2.resize(make_whole_page(9, "album").picture, SIZE)
    search = OutlineSearch(
        Variant(overlay=Overlay.OUTLINE, when_unsure=WhenUnsure(asked)), lambda: None, no_time
    )
    assert not search.update(frame(page, 0), None, now(0)) and search.crop.state == "whole"
    found = full_search(frame(page, 0), search.variant, search.documents)
    lines = search.adopt(found, search.request_full(now(0)), now(1))
    assert (search.crop.state, bool(lines)) == (state, state == "cropped")
    assert search.crop.corners is not None
    before = search.crop
    search.update(frame(page, 1), None, now(2))
    assert search.crop is before, "it blinks"
    search.update(frame(desk(), 3), None, now(3))
    assert search.crop.state == "cropped" and not search.crop.reason


@pytest.mark.long
def test_a_scene_that_never_rests_is_searched_less_often_and_one_at_rest_at_once() -> None:
    calls = iter(range(10**6))
    # Each search, of which the clock is asked at its begin and its end, takes twenty milliseconds.
    search = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, lambda: 0.02 * next(calls))
    shown = []
    for step in range(16):
        (outline,) = search.update(frame(desk(PAGE + 11 * (step % 5)), step), None, now(step))
        shown.append(outline)
    searched = [step for step in range(1, 16) if shown[step] is not shown[step - 1]]
    assert searched == [1, 2, 3, 9]
    search.update(frame(desk(PAGE), 15), None, now(16))
    (outline,) = search.update(frame(desk(PAGE, 1), 16), None, now(17))
    assert np.abs(outline - PAGE).max() < 8


def test_a_budget_allows_a_share_in_the_long_run_and_a_burst_after_a_rest() -> None:
    budget = SearchBudget()
    spent = 0.0
    for step in range(5000):
        if budget.allows(100 + step * 0.2):
            budget.spend(0.004, 100 + step * 0.2)
            spent += 0.004
    assert spent == pytest.approx(SHARE * 1000 + BURST_SECONDS, rel=0.02)
    budget.refill()
    burst = [step for step in range(20) if budget.allows(1100 + step * 0.01)]
    assert len(burst) == 20
    budget.spend(5.0, 1100.0)
    assert not budget.allows(1100 + LONGEST_SECONDS - 0.1)
    assert budget.allows(1100 + LONGEST_SECONDS)


def test_white_on_white_is_found_by_a_tint_that_grey_does_not_show() -> None:
    tinted = np.full((SIZE.height, SIZE.width, 3), (200, 216, 228), np.uint8)
    grey = int(cv2.cvtColor(tinted[:1, :1], cv2.COLOR_BGR2GRAY)[0, 0])
    cv2.fillConvexPoly(tinted, PAGE.astype(np.int32), (grey, grey, grey))
    noise = np.random.default_rng(0).normal(0, 2, tinted.shape)
    shown = frame(np.clip(tinted + noise, 0, 255).astype(np.uint8), 0)
    assert find_outline_fast(eighth(shown, Workspace()).grey) is None
    (outline,) = OutlineSearch(Variant(overlay=Overlay.OUTLINE), no_nets, no_time).update(shown, None, now(0))
    assert np.abs(outline - PAGE).max() < 24


# Failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [BrokenFrame(), ValueError("of the page"), MemoryError()], ids=repr)
async def test_a_full_search_that_fails_ends_nothing(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise error

    variant = Variant(overlay=Overlay.OUTLINE)
    with ThreadPoolExecutor(1) as executor:
        search = OutlineSearch(variant, no_nets, no_time)
        outliner = Outliner(None, Painter(variant), search, executor, executor)  # type: ignore[arg-type]
        monkeypatch.setattr(outliner, "_hub", type("FakeHub", (), {"name": "Fake", "captures": 0}))
        monkeypatch.setattr("server.streaming.broadcast.full_search", broken)
        for step in (0, 1):
            await outliner._search_frame(frame(desk(seed=step), step), now(step))
        drawn = outliner.newest
        outliner._begin_full_search(frame(desk(), 1))
        assert outliner._full is not None
        await asyncio.wait_for(outliner._full, PATIENCE)
        assert outliner.newest is drawn
    counted = [worker.error for worker in failures() if worker.name == "full outline search"]
    assert counted == ([] if isinstance(error, BrokenFrame) else [type(error).__name__])
    assert "of the page" not in caplog.text


async def test_no_full_search_begins_while_a_capture_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = Variant(overlay=Overlay.OUTLINE)
    hub = type("FakeHub", (), {"name": "Fake", "captures": 1})
    with ThreadPoolExecutor(1) as executor:
        search = OutlineSearch(variant, no_nets, no_time)
        outliner = Outliner(hub, Painter(variant), search, executor, executor)  # type: ignore[arg-type]
        monkeypatch.setattr("server.streaming.broadcast.full_search", lambda *_: FullFind([PAGE], None))
        for step in (0, 1):
            await outliner._search_frame(frame(desk(seed=step), step), now(step))
        outliner._begin_full_search(frame(desk(), 1))
        assert outliner._full is None and outliner.newest
        monkeypatch.setattr(hub, "captures", 0)
        outliner._begin_full_search(frame(desk(), 1))
        assert outliner._full is not None
        await asyncio.wait_for(outliner._full, PATIENCE)


async def test_a_full_search_ends_with_its_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    released = threading.Event()

    def slow(*_: object) -> FullFind:
        begun.set()
        assert released.wait(PATIENCE)
        return FullFind([PAGE], Outline(PAGE, 1.0))

    class FakeHub:
        name = "Fake"
        captures = 0

        def watch(self) -> FakeHub:
            return self

        def __enter__(self) -> FakeHub:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        async def next(self, _: float) -> Frame:
            return frame(desk(), 0)

    variant = Variant(overlay=Overlay.OUTLINE)
    monkeypatch.setattr("server.streaming.broadcast.full_search", slow)
    monkeypatch.setattr("server.streaming.broadcast.PACE", Pace(0.0, 0.0))
    with ThreadPoolExecutor(1) as executor, ThreadPoolExecutor(1) as full:
        search = OutlineSearch(variant, no_nets, no_time)
        outliner = Outliner(FakeHub(), Painter(variant), search, executor, full)  # type: ignore[arg-type]
        running = asyncio.create_task(outliner.run())
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, PATIENCE)
        released.set()
        assert outliner._full is not None
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(outliner._full, PATIENCE)
        before = outliner.newest
    assert outliner.newest is before


@pytest.mark.parametrize(
    ("error", "kept"),
    [(BrokenFrame(), True), (ValueError("of the page"), False), (MemoryError(), False)],
    ids=repr,
)
async def test_a_search_that_fails_shows_no_old_outline_and_the_next_one_works(
    error: Exception,
    kept: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise error

    variant = Variant(overlay=Overlay.OUTLINE)
    with ThreadPoolExecutor(1) as executor:
        search = OutlineSearch(variant, no_nets, no_time)
        outliner = Outliner(None, Painter(variant), search, executor, executor)  # type: ignore[arg-type]
        monkeypatch.setattr(outliner, "_hub", type("FakeHub", (), {"name": "Fake", "captures": 0}))
        await outliner._search_frame(frame(desk(), 0), 0.0)
        assert outliner.newest
        with monkeypatch.context() as patch:
            patch.setattr(search, "update", broken)
            with pytest.raises(type(error)):
                await outliner._search_frame(frame(desk(), 1), 1.0)
        if not kept:
            outliner._failed(error)
        assert bool(outliner.newest) == kept
        assert [worker.error for worker in failures()] == ([] if kept else [type(error).__name__])
        await outliner._search_frame(frame(desk(), 2), 2 + AGAIN_SECONDS)
        assert outliner.newest
    assert "of the page" not in caplog.text
