"""Background estimation and division: the brightness of the paper behind the print."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.strips import by_squares, for_strips
from imgcore.types import Image

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

REDUCED = 4
"""Factor of reduction for the measurement: the background is smooth."""
ROWS = 256
"""Rows that are worked on at once, so that what is between stays in the processor's cache: a multiple of
`REDUCED`."""
_REACH = 12
"""Closing radius in pixels of the reduced picture: wider than any stroke of writing."""
_SMALL = 4
"""Radius in pixels of a disc up to which closing is fast."""
_NEAR = 7
"""Side in pixels of the reduced picture of the window in which paper beside ink is measured."""
_FAR = 29
"""Side in pixels of the reduced picture of the window in which paper is measured where none is near."""
_FAINT_WEIGHT = 0.02
"""Weight of the far window beside the near one: it decides only where the near one holds no paper."""
PAPER = 240
"""Level of paper after `divide_local_background`; leaves room for brighter spots."""


def divide_background(image: Image, reach: int = _REACH) -> Image:
    """Divide each channel by its background: paper becomes 255 in any light.

    Parameters
    ----------
    reach
        Closing radius in pixels of the reduced picture: strokes thinner than twice that are no background.
    """
    flat = np.empty_like(image)
    paper = closed(image, reach)

    def divide(top: int, bottom: int) -> None:
        flat[top:bottom] = divided_rows(image, paper, top, bottom)

    for_strips(divide, len(image), ROWS)
    return flat


def divided_rows(image: Image, paper: Image, top: int, bottom: int) -> Image:
    """Divide some rows, the first a multiple of `REDUCED`, by the paper that `closed` found."""
    light = enlarged_rows(paper, image, top, bottom)
    return np.asarray(cv2.divide(image[top:bottom], light, scale=255), np.uint8)


def divide_local_background(plane: Image, ink: Mask) -> Image:
    """Divide one channel by the paper near by, ink and its rim excluded from the measurement."""
    # 0 where there is ink, and the highest byte elsewhere.
    bare = ink.view(np.uint8) - np.uint8(1)
    paper = np.asarray(cv2.erode(bare, np.ones((3, 3), np.uint8)), np.uint8)
    share = reduced(paper)
    seen = reduced(plane & paper)
    # Deep in a filled bar the near window sees no paper, and the faint weight of the far one decides.
    measured = _mean(seen, _NEAR) + _FAINT_WEIGHT * _mean(seen, _FAR)
    background = measured / np.maximum(_mean(share, _NEAR) + _FAINT_WEIGHT * _mean(share, _FAR), 1e-2)
    paper_light = enlarged(_bytes(np.asarray(background * 255, np.float32)), plane)
    return np.asarray(cv2.divide(plane, paper_light, scale=PAPER), np.uint8)


def reduced(image: Image) -> Image:
    """Reduce a picture by `REDUCED` for the measurement, by means of squares.

    Up to three rows and columns at the far sides are left out, as whole squares are five
    times faster, and halves of halves three times again; the background does not change over so few.
    """
    return by_squares(by_squares(image, 2), REDUCED // 2)


def enlarged(small: Image, image: Image) -> Image:
    """Enlarge a reduced background to the size of the picture it belongs to."""
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def enlarged_rows(small: Image, image: Image, top: int, bottom: int) -> Image:
    """Enlarge what belongs to some rows, the first a multiple of `REDUCED`, of the picture."""
    first = max(0, top // REDUCED - 1)
    last = min(len(small), -(-bottom // REDUCED) + 1)
    rows = (last - first) * REDUCED if last < len(small) else len(image) - first * REDUCED
    wide = cv2.resize(small[first:last], (image.shape[1], rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide[top - first * REDUCED : bottom - first * REDUCED], np.uint8)


def closed(image: Image, reach: int = _REACH) -> Image:
    """Brightness of the paper in a reduced picture: closed over everything thin."""
    window = (2 * reach + 1,) * 2
    times = max(1, reach // _SMALL)
    # A small disc some times over is a large one in a third of the time.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (reach // times) + 1,) * 2)
    without_ink = cv2.morphologyEx(reduced(image), cv2.MORPH_CLOSE, disc, iterations=times)
    return np.maximum(np.asarray(cv2.blur(without_ink, window), np.uint8), 1)


def _mean(plane: Image, window: int) -> Plane:
    return np.asarray(cv2.boxFilter(plane, cv2.CV_32F, (window, window)), np.float32)


def _bytes(plane: Plane) -> Image:
    return np.clip(np.rint(plane), 1, 255).astype(np.uint8)
