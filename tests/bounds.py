"""Memory and processor time that the pipeline takes for a picture, each measured in a process of its own."""

from __future__ import annotations

import os
import pickle
import re
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from imgcore.pipeline import process
from imgcore.settings import Crop, Fill, ImageType, Removal, Settings, WhenUnsure
from imgcore.types import Image, ImageError

WHEN_UNSURE = WhenUnsure.CROP
SETTINGS: Mapping[str, Settings] = {
    "single": Settings(crop=Crop.SINGLE, when_unsure=WHEN_UNSURE),
    "multi": Settings(crop=Crop.MULTI, when_unsure=WHEN_UNSURE),
    "curve": Settings(crop=Crop.CURVE),
    "rotate": Settings(rotate=90),
    "deskew": Settings(deskew=True),
    "upright": Settings(upright=True),
    "white": Settings(crop=Crop.SINGLE, when_unsure=WHEN_UNSURE, fill=Fill.WHITE),
    "surround": Settings(crop=Crop.SINGLE, when_unsure=WHEN_UNSURE, fill=Fill.SURROUND),
    **{each.name.lower(): Settings(image_type=each) for each in ImageType},
    **{each.name.lower(): Settings(removal=each) for each in Removal if each},
    "all": Settings(
        crop=Crop.SINGLE,
        when_unsure=WHEN_UNSURE,
        image_type=ImageType.RED_STAMP,
        fill=Fill.SURROUND,
        removal=Removal.SHOW_THROUGH,
        rotate=90,
        deskew=True,
        upright=True,
    ),
}
"""Settings that each ask for one thing, and some that ask for nearly all at once."""

TILE = 500


def _noise() -> Image:
    return np.random.default_rng(5).integers(0, 255, (TILE, TILE, 3), np.uint8)


def _text() -> Image:
    tile = np.full((TILE, TILE, 3), 235, np.uint8)
    for row in range(30, TILE, 40):
        cv2.putText(tile, "abc defg hijklm nop", (5, row), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (30, 30, 40), 2)
    return tile


def _steps() -> Image:
    levels = (np.arange(TILE) // 7 % 3 * 90 + 60).astype(np.uint8)
    return np.repeat(np.repeat(levels[:, None, None], TILE, 1), 3, 2)


def _dots() -> Image:
    tile = np.full((TILE, TILE, 3), 240, np.uint8)
    tile[::6, ::6] = 20
    return tile


TILES: Mapping[str, Callable[[], Image]] = {"noise": _noise, "text": _text, "steps": _steps, "dots": _dots}


class Cost(NamedTuple):
    """Memory beyond the picture's own in bytes, and seconds of a processor.

    Attributes
    ----------
    fault
        Name of the exception that it ended by; empty for none.
    """

    memory: int
    seconds: float
    fault: str


def picture(tile: str, width: int, height: int) -> Image:
    """Return a picture of repeated tiles."""
    one = TILES[tile]()
    times = (-(-height // TILE), -(-width // TILE), 1)
    return np.ascontiguousarray(np.tile(one, times)[:height, :width])


def costs(settings: Sequence[str], tile: str, width: int, height: int) -> dict[str, Cost]:
    """Measure what a picture costs by the names of settings."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_costs, (settings, tile, width, height))


def _costs(settings: Sequence[str], tile: str, width: int, height: int) -> dict[str, Cost]:
    from server.services.pictures.model_cache import ModelCache

    cv2.setNumThreads(1)
    cache = ModelCache()
    made = picture(tile, width, height)
    warm = picture("text", 300, 300)
    return {name: _forked(partial(_cost, SETTINGS[name], cache, made, warm)) for name in settings}


def _forked(measure: Callable[[], Cost]) -> Cost:
    """Measure in a process of its own: memory that one work has freed would be there for the next."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        with os.fdopen(sink, "wb") as file:
            file.write(pickle.dumps(measure()))
            file.flush()
            os._exit(0)
    os.close(sink)
    with os.fdopen(source, "rb") as file:
        told = file.read()
    os.waitpid(child, 0)
    return pickle.loads(told) if told else Cost(0, 0.0, "killed")


def _cost(settings: Settings, cache: object, made: Image, warm: Image) -> Cost:
    models = cache.models(settings)  # type: ignore[attr-defined]
    process(warm, settings, None, models)
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    begun = time.process_time()
    # Work without end is ended.
    used = int(begun) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + 120, used + 120))
    fault = ""
    try:
        process(made, settings, None, models)
    except ImageError as exc:
        fault = type(exc).__name__
    return Cost(_status("VmHWM") - before, time.process_time() - begun, fault)


def _status(key: str) -> int:
    found = re.search(rf"{key}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024
