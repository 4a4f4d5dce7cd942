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
_MARGIN = 40.0
"""Pixels by which a sheet is larger than its ink."""
_STILL = 1.0
"""Shift in pixels from which a sheet has moved."""
_MOST_BARED = 0.4
"""Cells that a sheet which moves a little may bare, in parts of its own."""
_TRIED = 6
"""Older scenes that are compared: those that share most features."""
_SHIFT = 2
"""Pixels by which paper that is not flat may still be off."""
_SAME = 0.65
"""Correlation from which a cell is explained."""
_PARTS = 3
"""Older scenes that one scene may be put together from."""
_AROUND, _AMIDST = 15, 0.25
"""Cells around one, and the share of them that are explained where a page is seen again."""

Marks = npt.NDArray[np.bool_]


class SceneMatch(NamedTuple):
    """Attributes
    ----------
    unexplained
        Cells of the scene whose ink is in no older one.
    beside
        Number of them that are not amidst what is the same.
    other
        Number of the rest, and of the cells of the most similar older scene whose ink is missing or other
        amidst what is the same.
    alike
        Number of cells that this one explains.
    source
        The most similar older scene; None if none explains any cell.
    """

    unexplained: Places
    beside: int
    other: int
    alike: int
    source: SceneInk | None


class _Explanation(NamedTuple):
    """Cells that an older scene explains, those that it should, as they are amidst them, and those that were
    hidden by a sheet that has moved a little.
    """

    cells: Marks
    amidst: Marks
    bared: Marks


def recognize(now: SceneInk, older: Sequence[SceneInk]) -> SceneMatch:
    """Explain the ink of a scene by older ones; some 30 ms for each that is like it."""
    scenes = _likeliest(now, older)
    explanations = [_explained(before, now) for before in scenes]
    left = np.ones(len(now.cells), bool)
    unexplained = np.zeros(len(now.cells), bool)
    other, alike, source = 0, 0, None
    for number in range(_PARTS):
        counts = [int(np.count_nonzero(it.cells & left)) for it in explanations]
        if not any(counts):
            break
        best = int(np.argmax(counts))
        cells, amidst, bared = explanations[best]
        if number == 0:
            source = scenes[best]
            other, alike = _gone(source, now), counts[best]
            left &= ~bared
        # A page that is seen again shows all its ink: other pages' writing is no excuse for its own.
        part = left & (cells | amidst)
        unexplained |= part & ~cells
        left &= ~part
    inside, beside = (int(np.count_nonzero(cells)) for cells in (unexplained, left))
    return SceneMatch(now.cells[unexplained | left], beside, other + inside, alike, source)


def _gone(before: SceneInk, now: SceneInk) -> int:
    cells, amidst, _ = _explained(now, before)
    return int(np.count_nonzero(amidst & ~cells))


def _explained(before: SceneInk, now: SceneInk) -> _Explanation:
    cells = np.zeros(len(now.cells), bool)
    parts: list[tuple[Floats, Marks]] = []
    for motion in _motions(before, now):
        found = _found(now, _moved(before.ink, motion, now.ink.shape), cells)
        cells |= found
        parts.append((motion, found))
    bared = _bared(now, parts) & ~cells
    return _Explanation(cells, _amidst(now, cells) & ~_uncovered(now, parts) & ~bared, bared)


def _bared(now: SceneInk, parts: Sequence[tuple[Floats, Marks]]) -> Marks:
    """Return the cells that the sheet seen best hid before it moved; none if they are most of a page."""
    where = _middles(now.cells)
    none = np.zeros(len(now.cells), bool)
    if not parts:
        return none
    motion, found = max(parts, key=lambda part: int(part[1].sum()))
    if found.sum() < 3 * _AGREE or np.abs(motion - np.eye(2, 3)).max() < _STILL:
        return none
    here = where[found]
    hid = _within(where, _mapped(here, motion), _MARGIN) & ~_within(where, here, CELL)
    return hid if hid.sum() < _MOST_BARED * found.sum() else none


def _uncovered(now: SceneInk, parts: Sequence[tuple[Floats, Marks]]) -> Marks:
    """Return the cells over which another sheet lay that has moved since: nothing was known of them."""
    where = _middles(now.cells)
    bare = np.zeros(len(now.cells), bool)
    if len(parts) < 2:
        return bare
    main = max(parts, key=lambda part: int(part[1].sum()))
    before = _mapped(where, main[0])
    for motion, found in parts:
        if motion is main[0] or found.sum() < _AGREE:
            continue
        within = _within(where, where[found], 0.0)
        # A sheet moves with all its ink; where the rest stays, a few features agree by chance.
        if found.sum() > 0.5 * within.sum():
            bare |= _within(before, _mapped(where[found], motion), _MARGIN)
    return bare


def _within(points: Floats, others: Floats, margin: float) -> Marks:
    hull = cv2.convexHull(others)
    away = [cv2.pointPolygonTest(hull, (float(x), float(y)), True) for x, y in points]
    return np.asarray(np.array(away) >= -margin)


def _middles(cells: Places) -> Floats:
    return np.asarray((cells[:, ::-1] + 0.5) * CELL, np.float32)


def _mapped(points: Floats, motion: Floats) -> Floats:
    """Return where points of this scene were in the older one."""
    return np.asarray(cv2.transform(points[None], cv2.invertAffineTransform(motion))[0], np.float32)


def _amidst(now: SceneInk, explained: Marks) -> Marks:
    """Return the cells around which most are explained."""
    grid = np.zeros((2, now.ink.shape[0] // CELL + 1, now.ink.shape[1] // CELL + 1), np.float32)
    rows, cols = now.cells.T
    grid[0, rows, cols], grid[1, rows, cols] = 1, explained
    inked, known = (cv2.boxFilter(plane, -1, (_AROUND, _AROUND), normalize=False) for plane in grid)
    return np.asarray(known[rows, cols] > _AMIDST * inked[rows, cols])


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
