"""Binarization quality: historical documents with annotated ink, beside the known thresholds."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.quality import peers
from benchmarks.quality.binarization_metrics import BinarizationScores, score
from benchmarks.quality.photographs import SHARED
from imgcore.enhance import black_white
from imgcore.types import Image

Method = Callable[[Image], Image]
YEARS = (2009, 2010, 2012, 2016)


@dataclass(frozen=True, eq=False)
class AnnotatedPicture:
    """A picture, BGR, and the mask of its ink."""

    name: str
    year: int
    picture: Image
    ink: npt.NDArray[np.bool_]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without the pictures say so and change nothing."""
    parser = argparse.ArgumentParser(prog="binarize", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every seventh picture, and nothing is written")
    options = parser.parse_args(arguments)
    pictures = list(load_annotated())[:: 7 if options.quick else 1]
    if not pictures:
        print(f"binarize: skipped, there are no marked pictures in {SHARED / 'data' / 'binarize'}")
        return 0
    cv2.setNumThreads(1)
    methods = METHODS | peers.binarizers()
    rows = [_row(name, method, pictures) for name, method in methods.items()]
    head = ("method", "F", *(str(year) for year in YEARS), "pseudo-F", "PSNR", "DRD", "ms a megapixel")
    body = "\n\n".join([_intro(len(pictures)), report.table(head, rows)])
    report.publish("binarize", "Black and white", body, options.quick)
    return 0


def load_annotated() -> Iterator[AnnotatedPicture]:
    """All there are; none without the data."""
    manifest = SHARED / "data" / "binarize" / "manifest.json"
    if not manifest.is_file():
        return
    for entry in json.loads(manifest.read_text(encoding="utf-8")):
        picture = cv2.imread(str(manifest.parent / entry["image"]))
        truth = cv2.imread(str(manifest.parent / entry["gt"]), cv2.IMREAD_GRAYSCALE)
        yield AnnotatedPicture(
            entry["image"], entry["year"], np.asarray(picture, np.uint8), np.asarray(truth) < 128
        )


def _intro(count: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} {count} pictures of the contests DIBCO 2009, "
        "H-DIBCO 2010, 2012 and 2016: stained, faded and bled-through manuscripts and print, ink marked by "
        "the organisers. F-measure of ink pixels in per cent, mean over pictures, and by year; pseudo-F "
        "takes recall on the skeleton of the marked ink; DRD is the distortion an eye sees, less is better. "
        "The figures of `black_white` were chosen on these pictures. Those of doxapy and scikit-image have "
        "the window that does best on them; unpaper runs with its filters and moves nothing, and its time "
        f"includes files. {peers.missing_note(('doxapy', 'scikit-image', 'unpaper'))} Milliseconds are "
        "processor time of one thread."
    )


def _row(name: str, method: Method, pictures: Sequence[AnnotatedPicture]) -> tuple[str, ...]:
    scores = []
    spent = 0.0
    area = 0
    for marked in pictures:
        begun = peers.processor_seconds()
        bilevel = method(marked.picture)
        spent += peers.processor_seconds() - begun
        area += marked.ink.size
        scores.append(score(bilevel < 128, marked.ink))
    years = np.array([marked.year for marked in pictures])
    f = np.array([each.f for each in scores])
    by_year = [f"{f[years == year].mean():.1f}" if (years == year).any() else "" for year in YEARS]
    rest = [_mean(scores, figure) for figure in ("pseudo_f", "psnr", "drd")]
    return (name, f"{f.mean():.1f}", *by_year, *rest, f"{spent / area * 1e9:.0f}")


def _mean(scores: Sequence[BinarizationScores], figure: str) -> str:
    return f"{np.mean([getattr(each, figure) for each in scores]):.1f}"


def _otsu(picture: Image) -> Image:
    return np.asarray(
        cv2.threshold(peers.grey(picture), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8
    )


def _divided(picture: Image) -> Image:
    """Closing at a quarter of the size, division, Otsu: the best of the simple ones."""
    plane = peers.grey(picture)
    small = cv2.resize(plane, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))
    paper = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), (25, 25))
    flat = cv2.divide(plane, cv2.resize(paper, plane.shape[::-1]), scale=255)
    return np.asarray(cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8)


METHODS: dict[str, Method] = {"`black_white`": black_white, "closing, Otsu": _divided, "Otsu": _otsu}
"""The methods measured without third-party packages."""
