"""Whether what a camera sees has changed."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image

CELL = 8
"""Pixels of the thumbnail that make one cell."""
STILL_LEVELS = 1.5
"""A cell of the picture that changes by more has changed; sensor noise averages out below."""


class ChangeDetector:
    """Compares thumbnails with the last one that differed."""

    def __init__(self) -> None:
        self._cells: Image | None = None

    def changed(self, thumbnail: Image) -> bool:
        """Whether a thumbnail shows another scene than the last one that did; true for the first."""
        size = max(1, thumbnail.shape[1] // CELL), max(1, thumbnail.shape[0] // CELL)
        cells = np.asarray(cv2.resize(thumbnail, size, interpolation=cv2.INTER_AREA), np.uint8)
        before, still = self._cells, False
        if before is not None and before.shape == cells.shape:
            still = float(cv2.absdiff(before, cells).max()) <= STILL_LEVELS
        if not still:
            self._cells = cells
        return not still


class StillSceneThrottle:
    """Lets few pictures of a scene in which nothing moves through.

    Parameters
    ----------
    fps
        Pictures a second of a resting scene.
    """

    def __init__(self, fps: int) -> None:
        self._seconds = 1 / fps
        self._scene = ChangeDetector()
        self._shown_at = -self._seconds
        self._shown_with: object = None

    def passes(self, thumbnail: Image, marks: object, now: float) -> bool:
        """Whether a picture is to be shown.

        Parameters
        ----------
        marks
            What is drawn over it; another object than before is always shown.
        now
            Seconds, monotonic.
        """
        changed = self._scene.changed(thumbnail) or marks is not self._shown_with
        if not changed and now - self._shown_at < self._seconds:
            return False
        self._shown_at, self._shown_with = now, marks
        return True
