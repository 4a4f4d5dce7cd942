"""Thumbnail of a frame at an eighth, as scanning or drawing on the frame leaves it behind."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.types import Image, Planes


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A frame at an eighth, not turned.

    Attributes
    ----------
    grey
        Its luma.
    chroma
        Blue and red difference, perhaps subsampled; empty for a grey frame.
    """

    grey: Image
    chroma: Planes = ()

    def colour(self) -> Image:
        """Return it in BGR; in grey if it has no colours."""
        if not self.chroma:
            return self.grey
        blue, red = (self._enlarged(plane) for plane in self.chroma)
        return np.asarray(cv2.cvtColor(cv2.merge([self.grey, red, blue]), cv2.COLOR_YCrCb2BGR), np.uint8)

    def _enlarged(self, plane: Image) -> Image:
        rows, cols = self.grey.shape
        down, across = -(-rows // plane.shape[0]), -(-cols // plane.shape[1])
        if (down, across) == (1, 1):
            return plane
        size = (plane.shape[1] * across, plane.shape[0] * down)
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)[:rows, :cols], np.uint8)
