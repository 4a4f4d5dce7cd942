"""Merged frames: one frame of a shaking camera with a poor sensor, beside several of them merged."""

from __future__ import annotations

import argparse
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.quality.pages import word_f1, words
from benchmarks.quality.real_pages import RealPage, load_pages
from benchmarks.text import real
from imgcore.burst.merge import merge_burst
from imgcore.types import Image
from synthetic.scene.camera import lens

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

FRAMES = 6
SEED = 71_000
WIDTH = 1100
"""Pixels across of a poor camera that has a page before it."""
LEVELS = (10.0, 15.0, 20.0)
"""Standard deviations of the sensors' noise at middle grey, by turns."""
QUALITIES = (60, 70, 80)
READABLE = 0.5
"""F1 of words in a frame without noise from which a page counts as read."""
WORSE = 1.02
"""Ratio of the error to one frame's from which the merged picture is worse."""


@dataclass(frozen=True)
class BurstScore:
    """Errors of one burst against the frame without noise, in levels, and the share of words read."""

    one: float
    merged: float
    count: int
    seconds: float
    read: tuple[float, float] | None = None
    glare: tuple[float, float] = field(default=(0.0, 0.0))


@dataclass(frozen=True)
class MadeBurst:
    """Frames of a made burst, and the one that each would be without noise and reflection."""

    frames: list[Image]
    clean: list[Floats]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without pages say so and change nothing."""
    parser = argparse.ArgumentParser(prog="burst", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every sixth page, and nothing is written")
    parser.add_argument("--first", type=int, default=SEED, help="seed of the first burst")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    pages = [page for page in load_pages() if page.column][:: 6 if options.quick else 1]
    if not pages:
        print(f"burst: skipped, there are no pages in {real.FOLDER}")
        return 0
    if shutil.which("tesseract") is None:
        print("burst: words skipped, Tesseract is not installed")
    rows = [_row(name, case, pages, options.first) for name, case in CASES.items()]
    head = ("scene", "frames merged", "error, one", "merged", "ratio", "worse", "word F1, one", "F1, merged")
    table = report.table((*head, "glare, one", "glare, merged", "ms a megapixel and frame"), rows)
    report.publish("burst", "Merged frames", f"{_intro(pages)}\n\n{table}", options.quick)
    return 0


def _row(name: str, case: Case, pages: Sequence[RealPage], first: int) -> tuple[str, ...]:
    scores = []
    for number, page in enumerate(pages):
        other = pages[(number + 1) % len(pages)].picture
        burst = case(np.random.default_rng(first + number), number, page.picture, other)
        scores.append(score(page, burst, name))
        print(name, page.name, scores[-1], flush=True)
    one, merged = (np.array([getattr(each, key) for each in scores]) for key in ("one", "merged"))
    read = np.array([each.read for each in scores if each.read is not None]).reshape(-1, 2)
    glare = np.array([each.glare for each in scores]).mean(axis=0)
    return (
        name,
        f"{np.mean([each.count for each in scores]):.1f} of {FRAMES}",
        *(f"{value:.2f}" for value in (one.mean(), merged.mean(), (merged / one).mean())),
        f"{np.count_nonzero(merged > WORSE * one)} of {len(scores)}",
        *([f"{value:.3f}" for value in read.mean(axis=0)] if len(read) else ["-", "-"]),
        *([f"{value:.2%}" for value in glare] if name in GLARING else ["-", "-"]),
        f"{np.median([each.seconds for each in scores]) * 1e3:.0f}",
    )


def score(page: RealPage, burst: MadeBurst, name: str) -> BurstScore:
    """Merge a burst, and compare it with its first frame."""
    begun = time.thread_time()
    merged = merge_burst(burst.frames[0], burst.frames[1:])
    spent = time.thread_time() - begun
    clean = burst.clean[merged.reference]
    errors = [_error(image, clean) for image in (burst.frames[0], merged.image)]
    if merged.reference:
        # Another frame's geometry: the first is measured against its own scene, blurred as it may be.
        errors[0] = _error(burst.frames[0], burst.clean[0])
    area = clean[..., 0].size * (len(burst.frames) - 1) / 1e6
    glare = [_reflected(burst.frames[0], burst.clean[0]), _reflected(merged.image, clean)]
    read = None
    if name in READ and page.words and shutil.which("tesseract"):
        still = np.asarray(np.clip(np.rint(clean), 0, 255), np.uint8)
        if word_f1(page.words, words(still) or Counter()) >= READABLE:
            found = [words(image) or Counter() for image in (burst.frames[0], merged.image)]
            read = (word_f1(page.words, found[0]), word_f1(page.words, found[1]))
    return BurstScore(errors[0], errors[1], merged.count, spent / area, read, (glare[0], glare[1]))


def _error(image: Image, clean: Floats) -> float:
    return float(np.sqrt(np.mean((image - clean) ** 2)))


def _reflected(image: Image, clean: Floats) -> float:
    """Return the share of a picture in which it is clipped, and the scene is not."""
    return float(((image.min(axis=2) >= 250) & (clean.min(axis=2) < 230)).mean())


Case = Callable[[Random, int, Image, Image], MadeBurst]
Change = Callable[[Random, int, Floats], Floats]


def _made(change: Change, before: Change | None = None) -> Case:
    """Return a scene whose frames are changed by their number; `before` changes what they show."""

    def case(random: Random, number: int, page: Image, other: Image) -> MadeBurst:
        noise = LEVELS[number % len(LEVELS)]
        quality = QUALITIES[number // len(LEVELS) % len(QUALITIES)]
        frames = []
        clean = []
        for frame in range(FRAMES):
            shown = page.astype(np.float32)
            scene = _seen(random, shown if before is None else before(random, frame, shown))
            lit = change(random, frame, scene.copy())
            frames.append(_exposed(random, lit, noise, quality))
            clean.append(scene if change is _reflection else lit)
        return MadeBurst(frames, clean)

    return case


def _swapped(random: Random, number: int, page: Image, other: Image) -> MadeBurst:
    """Return a page in the first frame, and in the others the page that lay there before."""
    after = _still(random, number, page, other)
    fitted = np.asarray(cv2.resize(other, page.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    earlier = _still(random, number, fitted, page)
    return MadeBurst([after.frames[0], *earlier.frames[1:]], after.clean)


def _seen(random: Random, page: Floats) -> Floats:
    """Return a page as a shaking stand holds it before a lens, at the size of the sensor."""
    factor = min(1.0, WIDTH / page.shape[1])
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), random.normal(0, 0.01), 1)
    turn[:, 2] += random.normal(0, 0.7, 2) / factor
    size = page.shape[1], page.shape[0]
    moved = cv2.warpAffine(page, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    soft = lens(np.asarray(moved, np.float32), 0.6 / factor)
    small = cv2.resize(soft, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rows = np.arange(small.shape[0], dtype=np.float32) / small.shape[0]
    flicker = 1 + 0.012 * np.sin(7 * rows + random.uniform(0, 6))
    return np.asarray((small * 0.85 + 12) * flicker[:, None, None], np.float32)


def _exposed(random: Random, scene: Floats, noise: float, quality: int) -> Image:
    """Return a frame: noise of light and sensor, partly shared by neighbours and colours, then a JPEG."""
    grain = random.standard_normal(scene.shape, np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.5), np.float32)
    grain = 0.7 * grain / grain.std() + 0.7 * random.standard_normal((*scene.shape[:2], 1), np.float32)
    levels = scene + noise * grain * np.sqrt(np.maximum(scene, 0) / 128 + 0.2)
    how = [cv2.IMWRITE_JPEG_QUALITY, quality]
    data = cv2.imencode(".jpg", np.clip(np.rint(levels), 0, 255).astype(np.uint8), how)[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _nothing(_: Random, __: int, scene: Floats) -> Floats:
    return scene


def _shaken(_: Random, frame: int, scene: Floats) -> Floats:
    return np.asarray(cv2.blur(scene, (1, 4)), np.float32) if frame == 0 else scene


def _shifted(_: Random, frame: int, page: Floats) -> Floats:
    return page if frame == 0 else np.roll(page, page.shape[0] // 60, axis=0)


def _dimmed(_: Random, frame: int, scene: Floats) -> Floats:
    return scene if frame == 0 else scene * np.float32(0.8)


def _hand(_: Random, frame: int, scene: Floats) -> Floats:
    """Lay an arm over the picture in all frames but the first, a little further in each."""
    if frame:
        rows, cols = scene.shape[:2]
        inner = round(cols * (0.95 - 0.06 * frame))
        cv2.rectangle(scene, (inner, rows // 2), (cols, rows * 6 // 10), (120, 150, 205), -1)
    return scene


def _reflection(_: Random, frame: int, scene: Floats) -> Floats:
    """Lay a lamp's reflection on the page, elsewhere in each frame."""
    rows, cols = scene.shape[:2]
    spot = np.zeros((rows, cols), np.float32)
    cv2.circle(spot, (round(cols * (0.3 + 0.08 * frame)), rows // 2), round(cols * 0.05), 1, -1)
    return scene + 300 * cv2.GaussianBlur(spot, (0, 0), cols * 0.006)[:, :, None]


_still = _made(_nothing)
CASES: dict[str, Case] = {
    "a page at rest": _still,
    "shaken while the first was taken": _made(_shaken),
    "a reflection that wanders": _made(_reflection),
    "the page before this one": _swapped,
    "the page was moved": _made(_nothing, _shifted),
    "the lamp was switched": _made(_dimmed),
    "an arm came in": _made(_hand),
}
GLARING = ("a reflection that wanders",)
READ = ("a page at rest", "shaken while the first was taken")


def _intro(pages: Sequence[RealPage]) -> str:
    noises, qualities = (", ".join(f"{each:g}" for each in some) for some in (LEVELS, QUALITIES))
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} {len(pages)} real pages (print, forms, till "
        f"slips) before MADE sensors: at most {WIDTH} pixels across, noise of {noises} levels, JPEG of "
        f"quality {qualities}, a stand that shakes by a pixel, mains flicker. {FRAMES} frames, of which the "
        "first counts. *Error*: root mean square against the same frame without noise. *Worse*: merged "
        f"pictures whose error is over {WORSE:g} times one frame's. *Word F1*: of pages that Tesseract reads "
        f"at least {READABLE:g} of without noise. *Glare*: share that is clipped where the page is not. "
        "Milliseconds are processor time of one thread beside decoding."
    )
