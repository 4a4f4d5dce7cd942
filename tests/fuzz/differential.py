"""Whole JPEGs of every kind, worked on in the compressed domain and beside libjpeg-turbo."""

from __future__ import annotations

import io
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from imgcore.jpeg import Pen, UnsupportedJpeg, Workspace, draw_lines, rotate_jpeg, scan_jpeg, strokes_of
from imgcore.jpeg.layout import JpegLayout
from imgcore.kernels import jpeg_mark
from imgcore.types import Image
from tests.unit.imgcore.jpeg.pictures import FACTORS, eighth, jpeg, pixels


def content(random: Random) -> Image:
    """Anything from flat to noise, 1 to 200 pixels a side, BGR."""
    width = random.randint(1, 200)
    height = random.randint(1, 200)
    values = np.random.default_rng(random.getrandbits(32))
    grain = random.choice((1, 2, 5, 20, 300))
    shape = (max(1, height // grain), max(1, width // grain), 3)
    rough = values.integers(0, 256, shape, dtype=np.uint8)
    soft = cv2.resize(
        rough, (width, height), interpolation=random.choice((cv2.INTER_NEAREST, cv2.INTER_CUBIC))
    )
    noise = values.integers(0, random.choice((1, 2, 12, 60)), soft.shape, dtype=np.uint8)
    return cv2.add(soft, noise)


def encoded(random: Random) -> bytes:
    """A JPEG of any sampling, quality, restart interval and tables."""
    image = content(random)
    quality = random.randint(1, 100)
    restart = random.choice((0, 0, 1, 2, 7, 30))
    optimise = random.random() < 0.3
    if random.random() < 0.15:
        file = io.BytesIO()
        Pillow.fromarray(image[..., 0]).save(
            file, "JPEG", quality=quality, optimize=optimise, restart_marker_blocks=restart
        )
        return file.getvalue()
    return jpeg(image, random.choice(list(FACTORS)), quality, restart, optimise)


def compare(random: Random, space: Workspace) -> None:
    """One JPEG through everything.

    Raises
    ------
    AssertionError
        It is not what libjpeg-turbo makes of it.
    """
    data = encoded(random)
    found = scan_jpeg(data, space)
    assert found.complete, "a whole JPEG is not found whole"
    assert np.array_equal(found.thumbnail, eighth(data)), "the thumbnail is not libjpeg's"
    compare_lines(data, random, space)
    compare_turns(data, space)


def compare_lines(data: bytes, random: Random, space: Workspace) -> None:
    found = scan_jpeg(data, space)
    count = random.randint(1, 4)
    pen = Pen(random.choice((1, 4, 9)))
    points = np.array([random.uniform(-20, 220) for _ in range(2 * count)], np.float32).reshape(-1, 2)
    strokes = strokes_of(points, closed=True)
    try:
        drawn = draw_lines(found, strokes, pen)
    except UnsupportedJpeg as exc:
        assert "lack a code" in str(exc)
        return
    touched = np.zeros(found.layout.mcus[::-1], np.uint8)
    jpeg_mark(strokes, pen.thickness / 2, *found.layout.mcu, touched)
    assert not _changed(brightness(data), brightness(drawn))[_large(touched, found.layout) == 0].any()
    # Decoders smooth colour between blocks, so a pixel beside a touched MCU may differ.
    touched = cv2.dilate(touched, np.ones((3, 3), np.uint8))
    assert not _changed(pixels(data), pixels(drawn))[_large(touched, found.layout) == 0].any()


def brightness(data: bytes) -> Image:
    """The luma plane alone, as libjpeg-turbo decodes it."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


def _changed(one: Image, other: Image) -> npt.NDArray[np.bool_]:
    different: npt.NDArray[np.bool_] = one != other
    return different if one.ndim == 2 else different.any(2)


def _large(mcus: Image, layout: JpegLayout) -> Image:
    """A mask of MCUs as one of pixels."""
    width, height = layout.mcu
    return np.kron(mcus, np.ones((height, width), np.uint8))[: layout.height, : layout.width]


def compare_turns(data: bytes, space: Workspace) -> None:
    for clockwise in (90, 180, 270):
        try:
            turned = rotate_jpeg(data, clockwise, space)
        except UnsupportedJpeg as exc:
            assert "multiple" in str(exc) or "lack a code" in str(exc)
            continue
        # libjpeg's transform takes rows and columns in one order, which rounds.
        assert _farthest(brightness(turned), brightness(data), clockwise) <= 1
        # Colour is smoothed when it is not too narrow for that, each way on its own.
        if min(pixels(data).shape[:2]) > 16:
            assert _mean_difference(pixels(turned), pixels(data), clockwise) < 1
        compare_quarters(data, turned, clockwise, space)


def _farthest(turned: Image, original: Image, clockwise: int) -> int:
    return int(cv2.absdiff(turned, np.rot90(original, -clockwise // 90).copy()).max())


def _mean_difference(turned: Image, original: Image, clockwise: int) -> float:
    return float(cv2.absdiff(turned, np.rot90(original, -clockwise // 90).copy()).mean())


def compare_quarters(data: bytes, turned: bytes, clockwise: int, space: Workspace) -> None:
    try:
        back = rotate_jpeg(turned, 360 - clockwise, space)
    except UnsupportedJpeg as exc:
        assert "multiple" in str(exc) or "lack a code" in str(exc)
        return
    assert np.array_equal(pixels(data), pixels(back)), "turned and turned back it is another picture"
