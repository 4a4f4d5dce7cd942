"""Originals of pictures in answers, and corners in requests."""

from __future__ import annotations

from collections.abc import Sequence

from imgcore.settings import Quad
from server.protocol.messages.original import Corners, PictureCut
from server.services.output import EncodedPicture


def corners(quad: Quad | None) -> Corners | None:
    """Return corners as messages carry them: the whole picture is from 0, 0 to its width and height."""
    return None if quad is None else tuple((round(x + 0.5, 2), round(y + 0.5, 2)) for x, y in quad)


def quad_of(asked: Corners) -> Quad:
    """Return the corners of a request as the picture core takes them, where 0, 0 is a pixel's centre."""
    return tuple((x - 0.5, y - 0.5) for x, y in asked)


def cuts(pictures: Sequence[EncodedPicture]) -> tuple[PictureCut, ...]:
    """Return original and corners of each picture."""
    return tuple(PictureCut(handle=one.handle, corners=corners(one.quad)) for one in pictures)
