"""Share of whole pages that a crop cuts, and what becomes of documents that are mistaken for less or more."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from imgcore.outline import Finding, find_documents, find_outline_fast, find_page
from imgcore.outline.overlap import iou
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.ambiguous import KINDS as AMBIGUOUS
from synthetic.datasets.ambiguous import make_ambiguous, seen_corners
from synthetic.datasets.whole_pages import KINDS, WholePage, make_whole_page

Quads = list[npt.NDArray[np.float64]]

FIRST_SEED = 90_000
"""Seeds from here on were not looked at while the check was made."""
_SIDE = 400
_THUMBNAIL = 440
_AREA = 0.9
_INK = 0.99
"""Shares of sheet and print of which a crop keeps less when it cuts."""
_RIGHT = 0.9
"""Intersection over union from which a crop is right."""
_MODELS = ModelCache()


class Kept(NamedTuple):
    """Shares of a page's sheet and print that crops keep; both 1 where nothing is cut out."""

    area: float
    ink: float

    @property
    def cut(self) -> bool:
        """True if the crops lose part of the page."""
        return self.area < _AREA or self.ink < _INK


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="whole_pages", description=__doc__)
    parser.add_argument("--pages", type=int, default=22, help="how many of each kind")
    parser.add_argument("--quick", action="store_true", help="one of each kind, and nothing is written")
    options = parser.parse_args(arguments)
    number = 1 if options.quick else options.pages
    cv2.setNumThreads(1)
    losses = {kind: _losses(kind, number) for kind in KINDS}
    rows = [_row(kind, kept) for kind, kept in losses.items()]
    rows.append(_row("all", [kept for some in losses.values() for kept in some]))
    head = (
        "kind",
        "pages",
        *(f"{name}: cut" for name in FINDERS),
        *(f"{name}: least kept" for name in FINDERS),
    )
    mistaken = [_mistaken(kind, number) for kind in AMBIGUOUS]
    columns = ("document", "pictures", *(f"{name}: right / whole / wrong" for name in FINDERS))
    parts = [_intro(), report.table(head, rows), _second(), report.table(columns, mistaken)]
    report.publish("whole_pages", "Whole pages", "\n\n".join(parts), options.quick)
    return 0


def _intro() -> str:
    machine = report.machine(("opencv-contrib-python", "numpy"))
    return (
        f"{machine} **Synthetic**: pictures that are a page already, as a computer or a flatbed gives them, "
        f"straight or turned a little. A crop cuts a page if it keeps less than {_AREA:.0%} of the sheet or "
        f"{_INK:.0%} of the print; *least kept* is the smallest share of a sheet. *Preview* is the finder of "
        "the preview, on 440 px."
    )


def _second() -> str:
    return (
        "**Synthetic**: one document on a desk, of which a part or something beside it looks like the "
        f"document. Right is a single crop with an intersection over union of {_RIGHT} with what the picture "
        "shows of it; *whole* leaves the picture as it is."
    )


def _losses(kind: str, number: int) -> list[dict[str, Kept]]:
    pages = (make_whole_page(FIRST_SEED + seed, kind) for seed in range(number))
    return [{name: kept(page, finder(page.picture)) for name, finder in FINDERS.items()} for page in pages]


def kept(page: WholePage, quads: Quads) -> Kept:
    """Measure what crops keep of a page."""
    if not quads:
        return Kept(1.0, 1.0)
    factor = _SIDE / max(page.picture.shape)
    size = tuple(max(1, round(side * factor)) for side in page.ink.shape[::-1])
    sheet = np.zeros(size[::-1], np.uint8)
    crops = np.zeros(size[::-1], np.uint8)
    for mask, outlines in ((sheet, [page.sheet]), (crops, quads)):
        for outline in outlines:
            cv2.fillPoly(mask, [np.rint((outline + 0.5) * factor - 0.5).astype(np.int32)], 1)
    crops = np.asarray(cv2.dilate(crops, np.ones((3, 3), np.uint8)), np.uint8)
    ink = cv2.resize(page.ink.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    share = float((ink * crops).sum() / ink.sum()) if ink.any() else 1.0
    return Kept(float((sheet & crops).sum() / max(1, int(sheet.sum()))), share)


def _row(kind: str, losses: Sequence[dict[str, Kept]]) -> tuple[str, ...]:
    cut = [f"{sum(each[name].cut for each in losses)}" for name in FINDERS]
    least = [f"{min(each[name].area for each in losses):.2f}" for name in FINDERS]
    return (kind, str(len(losses)), *cut, *least)


def _mistaken(kind: str, number: int) -> tuple[str, ...]:
    counts = {name: [0, 0, 0] for name in FINDERS}
    for seed in range(number):
        scene = make_ambiguous(FIRST_SEED + seed, kind)
        truth = seen_corners(scene.quads[0], scene.picture.shape[1::-1])
        for name, finder in FINDERS.items():
            counts[name][_verdict(finder(scene.picture), truth, scene.picture.shape)] += 1
    return (kind, str(number), *(" / ".join(map(str, count)) for count in counts.values()))


def _verdict(quads: Quads, truth: npt.NDArray[np.float64], shape: tuple[int, ...]) -> int:
    """Return 0 for the right crop, 1 for the whole picture, 2 for anything else."""
    if not quads:
        return 1
    seen = [seen_corners(quad, (shape[1], shape[0])) for quad in quads]
    return 0 if len(seen) == 1 and iou(seen[0], truth) > _RIGHT else 2


def _corners(finding: Finding) -> Quads:
    return [outline.corners.astype(np.float64) for outline in finding.outlines]


def _single(image: Image) -> Quads:
    return _corners(find_page(image, _MODELS.documents()))


def _multi(image: Image) -> Quads:
    return _corners(find_documents(image, _MODELS.documents()))


def _preview(image: Image) -> Quads:
    factor = min(1.0, _THUMBNAIL / max(image.shape))
    thumbnail = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    outline = find_outline_fast(np.asarray(thumbnail, np.uint8))
    return [] if outline is None else [(outline.corners.astype(np.float64) + 0.5) / factor - 0.5]


FINDERS: dict[str, Callable[[Image], Quads]] = {"single": _single, "multi": _multi, "preview": _preview}
"""The finders measured."""
