"""Which codes a camera sees, steady from one search to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from imgcore.barcode import Code, read_codes
from imgcore.barcode.qr import contains
from imgcore.barcode.reader import Effort
from imgcore.jpeg import Workspace
from imgcore.types import Image, Points
from server.devices.ports.camera import Frame, Size
from server.streaming.painter import eighth
from server.streaming.pixels import grey
from server.streaming.scene import ChangeDetector

AGAIN_SECONDS = 2.0
"""A resting scene is searched again so often: a lens that finds its focus changes none of its cells."""
MISSES = 3
"""A code that so many searches in a row have missed is gone; a shadow or a blur lasts for fewer."""
STILL_PIXELS, STILL_SHARE = 2.0, 0.02
"""A code that moves by less, or by less of its extent, has not moved."""
ENOUGH_PIXELS = 1.9e6
"""A frame is decoded at a half while it keeps so many: about what is looked at of a larger one."""


@dataclass(frozen=True, slots=True, eq=False)
class VisibleBarcodes:
    """Codes in sight, in pixels of a picture of that size."""

    codes: tuple[Code, ...]
    size: Size

    def turned(self, clockwise: int) -> VisibleBarcodes:
        """The same in the picture turned by 0, 90, 180 or 270 degrees."""
        codes, size = self.codes, self.size
        for _ in range(clockwise // 90):
            codes = tuple(_moved(code, _quarter(code.corners, size)) for code in codes)
            size = Size(size.height, size.width)
        return VisibleBarcodes(codes, size)


NOTHING = VisibleBarcodes((), Size(0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A code, and how many searches have missed it since it was seen."""

    code: Code
    missed: int = 0


def read_live_barcodes(image: Image) -> Sequence[Code]:
    """The codes of a camera's frame, quickly."""
    return read_codes(image, effort=Effort.LIVE)


class BarcodeTracker:
    """What is known of a camera's codes from one search to the next.

    Parameters
    ----------
    read
        Reads the codes of a grey picture.
    """

    def __init__(self, read: Callable[[Image], Sequence[Code]] = read_live_barcodes) -> None:
        self._read = read
        self._space = Workspace()
        self._scene = ChangeDetector()
        self._kept: list[_Kept] = []
        self._seen = NOTHING
        self._size = NOTHING.size
        self._settled = False
        self._searched_at = 0.0

    def update(self, frame: Frame, now: float) -> VisibleBarcodes:
        """The codes as of a frame, in its pixels, not turned; the object of before if nothing has changed.

        A resting scene is searched until two searches agree, and then now and again.

        Parameters
        ----------
        now
            Seconds, monotonic.

        Raises
        ------
        BrokenFrame
        """
        rests = not self._scene.changed(eighth(frame, self._space))
        if rests and self._settled and now - self._searched_at < AGAIN_SECONDS:
            return self._seen
        if frame.size != self._size:
            self._kept, self._size = [], frame.size
        self._searched_at = now
        kept = _carried(self._kept, self._look(frame))
        self._settled = rests and _same(kept, self._kept) and not any(one.missed for one in kept)
        self._kept = kept
        if not _same(kept, self._seen.codes):
            self._seen = VisibleBarcodes(tuple(one.code for one in kept), frame.size)
        return self._seen

    def _look(self, frame: Frame) -> list[Code]:
        reduce = next((r for r in (4, 2) if frame.size.width * frame.size.height >= ENOUGH_PIXELS * r * r), 1)
        found = self._read(grey(frame, reduce))
        return [_moved(code, _enlarged(code.corners, reduce)) for code in found]


def _carried(kept: Sequence[_Kept], found: Sequence[Code]) -> list[_Kept]:
    """What is kept after a search, in the order in which it came into sight."""
    again = _matched(kept, found)
    carried = []
    for number, one in enumerate(kept):
        if number in again:
            carried.append(_Kept(_held(one.code, found[again[number]])))
        elif one.missed + 1 < MISSES and not any(_overlap(one.code, code) for code in found):
            carried.append(_Kept(one.code, one.missed + 1))
    return carried + [_Kept(code) for place, code in enumerate(found) if place not in again.values()]


def _matched(kept: Sequence[_Kept], found: Sequence[Code]) -> dict[int, int]:
    """Which kept code was seen again as which: equal ones go to the nearest, near or far."""
    pairs = sorted(
        (float(np.hypot(*(one.code.corners.mean(axis=0) - code.corners.mean(axis=0)))), number, place)
        for number, one in enumerate(kept)
        for place, code in enumerate(found)
        if (one.code.text, one.code.symbology) == (code.text, code.symbology)
    )
    matched: dict[int, int] = {}
    for _, number, place in pairs:
        if number not in matched and place not in matched.values():
            matched[number] = place
    return matched


def _held(before: Code, after: Code) -> Code:
    """`after`, or `before` if it lies where that lay, so that nobody is told of a sensor's noise."""
    away = float(np.abs(after.corners - before.corners).max())
    extent = float(np.ptp(after.corners, axis=0).max())
    return before if away < max(STILL_PIXELS, STILL_SHARE * extent) else after


def _overlap(one: Code, other: Code) -> bool:
    """Whether one lies where the other is: two codes do not."""
    return contains(one.corners, *other.corners.mean(axis=0)) or contains(
        other.corners, *one.corners.mean(axis=0)
    )


def _same(kept: Sequence[_Kept], before: Sequence[_Kept] | Sequence[Code]) -> bool:
    codes = [one.code if isinstance(one, _Kept) else one for one in before]
    return len(kept) == len(codes) and all(a.code is b for a, b in zip(kept, codes, strict=True))


def _moved(code: Code, corners: Points) -> Code:
    return Code(code.text, code.symbology, corners, code.alternatives, code.checks)


def _quarter(corners: Points, size: Size) -> Points:
    return np.stack([size.height - 1 - corners[:, 1], corners[:, 0]], axis=1).astype(np.float32)


def _enlarged(corners: Points, factor: int) -> Points:
    # Pixel centres are at integers: the centre of a reduced pixel is not a multiple of it.
    return np.asarray((corners + 0.5) * factor - 0.5, np.float32)
