"""Recognition of pages that were seen before, however they lie now.

Ink of a scene is explained by ink of an older one: in place, or moved as a whole by one of a few motions.
Ink that no older scene explains is a new page's; and where all is explained, but much that an older scene had
in its midst is gone, it is another copy of the same form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.next_page.scene_ink import CELL, Floats, Places, SceneInk

_MOTIONS = 3
_RATIO = 0.85
_AGREE, _AWAY = 8, 3.0
"""Features that agree on a motion, and pixels that they may be off."""
_TRIED = 6
"""Older scenes that are compared: those that share most features."""
_SHIFT = 2
"""Pixels by which paper that is not flat may still be off."""
_SAME = 0.65
"""Correlation from which a cell is explained."""
_BARE = 0.015
"""Deviation of ink below which a place is bare."""
_GONE, _GONE_SHARE = 9.0, 0.04
_PARTS = 3
"""Older scenes that one scene may be put together from."""
_AROUND, _AMIDST = 9, 0.4
"""Cells around one, and the share of them that are explained where a page is seen again."""

Marks = npt.NDArray[np.bool_]


class Recognized(NamedTuple):
    """Attributes
    ----------
    unexplained
        Cells of the scene whose ink is in no older one.
    gone
        Cells with ink of the most similar older scene that is missing now.
    alike
        Cells that this one explains.
    """

    unexplained: Places
    gone: int
    alike: int


def recognize(now: SceneInk, older: Sequence[SceneInk]) -> Recognized:
    """Explain the ink of a scene by older ones; some 30 ms for each that is like it."""
    explanations = [_explained(before, now) for before in _likeliest(now, older)]
    open_cells = np.ones(len(now.cells), bool)
    unexplained = np.zeros(len(now.cells), bool)
    gone, alike = 0, 0
    for number in range(_PARTS):
        best = max(explanations, key=lambda it: int((it.cells & open_cells).sum()), default=None)
        if best is None or not (best.cells & open_cells).any():
            break
        if number == 0:
            gone, alike = best.gone, int(best.cells.sum())
        # Where a page is seen again, all its ink is: other pages' writing is no excuse for its own.
        part = open_cells & (best.cells | _amidst(now, best.cells))
        unexplained |= part & ~best.cells
        open_cells &= ~part
    return Recognized(now.cells[unexplained | open_cells], gone, alike)


class _Explanation(NamedTuple):
    """Cells that one older scene explains, and how many of its own are gone."""

    cells: Marks
    gone: int


def _explained(before: SceneInk, now: SceneInk) -> _Explanation:
    cells, gone = np.zeros(len(now.cells), bool), 0
    for motion in _motions(before, now):
        found = _found(now, _moved(before.ink, motion, now.ink.shape), cells)
        cells |= found
        if found.sum() > 0.5 * len(now.cells):
            gone = _gone(before, now, motion, now.cells[found])
    return _Explanation(cells, gone)


def _amidst(now: SceneInk, explained: Marks) -> Marks:
    """Return the cells around which most are explained."""
    grid = np.zeros((2, now.ink.shape[0] // CELL + 1, now.ink.shape[1] // CELL + 1), np.float32)
    rows, cols = now.cells.T
    grid[0, rows, cols], grid[1, rows, cols] = 1, explained
    inked, known = (cv2.boxFilter(plane, -1, (_AROUND, _AROUND), normalize=False) for plane in grid)
    return np.asarray(known[rows, cols] > _AMIDST * inked[rows, cols])


def is_other_copy(recognized: Recognized) -> bool:
    """Return whether too much is gone for the same page."""
    return recognized.gone > _GONE + _GONE_SHARE * recognized.alike


def _likeliest(now: SceneInk, older: Sequence[SceneInk]) -> Sequence[SceneInk]:
    """Return the last scene, and those that share most features."""
    if len(older) <= _TRIED:
        return older
    counts = [len(_matches(scene, now)[0]) for scene in older]
    order = sorted(range(len(older)), key=lambda number: -counts[number])[: _TRIED - 1]
    return [older[number] for number in dict.fromkeys([len(older) - 1, *order])]


def _matches(before: SceneInk, now: SceneInk) -> tuple[Floats, Floats]:
    """Return places of the same features in both."""
    if len(before.points) < 2 or len(now.points) < 2:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(now.descriptors, before.descriptors, k=2)
    good = [(one.trainIdx, one.queryIdx) for one, two in pairs if one.distance < _RATIO * two.distance]
    index = np.array(good, np.intp).reshape(-1, 2)
    return before.points[index[:, 0]], now.points[index[:, 1]]


def _motions(before: SceneInk, now: SceneInk) -> Iterator[Floats]:
    """Yield affine maps from an older scene to this one: none, then those most features agree on."""
    if before.ink.shape == now.ink.shape:
        yield np.eye(2, 3, dtype=np.float32)
    here, there = _matches(before, now)
    for _ in range(_MOTIONS):
        if len(here) < _AGREE:
            return
        motion, inliers = cv2.estimateAffinePartial2D(
            here.copy(), there.copy(), ransacReprojThreshold=_AWAY, maxIters=3000
        )
        if motion is None or inliers.sum() < _AGREE:
            return
        inside = inliers.ravel() > 0
        if 0.7 < float(np.hypot(motion[0, 0], motion[1, 0])) < 1.4:
            yield _refined(here[inside], there[inside], np.asarray(motion, np.float32))
        here, there = here[~inside], there[~inside]


def _refined(here: Floats, there: Floats, motion: Floats) -> Floats:
    """Return the motion with shear, where enough features tell it."""
    if len(here) < 3 * _AGREE:
        return motion
    full, _ = cv2.estimateAffine2D(here.copy(), there.copy(), ransacReprojThreshold=_AWAY)
    return motion if full is None else np.asarray(full, np.float32)


def _moved(ink: Floats, motion: Floats, shape: tuple[int, ...]) -> Floats:
    if ink.shape == shape and np.array_equal(motion, np.eye(2, 3)):
        return ink
    return np.asarray(cv2.warpAffine(ink, motion, (shape[1], shape[0]), flags=cv2.INTER_LINEAR), np.float32)


def _found(now: SceneInk, moved: Floats, known: Marks) -> Marks:
    """Return the cells, of those not `known`, that are the same in a moved scene."""
    found = np.zeros(len(now.cells), bool)
    for number in np.flatnonzero(~known):
        found[number] = _likeness(now.ink, moved, now.cells[number]) > _SAME
    return found


def _likeness(ink: Floats, moved: Floats, cell: Places) -> float:
    top, left = (int(place) * CELL for place in cell)
    mine = ink[top : top + CELL, left : left + CELL]
    seen = moved[max(0, top - _SHIFT) : top + CELL + _SHIFT, max(0, left - _SHIFT) : left + CELL + _SHIFT]
    if float(seen.max()) < 0.05 or seen.shape[0] < CELL or seen.shape[1] < CELL:
        return 0.0
    return float(cv2.matchTemplate(seen, mine, cv2.TM_CCOEFF_NORMED).max())


def _gone(before: SceneInk, now: SceneInk, motion: Floats, explained: Places) -> int:
    """Count cells of an older scene, amidst what is explained, of which nothing is left."""
    hull = cv2.convexHull(((explained[:, ::-1] + 0.5) * CELL).astype(np.float32))
    middles = np.asarray((before.cells[:, ::-1] + 0.5) * CELL, np.float32)
    lost = 0
    for x, y in cv2.transform(middles[None], motion)[0]:
        if cv2.pointPolygonTest(hull, (float(x), float(y)), False) < 0:
            continue
        top, left = max(0, round(float(y)) - CELL // 2), max(0, round(float(x)) - CELL // 2)
        lost += float(now.ink[top : top + CELL, left : left + CELL].std()) < _BARE
    return lost
