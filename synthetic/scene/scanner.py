"""Sheets before the sensor of a scanner: on its bed or drawn in by its feeder, and the scan of an area.

The bed's origin is its top left corner, x to the right, y downwards, millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Image, Random, Size
from synthetic.documents import backs
from synthetic.documents.contract import PAPER, contract
from synthetic.documents.form import form
from synthetic.documents.invoice import invoice
from synthetic.documents.letter import guide, letter
from synthetic.documents.report import report
from synthetic.geometry import Matrix
from synthetic.scene import glass
from synthetic.scene.camera import TILE, tiled
from synthetic.scene.glass import SCALE
from synthetic.text.typeface import Typefaces, typefaces

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


class BedArea(NamedTuple):
    """Part of the bed, in mm."""

    left: float
    top: float
    width: float
    height: float


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


def pixel_size(area: BedArea, resolution: int) -> Size:
    """Return columns and rows of a scan."""
    dots = resolution / MILLIMETRES
    return max(1, round(area.width * dots)), max(1, round(area.height * dots))


def scan_area(sheet: PlacedSheet, area: BedArea, resolution: int, mode: Mode) -> Image:
    """Return the part `area` of the bed, BGR or grey; 0.2 s at A4 and 300 dots an inch."""
    flag = cv2.IMREAD_COLOR if mode is Mode.COLOR else cv2.IMREAD_GRAYSCALE
    whole = cv2.imdecode(np.frombuffer(sheet.picture, np.uint8), flag)
    assert whole is not None
    seen = _placed(np.asarray(whole, np.uint8), sheet, area, resolution)
    _add_noise(seen, np.random.default_rng((*sheet.seed, resolution)), resolution)
    if mode is Mode.LINEART:
        cv2.threshold(seen, THRESHOLD, 255, cv2.THRESH_BINARY, dst=seen)
    return seen


def _placed(whole: Image, sheet: PlacedSheet, area: BedArea, resolution: int) -> Image:
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
    width = whole.shape[1] / scale
    height = whole.shape[0] / scale
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), sheet.angle, 1.0)
    turn[:, 2] += np.array([sheet.left, sheet.top])
    flat = np.array([[1 / scale, 0.0, 0.5 / scale], [0.0, 1 / scale, 0.5 / scale], [0.0, 0.0, 1.0]])
    return np.asarray(np.vstack([turn, [0.0, 0.0, 1.0]]) @ flat)


def _to_pixels(area: BedArea, dots: float) -> Matrix:
    """Return the matrix from millimetres of the bed to the scan's pixels."""
    return np.array(
        [[dots, 0.0, -area.left * dots - 0.5], [0.0, dots, -area.top * dots - 0.5], [0.0, 0.0, 1.0]]
    )


def _add_noise(seen: Image, rng: Random, resolution: int) -> None:
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


ROLLER = (58, 56, 56)
"""BGR of the dark roller behind a sheet in the feeder."""
MARGIN = 10.0
"""Millimetres of the roller that are drawn around a sheet, for the shadow."""

SKEW = 0.8
"""Degrees a sheet is at most turned as it is drawn in."""

KEPT = 10
"""Drawn sheets that are kept: a stack with backs; 2 to 4 MB each."""

FRONTS = (letter, form, invoice, report, partial(contract, lid=ROLLER))
"""Fronts of the stack, from its top."""
BARE = partial(backs.bare, base=(238, 243, 245))
BACKS = (guide, BARE, partial(backs.bare, base=(243, 244, 243)), BARE, partial(backs.jotted, base=PAPER))

Line = npt.NDArray[np.float32]

BLANK = 2
"""The sheet whose back is bare and of stock so thick that nothing shines through."""


class SampleSheets:
    """Sheets drawn on demand, the same for the same seed; safe to use from several threads."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sides = lru_cache(KEPT)(self._drawn_side)
        self._glasses = lru_cache(len(glass.ARRANGEMENTS))(self._drawn_glass)

    def side(self, sheet: int, back: bool) -> PlacedSheet:
        """Return one side of a sheet of the stack as it runs past the sensor; drawn on first use, 0.5 to 1 s.

        After the last kind the first comes again, turned otherwise.
        """
        rng = np.random.default_rng((self._seed, sheet, 11))
        angle = float(rng.uniform(-SKEW, SKEW))
        left, top = (float(value) - MARGIN for value in rng.uniform(2.2, 3.6, 2))
        side = self._sides(sheet % len(FRONTS), back)
        noise = (self._seed, sheet, int(back))
        return PlacedSheet(side, ROLLER, left, top, -angle if back else angle, noise)

    def glass(self, scan: int) -> PlacedSheet:
        """Return the slips on the glass at the n-th scan, drawn on first use."""
        arrangement = scan % len(glass.ARRANGEMENTS)
        return PlacedSheet(self._glasses(arrangement), glass.LID, 0.0, 0.0, 0.0, (self._seed, scan, 2))

    @cached_property
    def _faces(self) -> Typefaces:
        return typefaces()

    def _drawn_side(self, kind: int, back: bool) -> bytes:
        front = None if back and kind == BLANK else FRONTS[kind](self._rng(kind, 0), self._faces, SCALE)
        if not back and front is not None:
            return encode_sheet(shade_edges(front))
        behind = BACKS[kind](self._rng(kind, 1), self._faces, SCALE)
        return encode_sheet(shade_edges(behind if front is None else backs.shone_through(behind, front)))

    def _drawn_glass(self, arrangement: int) -> bytes:
        return encode_sheet(glass.glass(self._rng(arrangement, 2), self._faces, arrangement))

    def _rng(self, *salt: int) -> Random:
        return np.random.default_rng((self._seed, *salt))


def shade_edges(sheet: Image) -> Image:
    """Return a sheet before the dark roller: its edges fall off, and it shades what is beside it."""
    margin = round(MARGIN * SCALE)
    frame = np.asarray(
        cv2.copyMakeBorder(sheet, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=ROLLER), np.uint8
    )
    rows, cols = frame.shape[:2]
    # Only a few millimetres at each edge differ from 1: the rest is left as it is.
    for part in _strips(rows, cols, margin + round(8 * SCALE)):
        light = _light(_beyond(rows, margin)[part[0], None], _beyond(cols, margin)[None, part[1]])
        frame[part] = np.clip(frame[part] * light[..., None], 0, 255).astype(np.uint8)
    return frame


def _beyond(length: int, margin: int) -> Line:
    """Return how far each pixel of one axis is beyond the sheet's edge, in mm; negative on the sheet."""
    place = np.arange(length, dtype=np.float32)
    return np.asarray(np.maximum(margin - place, place - (length - margin - 1)) / SCALE, np.float32)


def _light(down: Line, across: Line) -> Line:
    """Return brightness: dark just beyond an edge of the sheet, a little darker just within."""
    outside = 0.62 * np.exp(-np.maximum(down, 0) / 2.4) * np.exp(-np.maximum(across, 0) / 1.6)
    inside = 0.13 * np.exp(np.maximum(np.minimum(down, 0) / 1.6, np.minimum(across, 0) / 1.1))
    return np.asarray(1.0 - np.where(np.maximum(down, across) > 0, outside, inside), np.float32)


def _strips(rows: int, cols: int, width: int) -> tuple[tuple[slice, slice], ...]:
    middle = slice(width, rows - width)
    return (
        (slice(0, width), slice(0, cols)),
        (slice(rows - width, rows), slice(0, cols)),
        (middle, slice(0, width)),
        (middle, slice(cols - width, cols)),
    )
