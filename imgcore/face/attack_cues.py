"""Presentation-attack cues in visible light: borders around the face, and the moire pattern of a screen.

Each cue is a measure, 0..1, of one sample; the session takes the median of several and vetoes from a
threshold on. Both measure something that a living head rules out, so that they refuse hardly anybody; most
attacks show neither. Highlights are no cue: those of lamps on skin are as large as those on glass.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.face.detect import Face
from imgcore.face.net import colour
from imgcore.types import Image

Counts = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

_UNIT = 32
"""Pixels of a face's width at which borders are searched."""
_AROUND = 2 * _UNIT
"""Largest distance of borders to the side of the face's middle, in pixels of the reduced picture: phones and
sheets in a hand end there, doors do not."""
_ABOVE = round(1.8 * _UNIT)
"""Largest distance of borders above the face's middle, in pixels of the reduced picture."""
_BELOW = round(2.6 * _UNIT)
"""Largest distance of borders below the face's middle, in pixels of the reduced picture."""
_TILTS = range(-15, 16, 3)
"""Degrees by which a phone or sheet may be turned in the picture."""
_CANDIDATES = 5
"""Lines that are tried for each side."""
_STEP = 14.0
"""Least difference of grey levels across a border, 0..255 a pixel."""

_PATCH = 128
"""Pixels of the patch of a face whose spectrum is taken, not scaled: scaling makes and hides lines."""
_NARROWEST = 90.0
"""Pixels of a face's width below which the patch would be mostly background."""
_COARSE = 0.12
"""Cycles a pixel above which spectral lines count: below, a face has its own."""
_FINE = 0.47
"""Cycles a pixel below which spectral lines count: above, sensors have theirs."""
_AXIS = 4
"""Frequencies beside the axes that do not count: JPEG's blocks, and blinds and edges behind the face."""
_FLOOR = 100.0
"""Power of rounding noise."""


def bezel(image: Image, face: Face) -> float:
    """Measure a rectangle of straight borders around the face, 0..1: the visible share of its weakest side.

    Frames behind a person are interrupted by neck and shoulders under the chin; around a screen or
    a sheet the border goes all the way.

    Raises
    ------
    ImageError
        No picture.
    """
    if min(face.box[2:]) < 1:
        return 0.0
    grey_crop, known = _surroundings(image, face)
    tall = min(round(face.box[3] * _UNIT / face.box[2]), 2 * min(_ABOVE, _BELOW) - 8)
    return max(_enclosure(*_borders(grey_crop, known, tilt), tall) for tilt in _TILTS)


def moire(image: Image, face: Face) -> float:
    """Measure the strongest spectral line in the texture of the face against the frequencies near it, 0..1.

    It is half the decimal logarithm of the ratio of powers: 0.5 is ten times as strong, 1 a hundred times.
    A face narrower than 90 px is not measured: 0.

    Raises
    ------
    ImageError
        No picture.
    """
    patch = _patch(image, face)
    if patch is None:
        return 0.0
    window = np.outer(np.hanning(_PATCH), np.hanning(_PATCH))
    power = np.abs(np.fft.fftshift(np.fft.fft2((patch - patch.mean()) * window))) ** 2
    level = np.log10(cv2.blur(power, (3, 3)) + _FLOOR)
    above = level - cv2.GaussianBlur(level, (0, 0), 6.0)
    return float(np.clip(above[_searched()].max() / 2, 0.0, 1.0))


def _patch(image: Image, face: Face) -> Floats | None:
    left, top, width, height = face.box
    grey = cv2.cvtColor(colour(image), cv2.COLOR_BGR2GRAY)
    if width < _NARROWEST or min(grey.shape) < _PATCH:
        return None
    x = min(max(int(left + width / 2) - _PATCH // 2, 0), grey.shape[1] - _PATCH)
    y = min(max(int(top + height / 2) - _PATCH // 2, 0), grey.shape[0] - _PATCH)
    return np.asarray(grey[y : y + _PATCH, x : x + _PATCH], np.float64)


@lru_cache(maxsize=1)
def _searched() -> npt.NDArray[np.bool_]:
    """Mask of the frequencies of the shifted spectrum that count."""
    along = np.fft.fftshift(np.fft.fftfreq(_PATCH))
    x, y = np.meshgrid(along, along)
    around = np.hypot(x, y)
    aside = np.minimum(np.abs(x), np.abs(y)) * _PATCH > _AXIS
    return np.asarray((around > _COARSE) & (around < _FINE) & aside)


def _surroundings(image: Image, face: Face) -> tuple[Image, Image]:
    """Crop the face, `_UNIT` pixels wide, with its surroundings; also returns a mask of known pixels."""
    left, top, width, height = face.box
    scale = _UNIT / width
    middle = (left + width / 2, top + height / 2)
    size = (2 * _AROUND, _ABOVE + _BELOW)
    begin = [max(0, int(at - reach / scale)) for at, reach in zip(middle, (_AROUND, _ABOVE), strict=True)]
    end = [max(1, int(at + reach / scale) + 2) for at, reach in zip(middle, (_AROUND, _BELOW), strict=True)]
    part = image[begin[1] : end[1], begin[0] : end[0]]
    if part.size == 0:
        return np.zeros(size[::-1], np.uint8), np.zeros(size[::-1], np.uint8)
    grey = np.asarray(cv2.cvtColor(colour(part), cv2.COLOR_BGR2GRAY), np.uint8)
    if scale < 0.5:
        # Else a thin border is met or missed by chance.
        grey = np.asarray(cv2.blur(grey, (round(1 / scale),) * 2), np.uint8)
    x = _AROUND - scale * (middle[0] - begin[0])
    y = _ABOVE - scale * (middle[1] - begin[1])
    place = np.array([[scale, 0, x], [0, scale, y]])
    grey_crop, known = (cv2.warpAffine(of, place, size) for of in (grey, np.full_like(grey, 255)))
    return np.asarray(grey_crop, np.uint8), np.asarray(known, np.uint8)


def _borders(grey_crop: Image, known: Image, tilt: float) -> tuple[Counts, Counts]:
    """Cumulative counts of steps across upright borders, down each column, and level ones, along each row.

    The end of the picture is no border.
    """
    turn = cv2.getRotationMatrix2D((_AROUND, _ABOVE), tilt, 1.0)
    size = (grey_crop.shape[1], grey_crop.shape[0])
    turned = cv2.warpAffine(grey_crop, turn, size).astype(np.float32)
    inside = cv2.erode(cv2.warpAffine(known, turn, size), np.ones((5, 5), np.uint8)) == 255
    right = np.abs(cv2.Sobel(turned, cv2.CV_32F, 1, 0)) / 4
    down = np.abs(cv2.Sobel(turned, cv2.CV_32F, 0, 1)) / 4
    upright = (right > _STEP) & (right > 2 * down) & inside
    level = (down > _STEP) & (down > 2 * right) & inside
    thick = cv2.dilate(upright.astype(np.uint8), np.ones((1, 3), np.uint8))
    flat = cv2.dilate(level.astype(np.uint8), np.ones((3, 1), np.uint8))
    return _cumulative(np.asarray(thick, np.uint8)), _cumulative(np.asarray(flat, np.uint8).T).T


def _cumulative(steps: npt.NDArray[np.uint8]) -> Counts:
    return np.vstack([np.zeros(steps.shape[1], np.int32), np.cumsum(steps, axis=0, dtype=np.int32)])


def _enclosure(upright: Counts, level: Counts, tall: int) -> float:
    """Visible share of the weakest side of the best rectangle, 0..1."""
    top = _ABOVE - tall // 2
    bottom = _ABOVE + tall // 2
    left = _AROUND - _UNIT // 2
    right = _AROUND + _UNIT // 2
    beside = upright[bottom] - upright[top]
    beyond = level[:, right] - level[:, left]
    sides = (
        _border_lines(beside, 2, left + 2, tall), _border_lines(beside, right - 2, len(beside) - 2, tall),
        _border_lines(beyond, 2, top + 2, _UNIT), _border_lines(beyond, bottom - 2, len(beyond) - 2, _UNIT),
    )  # fmt: skip
    return max((_weakest_side(upright, level, corners) for corners in product(*sides)), default=0.0)


def _border_lines(counts: Counts, begin: int, end: int, length: int) -> list[int]:
    """Positions of the borders most visible along the face, apart from each other."""
    remaining = counts[begin:end].astype(np.float64) / length
    found: list[int] = []
    while len(found) < _CANDIDATES and remaining.max() > 0.4:
        at = int(remaining.argmax())
        found.append(begin + at)
        remaining[max(0, at - 2) : at + 3] = 0
    return found


def _weakest_side(upright: Counts, level: Counts, sides: tuple[int, ...]) -> float:
    left, right, top, bottom = sides
    tall = bottom - top
    wide = right - left
    return float(
        min(
            (upright[bottom, left] - upright[top, left]) / tall,
            (upright[bottom, right] - upright[top, right]) / tall,
            (level[top, right] - level[top, left]) / wide,
            (level[bottom, right] - level[bottom, left]) / wide,
        )
    )
