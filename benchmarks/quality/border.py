"""Visibility of filled borders: rendered pages, turned, beside inpainting and a constant colour."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from imgcore.paper.border import fill_border, find_slivers
from imgcore.settings import Fill
from imgcore.types import Image
from synthetic.datasets.held import slivers
from synthetic.documents.pages import make_page
from synthetic.scene.camera import photograph
from synthetic.scene.light import lamplight
from synthetic.scene.surfaces import plain_desk

Mask = npt.NDArray[np.bool_]
Filler = Callable[[Image, Mask], Image]

FIRST = 70_000
PAGES = 40
_BAND = 8
"""Pixels to either side of the seam that are compared."""


@dataclass(frozen=True, eq=False)
class TurnedPage:
    """A photographed page that was turned, with the masks of its empty corners and of its print."""

    picture: Image
    empty: Mask
    ink: Mask


def make_turned(seed: int, size: tuple[int, int] = (1240, 1754)) -> TurnedPage:
    """A page turned by up to three degrees; the same for the same arguments."""
    random = np.random.default_rng([seed, 41])
    page = make_page(seed, size)
    scene = (page.picture * lamplight(random, size)).astype(np.float32)
    picture = photograph(random, scene, random.uniform(0.5, 1.1))
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), random.uniform(-3, 3), 1)
    turned = np.asarray(cv2.warpAffine(picture, turn, size, flags=cv2.INTER_CUBIC), np.uint8)
    shown = np.asarray(
        cv2.warpAffine(np.full(size[::-1], 255, np.uint8), turn, size, flags=cv2.INTER_NEAREST)
    )
    ink = np.asarray(cv2.warpAffine(page.ink.astype(np.uint8), turn, size))
    return TurnedPage(turned, shown == 0, ink > 0)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="border", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every eighth page, and nothing is written")
    parser.add_argument("--first", type=int, default=FIRST, help="seed of the first page")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    seeds = range(options.first, options.first + PAGES, 8 if options.quick else 1)
    rows: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in FILLERS}
    for seed in seeds:
        turned = make_turned(seed)
        for name, filler in FILLERS.items():
            rows[name].append(_measure(turned, filler))
    found = [_slivers(seed) for seed in seeds]
    head = ("filler", "mean step", "99th percentile", "grain", "ms")
    table = report.table(head, [_row(name, values) for name, values in rows.items()])
    body = "\n\n".join([_intro(len(seeds)), table, _sliver_line(found)])
    report.publish("border", "Empty borders", body, options.quick)
    return 0


def step(filled: Image, turned: TurnedPage) -> npt.NDArray[np.float64]:
    """Return the step in levels across the seam at each pixel along it, print left out."""
    disc = np.ones((2 * _BAND + 1,) * 2, np.uint8)
    grown = cv2.dilate(turned.empty.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    within = grown & (cv2.erode(grown.astype(np.uint8), disc, borderValue=1) == 0)
    beside = (cv2.dilate(grown.astype(np.uint8), disc) > 0) & ~grown
    beside &= cv2.dilate(turned.ink.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    inner, outer = (_local(filled, side) for side in (within, beside))
    both = (inner[1] > 0.05) & (outer[1] > 0.05)
    return np.asarray(np.abs(inner[0] - outer[0]).max(axis=2)[both], np.float64)


def _local(picture: Image, mask: Mask) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    share = np.asarray(cv2.blur(mask.astype(np.float32), (41, 41)), np.float32)
    total = np.asarray(cv2.blur(picture * mask[:, :, None].astype(np.float32), (41, 41)), np.float32)
    return np.asarray(total / np.maximum(share, 1e-3)[:, :, None], np.float32), share


def _measure(turned: TurnedPage, filler: Filler) -> tuple[float, float, float, float]:
    begun = time.thread_time()
    filled = filler(turned.picture, turned.empty)
    seconds = time.thread_time() - begun
    steps = step(filled, turned)
    inner = cv2.erode(turned.empty.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    rough = filled.astype(np.float32) - cv2.GaussianBlur(filled, (0, 0), 4).astype(np.float32)
    paper = cv2.dilate((turned.ink | turned.empty).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    grain = float(rough[inner].std() / max(1e-3, float(rough[paper].std()))) if inner.any() else float("nan")
    return float(steps.mean()), float(np.percentile(steps, 99)), grain, seconds


def _row(name: str, values: Sequence[tuple[float, ...]]) -> tuple[str, ...]:
    steps, worst, grain, seconds = np.array(values).T
    return (
        name,
        f"{steps.mean():.2f}",
        f"{worst.mean():.2f}",
        f"{np.nanmean(grain):.2f}",
        f"{np.median(seconds) * 1e3:.0f}",
    )


def _slivers(seed: int) -> tuple[float, float, float]:
    """Return three shares: of the sliver found, of the page taken with it, and of a page without a sliver."""
    random = np.random.default_rng([seed, 43])
    size = (1240, 1754)
    page = make_page(seed, size)
    beside = slivers(random, size, page.unit)
    light = lamplight(random, size)
    table = plain_desk(random, size)
    covered = np.where(beside[:, :, None], table, page.picture) * light
    with_desk, without = (
        photograph(random, scene.astype(np.float32), 0.8) for scene in (covered, page.picture * light)
    )
    found = find_slivers(with_desk)
    recall = float(found[beside].mean()) if beside.any() else float("nan")
    return recall, float(found[~beside].mean()), float(find_slivers(without).mean())


def _sliver_line(found: Sequence[tuple[float, float, float]]) -> str:
    recall, extra, false = np.array(found).T
    return (
        f"Slivers of desk up to 4 mm wide, on one or two sides of {len(found)} made pages: "
        f"`find_slivers` finds {np.nanmean(recall):.1%} of their pixels and takes "
        f"{extra.mean():.3%} of the page's; of pages without slivers it takes {false.mean():.3%}, "
        f"on {int((false > 0).sum())} of them anything."
    )


def _intro(count: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} SYNTHETIC: {count} made pages of "
        "1240 x 1754 pixels, photographed in light that falls off, then turned by up to 3 "
        f"degrees, which leaves corners empty. Step: levels between the means of {_BAND} pixels "
        "to either side of the seam, print left out, the largest of the channels; one level or "
        "two on paper is not seen. Grain: roughness of what was filled over that of bare paper; "
        "1 is alike. White is white whatever the paper, and its step says how far paper is from "
        "white. Milliseconds are medians of the processor time of one thread."
    )


def _surround(image: Image, empty: Mask) -> Image:
    return fill_border(image, empty, Fill.SURROUND)


def _white(image: Image, empty: Mask) -> Image:
    return fill_border(image, empty, Fill.WHITE)


def _inpaint(image: Image, empty: Mask) -> Image:
    grown = cv2.dilate(empty.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.inpaint(image, grown, 3, cv2.INPAINT_TELEA), np.uint8)


def _mean_paper(image: Image, empty: Mask) -> Image:
    filled = image.copy()
    filled[cv2.dilate(empty.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = np.median(
        image[~empty], axis=0
    )
    return filled


FILLERS: dict[str, Filler] = {
    "`fill_border`, surround": _surround,
    "`fill_border`, white": _white,
    "`cv2.inpaint`": _inpaint,
    "the page's median colour": _mean_paper,
}
