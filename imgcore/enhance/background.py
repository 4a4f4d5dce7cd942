"""The paper's own brightness, behind whatever is printed on it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

REDUCED = 4
"""The background is smooth: it is measured on a picture reduced by this."""
_REACH = 12
"""Closing radius in pixels of the reduced picture: wider than any stroke of writing."""
_NEAR, _FAR = 7, 29
"""Windows in pixels of the reduced picture for the paper beside ink, and where there is none."""
_FAINT_WEIGHT = 0.02
PAPER = 240
"""What `flatten_beside` makes of paper; leaves room for what is brighter than its surroundings."""


def flatten(image: Image, reach: int = _REACH) -> Image:
    """Each channel with its background divided out: paper becomes 255 in any light.

    Parameters
    ----------
    reach
        Radius in pixels of the reduced picture: what is thinner than twice that is no background.
    """
    return np.asarray(cv2.divide(image, _closed(image, reach), scale=255), np.uint8)


def flatten_beside(plane: Image, ink: Mask) -> Image:
    """One channel divided by the paper near by, ink and its rim left out of the measure."""
    paper = np.asarray(
        cv2.erode(np.where(ink, np.uint8(0), np.uint8(255)), np.ones((3, 3), np.uint8)), np.uint8
    )
    share = reduced(paper).astype(np.float32)
    seen = reduced(plane & paper).astype(np.float32)
    # Deep in a filled bar the near window sees no paper, and the faint weight of the far one decides.
    measured = _mean(seen, _NEAR) + _FAINT_WEIGHT * _mean(seen, _FAR)
    background = measured / np.maximum(_mean(share, _NEAR) + _FAINT_WEIGHT * _mean(share, _FAR), 1e-2)
    paper_light = enlarged(_bytes(np.asarray(background * 255, np.float32)), plane)
    return np.asarray(cv2.divide(plane, paper_light, scale=PAPER), np.uint8)


def reduced(image: Image) -> Image:
    """The picture the background is measured on: means of squares of `REDUCED` pixels.

    Up to three rows and columns at the far sides are left out, as whole squares are five
    times faster; the background does not change over so few.
    """
    rows, cols = (max(side // REDUCED * REDUCED, min(side, REDUCED)) for side in image.shape[:2])
    size = (max(1, cols // REDUCED), max(1, rows // REDUCED))
    return np.asarray(cv2.resize(image[:rows, :cols], size, interpolation=cv2.INTER_AREA), np.uint8)


def enlarged(small: Image, image: Image) -> Image:
    """A reduced background at the size of the picture it belongs to."""
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _closed(image: Image, reach: int) -> Image:
    """The paper's brightness: what remains when everything thin is filled."""
    window = (2 * reach + 1,) * 2
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, window)
    paper = np.asarray(cv2.blur(cv2.morphologyEx(reduced(image), cv2.MORPH_CLOSE, disc), window), np.uint8)
    return enlarged(np.maximum(paper, 1), image)


def _mean(plane: Plane, window: int) -> Plane:
    return np.asarray(cv2.blur(plane, (window, window)), np.float32)


def _bytes(plane: Plane) -> Image:
    return np.clip(np.rint(plane), 1, 255).astype(np.uint8)
