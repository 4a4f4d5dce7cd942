"""Thumbnails of a scene, compared so that light does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SIDE = 160
"""Long side to which larger thumbnails are reduced."""
_FLOOR = 6.0
"""Levels added before the logarithm, below which noise is all there is."""
_GRID = (24, 18)
"""Cells at which light is fitted."""
_RIM = 2
"""Cells from the picture's border that are its rim."""
_PASSES = 4
"""Number of passes in which light is fitted, each with less weight for what is hardly light's."""
_APART = 0.06
"""Change of a cell's logarithm from which it is hardly light's."""
_SOFT = 5.0
"""Standard deviation in pixels of the blur that leaves soft shadows and takes edges."""
_SIDES = 8
"""Columns at each side by which bands of light are judged."""
_BANDS = 0.1
"""Largest depth of a band of light, as a change of the logarithm."""
_LEVELS = 4.0
"""Change in levels that noise and the JPEG make."""
_TINTED = 1.0
"""Change of tints that noise and the JPEG make, in parts of that of luma."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A thumbnail.

    Attributes
    ----------
    levels
        float32 ``(rows, cols, 3)``, BGR.
    grey
        float32 ``(rows, cols)``: its mean.
    luma, warm, yellow
        Logarithms of grey, of red over green, and of green over blue, likewise.
    """

    levels: Floats
    grey: Floats
    luma: Floats
    warm: Floats
    yellow: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.grey.shape[0], self.grey.shape[1]


def glance(thumbnail: Image, side: int = SIDE) -> Glance:
    """Return a thumbnail, BGR or grey, ready to be compared, of at most `side` pixels."""
    picture = thumbnail if thumbnail.ndim == 3 else np.asarray(cv2.merge([thumbnail] * 3), np.uint8)
    factor = side / max(picture.shape[:2])
    if factor < 1:
        size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    levels = picture.astype(np.float32)
    blue, green, red = (np.asarray(cv2.log(plane), np.float32) for plane in cv2.split(levels + _FLOOR))
    grey = np.asarray(cv2.transform(levels, np.full((1, 3), 1 / 3, np.float32)), np.float32)
    return Glance(levels, grey, np.asarray(cv2.log(grey + _FLOOR), np.float32), red - green, green - blue)


def changed(before: Glance, after: Glance, least: float, *, rim: bool = False, tints: bool = False) -> Mask:
    """Return where two thumbnails differ by more than light and noise.

    Parameters
    ----------
    least
        Change of the logarithm of luma, in bright parts.
    rim
        Judge the light by the picture's rim, which pages seldom reach.
    tints
        Compare colours, too.
    """
    limit = np.maximum(_LEVELS / (np.minimum(before.grey, after.grey) + _FLOOR), least)
    change = unlit(before.luma, after.luma, rim)
    # Shadows are soft: only what ends within a few pixels has come or gone.
    sharp = np.abs(change - cv2.GaussianBlur(change, (0, 0), _SOFT)) > 0.5 * limit
    large = np.abs(change) > limit
    near = cv2.dilate((large & sharp).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    places = large & near
    if tints:
        places |= np.abs(unlit(before.warm, after.warm, rim)) > _TINTED * limit
        places |= np.abs(unlit(before.yellow, after.yellow, rim)) > _TINTED * limit
    return np.asarray(places)


def unlit(before: Floats, after: Floats, rim: bool) -> Floats:
    """Return a change of logarithms without what light does.

    That is a surface of second degree, fitted to what most of the picture does, and a level of its own for
    each row, as lamps on mains leave bands.
    """
    change = after - before
    left = change - _surface(change, rim)
    return np.asarray(left - _bands(left, rim), np.float32)


def _bands(left: Floats, rim: bool) -> Floats:
    """Return the level of each row; at the rim that of the side that changed less: arms come from one."""
    parts = (left[:, :_SIDES], left[:, -_SIDES:]) if rim else (left[:, ::3],)
    levels = np.array([np.sort(part, axis=1)[:, part.shape[1] // 2] for part in parts])
    least = np.take_along_axis(levels, np.abs(levels).argmin(axis=0)[None], axis=0)[0]
    return np.asarray(least.clip(-_BANDS, _BANDS)[:, None], np.float32)


def _surface(change: Floats, rim: bool) -> Floats:
    cells = np.asarray(cv2.resize(change, _GRID, interpolation=cv2.INTER_AREA), np.float32).ravel()
    terms = _terms()
    counts = _weights(rim)
    surface = np.full(cells.shape, _median(cells, counts), np.float32)
    for _ in range(_PASSES):
        weights = counts / (1 + ((cells - surface) / _APART) ** 4)
        scaled = terms * weights[:, None]
        normal = scaled.T @ terms + 1e-3 * np.eye(terms.shape[1], dtype=np.float32)
        surface = terms @ np.linalg.solve(normal, scaled.T @ cells)
    small = np.asarray(surface, np.float32).reshape(_GRID[1], _GRID[0])
    return np.asarray(cv2.resize(small, change.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


@cache
def _terms() -> Floats:
    y, x = np.mgrid[-1.0 : 1.0 : _GRID[1] * 1j, -1.0 : 1.0 : _GRID[0] * 1j].astype(np.float32)
    planes = (np.ones_like(x), x, y, x * y, x * x, y * y)
    return np.stack([plane.ravel() for plane in planes], axis=1)


@cache
def _weights(rim: bool) -> Floats:
    weights = np.full(_GRID[::-1], 0.1 if rim else 1.0, np.float32)
    weights[:_RIM] = 1
    weights[-_RIM:] = 1
    weights[:, :_RIM] = 1
    weights[:, -_RIM:] = 1
    return weights.ravel()


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
