"""Detection of changes in a camera's scene."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image

CELL = 8
"""Side of a cell, in pixels of the thumbnail."""
STILL_LEVELS = 1.5
"""Change of a cell's mean, in grey levels, from which the scene has changed; sensor noise is below."""


class ChangeDetector:
    """Compares thumbnails with the last one that differed."""

    def __init__(self) -> None:
        self._cells: Image | None = None

    def changed(self, thumbnail: Image) -> bool:
        """Return whether a thumbnail differs from the last one that did; True for the first."""
        size = max(1, thumbnail.shape[1] // CELL), max(1, thumbnail.shape[0] // CELL)
        cells = np.asarray(cv2.resize(thumbnail, size, interpolation=cv2.INTER_AREA), np.uint8)
        before, still = self._cells, False
        if before is not None and before.shape == cells.shape:
            still = float(cv2.absdiff(before, cells).max()) <= STILL_LEVELS
        if not still:
            self._cells = cells
        return not still


class StillSceneThrottle:
    """Limits the frame rate of an unchanging scene.

    Parameters
    ----------
    fps
        Frames per second of an unchanging scene.
    """

    def __init__(self, fps: int) -> None:
        self._seconds = 1 / fps
        self._scene = ChangeDetector()
        self._passed_at = -self._seconds
        self._overlay: object = None

    def passes(self, thumbnail: Image, overlay: object, now: float) -> bool:
        """Return whether a picture is to be sent.

        Parameters
        ----------
        overlay
            Object drawn over the picture; another object than before always passes.
        now
            Seconds, monotonic.
        """
        changed = self._scene.changed(thumbnail) or overlay is not self._overlay
        if not changed and now - self._passed_at < self._seconds:
            return False
        self._passed_at, self._overlay = now, overlay
        return True
