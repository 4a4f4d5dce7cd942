"""The pages of a TIFF, each decoded alone, by Pillow: OpenCV gets transparency and Lab wrong."""

from __future__ import annotations

from typing import BinaryIO

from PIL.TiffImagePlugin import TiffImageFile

from imgcore.pillow import BROKEN, from_pillow
from imgcore.types import Image, ImageError

MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How a TIFF begins, in either byte order, the large kind last."""

_PHOTOMETRIC, _WHITE_IS_ZERO = 0x0106, 0


def count_tiff_pages(stream: BinaryIO) -> int:
    """How many pages the file has; a chain of pages that returns to itself ends there.

    Raises
    ------
    ImageError
        The file is damaged.
    """
    try:
        # The class itself and not PIL.Image.open: its limits belong to the process, ours to the call.
        with TiffImageFile(stream) as opened:
            return int(opened.n_frames)
    except BROKEN as exc:
        raise ImageError("the TIFF's list of pages is damaged") from exc


def read_tiff_page(stream: BinaryIO, page: int, limit_pixels: int) -> Image:
    """Decode one page as it is meant to be seen.

    Parameters
    ----------
    stream
        The whole file, seekable; only what belongs to the page is read.
    page
        From 0.
    limit_pixels
        The largest ``width * height`` accepted; judged before memory is spent.

    Raises
    ------
    ImageError
        No such page, a damaged or cut file, too many pixels, samples of 32 bits.
    """
    try:
        with TiffImageFile(stream) as opened:
            opened.seek(page)
            inverted = opened.mode == "I;16" and opened.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
            image = from_pillow(opened, limit_pixels)
    except BROKEN as exc:
        raise exc if isinstance(exc, ImageError) else ImageError("the TIFF data is damaged") from exc
    # Pillow has turned it as its tag says.
    return 255 - image if inverted else image
