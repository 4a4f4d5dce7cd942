"""Accuracy of skew estimation: turned pages with known angles, beside the known estimators."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks import report
from benchmarks.quality import peers
from benchmarks.quality.peers import Finder
from benchmarks.quality.photographs import SHARED
from imgcore.deskew import find_skew
from imgcore.types import Image
from synthetic.datasets.skewed import make_skewed

MADE = 60
FIRST = 5000
LARGE = (2480, 3300)
"""Columns and rows of 8 megapixels."""


@dataclass(frozen=True, eq=False)
class SkewedPicture:
    """A picture, BGR, its skew in degrees counter-clockwise, and the set it counts to."""

    picture: Image
    degrees: float
    set: str


@dataclass(frozen=True, slots=True)
class SkewErrors:
    """Errors of one estimator on one set; no answer counts as wrong, but not as an error in degrees."""

    mean: float
    worst: float
    near: float
    none: int


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="deskew", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every seventh page, and nothing is written")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    pages = [*load_skewed(), *made(MADE)][:: 7 if options.quick else 1]
    finders = FINDERS | peers.skew_finders()
    rows = [row for name, finder in finders.items() for row in _rows(name, finder, pages)]
    head = ("finder, set", "pages", "mean error", "worst", "within 0.1", "not sure")
    times = report.table(
        ("finder", "ms at 8 megapixels"), [(n, f"{_spent(f):.0f}") for n, f in finders.items()]
    )
    missing = peers.missing_note(("jdeskew", "deskew", "scikit-image", "unpaper"))
    body = "\n\n".join([_intro(pages), report.table(head, rows), times, missing])
    report.publish("deskew", "Skew of text (synthetic)", body, options.quick)
    return 0


def load_skewed() -> Iterator[SkewedPicture]:
    """The turned pages a developer has; none without the data."""
    manifest = SHARED / "data" / "deskew" / "angles.json"
    if not manifest.is_file():
        print(f"deskew: there are no turned pages in {manifest.parent}, only made ones are measured")
        return
    for name, entry in json.loads(manifest.read_text(encoding="utf-8")).items():
        picture = cv2.imread(str(manifest.parent / name))
        yield SkewedPicture(np.asarray(picture, np.uint8), entry["angle"], entry["set"])


def made(count: int) -> Iterator[SkewedPicture]:
    """Pages of `make_skewed`; those turned by less than half a degree are a set of their own."""
    for seed in range(FIRST, FIRST + count):
        page = make_skewed(seed)
        tiny = abs(page.degrees) < 0.5
        yield SkewedPicture(page.picture, page.degrees, "made, tiny" if tiny else f"made, {page.quality}")


def _intro(pages: Sequence[SkewedPicture]) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} SYNTHETIC: {len(pages)} pages turned "
        "by a known angle within 15 degrees. *clean* and *hard*: born-digital pages as a whole with light "
        "noise, or cropped, on a dark ground, shaded, blurred, noisy, small, badly compressed. *made*: "
        "Latin and Chinese prose, tables, forms of a few lines and slips that the project draws itself, "
        "the same way; *bilevel* were black and white before they were turned, *tiny* are turned by less "
        "than half a degree. Errors in degrees; *within 0.1* is a part of all, *not sure* a count. "
        "unpaper and the Radon transform may look as far as 15 degrees. Processor time of one thread, "
        "unpaper's with its files."
    )


def _rows(name: str, finder: Finder, pages: Sequence[SkewedPicture]) -> list[tuple[str, ...]]:
    found = [finder(page.picture) for page in pages]
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(page.set for page in pages):
        pairs = [(angle, page.degrees) for angle, page in zip(found, pages, strict=True) if page.set == kind]
        seen = skew_errors(pairs)
        numbers = (f"{seen.mean:.3f}", f"{seen.worst:.2f}", f"{seen.near:.3f}", str(seen.none))
        rows.append((f"{name}, {kind}", str(len(pairs)), *numbers))
    return rows


def skew_errors(pairs: Sequence[tuple[float | None, float]]) -> SkewErrors:
    """Return the errors of pairs of estimated and true angles."""
    errors = np.array([abs(found - true) for found, true in pairs if found is not None])
    if not errors.size:
        return SkewErrors(float("nan"), float("nan"), 0.0, len(pairs))
    return SkewErrors(
        float(errors.mean()),
        float(errors.max()),
        int((errors < 0.1).sum()) / len(pairs),
        len(pairs) - errors.size,
    )


def _spent(finder: Finder) -> float:
    picture = np.asarray(
        cv2.resize(make_skewed(0, 3.0, "clean").picture, LARGE, interpolation=cv2.INTER_CUBIC), np.uint8
    )
    times = []
    for _ in range(5):
        begun = peers.processor_seconds()
        finder(picture)
        times.append(peers.processor_seconds() - begun)
    return float(np.median(times)) * 1e3


def _ours(image: Image) -> float | None:
    skew = find_skew(image)
    return None if skew is None else skew.degrees


FINDERS: dict[str, Finder] = {"gaopai": _ours}
