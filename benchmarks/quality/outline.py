"""Accuracy of outlines of single sheets: photographs with known corners, beside a classical detector."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.quality.photographs import SHARED, Photograph, load_photographs
from imgcore.outline import find_outline, find_outline_fast, find_outlines
from imgcore.outline.overlap import iou
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

Quad = npt.NDArray[np.float64]
Finder = Callable[[Image], Quad | None]

SIDE = 1600
THUMBNAIL = 440
LIGHTS = ("bright", "color", "shadow")
_MODELS = ModelCache()


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without the photographs say so and change nothing."""
    parser = argparse.ArgumentParser(prog="outline", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="every seventh photograph, and nothing is written"
    )
    options = parser.parse_args(arguments)
    photographs = list(load_photographs(SIDE))[:: 7 if options.quick else 1]
    if not photographs:
        print(f"outline: skipped, there are no photographs with known corners in {SHARED / 'data' / 'quad'}")
        return 0
    cv2.setNumThreads(1)
    rows = [_row(name, *finder, photographs) for name, finder in FINDERS.items()]
    head = ("finder", "mean IoU", "> .90", "> .95", *LIGHTS, "ms")
    body = "\n\n".join([_intro(len(photographs)), report.table(head, rows)])
    report.publish("outline", "Outlines of single sheets", body, options.quick)
    return 0


def _intro(count: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} {count} photographs of one sheet each, "
        f"{SIDE} px on the long side ({THUMBNAIL} px for the preview's finder), in even light, in coloured "
        "light on a white ground, and with cast shadows; intersection over union with the known corners, "
        "nothing found counts 0. The finder's weights were fitted on made scenes and on these photographs, "
        "so the figures flatter it. The classical finder is Canny, closing, and the largest contour that "
        "simplifies to four corners. Milliseconds are medians of the processor time of one thread."
    )


def _row(name: str, finder: Finder, side: int, photographs: Sequence[Photograph]) -> tuple[str, ...]:
    overlaps = []
    times = []
    for photograph in photographs:
        picture = _reduced(photograph.picture, side)
        factor = max(photograph.picture.shape) / max(picture.shape)
        begun = time.thread_time()
        quad = finder(picture)
        times.append(time.thread_time() - begun)
        overlaps.append(0.0 if quad is None else iou((quad + 0.5) * factor - 0.5, photograph.quad))
    found = np.array(overlaps)
    lights = np.array([photograph.light for photograph in photographs])
    shares = [f"{(found > limit).mean():.2f}" for limit in (0.9, 0.95)]
    by_light = [f"{found[lights == light].mean():.3f}" for light in LIGHTS]
    return (name, f"{found.mean():.3f}", *shares, *by_light, f"{np.median(times) * 1e3:.1f}")


def _reduced(picture: Image, side: int) -> Image:
    factor = side / max(picture.shape)
    if factor >= 1:
        return picture
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _single(image: Image) -> Quad | None:
    outline = find_outline(image)
    return None if outline is None else outline.corners.astype(np.float64)


def _only(image: Image) -> Quad | None:
    """Return the corners of the only outline; None if there are several."""
    outlines = find_outlines(image, _MODELS.documents())
    return outlines[0].corners.astype(np.float64) if len(outlines) == 1 else None


def _preview(thumbnail: Image) -> Quad | None:
    outline = find_outline_fast(thumbnail)
    return None if outline is None else outline.corners.astype(np.float64)


def _classical(image: Image) -> Quad | None:
    """Canny and contours, as tutorials do it."""
    small = _reduced(image, 500)
    factor = max(small.shape) / max(image.shape)
    smooth = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    edges = cv2.morphologyEx(cv2.Canny(smooth, 50, 150), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    contours = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:10]:
        simple = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, True), True)
        if len(simple) == 4 and cv2.isContourConvex(simple):
            return np.asarray((simple.reshape(4, 2).astype(np.float64) + 0.5) / factor - 0.5)
    return None


FINDERS: dict[str, tuple[Finder, int]] = {
    "`find_outline`": (_single, SIDE),
    "`find_outlines`": (_only, SIDE),
    "`find_outline_fast`": (_preview, THUMBNAIL),
    "Canny and contours": (_classical, SIDE),
}
"""The detectors measured, and the long side of the picture each is given."""
