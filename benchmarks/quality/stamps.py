"""Separation of seals, print and paper: rendered pages with known masks, SYNTHETIC."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from imgcore.enhance.stamp import blue_stamp, red_stamp
from imgcore.types import Image
from synthetic.datasets.stamped import STATES, Stamped, make_stamped

Method = Callable[[Image], Image]
Mask = npt.NDArray[np.bool_]

PAGES = 32
FIRST = 1000
COLOURED = 30
DARK = 128
"""Levels: difference of the seal's own channel and the absorbed one from which a pixel counts as seal;
brightness below which a pixel without colour counts as print."""
OWN = {"red": (2, 1), "blue": (0, 2)}


@dataclass(frozen=True, slots=True)
class StampScore:
    """Scores of one page, 0..1, and the time in milliseconds a megapixel."""

    seal: float
    ink: float
    under: float
    decoration: float
    false: float
    white: float
    ms: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="stamps", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="eight pages, and nothing is written")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    count = 8 if options.quick else PAGES
    rows = [row for colour in METHODS for row in _rows(colour, count)]
    head = (
        "method",
        "seal recall",
        *STATES,
        "ink F",
        "print under a seal",
        "letterheads",
        "false",
        "white",
        "ms",
    )
    body = "\n\n".join([_intro(count), report.table(head, rows)])
    report.publish("stamps", "Red and blue stamps (synthetic)", body, options.quick)
    return 0


def _intro(count: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} SYNTHETIC: {count} made pages of 2.2 "
        "megapixels for each colour, seals multiplied onto print; fresh, worn, faint (a fifth to a half "
        "of the ink) and half inked ones, purplish to orange red, violet to navy blue; white, tinted and "
        "recycled paper, yellow light, shadows, noise, JPEG. *Seal recall*: parts of the seal's pixels "
        "that are coloured after. *Ink F*: of what is black without colour. *Print under a seal*: part of it "
        "that is black. "
        "*Letterheads*: parts of letterheads and pictures in the seal's colour that keep it. *False*: colour "
        "where there is none; *white*: paper at 250 or more. Milliseconds a megapixel, one thread. "
        "*Hue* is the usual recipe: a range of hue and saturation in HSV, all else by Otsu's threshold."
    )


def _rows(colour: str, count: int) -> list[tuple[str, ...]]:
    scores: dict[str, list[tuple[str, StampScore]]] = {name: [] for name in METHODS[colour]}
    for seed in range(FIRST, FIRST + count):
        page = make_stamped(seed, colour=colour)
        for name, method in METHODS[colour].items():
            scores[name].append((page.state, score(page, method)))
    return [_row(f"{name}, {colour}", entries) for name, entries in scores.items()]


def _row(name: str, entries: list[tuple[str, StampScore]]) -> tuple[str, ...]:
    def mean(what: str, state: str | None = None) -> float:
        return float(np.nanmean([getattr(score, what) for kind, score in entries if state in (None, kind)]))

    states = [f"{mean('seal', state):.3f}" for state in STATES]
    shares = [f"{mean(what):.3f}" for what in ("ink", "under", "decoration")]
    return (
        *(name, f"{mean('seal'):.3f}", *states, *shares),
        *(f"{mean('false'):.4f}", f"{mean('white'):.3f}", f"{mean('ms'):.0f}"),
    )


def score(page: Stamped, method: Method) -> StampScore:
    """Score a method on one page."""
    begun = time.thread_time()
    shown = method(page.picture)
    spent = (time.thread_time() - begun) * 1e9 / page.ink.size
    own, swallowed = OWN[page.colour]
    coloured = shown[:, :, own].astype(np.int16) - shown[:, :, swallowed] >= COLOURED
    dark = ~coloured & (shown.max(axis=2) < DARK)
    away = cv2.dilate((page.seal | page.decoration).astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    blank = away & (cv2.dilate(page.ink.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    return StampScore(
        seal=_part(coloured, page.seal & ~page.ink),
        ink=2 * float((dark & page.ink).sum()) / max(1, int(dark.sum() + page.ink.sum())),
        under=_part(dark, page.seal & page.ink),
        decoration=_part(coloured, page.decoration),
        false=_part(coloured, away),
        white=_part(np.asarray(shown.min(axis=2) >= 250), blank),
        ms=spent,
    )


def _part(found: Mask, among: Mask) -> float:
    return float(found[among].mean()) if among.any() else float("nan")


def hue_range(image: Image, colour: str) -> Image:
    """The recipe of tutorials: a hue range stays, the rest is thresholded."""
    hue, saturation, _ = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    wanted = ((hue < 11) | (hue > 155)) if colour == "red" else ((hue > 95) & (hue < 135))
    seal = wanted & (saturation > 70)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    bilevel = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    return np.where(seal[:, :, None], image, cv2.merge([bilevel] * 3)).astype(np.uint8)


METHODS: dict[str, dict[str, Method]] = {
    "red": {"gaopai": red_stamp, "hue": lambda image: hue_range(image, "red")},
    "blue": {"gaopai": blue_stamp, "hue": lambda image: hue_range(image, "blue")},
}
