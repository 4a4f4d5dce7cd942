"""Documents below a camera that saw its empty desk: films of real desks with real sheets."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks import report
from benchmarks.quality.desk_films import Film, Look, Scene, films, looks
from benchmarks.quality.desks import FOLDER, RIGHT, overlap_of
from benchmarks.quality.marked import Polygon, load_marked
from imgcore.outline import Finding, find_page
from imgcore.outline.desk_memory import DeskMemory
from imgcore.types import Image

WHOLE = 0.95
"""Share of a sheet that a crop keeps at least; one that keeps less has cut it."""
FINDERS = ("picture alone", "desk remembered")


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
    judged = [one for film in shown for one in _judged(film)]
    report.publish("desk-memory", "Desks that were seen empty", _section(judged), options.quick)
    return 0


def _judged(film: Film) -> Iterator[Judged]:
    """Show a film; a scene is learned as it comes to rest, and judged in its last frame, as a capture is."""
    memory = DeskMemory()
    for look in looks(film):
        if not look.last:
            continue
        picture = np.asarray(cv2.imdecode(np.frombuffer(look.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        memory.learn(picture)
        alone, by_desk = find_page(picture), memory.find(picture)
        known = by_desk is not None
        found = (alone, alone if by_desk is None else by_desk)
        yield _answer(film, look, known, found, picture)


def _answer(film: Film, look: Look, known: bool, found: Sequence[Finding], picture: Image) -> Judged:
    quad = look.quad
    if quad is None:
        kept = tuple(float(bool(each.outlines)) for each in found)
        return Judged(film.unseen, True, known, (0.0,) * len(found), kept)
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


HALVES = (("chosen on", False), ("kept unseen", True))


def _row(name: str, judged: Iterable[Judged]) -> tuple[str, ...]:
    some = list(judged)
    sheets, empty = [one for one in some if not one.empty], [one for one in some if one.empty]
    count, finders = max(1, len(sheets)), range(len(FINDERS))
    return (
        name,
        str(len(sheets)),
        *(f"{sum(one.right(finder) for one in sheets) / count:.1%}" for finder in finders),
        *(str(sum(one.cut(finder) for one in sheets)) for finder in finders),
        f"{sum(one.known for one in sheets) / count:.0%}",
        str(len(empty)),
        *(str(sum(one.kept[finder] > 0 for one in empty)) for finder in finders),
    )
