"""Quality of finger removal: held pages, beside a skin colour threshold, and photographs without a finger."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks import collected, report
from benchmarks.quality import hands
from benchmarks.quality.photographs import SHARED
from imgcore.fingers.removal import remove_fingers
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.held import GRIPS, HeldPage, make_held
from synthetic.scene.hand import SKINS

Remover = Callable[[Image], Image]

FIRST = 53_000
HELD = 48
FREE = 16
GONE = 16
TOUCHED = 16
"""Levels: a finger pixel within the first of paper is gone; a print pixel further than the second from
both the picture and the evenly lit page is touched."""

UNHELD = ("desks", "quad", "dewarp", "binarize", "reading")
HELD_REAL = ("xi_1.png",)
"""Folders of photographs without a finger, and those in them with one."""
INK = 30
_MODELS = ModelCache()


@dataclass(frozen=True, slots=True)
class FingerRemovalScore:
    """Scores of one page; shares 0..1, `colour` in levels, NaN without a finger or with none removed."""

    gone: float
    touched: float
    colour: float
    changed: bool
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="fingers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every eighth page, and nothing is written")
    parser.add_argument("--first", type=int, default=FIRST, help="seed of the first page")
    parser.add_argument(
        "--half",
        choices=collected.HALVES,
        default="open",
        help="of the collected hands; kept ones only to claim a figure",
    )
    parser.add_argument("--real", action="store_true", help="real hands alone, and nothing is written")
    options = parser.parse_args(arguments)
    collected.use(options.half)
    cv2.setNumThreads(1)
    if options.real:
        print(hands.measure(options.half, 1, REMOVERS))
        return 0
    grips = [(number, None) for number in range(HELD)] + [(HELD + n, "none") for n in range(FREE)]
    chosen = grips[:: 8 if options.quick else 1]
    rows: dict[str, list[tuple[HeldPage, FingerRemovalScore]]] = {name: [] for name in REMOVERS}
    for number, grip in chosen:
        page = make_held(options.first + number, grip=grip)
        for name, remover in REMOVERS.items():
            rows[name].append((without_pictures(page), score(page, remover)))
    body = "\n\n".join([_intro(chosen), *_tables(rows), *_real(options)])
    report.publish("fingers", "Fingers", body, options.quick)
    return 0


def _real(options: argparse.Namespace) -> tuple[str, str]:
    """Tables of real pictures: with hands, and without a finger."""
    step = 8 if options.quick else 1
    return hands.measure(options.half, step, REMOVERS), _unheld(step)


def _unheld(step: int) -> str:
    """Table of the photographs without a finger that come back changed."""
    pictures = list(load_unheld())[::step]
    if not pictures:
        return f"Photographs without a finger were not measured: there are none in {SHARED / 'data'}."
    rows = []
    for name, remover in REMOVERS.items():
        changed, ink = zip(*(_harm(picture, remover) for picture in pictures), strict=True)
        rows.append((name, f"{sum(changed)} of {len(pictures)}", f"{sum(lost > 0 for lost in ink)}"))
    text = (
        "Real pictures without a finger, as they are: desks with documents and without, sheets flat and "
        "bent, historical pages, cards, receipts, forms. Changed: pictures in which a pixel differs. Inked: "
        f"those in which it held ink, which is {INK} levels darker than the paper around."
    )
    return "\n\n".join([text, report.table(("remover", "changed", "inked"), rows)])


def load_unheld() -> Iterator[Path]:
    """Paths of the photographs without a finger; none without the data."""
    for folder in UNHELD:
        for path in sorted((SHARED / "data" / folder).rglob("*")):
            flat = path.name.startswith("flat_") or path.stem.endswith("_gt") or path.name in HELD_REAL
            if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".tif") and not flat:
                yield path


def _harm(path: Path, remover: Remover) -> tuple[bool, int]:
    """Return whether a picture comes back changed, and how many pixels of ink changed in it."""
    picture = np.asarray(cv2.imread(str(path)), np.uint8)
    changed = np.abs(remover(picture).astype(np.int16) - picture).max(axis=2)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    return bool(changed.any()), int(((cv2.subtract(paper, grey) > INK) & (changed > TOUCHED)).sum())


def without_pictures(page: HeldPage) -> HeldPage:
    """Return the page without its pictures, which are large."""
    none = np.zeros((0, 0), np.float32)
    picture = page.picture[:0]
    fingers = page.fingers[:0]
    ink = page.ink[:0]
    return page._replace(picture=picture, fingers=fingers, ink=ink, clean=none, bare=none)


def score(page: HeldPage, remover: Remover) -> FingerRemovalScore:
    """Score a remover on one page."""
    begun = time.thread_time()
    result = remover(page.picture)
    seconds = time.thread_time() - begun
    filled = result.astype(np.float32)
    low = np.minimum(page.picture, page.clean) - TOUCHED
    high = np.maximum(page.picture, page.clean) + TOUCHED
    beyond = np.asarray((filled < low) | (filled > high)).any(axis=2)
    touched = float(np.asarray(beyond)[page.ink].mean())
    changed = bool((result != page.picture).any())
    if page.grip == "none" or not page.fingers.any():
        return FingerRemovalScore(float("nan"), touched, float("nan"), changed, seconds)
    away = np.abs(cv2.blur(filled, (5, 5)) - page.bare).max(axis=2)[page.fingers]
    gone = away < GONE
    error = (filled - page.bare)[page.fingers][gone]
    colour = float(np.abs(error.mean(axis=0)).max()) if gone.any() else float("nan")
    return FingerRemovalScore(float(gone.mean()), touched, colour, changed, seconds)


def _intro(chosen: Sequence[object]) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} SYNTHETIC: {len(chosen)} made "
        "pages of 1240 x 1754 pixels, white, coloured, recycled and brown, with text in Latin "
        "and Chinese, tables, pictures and portraits; three of four held by one to four fingers "
        "of six skin tones, also along an edge, with nails, narrow and wide shadows, in neutral, "
        "warm and cold light, some from one side, on smooth and textured paper, some with a "
        "sliver of desk beside the sheet. The seeds are not those it was tuned on. Gone: share "
        f"of finger pixels within {GONE} levels of the paper below. Pages: share of held pages "
        "with 95 % gone. Touched: share of printed pixels clear of fingers that differ by more "
        f"than {TOUCHED} levels from the picture and from the page in even light. Colour: levels "
        "between new paper and true paper, the mean of all pages and the worst. False: pages without "
        "fingers that were changed. The peer is what tutorials do: skin by limits in YCrCb, "
        "then `cv2.inpaint`. Milliseconds are medians of the processor time of one thread."
    )


def _tables(rows: dict[str, list[tuple[HeldPage, FingerRemovalScore]]]) -> list[str]:
    head = ("remover", "gone", "pages", "touched", "colour", "worst colour", "false", "ms")
    table = report.table(head, [_row(name, scores) for name, scores in rows.items()])
    ours = [pair for pair in next(iter(rows.values())) if not np.isnan(pair[1].gone)]
    tones = [[s.gone for page, s in ours if page.tone == tone] for tone in range(len(SKINS))]
    grips = [[s.gone for page, s in ours if page.grip == grip] for grip in GRIPS]
    names = [f"tone {tone + 1}" for tone in range(len(SKINS))] + list(GRIPS)
    means = [f"{np.mean(group):.3f}" if group else "-" for group in tones + grips]
    return [table, report.table(["ours, gone", *names], [["", *means]])]


def _row(name: str, scores: list[tuple[HeldPage, FingerRemovalScore]]) -> tuple[str, ...]:
    held = [s for _, s in scores if not np.isnan(s.gone)]
    free = [s for page, s in scores if page.grip == "none"]
    gone = np.array([s.gone for s in held])
    return (
        name,
        f"{gone.mean():.3f}",
        f"{(gone >= 0.95).mean():.2f}",
        f"{np.mean([s.touched for _, s in scores]):.3%}",
        f"{np.nanmean([s.colour for s in held]):.1f}",
        f"{np.nanmax([s.colour for s in held]):.1f}",
        f"{sum(s.changed for s in free)} of {len(free)}",
        f"{np.median([s.seconds for s in held]) * 1e3:.0f}",
    )


def _ours(image: Image) -> Image:
    return remove_fingers(image, _MODELS.fingers()).image


def _threshold(image: Image) -> Image:
    """Skin by limits in YCrCb, its pieces at the border inpainted."""
    luma = cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)
    skin = cv2.inRange(luma, np.array((0, 133, 77)), np.array((255, 173, 127)))
    skin = cv2.morphologyEx(skin, cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(skin)
    rows, cols = skin.shape
    left = stats[:, 0]
    top = stats[:, 1]
    right = stats[:, 0] + stats[:, 2]
    bottom = stats[:, 1] + stats[:, 3]
    outside = (left == 0) | (top == 0) | (right == cols) | (bottom == rows)
    outside[0] = False
    mask = cv2.dilate((outside[labels] & (labels < count)).astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.asarray(cv2.inpaint(image, mask, 3, cv2.INPAINT_TELEA), np.uint8) if mask.any() else image


REMOVERS: dict[str, Remover] = {"`remove_fingers`": _ours, "YCrCb limits and inpainting": _threshold}
