"""Windows around letters, the input of the orientation network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.deskew import rough_skew_of
from imgcore.orientation.reverse import any_ink
from imgcore.paper.ink import reduced
from imgcore.types import Image

Windows = npt.NDArray[np.float32]
Boxes = npt.NDArray[np.int32]
Positions = npt.NDArray[np.float64]

SIDE = 32
"""Number of rows, and of columns, of a window."""
MOST = 256
"""Largest number of windows of a picture."""
_THIN = 2
"""Least shorter side of a letter, in pixels."""
_SMALL = 4
"""Least longer side of a letter, in pixels."""
_LARGE = 70
"""Greatest longer side of a letter, in pixels."""
_LONG = 6
"""Greatest ratio of a letter's longer side to its shorter one."""
_DASH = 3
"""Greatest height in pixels of a dash or a piece of a rule, and the ratio of sides that it exceeds."""
_STRAIGHT = 0.5
"""Degrees of skew below which the boxes of components do not get larger."""
_CLEAR = 0.6
"""Confidence from which the skew of horizontal lines is not compared to that of vertical ones. Where these
are as clear, they are the rules of a table or rows of Chinese, and have the same skew."""
_RIM = 0.75
"""Share of the faintest ink below which a pixel is paper after rotation."""
_CONTEXT = 2.7
"""Side of a window in letters: it includes the neighbours in the line, and parts above and below."""
_WORD = 1.5
"""Elongation above which a component is a word, its letters run together by blur; of several, the median
counts."""
_LETTER = 1.15
"""Height of a letter in a word run together by blur, as a multiple of the height of the piece."""
_STRIDE = 1.5
"""Distance between windows along a word, in letters."""
_MANY = 0.2
"""Least share of words among components for which the picture is levelled, in 5 ms."""
_SIZES = 3
"""Number of letter sizes used: a page may show dashes and noise, and a few words in capitals."""
_LEGIBLE = 6
"""Least longer side in pixels of letters of any size but the commonest."""
_SHARE = 0.25
"""Greatest share of the windows that any letter size but the commonest may take."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowPositions:
    """Positions of the windows on a picture.

    Attributes
    ----------
    dark
        Ink, uint8 ``(rows, cols)``.
    level
        float64 ``(2, 3)``, the rotation that levels the lines of text.
    positions
        ``(n, 3)``: x and y on the levelled picture, and the scale from there to the window; in no order.
    """

    dark: Image
    level: Positions
    positions: Positions


def find_positions(image: Image) -> WindowPositions:
    """Find positions for at most `MOST` windows; deterministic.

    Letters are connected components of ink of a usual size; a component may be part of a letter, or a few.
    """
    dark = any_ink(reduced(image))
    boxes = _components(dark)
    level = _levelling(dark) if len(boxes) else np.eye(2, 3)
    sizes = list(_size_groups(boxes))
    levelled = _levelled_components(dark, level, boxes, sizes)
    parts = [_positions(level, some, levelled) for some in sizes]
    return WindowPositions(dark, level, _sample(parts))


def find_windows(image: Image) -> Windows:
    """Windows float32 ``(n, SIDE, SIDE)``, 0 for paper to 1 for ink, n at most `MOST`; deterministic."""
    found = find_positions(image)
    return crop_windows(found, found.positions)


def crop_windows(found: WindowPositions, positions: Positions) -> Windows:
    """Crop windows around some of the positions found."""
    windows = np.zeros((len(positions), SIDE, SIDE), np.float32)
    for window, (x, y, scale) in zip(windows, positions, strict=True):
        to_window = scale * found.level
        to_window[:, 2] += (SIDE - 1) / 2 - scale * np.array([x, y])
        drawn = cv2.warpAffine(found.dark, to_window, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        window[:] = drawn / np.float32(max(1, int(drawn.max())))
    return windows


def _sample(parts: list[Positions]) -> Positions:
    """Draw at most `MOST` of all positions at random, mostly those of the first size."""
    random = np.random.default_rng(1)
    mixed = [part[random.permutation(len(part))] for part in parts]
    rest = [part[: int(_SHARE * MOST)] for part in mixed[1:]]
    first = [part[: MOST - sum(map(len, rest))] for part in mixed[:1]]
    chosen = np.concatenate([np.zeros((0, 3)), *first, *rest])
    return np.asarray(chosen[random.permutation(len(chosen))], np.float64)


def _levelling(dark: Image) -> Positions:
    """Return the rotation that levels lines of text, horizontal or vertical; identity without any."""
    skews = [rough_skew_of(dark)]
    if skews[0] is None or skews[0].confidence < _CLEAR:
        skews.append(rough_skew_of(np.ascontiguousarray(np.rot90(dark))))
    sure = [skew for skew in skews if skew is not None]
    degrees = max(sure, key=lambda skew: skew.confidence).degrees if sure else 0.0
    rows, cols = dark.shape
    return np.asarray(cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), -degrees, 1.0), np.float64)


def _levelled_components(dark: Image, level: Positions, boxes: Boxes, sizes: list[Boxes]) -> Boxes | None:
    """Return the components of the levelled picture; None if few are words, which alone need them."""
    if abs(level[0, 1]) < np.radians(_STRAIGHT):
        return boxes
    words = any(_are_words(some) and len(some) >= _MANY * len(boxes) for some in sizes)
    return _components(_turned(dark, level)) if words else None


def _turned(dark: Image, level: Positions) -> Image:
    turned = cv2.warpAffine(dark, level, dark.shape[::-1])
    # Turning spreads ink by half a pixel, which would join letters.
    faintest = float(dark[dark > 0].min(initial=255))
    return np.asarray(cv2.threshold(turned, _RIM * faintest, 255, cv2.THRESH_TOZERO)[1], np.uint8)


def _components(dark: Image) -> Boxes:
    """Return left, top, width and height of the components that may be letters."""
    # By its default OpenCV takes twice as long.
    found = cv2.connectedComponentsWithStatsWithAlgorithm(dark, 8, cv2.CV_32S, cv2.CCL_GRANA)
    boxes = np.asarray(found[2], np.int32)[1:, :4]
    longer = boxes[:, 2:].max(axis=1)
    shorter = boxes[:, 2:].min(axis=1)
    large = (shorter >= _THIN) & (longer >= _SMALL) & (longer <= _LARGE)
    dashes = (shorter <= _DASH) & (longer > _DASH * shorter)
    return np.asarray(boxes[large & ~dashes & (longer <= _LONG * shorter)], np.int32)


def _size_groups(boxes: Boxes) -> Iterator[Boxes]:
    """Yield the components of each usual size, the commonest first."""
    for _ in range(_SIZES):
        if not len(boxes):
            return
        # Dots and grain are many, but tell little: letters are about as large as the larger half.
        longer = boxes[:, 2:].max(axis=1)
        usual = float(np.percentile(longer, 70, method="nearest"))
        alike = (longer > 0.5 * usual) & (longer < 2.5 * usual)
        yield boxes[alike]
        boxes = boxes[~alike & (longer >= _LEGIBLE)]


def _positions(level: Positions, boxes: Boxes, levelled: Boxes | None) -> Positions:
    """Positions ``(n, 3)`` of components of one size; `levelled` are all those of the levelled picture."""
    longer = boxes[:, 2:].max(axis=1)
    if levelled is None or not _are_words(boxes):
        return _scaled(_centres(boxes) @ level[:, :2].T + level[:, 2], float(np.median(longer)))
    all_longer = levelled[:, 2:].max(axis=1, initial=0)
    boxes = levelled[(all_longer >= longer.min()) & (all_longer <= longer.max())]
    long = boxes[:, 2:].max(axis=1) > _WORD * boxes[:, 2:].min(axis=1)
    words = _without_dashes(boxes[long])
    letters = _without_dashes(boxes[~long])
    size = _LETTER * float(np.median(words[:, 2:].min(axis=1))) if len(words) else 1.0
    usual = float(np.median(letters[:, 2:].max(axis=1))) if len(letters) else 1.0
    return np.concatenate([_scaled(_along_words(words, size), size), _scaled(_centres(letters), usual)])


def _scaled(positions: Positions, size: float) -> Positions:
    """Append the scale that brings letters of a size to that of the window."""
    return np.column_stack([positions, np.full(len(positions), SIDE / max(_CONTEXT * size, 8.0))])


def _without_dashes(words: Boxes) -> Boxes:
    """Select the components that are no dashes."""
    high = words[:, 2:].min(axis=1)
    return words[high > 0.5 * np.percentile(high, 70)] if len(words) else words


def _centres(boxes: Boxes) -> Positions:
    return np.asarray(boxes[:, :2] + (boxes[:, 2:] - 1) / 2, np.float64)


def _are_words(boxes: Boxes) -> bool:
    return float(np.median(boxes[:, 2:].max(axis=1) / boxes[:, 2:].min(axis=1))) > _WORD


def _along_words(boxes: Boxes, size: float) -> Positions:
    """Return several positions along each word, one for each letter or two."""
    longer = boxes[:, 2:].max(axis=1, initial=0)
    count = np.maximum(1, (longer / (_STRIDE * size)).astype(int))
    direction = (boxes[:, 2:] == longer[:, None]) * boxes[:, 2:]
    part = np.concatenate([np.zeros(0), *((np.arange(n) + 0.5) / n - 0.5 for n in count)])
    moved = part[:, None] * np.repeat(direction, count, axis=0)
    return np.asarray(_centres(np.repeat(boxes, count, axis=0)) + moved, np.float64)
