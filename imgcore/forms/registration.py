"""Registration: which form a page is, and where on the page its print lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.forms.features import Features, features, matches
from imgcore.forms.form import BLOCK, Form, FormPrint, on_white
from imgcore.types import Image, ImageError, Points

Matrix = npt.NDArray[np.float64]
"""float64 ``(3, 3)``, a homography acting on column vectors ``(x, y, 1)``."""

_SIDES = (1400, 2400)
"""Pixels of a page's long side at which its points are looked for; the second for a sheet that is a part."""
_FEWEST_MATCHES = 10
"""Fewest points alike from which a form is tried."""
_TRIED = 5
"""Forms that are tried on a page, those with most points alike first."""
_TOLERANCE = 4.0
"""Distance in pixels up to which a point is where the homography has it."""
_SEARCH = (14, 8, 5)
"""Pixels around its place in which a block of print is looked for, in each round."""
_ALIKE = 0.5
"""Correlation of a block from which it is the form's print."""
_AGREED = 0.62
"""Share of the blocks with print that are found on a page of the form."""
_CLEAR = 0.8
"""Mean correlation of the blocks that are found: copies had .93 and more, other forms with print at the same
places up to .70."""
_MARGIN = 2.0
"""Blocks by which the best form is better than the second."""
_SMALLEST = 0.12
"""Least share of the print's length that its sides have on the page."""
_LEAST_SIDE = 64
"""Pixels of a page's shorter side below which nothing is looked for."""


@dataclass(frozen=True, eq=False)
class FoundForm:
    """Form that lies on a page.

    Attributes
    ----------
    matrix
        From pixels of the sample to pixels of the page.
    score
        Share of the form's print that was found, 0..1.
    """

    form: Form
    matrix: Matrix = field(repr=False)
    score: float

    def corners(self, left: float, top: float, right: float, bottom: float) -> Points:
        """Return where a part of the sample lies on the page: clockwise from its own top left."""
        box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
        return np.asarray(cv2.perspectiveTransform(box[None], self.matrix)[0], np.float32)


def find_form(page: Image, forms: Sequence[Form]) -> FoundForm | None:
    """Return the form that lies on a page, whichever way; None where it is none of them, or it is in doubt.

    Parameters
    ----------
    page
        BGR or grey, of any size; a photograph, too.

    Raises
    ------
    ImageError
        It has no pixels, or is neither grey nor BGR.
    """
    if page.size == 0 or page.ndim not in (2, 3) or (page.ndim == 3 and page.shape[2] != 3):
        raise ImageError(f"a picture is grey or BGR and has pixels, not {page.shape}")
    if min(page.shape[:2]) < _LEAST_SIDE:
        return None
    grey = np.asarray(page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    for side in _SIDES:
        scale = min(1.0, side / max(grey.shape))
        view = _reduced(grey, scale)
        if found := _found(view, features(view), forms):
            form, matrix, score = found
            whole = _scaling(1 / scale) @ matrix @ _scaling(form.print.scale)
            return FoundForm(form, whole / whole[2, 2], score)
        if scale == 1.0:
            break
    return None


def _reduced(grey: Image, scale: float) -> Image:
    if scale == 1.0:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _scaling(factor: float) -> Matrix:
    """Return a matrix that enlarges a picture, whose pixels have whole numbers at their centres."""
    shift = (factor - 1) / 2
    return np.array([[factor, 0.0, shift], [0.0, factor, shift], [0.0, 0.0, 1.0]])


def _found(view: Image, seen: Features, forms: Sequence[Form]) -> tuple[Form, Matrix, float] | None:
    pairs = [(form, *matches(form.print.features, seen)) for form in forms]
    likely = sorted((one for one in pairs if len(one[1]) >= _FEWEST_MATCHES), key=lambda one: -len(one[1]))
    judged = []
    for form, source, target in islice(likely, _TRIED):
        matrix = _homography(source, target)
        if matrix is None or not _is_sheet(matrix, form.print):
            continue
        refined, likeness = _refined(view, form.print, matrix)
        alike = likeness[likeness >= _ALIKE]
        share = len(alike) / len(likeness) if len(alike) and alike.mean() >= _CLEAR else 0.0
        judged.append((float(np.sum(likeness - _ALIKE)), share, form, refined))
    judged.sort(key=lambda one: -one[0])
    if not judged or judged[0][1] < _AGREED:
        return None
    if len(judged) > 1 and judged[0][0] - judged[1][0] < _MARGIN:
        return None
    _, share, form, refined = judged[0]
    return form, refined, share


def _homography(source: Points, target: Points, tolerance: float = _TOLERANCE) -> Matrix | None:
    if len(source) < 4:
        return None
    cv2.setRNGSeed(1)
    matrix, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, tolerance, None, 5000, 0.9999)
    if matrix is None or not np.isfinite(matrix).all() or int(np.sum(inliers)) < min(8, len(source)):
        return None
    return np.asarray(matrix, np.float64)


def _is_sheet(matrix: Matrix, print_: FormPrint) -> bool:
    """Return whether a print lies face up, and neither folded nor in a point."""
    rows, cols = print_.grey.shape
    box = np.array([[0, 0], [cols, 0], [cols, rows], [0, rows]], np.float64)
    depth = box @ matrix[2, :2] + matrix[2, 2]
    if not (depth > 0).all() and not (depth < 0).all():
        return False
    corners = cv2.perspectiveTransform(box[None], matrix)[0]
    sides = np.roll(corners, -1, axis=0) - corners
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    lengths = np.linalg.norm(sides, axis=1) / (cols, rows, cols, rows)
    return bool((turns > 0).all() and lengths.min() > _SMALLEST and lengths.max() < 4 * lengths.min())


def _refined(view: Image, print_: FormPrint, matrix: Matrix) -> tuple[Matrix, npt.NDArray[np.float64]]:
    """Return a homography that lays the print's blocks where they are, and each block's correlation there."""
    best = matrix
    likeness = np.zeros(len(print_.blocks))
    for reach in _SEARCH:
        upright = laid(view, best, print_)
        source, target, likeness = _blocks_found(upright, print_, reach)
        good = likeness >= _ALIKE
        if good.sum() < _FEWEST_MATCHES:
            break
        moved = cv2.perspectiveTransform(target[good][None].astype(np.float64), best)[0]
        closer = _homography(source[good], moved.astype(np.float32), 2.0)
        if closer is None or not _is_sheet(closer, print_):
            break
        best = closer
    return best, likeness


def laid(view: Image, matrix: Matrix, print_: FormPrint) -> Image:
    """Return the page as the print has it, its paper white."""
    rows, cols = print_.grey.shape
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    turned = cv2.warpPerspective(
        view, matrix, (cols, rows), flags=flags | cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return on_white(np.asarray(turned, np.uint8))


def _blocks_found(
    upright: Image, print_: FormPrint, reach: int
) -> tuple[Points, Points, npt.NDArray[np.float64]]:
    """Return the middles of the print's blocks, where they are on the page, and their correlation there."""
    padded = cv2.copyMakeBorder(upright, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(padded, (0, 0), 1.0)
    print_soft = cv2.GaussianBlur(print_.grey, (0, 0), 1.0)
    middles = []
    places = []
    likeness = []
    for left, top in print_.blocks:
        block = print_soft[top : top + BLOCK, left : left + BLOCK]
        around = soft[top : top + BLOCK + 2 * reach, left : left + BLOCK + 2 * reach]
        scores = cv2.matchTemplate(around, block, cv2.TM_CCOEFF_NORMED)
        _, best, _, (x, y) = cv2.minMaxLoc(scores)
        middle = (left + BLOCK / 2, top + BLOCK / 2)
        middles.append(middle)
        places.append((middle[0] + x - reach, middle[1] + y - reach))
        likeness.append(best if np.isfinite(best) else 0.0)
    return np.array(middles, np.float32), np.array(places, np.float32), np.array(likeness)
