"""``gaopai finger``: comparison of fingerprints."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from imgcore.fingerprint import Template, compare, extract, quality
from imgcore.fingerprint.formats import FormatError, looks_like_template, read
from imgcore.fingerprint.template import DOTS
from imgcore.types import Image, ImageError
from server.cli import files

SUMMARY = "Compare fingerprints: pictures, or templates of ISO 19794-2 and ANSI 378."
THRESHOLD = 0.9
"""Threshold that one in 10 000 pairs of different fingers reaches."""

TEMPLATE_BYTES = 4 * 1024 * 1024
"""Limit of the part of a file that is read as a template, in bytes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    comparing = actions.add_parser("compare", help="whether two prints are of one finger")
    comparing.add_argument("prints", nargs=2, type=Path, metavar="FILE", help="a picture or a template")
    comparing.add_argument(
        "--threshold",
        type=_within(0, 1),
        default=THRESHOLD,
        help="similarity of a match (default: %(default)s)",
    )
    comparing.add_argument(
        "--dots",
        type=_within(100, 2000),
        default=DOTS,
        help="dots an inch of pictures (default: %(default)g)",
    )
    comparing.add_argument("--json", action="store_true", help="one JSON object instead of a line")


def _within(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"from {least} to {most}, not {text}")
        return value

    return parse


def run(arguments: argparse.Namespace) -> int:
    """Compare two files; return 0 whether they match or not, 1 if they cannot be compared."""
    comparison = compare_files(arguments.prints, arguments.dots, arguments.threshold)
    return files.print_comparison(comparison, arguments, "one finger")


def compare_files(prints: Sequence[Path], dots: float, threshold: float) -> files.Comparison:
    """Compare two files, each a picture or a template."""
    started = time.perf_counter()
    similarity, reason = _similarity(prints, dots)
    spent = round((time.perf_counter() - started) * 1000, 1)
    match = similarity is not None and similarity >= threshold
    return files.Comparison(None if similarity is None else round(similarity, 6), match, reason, spent)


def _similarity(prints: Sequence[Path], dots: float) -> tuple[float | None, str | None]:
    try:
        probe, enrolled = (_views(path, dots) for path in prints)
    except files.Unreadable as failure:
        return None, str(failure)
    doubts = [
        f"{path}: {issue}"
        for path, views in zip(prints, (probe, enrolled), strict=True)
        if (issue := _issue(views)) is not None
    ]
    reason = "; ".join(doubts) or None
    if any(max(map(len, views)) == 0 for views in (probe, enrolled)):
        return None, reason
    return compare(probe, enrolled), reason


def _views(path: Path, dots: float) -> list[Template]:
    """Return the views in a template, or the one of a picture."""
    try:
        with path.open("rb") as file:
            start = file.read(TEMPLATE_BYTES + 1)
        if looks_like_template(start):
            return read(start)
        return [extract(_grey(files.read(path)), dots)]
    except (FormatError, ImageError) as exc:
        raise files.Unreadable(path, str(exc)) from exc
    except OSError as exc:
        raise files.Unreadable(path, exc.strerror or type(exc).__name__) from exc


def _grey(image: Image) -> Image:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def _issue(views: Sequence[Template]) -> str | None:
    """Return the quality issue of the best view, if it has one."""
    best = max((quality(view) for view in views), key=lambda rated: rated.value)
    return None if best.issue is None else best.issue.value
