"""Documents below a camera that saw its empty desk: films of real desks with real sheets."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks import report
from benchmarks.quality.desk_films import Film, Look, Scene, films, films_of_several, looks
from benchmarks.quality.desks import FOLDER, RIGHT, overlap_of
from benchmarks.quality.marked import Polygon, load_marked
from imgcore.outline import Finding, find_documents, find_page
from imgcore.outline.desk_memory import DeskMemory
from imgcore.outline.known_desk import find_known
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

_OWN = 0.3
"""Intersection over union from which a find is meant for a sheet."""
WHOLE = 0.95
"""Share of a sheet that a crop keeps at least; one that keeps less has cut it."""
FINDERS = ("picture alone", "desk remembered")
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


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without the pictures say so and change nothing."""
    parser = argparse.ArgumentParser(prog="desk_memory", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every ninth desk, and nothing is written")
    options = parser.parse_args(arguments)
    pictures = list(load_marked(FOLDER / "desks.json", FOLDER))
    if not pictures:
        print(f"desk_memory: skipped, there are no marked pictures in {FOLDER}")
        return 0
    cv2.setNumThreads(1)
    shown = films(pictures, 9 if options.quick else None)
    judged = [one for film in shown for one in judge_film(film)]
    several = films_of_several(pictures, 9 if options.quick else 2)
    counted = [one for film in several for one in judge_film_of_several(film)]
    section = f"{_section(judged)}\n\n{_several(counted)}"
    report.publish("desk-memory", "Desks that were seen empty", section, options.quick)
    return 0


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


def _section(judged: Sequence[Judged]) -> str:
    head = ("desks", "sheets", *(f"{name}: {what}" for what in ("right", "cut") for name in FINDERS))
    head = (*head, "known", "empty", *(f"{name}: found on it" for name in FINDERS))
    rows = [_row(name, [one for one in judged if one.unseen is half]) for name, half in HALVES]
    intro = (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} Films made of **real desks and real sheets**: "
        "each desk is a photograph without a document, or one whose document is painted over, and is seen "
        "empty. A drawn hand brings its own sheet and that of another photograph, leaves, and takes each "
        "away; between, the light drifts, the exposure follows the sheet, a lamp is switched or the camera "
        f"bumped; noise and JPEG are a camera's. *Right*: intersection over union above {RIGHT}. *Cut*: a "
        f"crop that keeps less than {WHOLE:.0%} of the sheet. *Known*: sheets that were judged by the desk. "
        "*Found on it*: finds on desks that were empty."
    )
    return f"{intro}\n\n{report.table(head, rows)}"


def _several(counted: Sequence[Counted]) -> str:
    """Return the table of films in which one document after the other is laid down."""
    what = [f"{name}: {column}" for column in ("right", "cut", "beside") for name in FINDERS]
    head = ("desks, three documents", "scenes", "documents", *what, "known")
    rows = []
    for name, half in HALVES:
        some = [one for one in counted if one.unseen is half]
        documents = sum(one.documents for one in some)
        right = [sum(each) / max(1, documents) for each in zip(*(one.right for one in some), strict=True)]
        counts = [sum(each) for each in zip(*(one.cut + one.beside for one in some), strict=True)]
        known = sum(one.known for one in some) / max(1, len(some))
        cells = (*(f"{each:.1%}" for each in right), *map(str, counts), f"{known:.0%}")
        rows.append((name, str(len(some)), str(documents), *cells))
    return (
        "The same desks, every second one: three documents of other photographs are laid **beside one "
        "another**, one after the other, and taken away together. Each scene at rest counts all documents "
        "that lie there, found as a capture of several finds them. *Beside*: finds that are none of them.\n\n"
        f"{report.table(head, rows)}"
    )


HALVES = (("chosen on", False), ("kept unseen", True))


def _row(name: str, judged: Iterable[Judged]) -> tuple[str, ...]:
    some = list(judged)
    sheets = [one for one in some if not one.empty]
    empty = [one for one in some if one.empty]
    count = max(1, len(sheets))
    finders = range(len(FINDERS))
    return (
        name,
        str(len(sheets)),
        *(f"{sum(one.right(finder) for one in sheets) / count:.1%}" for finder in finders),
        *(str(sum(one.cut(finder) for one in sheets)) for finder in finders),
        f"{sum(one.known for one in sheets) / count:.0%}",
        str(len(empty)),
        *(str(sum(one.kept[finder] > 0 for one in empty)) for finder in finders),
    )
