"""Geometry of a picture on a page: its resolution, its EXIF orientation and its place."""

from __future__ import annotations

Dots = tuple[float, float]
"""Dots an inch across and down."""

_USUAL = 200.0
"""Dots an inch of files that state none, unless they would be wider than A4: a page of a 5-megapixel camera
comes out about as large as it is."""
_WIDTH = 210 / 25.4
"""Greatest width in inches of a page whose resolution is not known, that of A4."""

_LEAST = 29.9
"""Fewest dots an inch that a file can mean: 30 become a little less once they are rounded to pixels a metre.
Programs that know no resolution write 1 or 0."""
_MOST = 4801.0
"""Most dots an inch that a file can mean. Programs that know no resolution write 72000."""
_STRETCHED = 4.0
"""Most by which a pixel may be longer than it is wide; those of fax machines are twice as long."""
_LONGEST = 14_400.0
"""Longest side of a page, in points, that every reader of PDFs shows."""


def plausible(across: float, down: float) -> Dots | None:
    """Return a resolution that a file states, or None where it cannot be meant."""
    if not (_LEAST <= across <= _MOST and _LEAST <= down <= _MOST):
        return None
    return (across, down) if max(across / down, down / across) <= _STRETCHED else None


def assumed_dots(width: int, height: int) -> Dots:
    """Return the resolution of a picture that states none: its shorter side is no longer than that of A4."""
    dots = max(_USUAL, min(width, height) / _WIDTH)
    return dots, dots


def page_size(width: int, height: int, dots: Dots | None) -> tuple[float, float]:
    """Return width and height in points (1/72 inch) of the page that a picture fills."""
    across, down = dots or assumed_dots(width, height)
    size = width * 72 / across, height * 72 / down
    shrunk = min(1.0, _LONGEST / max(size))
    return size[0] * shrunk, size[1] * shrunk


MATRIX_SIGNS = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, -1, -1, 0),
    6: (0, -1, 1, 0),
    7: (0, 1, 1, 0),
    8: (0, 1, -1, 0),
}
"""Signs of a, b, c and d of the matrix that lays a picture's unit square onto the page, where y goes up, for
each EXIF orientation."""

_QUARTER_TURNS = (1, 6, 3, 8), (2, 7, 4, 5)
"""EXIF orientations in the order of quarter turns clockwise: upright ones and mirrored ones."""


def swaps_sides(orientation: int) -> bool:
    """Return whether a picture's width becomes its height."""
    return orientation >= 5


def turns(orientation: int) -> tuple[bool, int]:
    """Return mirroring from left to right, and degrees clockwise after it, that an orientation asks for."""
    mirrored = orientation in _QUARTER_TURNS[1]
    return mirrored, 90 * _QUARTER_TURNS[mirrored].index(orientation)


def rotated(orientation: int, clockwise: int) -> int:
    """Return the orientation that also turns by `clockwise` degrees, a multiple of 90, afterwards."""
    mirrored, turned = turns(orientation)
    return _QUARTER_TURNS[mirrored][(turned + clockwise) // 90 % 4]


def placement_matrix(orientation: int, width: float, height: float, down: bool = False) -> tuple[float, ...]:
    """Return the matrix that fills a page with a picture's unit square.

    Parameters
    ----------
    width, height
        Of the page as it is seen.
    down
        True if y goes down, in the picture as on the page, as in an OFD; in a PDF it goes up.

    Returns
    -------
    tuple
        ``a b c d e f``: x' = a x + c y + e, y' = b x + d y + f.
    """
    a, b, c, d = MATRIX_SIGNS[orientation]
    if down:
        b = -b
        c = -c
    matrix = (a * width, b * height, c * width, d * height)
    return (*matrix, width * (min(a, 0) + min(c, 0) < 0), height * (min(b, 0) + min(d, 0) < 0))
