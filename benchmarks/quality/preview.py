"""Outlines of previews against captures: photographs and made desks as cameras, for three seconds each."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.quality.photographs import load_photographs
from imgcore.outline.overlap import iou
from imgcore.types import Image, Points
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.services.pictures.model_cache import ModelCache
from server.streaming.broadcast import PACE
from server.streaming.outline_search import OutlineSearch
from server.streaming.painter import Overlay, Variant, eighth
from server.streaming.quick_search import full_search
from synthetic.datasets.curled import open_book
from synthetic.datasets.tabletops import make_desk, make_scene
from synthetic.scene.layout import LAYOUTS

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
Picture = tuple[Image, Sequence[Floats]]
"""A picture, and the corners of its documents."""

SIDE = 1920
FRAMES = 4
NOISE = 2.0
SECONDS = 3.0
FPS = 30
STARTED = 1000.0
FIRST_SEED = 60_000
SIZES = ((1920, 1080), (1600, 1200), (1280, 960))
RIGHT = 0.9
SAME = 0.98
_JPEG = (
    *(cv2.IMWRITE_JPEG_QUALITY, 85),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422),
)
_MODELS = ModelCache()


@dataclass(frozen=True, eq=False)
class Watched:
    """One camera's three seconds.

    Attributes
    ----------
    overlaps
        Mean intersection over union of what was drawn with the truth, after each search.
    same
        Of what was drawn last with what a capture then cuts.
    quick, full
        Processor time of all searches, in seconds.
    """

    overlaps: Floats
    same: float
    quick: float
    full: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="preview", description=__doc__)
    parser.add_argument("--scenes", type=int, default=60, help="made desks of each kind")
    parser.add_argument("--quick", action="store_true", help="a seventh, and nothing is written")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    thinned = 7 if options.quick else 1
    rows = []
    for name, (overlay, pictures) in _sets(options.scenes // thinned, thinned).items():
        watched = [watch(picture, overlay) for picture in pictures]
        if watched:
            rows.append(_row(name, watched))
    head = ("camera shows", "cameras", "IoU after 3 s", "> .90", "IoU over 3 s", "first",
            "as cut", "> .98", "quick, ms a frame", "full, ms a frame")  # fmt: skip
    body = "\n\n".join([_intro(options.scenes), report.table(head, rows)])
    report.publish("preview", "Preview against capture", body, options.quick)
    return 0


def _sets(count: int, thinned: int) -> Mapping[str, tuple[Overlay, Iterable[Picture]]]:
    lights = ("bright", "shadow", "color")
    photographs: dict[str, tuple[Overlay, Iterable[Picture]]] = {
        f"photographs, {light}": (Overlay.OUTLINE, _photographs(light, thinned)) for light in lights
    }
    few = range(max(1, count // 3))
    return photographs | {
        "one sheet, made": (Overlay.OUTLINE, (_made(seed, 1) for seed in range(count))),
        "no sheet, made": (Overlay.OUTLINE, (_made(seed, 0) for seed in few)),
        "several, made": (Overlay.OUTLINES, (_several(seed) for seed in few)),
        "open books, made": (Overlay.GUTTER, (_book(seed) for seed in few)),
    }


def _photographs(light: str, thinned: int) -> Iterator[Picture]:
    for photograph in [each for each in load_photographs(SIDE) if each.light == light][::thinned]:
        yield photograph.picture, [photograph.quad]


def _made(seed: int, documents: int) -> Picture:
    scene = make_scene(FIRST_SEED + seed, documents, SIZES[seed % len(SIZES)])
    return scene.picture, [np.asarray(quad, np.float64) for quad in scene.quads]


def _book(seed: int) -> Picture:
    scene = open_book(np.random.default_rng(FIRST_SEED + seed))
    return scene.picture, [] if scene.gutter is None else [np.asarray(scene.gutter, np.float64)]


def _several(seed: int) -> Picture:
    scene = make_desk(FIRST_SEED + seed, LAYOUTS[seed % 2], 2 + seed % 5, SIZES[seed % len(SIZES)])
    return scene.picture, [np.asarray(quad, np.float64) for quad in scene.quads]


def watch(picture: Picture, overlay: Overlay) -> Watched:
    """Show a picture to a preview; a full search is over before the next quick one, as in life."""
    image, truth = picture
    frames = list(_exposed(image))
    search = OutlineSearch(Variant(overlay=overlay), _MODELS.documents)
    overlaps = []
    quick = 0.0
    full = 0.0
    for step in range(round(SECONDS / PACE.seconds)):
        frame = frames[step % FRAMES]
        now = STARTED + step * PACE.seconds
        # Drawing leaves the thumbnail behind.
        thumbnail = eighth(frame, search.space)
        drawn, spent = _timed(partial(search.update, frame, thumbnail, now))
        quick += spent
        overlaps.append(_likeness(drawn, truth))
        if search.wants_full(now):
            request = search.request_full(now)
            found, spent = _timed(partial(full_search, frame, search.variant, search.documents))
            full += spent
            drawn = search.adopt(found, request, now)
    captured = full_search(frames[-1], search.variant, search.documents).lines
    return Watched(
        np.array(overlaps), _likeness(drawn, [np.asarray(q, np.float64) for q in captured]), quick, full
    )


def _exposed(image: Image) -> Iterator[Frame]:
    random = np.random.default_rng(1)
    size = Size(image.shape[1], image.shape[0])
    for number in range(FRAMES):
        noise = random.standard_normal(image.shape, np.float32)
        noisy = np.clip(image + NOISE * noise, 0, 255).astype(np.uint8)
        yield Frame(number, 0.0, PixelFormat.MJPG, size, cv2.imencode(".jpg", noisy, _JPEG)[1].tobytes())


def _likeness(drawn: Sequence[Points], truth: Sequence[Floats]) -> float:
    """Mean intersection over union of documents with the best outline of each; what is too much counts 0."""
    if not truth or not len(drawn):
        return float(len(truth) == len(drawn))
    best = [max(_alike(quad, line.astype(np.float64)) for line in drawn) for quad in truth]
    return float(np.sum(best) / max(len(truth), len(drawn)))


def _alike(one: Floats, other: Floats) -> float:
    """Intersection over union of two documents; of two lines, one less their distance by their length."""
    if len(one) != len(other):
        return 0.0
    if len(one) > 2:
        return iou(one, other)
    away = np.linalg.norm(one - other, axis=1).max()
    return max(0.0, 1.0 - float(away / np.linalg.norm(one[1] - one[0])))


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.thread_time()
    result = work()
    return result, time.thread_time() - begun


def _row(name: str, watched: Sequence[Watched]) -> tuple[str, ...]:
    overlaps = np.array([each.overlaps for each in watched])
    same = np.array([each.same for each in watched])
    frames = SECONDS * FPS * len(watched)
    times = (1e3 * sum(getattr(each, kind) for each in watched) / frames for kind in ("quick", "full"))
    last = overlaps[:, -1]
    return (
        *(name, str(len(watched)), f"{last.mean():.3f}", f"{(last > RIGHT).mean():.2f}"),
        *(f"{overlaps.mean():.3f}", f"{overlaps[:, 0].mean():.3f}"),
        *(f"{same.mean():.3f}", f"{(same > SAME).mean():.2f}"),
        *(f"{spent:.2f}" for spent in times),
    )


def _intro(scenes: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} Photographs of one sheet ({SIDE} px on the "
        f"long side, see *Outlines of single sheets*) and {scenes} made desks, SYNTHETIC (a third as many of "
        f"the last kinds), each as a camera at rest for {SECONDS:g} s: JPEGs of quality 85, 4:2:2, with new "
        f"noise (standard deviation {NOISE:g}) in each frame. Intersection over union of what the preview "
        "outlines with the sheet's known corners, after three seconds, averaged over them, and at the first "
        "search; nothing found counts 0, of several documents what is too much counts 0. *As cut*: of what "
        f"is outlined in the end with what a capture then cuts out, and the share of cameras above {SAME}; "
        "of a book's centre line one less its distance by its length. Processor time of quick and of full "
        f"searches is that of one thread, spread over {FPS} frames a second."
    )
