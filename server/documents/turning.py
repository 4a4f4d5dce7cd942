"""How a stored picture is turned to be seen, as the orientations 1 to 8 of EXIF say it."""

from __future__ import annotations

PLACED = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, -1, -1, 0),
    6: (0, -1, 1, 0),
    7: (0, 1, 1, 0),
    8: (0, 1, -1, 0),
}
"""Signs of the matrix that lays a picture's unit square onto the page, where y goes up, for each."""

_ROUNDS = (1, 6, 3, 8), (2, 7, 4, 5)
"""What becomes of an orientation when the picture is turned by a quarter, clockwise, once more."""


def lies(orientation: int) -> bool:
    """Whether a picture's width becomes its height."""
    return orientation >= 5


def turned_on(orientation: int, clockwise: int) -> int:
    """The orientation that also turns by `clockwise` degrees, a multiple of 90, afterwards."""
    around = next(each for each in _ROUNDS if orientation in each)
    return around[(around.index(orientation) + clockwise // 90) % 4]


def placement(orientation: int, width: float, height: float, down: bool = False) -> tuple[float, ...]:
    """The matrix that fills a page with a picture's unit square.

    Parameters
    ----------
    width, height
        Of the page as it is seen.
    down
        Whether y goes down, in the picture as on the page, as in an OFD; in a PDF it goes up.

    Returns
    -------
    tuple
        ``a b c d e f``: x' = a x + c y + e, y' = b x + d y + f.
    """
    a, b, c, d = PLACED[orientation]
    if down:
        b, c = -b, -c
    matrix = (a * width, b * height, c * width, d * height)
    return (*matrix, width * (min(a, 0) + min(c, 0) < 0), height * (min(b, 0) + min(d, 0) < 0))
