"""Merging of a burst: frames of a scene at rest to one picture with less noise, compression and moving glare.

References
----------
S. Hasinoff et al., "Burst photography for high dynamic range and low-light imaging on mobile cameras", 2016:
one frame is the reference, others add to it where they show the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.burst.look import SIDE, Floats, FrameLook, enlarged, grey_of, warped
from imgcore.burst.view import FrameView, frame_view
from imgcore.types import Image

SHARPER = 1.2
"""Ratio of the energy of edges from which another frame takes the place of a reference that others were added
to."""
SHARPER_ALONE = 1.08
"""Ratio of the energy of edges from which another frame takes the place of a reference that stands alone."""
SOFT = 0.75
"""Ratio of the energy of a frame's edges to the reference's below which it was shaken, and adds nothing."""
LEAST_SHIFT = 0.04
"""Shift in pixels below which a frame is added as it lies: less is not worth the softness of an
interpolation."""
LEAST_GAIN = 0.003
"""Relative difference in light below which a frame is added as bright as it is."""
AGREED = 12
"""Levels between frames that agree on what is below a reflection."""


@dataclass(frozen=True, slots=True, eq=False)
class MergedBurst:
    """Merged picture of a burst.

    Attributes
    ----------
    image
        As large as the frames; the reference itself if nothing was added.
    reference
        Number of the frame whose geometry it has.
    count
        Number of frames in it.
    """

    image: Image
    reference: int
    count: int


def sensor_noise(image: Image) -> float:
    """Return the standard deviation of the noise of a camera's picture in grey levels, of its calmer parts.

    References
    ----------
    J. Immerkaer, "Fast noise variance estimation", 1996; the median of blocks in place of the mean.
    """
    rows, cols = image.shape[:2]
    top = max(0, (rows - SIDE // 2) // 2)
    left = max(0, (cols - SIDE // 2) // 2)
    middle = grey_of(image[top : rows - top, left : cols - left]).astype(np.float32)
    mask = np.array([(1, -2, 1), (-2, 4, -2), (1, -2, 1)], np.float32)
    high = np.abs(cv2.filter2D(middle, cv2.CV_32F, mask))
    blocks = cv2.resize(
        high, (max(1, high.shape[1] // 32), max(1, high.shape[0] // 32)), interpolation=cv2.INTER_AREA
    )
    return float(np.percentile(blocks, 30) * np.sqrt(np.pi / 2) / 6)


def merge_burst(first: Image, others: Iterable[Image]) -> MergedBurst:
    """Merge frames that a camera at rest took of a scene at rest.

    A frame adds nothing where it shows something else than the first, and nothing at all if the page, the
    camera or the light has changed, or if it was shaken. A reflection that wanders is replaced where most
    frames agree on what is below.

    Parameters
    ----------
    first
        BGR or grey; the frame that counts.
    others
        Frames that may show the same; one of another shape shows something else. Only one is held at a time.

    Returns
    -------
    MergedBurst
        Its reference is the first, or a sharper frame of the same scene.
    """
    merge = _Merge(FrameLook(first), first, 0)
    for number, frame in enumerate(others, 1):
        look = FrameLook(frame)
        view = frame_view(merge.look, look)
        if view is None:
            continue
        if look.energy > (SHARPER if merge.count > 1 else SHARPER_ALONE) * merge.look.energy:
            merge = _Merge(look, frame, number)
        elif look.energy > SOFT * merge.look.energy:
            merge.add(frame, view)
    return MergedBurst(merge.image(), merge.number, merge.count)


class _Merge:
    """Sum of the frames that show the scene of a reference; below its reflections, of the others apart."""

    def __init__(self, look: FrameLook, frame: Image, number: int) -> None:
        self.look = look
        self.number = number
        self.count = 1
        self._frame = frame
        self._total: Floats | None = None
        self._below: _Below | None = None
        self._added = np.zeros(look.grey.shape, np.float32)

    def add(self, frame: Image, view: FrameView) -> None:
        """Add a frame where it shows the same."""
        placed = _in_place(frame, view)
        if self._total is None:
            self._total = self._frame.astype(np.float32)
            if self.look.clipped.any():
                self._below = _Below(self.look, self._frame)
        cv2.accumulate(placed, self._total, enlarged(view.same, self._frame))
        self._added += view.same > 0
        self.count += 1
        if self._below is not None:
            self._below.add(placed, view)

    def image(self) -> Image:
        """Return the mean of what was added."""
        if self._total is None:
            return self._frame
        image = _mean(self._total, 1 + enlarged(self._added, self._frame))
        return image if self._below is None else self._below.uncovered(image, self.count)


class _Below:
    """Sum of the frames in which a reflection of the reference is not."""

    def __init__(self, look: FrameLook, frame: Image) -> None:
        self._look = look
        self._total = np.zeros(frame.shape, np.float32)
        self._added = np.zeros_like(look.grey)
        self._high = np.zeros_like(look.grey)
        self._low = np.full_like(look.grey, 255)

    def add(self, placed: Image, view: FrameView) -> None:
        """Add a frame where it shows what is below."""
        seen = (self._look.clipped > 0) & (view.same == 0) & (view.clipped == 0)
        seen &= view.grey < self._look.grey
        cv2.accumulate(placed, self._total, enlarged(seen.astype(np.uint8), placed))
        calm = cv2.blur(view.grey, (5, 5))
        self._low[seen] = np.minimum(self._low, calm)[seen]
        self._high[seen] = np.maximum(self._high, calm)[seen]
        self._added += seen

    def uncovered(self, image: Image, count: int) -> Image:
        """Replace the reflection where most of the frames agree on what is below."""
        agreed = (self._added >= max(2, count // 2 + 1)) & (self._high - self._low < AGREED)
        if not agreed.any():
            return image
        mean = _mean(self._total, np.maximum(enlarged(self._added, image), 1))
        places = enlarged(agreed.astype(np.uint8), image) > 0
        image[places] = mean[places]
        return image


def _in_place(frame: Image, view: FrameView) -> Image:
    """Return a frame in the geometry and light of the reference."""
    rows, cols = frame.shape[:2]
    step = cols / view.grey.shape[1]
    matrix = view.matrix.copy()
    # Centres of pixels of the smaller picture lie between those of the larger.
    half = np.full(2, (step - 1) / 2)
    matrix[:, 2] = matrix[:, 2] * step + half - matrix[:, :2] @ half
    corners = np.array([(0, 0, 1), (cols, 0, 1), (0, rows, 1), (cols, rows, 1)], np.float64)
    moved = np.abs(corners @ matrix.T - corners[:, :2]).max()
    placed = frame if moved < LEAST_SHIFT else warped(frame, matrix, cv2.INTER_CUBIC)
    if np.abs(view.gains - 1).max() < LEAST_GAIN:
        return placed
    gains = cv2.resize(view.gains[:, None], (1, rows), interpolation=cv2.INTER_LINEAR)
    lit = placed * gains.reshape(-1, *[1] * (frame.ndim - 1))
    return np.asarray(np.clip(np.rint(lit), 0, 255), np.uint8)


def _mean(total: Floats, count: Floats) -> Image:
    total /= count.reshape(*count.shape, *[1] * (total.ndim - 2))
    return np.asarray(np.clip(np.rint(total), 0, 255), np.uint8)
