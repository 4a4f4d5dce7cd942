"""Shares of whole pages that crops keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.datasets.whole_pages import WholePage

_SIDE = 400
"""Long side, in pixels, of the masks that shares are counted in."""
AREA = 0.9
"""Share of the sheet of which a crop keeps less when it cuts."""
INK = 0.99
"""Share of the print of which a crop keeps less when it cuts."""


class Kept(NamedTuple):
    """Shares of a page's sheet and print that crops keep; both 1 where nothing is cut out."""

    area: float
    ink: float

    @property
    def cut(self) -> bool:
        """True if the crops lose part of the page."""
        return self.area < AREA or self.ink < INK


def kept(page: WholePage, quads: Sequence[npt.NDArray[np.float64]]) -> Kept:
    """Measure what crops keep of a page."""
    if not quads:
        return Kept(1.0, 1.0)
    factor = _SIDE / max(page.picture.shape)
    size = tuple(max(1, round(side * factor)) for side in page.ink.shape[::-1])
    sheet = np.zeros(size[::-1], np.uint8)
    crops = np.zeros(size[::-1], np.uint8)
    for mask, outlines in ((sheet, [page.sheet]), (crops, quads)):
        for outline in outlines:
            cv2.fillPoly(mask, [np.rint((outline + 0.5) * factor - 0.5).astype(np.int32)], 1)
    crops = np.asarray(cv2.dilate(crops, np.ones((3, 3), np.uint8)), np.uint8)
    ink = cv2.resize(page.ink.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    share = float((ink * crops).sum() / ink.sum()) if ink.any() else 1.0
    return Kept(float((sheet & crops).sum() / max(1, int(sheet.sum()))), share)
