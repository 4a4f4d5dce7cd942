"""Strips of a picture, and the thread that shares in them."""

from __future__ import annotations

import io
import threading
from concurrent.futures import Executor, ThreadPoolExecutor

import cv2
import numpy as np
import PIL.Image
import pytest

from imgcore import codec
from imgcore.strips import ROWS, by_squares, for_strips, lent
from tests.patience import PATIENCE


def rows_of(executor: Executor | None) -> list[tuple[int, int]]:
    done: list[tuple[int, int]] = []
    with lent(executor):
        for_strips(lambda top, bottom: done.append((top, bottom)), 1000, 300)
    return sorted(done)


def test_each_row_is_worked_on_once_by_one_thread_or_two() -> None:
    strips = [(0, 300), (300, 600), (600, 900), (900, 1000)]
    with ThreadPoolExecutor(1) as pool:
        assert rows_of(None) == rows_of(pool) == strips


def test_the_thread_that_was_lent_shares_in_the_work() -> None:
    both = threading.Barrier(2)
    seen: set[int] = set()

    def work(top: int, bottom: int) -> None:
        both.wait(PATIENCE)
        seen.add(threading.get_ident())

    with ThreadPoolExecutor(1) as pool, lent(pool):
        for_strips(work, 2, 1)
    assert len(seen) == 2


def test_a_thread_is_lent_for_a_while_and_to_one_thread() -> None:
    def threads() -> set[int]:
        seen: set[int] = set()
        for_strips(lambda top, bottom: seen.add(threading.get_ident()), 2, 1)
        return seen

    with ThreadPoolExecutor(1) as pool:
        with lent(pool), ThreadPoolExecutor(1) as other:
            assert len(other.submit(threads).result()) == 1
        assert threads() == {threading.get_ident()}


def test_nobody_waits_for_a_thread_that_has_other_work() -> None:
    end = threading.Event()
    done: list[int] = []
    with ThreadPoolExecutor(1) as pool, lent(pool):
        pool.submit(end.wait, PATIENCE)
        for_strips(lambda top, bottom: done.append(top), 3, 1)
        assert done == [0, 1, 2]
        end.set()


def test_a_failure_in_either_thread_is_that_of_the_work() -> None:
    both = threading.Barrier(2)

    def work(top: int, bottom: int) -> None:
        both.wait(PATIENCE)
        if threading.current_thread() is not threading.main_thread():
            raise ValueError("a strip")

    with ThreadPoolExecutor(1) as pool, lent(pool), pytest.raises(ValueError, match="a strip"):
        for_strips(work, 2, 1)


@pytest.mark.parametrize("rows", [ROWS - 1, ROWS, ROWS + 1, 3 * ROWS, 10 * ROWS + 37])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_jpeg_of_strips_has_the_pixels_of_the_whole(rows: int, channels: int) -> None:
    random = np.random.default_rng(rows)
    rough = random.integers(0, 256, (rows // 9 + 1, 23, channels), np.uint8)
    image = np.asarray(cv2.resize(rough, (203, rows)), np.uint8)
    made = codec.encode(image, "jpg", 92, 300)
    whole = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    np.testing.assert_array_equal(codec.decode(made, image.size), codec.decode(whole, image.size))
    with PIL.Image.open(io.BytesIO(made)) as one, PIL.Image.open(io.BytesIO(whole)) as other:
        assert one.info["dpi"] == (300, 300)
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    assert (made.count(b"\xff\xdd") > 0) == (rows > ROWS)


@pytest.mark.parametrize("shape", [(1201, 999), (2000, 60, 3), (5, 700, 3), (700, 3)])
@pytest.mark.parametrize("factor", [1, 2, 7])
def test_squares_are_averaged_as_in_the_whole_picture(shape: tuple[int, ...], factor: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    rows, cols = (max(side // factor * factor, min(side, factor)) for side in shape[:2])
    size = max(1, cols // factor), max(1, rows // factor)
    whole = cv2.resize(image[:rows, :cols], size, interpolation=cv2.INTER_AREA)
    with ThreadPoolExecutor(1) as pool, lent(pool):
        small = by_squares(image, factor)
    np.testing.assert_array_equal(small, np.asarray(whole).reshape(small.shape))
