"""Documents below a camera that saw its empty desk: films of real desks with real sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.quality.desk_films import Film, Look, Scene, looks
from benchmarks.quality.desks import RIGHT
from imgcore.outline import Finding, find_documents, find_page
from imgcore.outline.desk.known import find_known
from imgcore.outline.desk.memory import DeskMemory
from imgcore.types import Image
from lab.marked import Polygon, overlap_of
from server.services.pictures.model_cache import ModelCache

_OWN = 0.3
"""Intersection over union from which a find is meant for a sheet."""
WHOLE = 0.95
"""Share of a sheet that a crop keeps at least; one that keeps less has cut it."""
_MODELS = ModelCache()


@dataclass(frozen=True)
class Judged:
    """Answers about one scene at rest: intersection over union and share kept of the sheet, by finder.

    Attributes
    ----------
    empty
        True for a desk without a sheet; then a share of 1 stands for a find.
    known
        True if the desk was known.
    """

    unseen: bool
    empty: bool
    known: bool
    overlaps: tuple[float, ...]
    kept: tuple[float, ...]

    def right(self, finder: int) -> bool:
        return self.overlaps[finder] > RIGHT

    def cut(self, finder: int) -> bool:
        return not self.empty and 0 < self.kept[finder] < WHOLE


@dataclass(frozen=True)
class Counted:
    """Documents that lie at rest, those found right and those cut, and finds beside all, by finder."""

    unseen: bool
    documents: int
    known: bool
    right: tuple[int, ...]
    cut: tuple[int, ...]
    beside: tuple[int, ...]


def judge_film(film: Film) -> Iterator[Judged]:
    """Show a film; a scene is learned as it comes to rest, and judged in its last frame, as a capture is."""
    memory = DeskMemory()
    for look in looks(film):
        if not look.last:
            continue
        picture = _decoded(look)
        memory.learn(picture)
        alone = find_page(picture)
        by_desk = memory.find(picture)
        known = by_desk is not None
        found = (alone, alone if by_desk is None else by_desk)
        yield _answer(film, look, known, found, picture)


def judge_film_of_several(film: Film) -> Iterator[Counted]:
    """Show a film of several documents; each scene at rest is learned, and judged as a capture of all is."""
    memory = DeskMemory()
    for look in looks(film):
        if not look.last:
            continue
        picture = _decoded(look)
        memory.learn(picture)
        alone = find_documents(picture, _MODELS.documents())
        by_desk = find_known(picture, memory.desk, True, _MODELS.documents)
        found = [
            [each.corners.astype(np.float64) for each in finding.outlines]
            for finding in (alone, alone if by_desk is None else by_desk)
        ]
        counts = [_compared(finds, look.quads) for finds in found]
        right, cut, beside = zip(*counts, strict=True)
        yield Counted(film.unseen, len(look.quads), by_desk is not None, right, cut, beside)


def _compared(finds: Sequence[Polygon], sheets: Sequence[Polygon]) -> tuple[int, int, int]:
    """Count sheets that are found right, those whose find cuts them, and finds that are none of them."""
    overlaps = np.array([[overlap_of(find, sheet) for find in finds] for sheet in sheets])
    overlaps = overlaps.reshape(len(sheets), len(finds))
    own = [(sheet, int(row.argmax())) for sheet, row in enumerate(overlaps) if row.max(initial=0) > _OWN]
    right = sum(overlaps[sheet, find] > RIGHT for sheet, find in own)
    cut = sum(_kept(finds[find], sheets[sheet]) < WHOLE for sheet, find in own)
    return int(right), int(cut), len(finds) - len({find for _, find in own})


def _decoded(look: Look) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(look.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _answer(film: Film, look: Look, known: bool, found: Sequence[Finding], picture: Image) -> Judged:
    if not look.quads:
        kept = tuple(float(bool(each.outlines)) for each in found)
        return Judged(film.unseen, True, known, (0.0,) * len(found), kept)
    quad = look.quads[0]
    outlines = [each.outline for each in found]
    corners = [None if each is None else each.corners.astype(np.float64) for each in outlines]
    return Judged(
        film.unseen,
        look.scene is not Scene.SHEET,
        known,
        tuple(0.0 if each is None else overlap_of(each, quad) for each in corners),
        tuple(0.0 if each is None else _kept(each, quad) for each in corners),
    )


def _kept(find: Polygon, sheet: Polygon) -> float:
    one, other = (cv2.convexHull(each.astype(np.float32)) for each in (find, sheet))
    return max(1e-6, float(cv2.intersectConvexConvex(one, other)[0]) / max(1.0, cv2.contourArea(other)))
