"""Test frames, rendered: a page of text on a plain or a grained desk, drifting, with a sensor's noise.

Each size has about one bit a pixel, as a document camera's MJPEG does. Made once and kept
in a cache folder; the same frames come out everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Desk = Callable[[np.random.Generator, int, int], Image]

SIZES = {
    "VGA": (640, 480),
    "1080p": (1920, 1080),
    "5 MP": (2592, 1944),
    "8 MP": (3264, 2448),
    "1080p wood": (1920, 1080),
    "8 MP wood": (3264, 2448),
}
"""Width and height by name; VGA is for smoke tests only."""
GRAINED = ("1080p wood", "8 MP wood")
"""Names of those on a desk with strong grain, on which a search for a page has most to look at."""
RATES = {"VGA": 30.0, "1080p": 30.0, "5 MP": 15.0, "8 MP": 15.0, "1080p wood": 30.0, "8 MP wood": 15.0}
"""Frames a second, as cameras of that size deliver over USB."""
COUNT = 16
BITS_PER_PIXEL = 1.0
VERSION = 1

_JPEG = [
    cv2.IMWRITE_JPEG_QUALITY,
    85,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
]


def cache_folder() -> Path:
    """Return the folder that keeps frames between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "gaopai", "benchmarks")


def frames(size: str, cache: Path) -> list[bytes]:
    """`COUNT` JPEGs of a named size, to be shown in a loop.

    Parameters
    ----------
    size
        A key of `SIZES`.
    """
    kept = folder(size, cache)
    if not kept.exists():
        _keep(kept, _render(*SIZES[size], _grained_desk if size in GRAINED else _desk))
    return [path.read_bytes() for path in sorted(kept.glob("*.jpg"))]


def folder(size: str, cache: Path) -> Path:
    """Return the folder of one size in the cache; its files are ``00.jpg`` and so on."""
    desk = "-wood" if size in GRAINED else ""
    return cache / f"frames-{VERSION}-{'x'.join(map(str, SIZES[size]))}{desk}"


def _keep(folder: Path, jpegs: list[bytes]) -> None:
    # Renamed when complete: an interrupted run leaves no half set.
    partial = folder.with_name(f"{folder.name}.{os.getpid()}")
    partial.mkdir(parents=True)
    for index, jpeg in enumerate(jpegs):
        (partial / f"{index:02d}.jpg").write_bytes(jpeg)
    partial.rename(folder)


def _render(width: int, height: int, make_desk: Desk) -> list[bytes]:
    random = np.random.default_rng(1)
    page = _page(random)
    desk = make_desk(random, width, height)
    clean = [_place(page, desk, index / COUNT) for index in range(COUNT)]
    noise = random.standard_normal((height + 64, width + 64, 3), dtype=np.float32)
    sigma = _noise_for_size(clean[0], noise)
    return [_encode(_noisy(image, noise, sigma, shift=4 * index)) for index, image in enumerate(clean)]


def _page(random: np.random.Generator) -> Image:
    page = np.full((1400, 1000, 3), (235, 240, 242), np.uint8)
    for y in range(120, 1320, 36):
        words = "".join(chr(97 + letter) for letter in random.integers(0, 26, random.integers(30, 46)))
        text = " ".join(words[i : i + 6] for i in range(0, len(words), 6))
        cv2.putText(page, text, (70, y), cv2.FONT_HERSHEY_COMPLEX, 0.85, (45, 40, 40), 1, cv2.LINE_AA)
    cv2.circle(page, (760, 1180), 110, (60, 50, 190), 9, cv2.LINE_AA)
    return page


def _desk(random: np.random.Generator, width: int, height: int) -> Image:
    grain = cv2.resize(
        random.random((height // 4, 24), np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    light = np.linspace(0.8, 1.1, width, dtype=np.float32)[None, :]
    wood = np.array([48, 72, 98], np.float32)
    return np.clip((wood * (0.8 + 0.3 * grain[..., None])) * light[..., None], 0, 255).astype(np.uint8)


def _grained_desk(random: np.random.Generator, width: int, height: int) -> Image:
    """Boards with strong grain along them: long straight edges of wood, as many as a page has of its own."""
    tone = np.zeros((height, width), np.float32)
    for strength, rows, columns in ((0.22, 28, 5), (0.2, 110, 9), (0.12, 400, 16)):
        streaks = random.standard_normal((rows, columns), np.float32)
        tone += strength * cv2.resize(streaks, (width, height), interpolation=cv2.INTER_CUBIC)
    boards = np.repeat(random.uniform(-0.25, 0.25, 6).astype(np.float32), -(-height // 6))[:height]
    seams = np.arange(height) % -(-height // 6) < max(2, height // 400)
    shade = np.clip(1 + tone + boards[:, None], 0.25, 1.8) * np.where(seams, 0.5, 1.0)[:, None]
    wood = np.array([62, 94, 130], np.float32)
    return np.asarray(np.clip(wood * shade[..., None], 0, 255), np.uint8)


def _place(page: Image, desk: Image, phase: float) -> Image:
    """The page on the desk, moved along a small closed path."""
    height, width = desk.shape[:2]
    turn = 2 * np.pi * phase
    centre = np.array([width * (0.5 + 0.02 * np.cos(turn)), height * (0.5 + 0.02 * np.sin(turn))])
    half = np.array([[-0.29, -0.41], [0.29, -0.39], [0.3, 0.41], [-0.3, 0.4]]) * height
    angle = np.deg2rad(4 + 2 * np.sin(turn))
    corners = half @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + centre
    source = np.array([[0, 0], [999, 0], [999, 1399], [0, 1399]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    image = desk.copy()
    cv2.warpPerspective(
        page, matrix, (width, height), image, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
    )
    return image


def _noise_for_size(image: Image, noise: npt.NDArray[np.float32]) -> float:
    """The strength of noise that makes the JPEG `BITS_PER_PIXEL` long, by halving."""
    low = 0.0
    high = 16.0
    wanted = image.shape[0] * image.shape[1] * BITS_PER_PIXEL / 8
    for _ in range(7):
        middle = (low + high) / 2
        too_long = len(_encode(_noisy(image, noise, middle, shift=0))) > wanted
        low, high = (low, middle) if too_long else (middle, high)
    return low


def _noisy(image: Image, noise: npt.NDArray[np.float32], sigma: float, shift: int) -> Image:
    height, width = image.shape[:2]
    field = noise[shift : shift + height, shift : shift + width]
    return np.clip(image + sigma * field, 0, 255).astype(np.uint8)


def _encode(image: Image) -> bytes:
    return cv2.imencode(".jpg", image, _JPEG)[1].tobytes()
