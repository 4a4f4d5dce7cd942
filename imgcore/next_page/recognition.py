"""Recognition of pages that were seen before, however they lie now.

Ink of a scene is explained by ink of an older one: in place, or moved as a whole by one of a few motions.
Ink that no older scene explains is a new page's; and where all is explained, but much that an older scene had
in its midst is gone, it is another copy of the same form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.next_page.scene_ink import CELL, Floats, Places, SceneInk

_MOTIONS = 3
"""Largest number of motions by which an older scene is moved."""
_RATIO = 0.85
"""Largest distance of a feature from the one most like it, in parts of that from the second."""
_AGREE = 8
"""Fewest features that agree on a motion."""
_AWAY = 3.0
"""Pixels that features which agree on a motion may be off."""
_MARGIN = 90.0
"""Pixels by which a sheet is larger than its ink at most."""
_DENSE = 4
"""Fewest cells near each cell of a sheet, itself among these."""
_NEAR = 5
"""Side in cells of what is near a cell of a sheet."""
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
_ADDED = 1.5
"""Least ink that was added to a cell, as writing over print."""
_DEEPER = 0.08
"""Depth by which each pixel of ink that was added is deeper than what was there."""
_FADED = 0.7
"""Least depth of the same ink in another picture, in parts of its own."""
_FULLER = 1.4
"""Largest depth of the same ink in another picture, in parts of its own."""
_PARTS = 3
"""Older scenes that one scene may be put together from."""
_AROUND = 15
"""Side in cells of what is around a cell, where a page that is seen again is recognized."""
_AMIDST = 0.25
"""Share of the cells around one that are explained where a page is seen again."""

Marks = npt.NDArray[np.bool_]


class SceneMatch(NamedTuple):
    """Comparison of a scene with the older ones.

    Attributes
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
        The most similar older scene; None if no scene explains any.
    """

    unexplained: Places
    beside: int
    other: int
    alike: int
    source: SceneInk | None


class _Explanation(NamedTuple):
    """Cells that an older scene explains, those that it should, as they are amidst them, and those that were
    hidden by a sheet that has moved a little; and the motions from the older scene.
    """

    cells: Marks
    amidst: Marks
    bared: Marks
    motions: Sequence[Floats]


def recognize(now: SceneInk, older: Sequence[SceneInk]) -> SceneMatch:
    """Explain the ink of a scene by older ones; some 30 ms for each that is like it."""
    scenes = _likeliest(now, older)
    explanations = [_explained(before, now, _motions(before, now)) for before in scenes]
    left = np.ones(len(now.cells), bool)
    unexplained = np.zeros(len(now.cells), bool)
    other = 0
    alike = 0
    source = None
    for number in range(_PARTS):
        counts = [int(np.count_nonzero(it.cells & left)) for it in explanations]
        if not any(counts):
            break
        best = int(np.argmax(counts))
        cells, amidst, bared, motions = explanations[best]
        if number == 0:
            source = scenes[best]
            other = _gone(source, now, motions)
            alike = counts[best]
            left &= ~bared
        # A page that is seen again shows all its ink: other pages' writing is no excuse for its own.
        part = left & (cells | amidst)
        unexplained |= part & ~cells
        left &= ~part
    inside, beside = (int(np.count_nonzero(cells)) for cells in (unexplained, left))
    return SceneMatch(now.cells[unexplained | left], beside, other + inside, alike, source)


def _gone(before: SceneInk, now: SceneInk, motions: Sequence[Floats]) -> int:
    back = [np.asarray(cv2.invertAffineTransform(motion), np.float32) for motion in motions]
    cells, amidst, _, _ = _explained(now, before, back)
    return int(np.count_nonzero(amidst & ~cells))


def _explained(before: SceneInk, now: SceneInk, motions: Iterable[Floats]) -> _Explanation:
    cells = np.zeros(len(now.cells), bool)
    parts: list[tuple[Floats, Marks]] = []
    for motion in motions:
        found = _found(now, _moved(before.ink, motion, now.ink.shape), cells)
        cells |= found
        parts.append((motion, found))
    bared = _bared(now, parts) & ~cells
    amidst = _amidst(now, cells) & ~_uncovered(now, parts) & ~bared
    return _Explanation(cells, amidst, bared, [motion for motion, _ in parts])


def _bared(now: SceneInk, parts: Sequence[tuple[Floats, Marks]]) -> Marks:
    """Return the cells that the sheet seen best hid before it moved; none if they are most of a page."""
    where = _middles(now.cells)
    none = np.zeros(len(now.cells), bool)
    if not parts:
        return none
    motion, found = max(parts, key=lambda part: int(part[1].sum()))
    if found.sum() < 3 * _AGREE or np.abs(motion - np.eye(2, 3)).max() < _STILL:
        return none
    here = where[_dense(now, found)]
    hid = _within(where, _mapped(here, motion), _MARGIN) & ~_within(where, here, CELL)
    return hid if hid.sum() < _MOST_BARED * found.sum() else none


def _dense(now: SceneInk, found: Marks) -> Marks:
    """Return the cells found that have others near, as those beside a sheet have not; all if none has."""
    dense = found & (_around(now, found, _NEAR) >= _DENSE)
    return dense if dense.any() else found


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
    """Return which points are less than a margin outside the hull of others."""
    hull = cv2.convexHull(others)[:, 0]
    along = np.roll(hull, -1, axis=0) - hull
    lengths = np.maximum(np.hypot(*along.T), 1e-6)
    from_corners = points[:, None] - hull
    outside = (along[:, 1] * from_corners[..., 0] - along[:, 0] * from_corners[..., 1]) / lengths
    return np.asarray(outside.max(axis=1) <= margin)


def _middles(cells: Places) -> Floats:
    return np.asarray((cells[:, ::-1] + 0.5) * CELL, np.float32)


def _mapped(points: Floats, motion: Floats) -> Floats:
    """Return where points of this scene were in the older one."""
    return np.asarray(cv2.transform(points[None], cv2.invertAffineTransform(motion))[0], np.float32)


def _amidst(now: SceneInk, explained: Marks) -> Marks:
    """Return the cells around which most are explained."""
    inked = _around(now, np.ones(len(now.cells), bool), _AROUND)
    return np.asarray(_around(now, explained, _AROUND) > _AMIDST * inked)


def _around(now: SceneInk, marked: Marks, side: int) -> Floats:
    """Return the number of marked cells in a square around each cell."""
    grid = np.zeros((now.ink.shape[0] // CELL + 1, now.ink.shape[1] // CELL + 1), np.float32)
    rows, cols = now.cells.T
    grid[rows, cols] = marked
    counts = cv2.boxFilter(grid, -1, (side, side), normalize=False)
    return np.asarray(counts[rows, cols], np.float32)


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
        here = here[~inside]
        there = there[~inside]


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
    room = (_SHIFT, _SHIFT + CELL) * 2
    framed = np.asarray(cv2.copyMakeBorder(moved, *room, cv2.BORDER_CONSTANT), np.float32)
    alike = []
    corners = []
    for number in np.flatnonzero(~known):
        likeness, corner = _likeness(now.ink, framed, now.cells[number])
        if likeness > _SAME:
            alike.append(number)
            corners.append(corner)
    if alike:
        added = _added(_patches(now.ink, now.cells[alike] * CELL), framed, np.array(corners, np.intp))
        found[alike] = added < _ADDED
    return found


def _likeness(ink: Floats, framed: Floats, cell: Places) -> tuple[float, tuple[int, int]]:
    """Return the best correlation of a cell with a framed scene, and the corner of where that is."""
    top, left = (int(place) * CELL for place in cell)
    mine = ink[top : top + CELL, left : left + CELL]
    seen = framed[top : top + CELL + 2 * _SHIFT, left : left + CELL + 2 * _SHIFT]
    if float(seen.max()) < 0.05:
        return 0.0, (top, left)
    _, likeness, _, (right, down) = cv2.minMaxLoc(cv2.matchTemplate(seen, mine, cv2.TM_CCOEFF_NORMED))
    return likeness, (top + down, left + right)


def _added(mine: Floats, framed: Floats, corners: Places) -> Floats:
    """Return how much ink in each cell is more than what was there, or beside that by a pixel."""
    seen = _patches(framed, corners)
    thick = _patches(np.asarray(cv2.dilate(framed, np.ones((3, 3), np.uint8)), np.float32), corners)
    depth = (seen * mine).sum(axis=(1, 2)) / np.maximum((seen * seen).sum(axis=(1, 2)), 1e-3)
    depth = depth.clip(_FADED, _FULLER)[:, None, None]
    return np.asarray(np.maximum(mine - thick * depth - _DEEPER, 0).sum(axis=(1, 2)), np.float32)


def _patches(ink: Floats, corners: Places) -> Floats:
    """Return squares of a cell's side, by their upper left corners."""
    side = np.arange(CELL)
    rows = corners[:, 0, None, None] + side[:, None]
    cols = corners[:, 1, None, None] + side
    return np.asarray(ink[rows, cols], np.float32)
