"""Memory that the pipeline takes at most, by the picture and its settings.

Measured, as in `tests/unit/imgcore/test_bounds.py`, over pictures of all shapes. The page that is cut out of
a picture is taken for as large as the picture; one that is larger, which only a hostile outline makes it, is
at most `imgcore.shape.MOST_GROWTH` times as large.
"""

from __future__ import annotations

from imgcore.paper.show_through import SEARCHED_PIXELS
from imgcore.settings import Crop, ImageType, Removal, Settings

_PICTURE = 3
"""Bytes a pixel of the picture itself."""
_CUT = 9
"""Bytes a pixel of a search, of turns and of a cut: two pictures, and what is reduced for a search."""
_ENHANCED: dict[ImageType, int] = {
    ImageType.ORIGINAL: 0,
    ImageType.GREY: 13,
    ImageType.BLACK_WHITE: 17,
    ImageType.COLOUR: 9,
    ImageType.RED_STAMP: 26,
    ImageType.BLUE_STAMP: 26,
    ImageType.PHOTO: 13,
    ImageType.RECEIPT: 19,
    ImageType.AUTO: 13,
}
"""Bytes a pixel of each enhancement, its result included."""
_DEAREST = max(_ENHANCED.values())
"""Bytes a pixel of an enhancement that nobody has measured yet."""
_REMOVED: dict[Removal, int] = {
    Removal.NONE: 0,
    Removal.FINGERS: 8,
    Removal.HOLES: 6,
    Removal.SHOW_THROUGH: 6,
}
"""Bytes a pixel of each removal, its result included, beside those of the search for what shows through."""
_SEARCHED = 30
"""Bytes a pixel of the picture that is searched for what shows through."""
_FIXED = 96 << 20
"""Bytes whatever the size: nets, reduced pictures, lines and candidates."""


def memory_needed(width: int, height: int, settings: Settings) -> int:
    """Return the bytes that `imgcore.pipeline.process` takes at most, the picture included."""
    pixels = width * height
    moved = settings.crop is not Crop.NONE or settings.rotate or settings.deskew or settings.upright
    cut = _CUT if moved else 0
    a_pixel = max(cut, _REMOVED[settings.removal], _ENHANCED.get(settings.image_type, _DEAREST))
    # The page that was cut out stands beside the picture while it is worked on.
    kept = _PICTURE if cut == 0 else 2 * _PICTURE
    searched = _SEARCHED * min(pixels, SEARCHED_PIXELS) if settings.removal is Removal.SHOW_THROUGH else 0
    return _FIXED + (kept + a_pixel) * pixels + searched
