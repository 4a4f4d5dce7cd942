"""Windows around letters, as the net for uprightness sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.deskew import rough_skew_of
from imgcore.ink import reduced
from imgcore.types import Image
from imgcore.upright.reverse import any_ink

Windows = npt.NDArray[np.float32]
Boxes = npt.NDArray[np.int32]
Places = npt.NDArray[np.float64]

SIDE = 32
"""Rows and columns of a window."""
MOST = 256
"""So many windows of a picture at most."""
_THIN, _SMALL, _LARGE, _LONG = 2, 4, 70, 6
"""Pixels a letter's shorter side has at least, its longer one at least and at most, and their ratio."""
_DASH = 3
"""A piece that is no more pixels high, and more than as many times as wide, is a dash or a bit of a rule."""
_STRAIGHT = 0.5
"""Degrees of skew that do not make pieces larger."""
_CLEAR = 0.6
"""Confidence from which a skew of level lines is not compared to one of lines on end. Where those are as
clear, they are the rules of a table or rows of Chinese, and tell the same."""
_RIM = 0.75
"""A pixel that has less than this part of the faintest ink, once turned, is paper."""
_CONTEXT = 2.7
"""Side of a window in letters: it shows where the line runs, and what stands above and below."""
_WORD, _LETTER = 1.5, 1.15
"""Median elongation of components from which they are words, run together
by blur; a letter of theirs is so many times as high as the piece."""
_STRIDE = 1.5
"""Letters from one window in a word to the next."""
_MANY = 0.2
"""Part of all pieces that words must be for the picture to be turned for their sake: 5 ms."""
_SIZES, _LEGIBLE, _SHARE = 3, 6, 0.25
"""So many sizes of letters are looked at; pixels the letters have of any but the first; and the part of the
windows that any but the first may take. A page may show dashes and noise, and a few words in capitals."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Positions of the windows on a picture.

    Attributes
    ----------
    dark
        Ink, uint8 ``(rows, cols)``.
    level
        Two by three: sets the lines of text straight.
    places
        ``(n, 3)``: x and y on the levelled picture, and the scale from there to the window; in no order.
    """

    dark: Image
    level: Places
    places: Places


def find_field(image: Image) -> Field:
    """Places for `MOST` windows at most; the same ones each time.

    Letters are connected pieces of ink of a usual size; a piece may be part of a letter, or a few.
    """
    dark = any_ink(reduced(image))
    boxes = _pieces(dark)
    level = _level(dark) if len(boxes) else np.eye(2, 3)
    sizes = list(_sizes(boxes))
    straight = _straight(dark, level, boxes, sizes)
    parts = [_places(level, some, straight) for some in sizes]
    return Field(dark, level, _drawn_by_lot(parts))


def find_windows(image: Image) -> Windows:
    """Float32 ``(n, SIDE, SIDE)``, 0 for paper to 1 for ink, n at most `MOST`; the same ones each time."""
    field = find_field(image)
    return cut(field, field.places)


def cut(field: Field, places: Places) -> Windows:
    """The windows about some of a field's places."""
    windows = np.zeros((len(places), SIDE, SIDE), np.float32)
    for window, (x, y, scale) in zip(windows, places, strict=True):
        to_window = scale * field.level
        to_window[:, 2] += (SIDE - 1) / 2 - scale * np.array([x, y])
        drawn = cv2.warpAffine(field.dark, to_window, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        window[:] = drawn / np.float32(max(1, int(drawn.max())))
    return windows


def _drawn_by_lot(parts: list[Places]) -> Places:
    """At most `MOST` of all places, those of the first size mostly, mixed."""
    random = np.random.default_rng(1)
    mixed = [part[random.permutation(len(part))] for part in parts]
    rest = [part[: int(_SHARE * MOST)] for part in mixed[1:]]
    first = [part[: MOST - sum(map(len, rest))] for part in mixed[:1]]
    chosen = np.concatenate([np.zeros((0, 3)), *first, *rest])
    return np.asarray(chosen[random.permutation(len(chosen))], np.float64)


def _level(dark: Image) -> Places:
    """Sets lines of text straight, be they level or on end, where they are certain."""
    skews = [rough_skew_of(dark)]
    if skews[0] is None or skews[0].confidence < _CLEAR:
        skews.append(rough_skew_of(np.ascontiguousarray(np.rot90(dark))))
    sure = [skew for skew in skews if skew is not None]
    degrees = max(sure, key=lambda skew: skew.confidence).degrees if sure else 0.0
    rows, cols = dark.shape
    return np.asarray(cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), -degrees, 1.0), np.float64)


def _straight(dark: Image, level: Places, boxes: Boxes, sizes: list[Boxes]) -> Boxes | None:
    """All pieces, of the levelled picture; None where few are words, for which they are needed."""
    if abs(level[0, 1]) < np.radians(_STRAIGHT):
        return boxes
    words = any(_are_words(some) and len(some) >= _MANY * len(boxes) for some in sizes)
    return _pieces(_turned(dark, level)) if words else None


def _turned(dark: Image, level: Places) -> Image:
    turned = cv2.warpAffine(dark, level, dark.shape[::-1])
    # Turning spreads ink by half a pixel, which would join letters.
    faintest = float(dark[dark > 0].min(initial=255))
    return np.asarray(cv2.threshold(turned, _RIM * faintest, 255, cv2.THRESH_TOZERO)[1], np.uint8)


def _pieces(dark: Image) -> Boxes:
    """Left, top, width and height of pieces that may be letters."""
    # By its default OpenCV takes twice as long.
    found = cv2.connectedComponentsWithStatsWithAlgorithm(dark, 8, cv2.CV_32S, cv2.CCL_GRANA)
    boxes = np.asarray(found[2], np.int32)[1:, :4]
    longer, shorter = boxes[:, 2:].max(axis=1), boxes[:, 2:].min(axis=1)
    large = (shorter >= _THIN) & (longer >= _SMALL) & (longer <= _LARGE)
    dashes = (shorter <= _DASH) & (longer > _DASH * shorter)
    return np.asarray(boxes[large & ~dashes & (longer <= _LONG * shorter)], np.int32)


def _sizes(boxes: Boxes) -> Iterator[Boxes]:
    """The pieces of each usual size, the commonest first."""
    for _ in range(_SIZES):
        if not len(boxes):
            return
        # Dots and grain are many, but tell little: what counts is about as large as the larger half.
        longer = boxes[:, 2:].max(axis=1)
        usual = float(np.percentile(longer, 70, method="nearest"))
        alike = (longer > 0.5 * usual) & (longer < 2.5 * usual)
        yield boxes[alike]
        boxes = boxes[~alike & (longer >= _LEGIBLE)]


def _places(level: Places, boxes: Boxes, straight: Boxes | None) -> Places:
    """``(n, 3)``, as in `Field`, of pieces of one size; `straight` are all, of the levelled picture."""
    longer = boxes[:, 2:].max(axis=1)
    if straight is None or not _are_words(boxes):
        return _scaled(_middles(boxes) @ level[:, :2].T + level[:, 2], float(np.median(longer)))
    all_longer = straight[:, 2:].max(axis=1, initial=0)
    boxes = straight[(all_longer >= longer.min()) & (all_longer <= longer.max())]
    long = boxes[:, 2:].max(axis=1) > _WORD * boxes[:, 2:].min(axis=1)
    words, letters = _high(boxes[long]), _high(boxes[~long])
    size = _LETTER * float(np.median(words[:, 2:].min(axis=1))) if len(words) else 1.0
    usual = float(np.median(letters[:, 2:].max(axis=1))) if len(letters) else 1.0
    return np.concatenate([_scaled(_along(words, size), size), _scaled(_middles(letters), usual)])


def _scaled(places: Places, size: float) -> Places:
    """Places with the scale at which letters of a size are seen."""
    return np.column_stack([places, np.full(len(places), SIDE / max(_CONTEXT * size, 8.0))])


def _high(words: Boxes) -> Boxes:
    """Select the components that are no dashes."""
    high = words[:, 2:].min(axis=1)
    return words[high > 0.5 * np.percentile(high, 70)] if len(words) else words


def _middles(boxes: Boxes) -> Places:
    return np.asarray(boxes[:, :2] + (boxes[:, 2:] - 1) / 2, np.float64)


def _are_words(boxes: Boxes) -> bool:
    return float(np.median(boxes[:, 2:].max(axis=1) / boxes[:, 2:].min(axis=1))) > _WORD


def _along(boxes: Boxes, size: float) -> Places:
    """Several places along each word, one in each letter or two."""
    longer = boxes[:, 2:].max(axis=1, initial=0)
    count = np.maximum(1, (longer / (_STRIDE * size)).astype(int))
    direction = (boxes[:, 2:] == longer[:, None]) * boxes[:, 2:]
    part = np.concatenate([np.zeros(0), *((np.arange(n) + 0.5) / n - 0.5 for n in count)])
    moved = part[:, None] * np.repeat(direction, count, axis=0)
    return np.asarray(_middles(np.repeat(boxes, count, axis=0)) + moved, np.float64)
