"""The sensor of the demo scanner: a sheet on the bed, and the scan of an area of it.

The bed's origin is its top left corner, x to the right, y downwards, millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.ports.scanner import Area
from synthetic.geometry import Matrix
from synthetic.scene.camera import TILE, tiled
from synthetic.scene.glass import SCALE

MILLIMETRES = 25.4
"""An inch."""

NOISE = 1.5
"""Standard deviation in grey levels, as of a desktop scanner's colour channel."""

THRESHOLD = 160
"""Grey from which a line-art pixel is white: fine grey print stays."""

QUALITY = 95
"""Of the JPEG of a sheet, whose colours have its full size."""


class Mode(StrEnum):
    """Colour modes, in the words that drivers use."""

    COLOR = "Color"
    GRAY = "Gray"
    LINEART = "Lineart"


@dataclass(frozen=True, slots=True)
class PlacedSheet:
    """A sheet on the bed.

    Attributes
    ----------
    picture
        JPEG at `SCALE` of the sheet with some background around it; a tenth of its pixels' size.
    background
        BGR beyond the picture.
    left, top
        The picture's top left corner on the bed, in mm, before it is turned.
    angle
        Degrees counter-clockwise about the picture's middle.
    seed
        Seed of the sensor's noise.
    """

    picture: bytes
    background: tuple[int, int, int]
    left: float
    top: float
    angle: float
    seed: tuple[int, ...]


def encode_sheet(picture: Image) -> bytes:
    """Return `picture` as `PlacedSheet` holds it, 0.1 s at A4."""
    sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    return cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, QUALITY, *sampling))[1].tobytes()


def pixel_size(area: Area, resolution: int) -> tuple[int, int]:
    """Return columns and rows of a scan."""
    dots = resolution / MILLIMETRES
    return max(1, round(area.width * dots)), max(1, round(area.height * dots))


def scan_area(sheet: PlacedSheet, area: Area, resolution: int, mode: Mode) -> Image:
    """Return the part `area` of the bed, BGR or grey; 0.2 s at A4 and 300 dots an inch."""
    flag = cv2.IMREAD_COLOR if mode is Mode.COLOR else cv2.IMREAD_GRAYSCALE
    whole = cv2.imdecode(np.frombuffer(sheet.picture, np.uint8), flag)
    assert whole is not None
    seen = _placed(np.asarray(whole, np.uint8), sheet, area, resolution)
    _add_noise(seen, np.random.default_rng((*sheet.seed, resolution)), resolution)
    if mode is Mode.LINEART:
        cv2.threshold(seen, THRESHOLD, 255, cv2.THRESH_BINARY, dst=seen)
    return seen


def _placed(whole: Image, sheet: PlacedSheet, area: Area, resolution: int) -> Image:
    """Return the sensor's pixels, in one interpolation from the drawn picture."""
    dots = resolution / MILLIMETRES
    share = min(1.0, dots / SCALE)
    if share < 1.0:
        whole = np.asarray(
            cv2.resize(whole, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8
        )
    matrix = _to_pixels(area, dots) @ _to_bed(whole, sheet, SCALE * share)
    finer = cv2.INTER_CUBIC if dots > 1.5 * SCALE else cv2.INTER_LINEAR
    background = sheet.background if whole.ndim == 3 else (_grey(sheet.background),)
    return np.asarray(
        cv2.warpAffine(whole, matrix[:2], pixel_size(area, resolution), flags=finer, borderValue=background),
        np.uint8,
    )


def _to_bed(whole: Image, sheet: PlacedSheet, scale: float) -> Matrix:
    """Return the matrix from the picture's pixels to millimetres of the bed."""
    width, height = whole.shape[1] / scale, whole.shape[0] / scale
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), sheet.angle, 1.0)
    turn[:, 2] += np.array([sheet.left, sheet.top])
    flat = np.array([[1 / scale, 0.0, 0.5 / scale], [0.0, 1 / scale, 0.5 / scale], [0.0, 0.0, 1.0]])
    return np.asarray(np.vstack([turn, [0.0, 0.0, 1.0]]) @ flat)


def _to_pixels(area: Area, dots: float) -> Matrix:
    """Return the matrix from millimetres of the bed to the scan's pixels."""
    return np.array(
        [[dots, 0.0, -area.left * dots - 0.5], [0.0, dots, -area.top * dots - 0.5], [0.0, 0.0, 1.0]]
    )


def _add_noise(seen: Image, rng: np.random.Generator, resolution: int) -> None:
    """Add noise and the traces of a row of sensor cells: fine stripes down the picture, a speck of dust."""
    rows, cols, *depth = seen.shape
    cells = rng.normal(0.0, 0.5, cols)
    dust = rng.uniform(0.15, 0.85) * cols
    cells -= 3.0 * np.exp(-(((np.arange(cols) - dust) / (0.12 * resolution / MILLIMETRES)) ** 2))
    tile = rng.normal(0.0, NOISE, (TILE, TILE, *depth)).astype(np.float32)
    wide = tiled(tile, (cols, TILE))[:, :cols] + cells.astype(np.float32).reshape(1, cols, *[1] * len(depth))
    grain = wide.round().astype(np.int8)
    for top in range(0, rows, TILE):
        band = seen[top : top + TILE]
        cv2.add(band, grain[: len(band)], dst=band, dtype=cv2.CV_8U)


def _grey(colour: tuple[int, int, int]) -> int:
    return round(0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2])
