"""Decoding of single pages of a TIFF by Pillow: OpenCV gets transparency and Lab wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import cv2
import numpy as np
import PIL.TiffImagePlugin

from imgcore.pillow import ORIENTATION, broken, from_pillow
from imgcore.shape import check_shape
from imgcore.types import Image, ImageError

MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of a TIFF in either byte order, BigTIFF last."""

_PHOTOMETRIC = 0x0106
"""Tag of a TIFF that says what its samples mean."""
_WHITE_IS_ZERO = 0
"""Value of the photometric tag of a TIFF where 0 is white, not black."""
_DOTS = (30.0, 4800.0)
"""Range of plausible resolutions in dots an inch; programs that know none write 1 or 0."""
_SQUARE = 1.05
"""Ratio of a pixel's sides up to which pixels count as square."""
_MOST_STRETCHED = 4.0
"""Ratio of a pixel's sides above which the file is in error."""


@dataclass(frozen=True, slots=True, eq=False)
class DecodedTiffPage:
    """Decoded page of a TIFF.

    Attributes
    ----------
    picture
        BGR or grey, upright, with square pixels.
    dots
        Dots an inch, or 0 if the file states nothing plausible.
    """

    picture: Image
    dots: float


def count_tiff_pages(stream: BinaryIO) -> int:
    """Count the pages of a file; a chain of pages that returns to itself ends there.

    Raises
    ------
    ImageError
        The file is damaged.
    """
    try:
        # The class itself and not PIL.Image.open: its limits belong to the process, ours to the call.
        with PIL.TiffImagePlugin.TiffImageFile(stream) as opened:
            return int(opened.n_frames)
    except broken() as exc:
        raise ImageError("the TIFF's list of pages is damaged") from exc


def read_tiff_page(stream: BinaryIO, page: int, limit_pixels: int) -> DecodedTiffPage:
    """Decode one page as it is meant to be seen.

    Pages of fax machines, 204 x 98 dots an inch, are scaled to square pixels.

    Parameters
    ----------
    stream
        The whole file, seekable; only what belongs to the page is read.
    page
        Number of the page, from 0.
    limit_pixels
        The largest ``width * height`` accepted; checked before memory is spent.

    Raises
    ------
    ImageError
        No such page, a damaged or cut file, too many pixels, samples of 32 bits.
    """
    try:
        with PIL.TiffImagePlugin.TiffImageFile(stream) as opened:
            opened.seek(page)
            inverted = opened.mode == "I;16" and opened.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
            across, down = _stated(opened)
            orientation = int(opened.tag_v2.get(ORIENTATION, 1))
            image = from_pillow(opened, limit_pixels)
    except broken() as exc:
        raise exc if isinstance(exc, ImageError) else ImageError("the TIFF data is damaged") from exc
    # Pillow has turned the picture as its tag says, but not its resolution.
    dots = (down, across) if orientation >= 5 else (across, down)
    return _squared(255 - image if inverted else image, *dots, limit_pixels)


def _stated(opened: PIL.TiffImagePlugin.TiffImageFile) -> tuple[float, float]:
    """Resolution stated in the file, which may be anything; zeros if it is no number."""
    try:
        across, down = opened.info["dpi"]
        return float(across), float(down)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return 0.0, 0.0


def _squared(image: Image, across: float, down: float, limit_pixels: int) -> DecodedTiffPage:
    if not (_DOTS[0] <= across <= _DOTS[1] and _DOTS[0] <= down <= _DOTS[1]):
        return DecodedTiffPage(image, 0.0)
    dots = max(across, down)
    stretch = max(across / down, down / across)
    if not _SQUARE < stretch <= _MOST_STRETCHED:
        return DecodedTiffPage(image, dots)
    rows, cols = image.shape[:2]
    size = round(cols * dots / across), round(rows * dots / down)
    check_shape(*size, limit_pixels)
    return DecodedTiffPage(
        np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8), dots
    )
