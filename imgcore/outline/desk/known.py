"""Documents on a desk that was seen empty: what has changed is the document, whatever its colour or print.

Light, exposure and a bump of the camera are no change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.next_page.glance import Glance, glance, unlit
from imgcore.outline.find import find_documents
from imgcore.outline.finding import Finding, clockwise, reading_order
from imgcore.outline.judge.scores import ranking_score
from imgcore.outline.propose.candidates import reduce_picture, search_quads
from imgcore.outline.refine import reach_in, refine_quad
from imgcore.outline.scene import DocumentNets
from imgcore.types import Image, Outline

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SIDE = 360
"""Long side in pixels at which desks are remembered and compared."""
_LEAST = 0.07
"""Change of a logarithm, in bright parts of the picture, from which something has come."""
_LEVELS = 5.0
"""Change in grey levels from which something has come to dark parts: noise and the JPEG stay below it."""
_FLOOR = 6.0
"""Grey levels added before a logarithm is taken: below them noise is all there is."""
_TINTED = 0.8
"""Change of a tint from which something has come, as a share of the change of luma."""
_SHIFTED = 0.7
"""Change, as a share of the desk's own steps, that a shift of the camera by a fraction of a pixel makes."""
_FARTHEST = 0.04
"""Share of the picture's long side by which a camera is bumped at most."""
_TURNED = 2.0
"""Largest angle in degrees by which a bumped camera is turned."""
_OTHER = 0.9
"""Share of the picture that has changed from which it is another scene."""


@dataclass(frozen=True, slots=True, eq=False)
class DeskChange:
    """Change of a desk.

    Attributes
    ----------
    strength
        float32 ``(rows, cols)``, 1 where something has come for certain, 0 where nothing has changed.
    layers
        float32 ``(rows, cols, 3)``: logarithms of luma and two tints against those of the desk, without what
        light does, in parts of what noise does.
    before, now
        Luma of the desk, where the camera sees it now, and of the picture, likewise.
    """

    strength: Plane
    layers: Plane
    before: Plane
    now: Plane

    @property
    def mask(self) -> Mask:
        """Places where something has come, bool ``(rows, cols)``."""
        return np.asarray(self.strength >= 1)


def change_of(desk: Image, picture: Image) -> DeskChange | None:
    """Compare a picture of a desk with one of it empty; None if it is another scene.

    Parameters
    ----------
    desk, picture
        BGR or grey, reduced to `SIDE`, of one shape.
    """
    side = max(picture.shape)
    after = glance(picture, side)
    best = _compared(glance(desk, side), after)
    for matrix in _moves(desk, picture, best):
        moved = cv2.warpAffine(desk, matrix, desk.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        other = _compared(glance(np.asarray(moved, np.uint8), side), after)
        if _amount(other) < 0.9 * _amount(best):
            best = other
    return None if best.mask.mean() > _OTHER else best


def _amount(change: DeskChange) -> float:
    return float(np.minimum(change.strength, 1).mean())


def _compared(before: Glance, after: Glance) -> DeskChange:
    limit = np.maximum(_LEVELS / (np.minimum(before.grey, after.grey) + _FLOOR), _LEAST)
    steps = cv2.morphologyEx(before.luma, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    limit = limit + _SHIFTED * steps
    layers = np.stack(
        [
            unlit(before.luma, after.luma, rim=True) / limit,
            unlit(before.warm, after.warm, rim=True) / (limit * _TINTED),
            unlit(before.yellow, after.yellow, rim=True) / (limit * _TINTED),
        ],
        axis=2,
    ).astype(np.float32)
    # Soft by less than a pixel: single pixels are noise's.
    strength = cv2.GaussianBlur(np.abs(cv2.GaussianBlur(layers, (0, 0), 0.7)).max(axis=2), (0, 0), 0.7)
    return DeskChange(np.asarray(strength, np.float32), layers, before.luma, after.luma)


def _moves(desk: Image, picture: Image, still: DeskChange) -> list[npt.NDArray[np.float64]]:
    """Return how the camera may have been moved since, as matrices from the desk to the picture."""
    one, other = (_detail(each) for each in (desk, picture))
    unchanged = (still.strength < 3).astype(np.uint8)
    moves = []
    window = np.asarray(cv2.createHanningWindow(one.shape[::-1], cv2.CV_32F), np.float32)
    (x, y), _ = cv2.phaseCorrelate(one, other, window)
    most = _FARTHEST * max(one.shape)
    start = np.eye(2, 3, dtype=np.float32)
    if 0.3 < np.hypot(x, y) < most:
        start[:, 2] = x, y
        moves.append(start.astype(np.float64))
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    for first, seen in ((np.eye(2, 3, dtype=np.float32), unchanged), (start, np.ones_like(unchanged))):
        try:
            # From pixels of the picture to those of the desk, as `warpAffine` looks them up.
            inverse = np.asarray(cv2.invertAffineTransform(first), np.float32)
            _, found = cv2.findTransformECC(other, one, inverse, cv2.MOTION_EUCLIDEAN, criteria, seen, 5)
        except cv2.error:
            continue  # too little in common
        matrix = np.asarray(cv2.invertAffineTransform(found), np.float64)
        turned = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
        middle = matrix @ (one.shape[1] / 2, one.shape[0] / 2, 1) - (one.shape[1] / 2, one.shape[0] / 2)
        if abs(turned) < _TURNED and np.hypot(*middle) < most:
            moves.append(matrix)
    return moves


def _detail(picture: Image) -> Plane:
    """Return the logarithm of luma without what light makes."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    luma = np.log(grey.astype(np.float32) + _FLOOR)
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 1.0) - cv2.GaussianBlur(luma, (0, 0), 8.0), np.float32)


_SMALLEST = 0.004
"""Share of the picture below which a region that has changed is no document."""
_BESIDE = 0.15
"""Share of the largest changed region from which another one belongs to the document, or is a further
document."""
_TRIED = 60
"""Number of candidates taken from each search for lines, the highest-ranking first."""
_PARALLEL = 1e-9
"""Cross product of two sides, in square pixels, below which they count as parallel."""
_SAMPLES = 40
"""Number of places along a side that are looked at for an edge."""
_ENDS = 0.06
"""Share of a side that is left out at either end when it is looked at."""
_TRUSTED = 3.45
"""Weighted sum of measures from which a candidate is a document: a lamp that is switched comes to less."""
_CHANGED = 0.5
"""Share of an outline that has changed since the desk was seen empty, from which it is a document that
came."""
_EXPLAINED = 0.6
"""Share of a change that lies within the documents found, from which they explain it."""
_MOST = 4
"""Number of changed regions that are searched for a document each."""
_SLENDER = 9
"""Pixels across, in a picture of `SIDE`, below which what has come to a desk is no document."""
_MOVED = 0.4
"""Share of a side along which the desk has changed, above which what lay there was moved."""
_STEEP = 0.3
"""Step of luma's logarithm that is an edge for certain; a larger one counts no more."""
_GONE = 1.5
"""Steepness of an outline's edges on the desk before, as a multiple of that now, above which the thing lay
there and has gone."""


def find_known(
    picture: Image, desk: Image | None, several: bool, nets: Callable[[], DocumentNets | None]
) -> Finding | None:
    """Find one document or several by the desk; None if no desk is known, or if the picture has to tell."""
    if desk is None:
        return None
    return find_all_on_desk(desk, picture, nets()) if several else find_on_desk(desk, picture)


def find_on_desk(desk: Image, picture: Image) -> Finding | None:
    """Find the document that has come to a desk.

    Parameters
    ----------
    desk
        The desk without documents, as `remembered` makes it.
    picture
        BGR or grey, of any size.

    Returns
    -------
    Finding or None
        Nothing in it for a desk that is empty; None where the desk is another, or where what has come to it
        has no outline: then the picture alone has to tell.
    """
    small, factor = _reduced(picture)
    change = changed_desk(desk, small)
    if change is None:
        return None
    seen = regions(change)
    if not seen.any():
        return Finding()
    outline = _outline(picture, change, small, seen, factor)
    return None if outline is None else Finding((outline,))


def find_all_on_desk(desk: Image, picture: Image, nets: DocumentNets | None) -> Finding | None:
    """Find all documents that have come to a desk; None where the picture alone has to tell."""
    small, factor = _reduced(picture)
    change = changed_desk(desk, small)
    if change is None:
        return None
    seen = regions(change)
    if not seen.any():
        return Finding()
    finding = find_documents(picture, nets)
    candidates = [*finding.outlines, *(each.outline for each in finding.refused)]
    found = [each for each in candidates if _share(seen, _to_small(each, factor)) > _CHANGED]
    explained = np.zeros(seen.shape, bool)
    for each in found:
        explained |= _inside(seen.shape, _to_small(each, factor))
    for part in _parts(seen)[:_MOST]:
        if (part & explained).sum() < _EXPLAINED * part.sum():
            outline = _outline(picture, change, small, part, factor)
            found += [] if outline is None else [outline]
    return Finding(reading_order(found)) if found else None


def remembered(picture: Image) -> Image:
    """Return a picture of a desk, reduced to what is remembered of it."""
    return _reduced(picture)[0]


def _reduced(picture: Image) -> tuple[Image, Floats]:
    """Reduce a picture to a size that depends on its proportions alone; return with it the factors."""
    rows, cols = picture.shape[:2]
    shrink = min(1.0, SIDE / max(rows, cols))
    size = max(1, round(cols * shrink)), max(1, round(rows * shrink))
    small = (
        picture
        if shrink == 1
        else np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    )
    return np.asarray(small, np.uint8), np.array([cols / size[0], rows / size[1]])


def changed_desk(desk: Image, small: Image) -> DeskChange | None:
    """Compare reduced pictures as `change_of` does; None for those of another shape, too."""
    return None if small.shape != desk.shape else change_of(desk, small)


def _outline(picture: Image, change: DeskChange, small: Image, seen: Mask, factor: Floats) -> Outline | None:
    """Return the outline of what has come in a region; None without a clear one, or if it has gone."""
    best, score = _best(candidates(change, small, seen), change, seen)
    if best is None or score < _TRUSTED or has_gone(best, change):
        return None
    fixed = _on_rim(best, small.shape)
    corners = refine_quad(picture, (best + 0.5) * factor - 0.5, fixed, reach_in(picture, SIDE))
    return Outline(clockwise(corners), min(1.0, score / float(WEIGHTS.sum())))


def holds_documents(desk: Image, picture: Image) -> bool:
    """Return whether what has come to a desk is one document or several; both as `remembered` makes them."""
    change = changed_desk(desk, picture)
    if change is None:
        return False
    seen = regions(change)
    if not cv2.erode(seen.astype(np.uint8), np.ones((_SLENDER, _SLENDER), np.uint8)).any():
        # A thing that was there and was pushed a little leaves slivers at its sides.
        return False
    alone = find_on_desk(desk, picture)
    if alone is not None:
        return bool(alone.outlines)
    explained = np.zeros(seen.shape, bool)
    for part in _parts(seen)[:_MOST]:
        outline = _outline(picture, change, picture, part, np.ones(2))
        if outline is not None:
            explained |= _inside(seen.shape, outline.corners.astype(np.float64))
    return bool((seen & explained).sum() > _EXPLAINED * seen.sum())


def has_gone(quad: Floats, change: DeskChange) -> bool:
    """Return whether a quadrilateral's sides were edges of the desk rather than of the picture."""
    before, now = (float(np.median(_supports(quad, _steps(luma)))) for luma in (change.before, change.now))
    return before > _GONE * now


def has_moved(quad: Floats, change: DeskChange) -> bool:
    """Return whether the desk has changed along a side of a quadrilateral, or the sides have gone."""
    changed = cv2.dilate(change.mask.astype(np.float32), np.ones((5, 5), np.uint8))
    return has_gone(quad, change) or bool(_supports(quad, np.asarray(changed)).max() > _MOVED)


def _steps(luma: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    soft = cv2.GaussianBlur(luma, (0, 0), 1.0)
    steps = np.hypot(cv2.Scharr(soft, cv2.CV_32F, 1, 0), cv2.Scharr(soft, cv2.CV_32F, 0, 1)) / 16
    return np.asarray(cv2.dilate(np.minimum(steps, _STEEP), np.ones((3, 3), np.uint8)), np.float32)


def _to_small(outline: Outline, factor: Floats) -> Floats:
    return np.asarray((outline.corners + 0.5) / factor - 0.5, np.float64)


def _inside(shape: tuple[int, ...], quad: Floats) -> Mask:
    cover = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(cover, np.round(quad * 16).astype(np.int32), (1,), cv2.LINE_8, 4)
    return cover > 0


def _share(seen: Mask, quad: Floats) -> float:
    inside = _inside(seen.shape, quad)
    return float((seen & inside).sum() / max(1, inside.sum()))


def regions(change: DeskChange) -> Mask:
    """Return the regions that have changed together; specks and slender ones are left out."""
    mask = change.mask.astype(np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    areas = stats[:, cv2.CC_STAT_AREA].astype(float)
    areas[0] = 0
    least = max(_SMALLEST * mask.size, _BESIDE * areas.max(initial=0))
    kept = np.flatnonzero(areas >= least)
    return np.isin(labels, kept) if count > 1 and len(kept) else np.zeros(mask.shape, bool)


def candidates(change: DeskChange, small: Image, seen: Mask) -> Floats:
    """Return quadrilaterals that may be the document, ``(n, 4, 2)`` in pixels of the reduced picture."""
    found = [quad for quad in (hull_quad(seen), *map(hull_quad, _parts(seen))) if quad is not None]
    drawn = (128 + 127 * np.tanh(change.layers / 12)).astype(np.uint8)
    for each in (drawn, small):
        quads = search_quads(reduce_picture(np.ascontiguousarray(each)))
        if not len(quads.corners):
            continue
        order = np.argsort(-ranking_score(quads.features), kind="stable")[:_TRIED]
        found.extend(quads.corners[order])
    return np.array(found, np.float64).reshape(-1, 4, 2)


def _parts(seen: Mask) -> Sequence[Mask]:
    count, labels = cv2.connectedComponents(seen.astype(np.uint8))
    opened = cv2.morphologyEx(seen.astype(np.uint8), cv2.MORPH_OPEN, np.ones((15, 15), np.uint8)) > 0
    return [*(labels == label for label in range(1, min(count, 5))), *([opened] if opened.any() else [])]


def hull_quad(seen: Mask) -> Floats | None:
    """Return the smallest quadrilateral around a region with each side along one of the hull's."""
    points = np.argwhere(seen)[:, ::-1].astype(np.float32)
    if len(points) < 8:
        return None
    hull = cv2.convexHull(points)[:, 0].astype(np.float64)
    hull = cv2.approxPolyDP(hull.astype(np.float32)[:, None], 1.0, True)[:, 0].astype(np.float64)
    while len(hull) > 4:
        cut = _least_added(hull)
        if cut is None:
            return np.asarray(cv2.boxPoints(cv2.minAreaRect(points)), np.float64)
        hull = cut
    return hull if len(hull) == 4 else np.asarray(cv2.boxPoints(cv2.minAreaRect(points)), np.float64)


def _least_added(hull: Floats) -> Floats | None:
    """Extend the neighbours of the side that adds least area until they meet; None if none of them do."""
    best: Floats | None = None
    least = np.inf
    for k in range(len(hull)):
        b, c, *others = np.roll(hull, -k, axis=0)
        a = others[-1]
        d = others[0]
        one = b - a
        other = c - d
        across = _cross(one, other)
        if abs(across) < _PARALLEL:
            continue
        along = _cross(d - a, other) / across
        beyond = _cross(d - a, one) / across
        corner = a + along * one
        added = abs(_cross(corner - b, c - b))
        if along >= 1 and beyond >= 1 and added < least:
            best = np.vstack([corner, *others])
            least = added
    return best


def _cross(one: Floats, other: Floats) -> float:
    return float(one[0] * other[1] - one[1] * other[0])


def _best(quads: Floats, change: DeskChange, seen: Mask) -> tuple[Floats | None, float]:
    scores = measures(quads, change, seen) @ WEIGHTS
    if not len(scores):
        return None, 0.0
    return quads[int(scores.argmax())], float(scores.max())


WEIGHTS = np.array([1.5, 1.0, 1.0, 0.7])
"""Weights of what a candidate holds of the change, of the share of it that has changed, and of how far its
sides are new edges, on average and at least."""


def measures(quads: Floats, change: DeskChange, seen: Mask) -> Floats:
    """Measure quadrilaterals ``(n, 4)``: what they hold of the change, how much of them is changed, and how
    far, on average and at least, their sides are edges that the desk did not have."""
    edges = _new_edges(change)
    weight = seen.astype(np.float32)
    total = max(float(weight.sum()), 1.0)
    rows: list[tuple[float, ...]] = []
    for quad in quads:
        cover = _inside(seen.shape, quad)
        held = float((weight * cover).sum())
        sides = _supports(quad, edges)
        rows.append((held / total, held / max(1, int(cover.sum())), sides.mean(), sides.min()))
    return np.array(rows, np.float64).reshape(-1, 4)


def _new_edges(change: DeskChange) -> npt.NDArray[np.float32]:
    """Return how steep the change is, 1 where something ends for certain."""
    steps = [
        np.hypot(cv2.Scharr(layer, cv2.CV_32F, 1, 0), cv2.Scharr(layer, cv2.CV_32F, 0, 1)) / 16
        for layer in cv2.split(cv2.GaussianBlur(change.layers, (0, 0), 0.7))
    ]
    strength = np.max(steps, axis=0) / 0.6
    return np.asarray(cv2.dilate(np.minimum(strength, 1), np.ones((3, 3), np.uint8)), np.float32)


def _supports(quad: Floats, edges: npt.NDArray[np.float32]) -> Floats:
    """Return the share of each side that lies on an edge; a side on the picture's rim needs none."""
    along = np.linspace(_ENDS, 1 - _ENDS, _SAMPLES)
    starts = quad
    ends = np.roll(quad, -1, axis=0)
    points = starts[:, None] + along[None, :, None] * (ends - starts)[:, None]
    rows, cols = edges.shape
    x = np.round(points[:, :, 0]).astype(int)
    y = np.round(points[:, :, 1]).astype(int)
    inside = (x >= 1) & (y >= 1) & (x < cols - 1) & (y < rows - 1)
    values = np.where(inside, edges[y.clip(0, rows - 1), x.clip(0, cols - 1)], 0.8)
    return np.asarray(values.mean(axis=1), np.float64)


def _on_rim(quad: Floats, shape: tuple[int, ...]) -> Mask:
    rows, cols = shape[:2]
    following = np.roll(quad, -1, axis=0)
    x = np.stack([quad[:, 0], following[:, 0]])
    y = np.stack([quad[:, 1], following[:, 1]])
    near = 2.0
    return np.asarray(
        (x < near).all(0) | (y < near).all(0) | (x > cols - 1 - near).all(0) | (y > rows - 1 - near).all(0)
    )
