"""Outlines on real pictures: documents on desks, documents that leave the picture, pages, and empty desks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks import collected, report
from benchmarks.quality.marked import MarkedPicture, Polygon, crop_through, load_marked
from benchmarks.quality.photographs import SHARED
from imgcore.outline import Finding, find_documents, find_outline_fast, find_page
from imgcore.types import Image, Outline
from server.services.pictures.model_cache import ModelCache

FOLDER = SHARED / "data" / "desks"
RIGHT = 0.9
PAIRED = 0.8
UNCUT = 0.97
"""Intersection over union from which a crop is right, a find pairs with a document, a page is uncut."""
_THUMBNAIL = 440
_MODELS = ModelCache()


@dataclass(frozen=True)
class Outcome:
    """Finds of one finder in one picture, judged.

    Attributes
    ----------
    overlap
        Best intersection over union of a find with the first document, 0 with neither.
    pairs
        Documents of which a find has at least `PAIRED`, each find used once.
    false
        True if a find cuts something out where nothing is to be cut.
    """

    picture: MarkedPicture
    finds: int
    overlap: float
    pairs: int
    false: bool

    @property
    def f1(self) -> float:
        """F1 of the documents of the picture."""
        return 2 * self.pairs / max(1, self.finds + len(self.picture.documents))


Outcomes = dict[str, list[Outcome]]
"""Outcomes of all pictures, by finder."""
Choice = Callable[[MarkedPicture], bool]
Measure = Callable[[Sequence[Outcome]], str]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; what pictures are missing is said."""
    parser = argparse.ArgumentParser(prog="desks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every seventh picture, and nothing is written")
    parser.add_argument(
        "--each", action="store_true", help="print a line of JSON for each picture and finder"
    )
    parser.add_argument(
        "--half",
        choices=collected.HALVES,
        default="open",
        help="of the collected pictures; kept ones only to claim a figure",
    )
    options = parser.parse_args(arguments)
    collected.use(options.half)
    cv2.setNumThreads(1)
    parts = []
    for title, (pictures, missing) in _sets(options.half).items():
        chosen = pictures[:: 7 if options.quick else 1]
        chosen += [crop_through(picture) for picture in chosen if picture.category == "single"]
        if chosen:
            tables = shown(measured(chosen, options.each))
            parts.append("\n\n".join([f"### {title}", *tables]))
        else:
            print(f"desks: {title} skipped: {missing}")
    if parts:
        report.publish("desks", "Real desks", "\n\n".join([_intro(), *parts]), options.quick)
    return 0


def _sets(half: str) -> dict[str, tuple[list[MarkedPicture], str]]:
    """Return pictures by the title of their set, and the reason for which there may be none."""
    folder = collected.default_folder()
    return {
        "Thirty sources": (
            list(load_marked(FOLDER / "desks.json", FOLDER)),
            f"there are no marked pictures in {FOLDER}",
        ),
        f"Collected, {collected.HALVES[half]}": (
            list(load_marked(collected.MANIFEST, folder, half)),
            f"there are none in {folder}; python -m benchmarks.collected makes them",
        ),
    }


def measured(pictures: Sequence[MarkedPicture], each: bool = False) -> Outcomes:
    """Show all pictures to all finders; `each` prints what becomes of them."""
    outcomes: Outcomes = {name: [] for name in FINDERS}
    for picture in pictures:
        image = picture.read()
        for name, finder in FINDERS.items():
            found = finder(image)
            outcomes[name].append(judge(picture, found, image.shape))
            if each:
                print(_line(name, outcomes[name][-1], found), flush=True)
    return outcomes


def judge(picture: MarkedPicture, found: Finding, shape: tuple[int, ...]) -> Outcome:
    """Compare what was found in a picture of `shape` with the truth."""
    finds = [outline.corners.astype(np.float64) for outline in found.outlines]
    height, width = shape[:2]
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    first = picture.documents[0] if picture.documents else None
    overlap = 0.0 if first is None else max((overlap_of(find, first) for find in finds), default=0.0)
    empty = picture.category in ("whole", "negative")
    false = empty and any(overlap_of(find, frame) < UNCUT for find in finds)
    return Outcome(picture, len(finds), overlap, _pairs(finds, picture.documents), false)


def overlap_of(one: Polygon, other: Polygon) -> float:
    """Intersection over union of two convex polygons."""
    first, second = (cv2.convexHull(polygon.astype(np.float32)) for polygon in (one, other))
    common = cv2.intersectConvexConvex(first, second)[0]
    return float(common / max(1e-9, cv2.contourArea(first) + cv2.contourArea(second) - common))


def _pairs(finds: Sequence[Polygon], documents: Sequence[Polygon]) -> int:
    overlaps = np.array([[overlap_of(find, document) for document in documents] for find in finds])
    overlaps = overlaps.reshape(len(finds), len(documents))
    pairs = 0
    while overlaps.size and overlaps.max() >= PAIRED:
        find, document = np.unravel_index(overlaps.argmax(), overlaps.shape)
        overlaps[find] = 0
        overlaps[:, document] = 0
        pairs += 1
    return pairs


def _line(finder: str, outcome: Outcome, found: Finding) -> str:
    return json.dumps(
        {
            "file": outcome.picture.path.name,
            "class": outcome.picture.category,
            "group": outcome.picture.group,
            "finder": finder,
            "finds": outcome.finds,
            "iou": round(outcome.overlap, 3),
            "paired": outcome.pairs,
            "false": outcome.false,
            "refused": None if found.reason is None else found.reason.name,
        }
    )


def shown(outcomes: Outcomes) -> Iterator[str]:
    """Yield the tables of what was measured: one document, several documents, nothing to cut."""
    groups = {one.picture.group for one in outcomes["single"] if one.picture.category == "single"}
    yield _table(
        "one document",
        {category: _chosen(category) for category in ("single", "cut", "cropped")}
        | {f"single, {group}": _chosen("single", group) for group in sorted(groups)},
        {
            "mean IoU": lambda some: f"{np.mean([one.overlap for one in some]):.3f}",
            f"> {RIGHT:.2f}": lambda some: f"{np.mean([one.overlap > RIGHT for one in some]):.2f}",
            "nothing": lambda some: str(sum(not one.finds for one in some)),
        },
        outcomes,
    )
    yield _table(
        "several documents",
        {"several": _chosen("several")},
        {
            f"F1 at {PAIRED}": lambda some: f"{np.mean([one.f1 for one in some]):.3f}",
            "right": lambda some: f"{sum(one.pairs for one in some)} of {_there(some)}",
            "finds": lambda some: str(sum(one.finds for one in some)),
        },
        outcomes,
    )
    empty = {category: _chosen(category) for category in ("whole", "negative")}
    yield _table("nothing to cut", empty, {"cut": lambda some: str(sum(one.false for one in some))}, outcomes)


def _chosen(category: str, group: str | None = None) -> Choice:
    return lambda picture: picture.category == category and group in (None, picture.group)


def _there(outcomes: Sequence[Outcome]) -> int:
    return sum(len(one.picture.documents) for one in outcomes)


def _table(title: str, rows: Mapping[str, Choice], columns: Mapping[str, Measure], outcomes: Outcomes) -> str:
    """Return a table of some pictures a row, of all finders a column."""
    head = (title, "pictures", *(f"{finder}: {column}" for column in columns for finder in outcomes))
    lines = []
    for row, choice in rows.items():
        chosen = [[one for one in some if choice(one.picture)] for some in outcomes.values()]
        if chosen[0]:
            cells = [measure(some) for measure in columns.values() for some in chosen]
            lines.append((row, str(len(chosen[0])), *cells))
    return report.table(head, lines)


def _intro() -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} **Real pictures**, which nobody drew, of "
        "public sources, corners marked by hand to some 0.5 % of the diagonal. Finders are chosen by them, "
        "so pictures of other sources may fare worse; a part of the collected ones is kept unseen until a "
        "figure is claimed. *One document*: intersection over union of the best find with what the picture "
        "shows of the document, nothing found counts 0; *cut* documents leave the picture, *cropped* are "
        "the single ones with a side of the picture cut off through the document. *Several "
        f"documents*: finds and documents paired from {PAIRED} on, F1 a picture. *Nothing to cut*: scans, "
        "born-digital pages, receipts, cards and newspapers that fill the picture (*whole*), desks, rooms "
        "and screens without a document (*negative*); cut is a picture of which a find keeps less than "
        f"{UNCUT:.0%}. *Preview* is the finder of the preview, on {_THUMBNAIL} px; it follows a film, so "
        "single pictures understate it."
    )


def _single(image: Image) -> Finding:
    return find_page(image, _MODELS.documents())


def _multi(image: Image) -> Finding:
    return find_documents(image, _MODELS.documents())


def _preview(image: Image) -> Finding:
    factor = min(1.0, _THUMBNAIL / max(image.shape))
    thumbnail = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    outline = find_outline_fast(np.asarray(thumbnail, np.uint8))
    if outline is None:
        return Finding()
    return Finding((Outline((outline.corners + 0.5) / factor - 0.5, outline.score),))


FINDERS: dict[str, Callable[[Image], Finding]] = {"single": _single, "multi": _multi, "preview": _preview}
"""The finders measured."""
