"""Outlines of previews against captures: photographs and made desks as cameras, for three seconds each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import iou
from imgcore.types import Image, Points
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.services.pictures.model_cache import ModelCache
from server.streaming.broadcast import PACE
from server.streaming.outline_search import OutlineSearch
from server.streaming.painter import Overlay, Variant, eighth
from server.streaming.quick_search import full_search

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
Picture = tuple[Image, Sequence[Floats]]
"""A picture, and the corners of its documents."""

SIDE = 1920
FRAMES = 4
NOISE = 2.0
SECONDS = 3.0
STARTED = 1000.0
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
