"""Sample sheets of the demo scanner: a stack for its feeder, some slips for its glass."""

from __future__ import annotations

from functools import cached_property, lru_cache, partial

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from server.devices.adapters.demo.sensor import PlacedSheet, encode_sheet
from synthetic.documents import backs
from synthetic.documents.contract import PAPER, contract
from synthetic.documents.form import form
from synthetic.documents.invoice import invoice
from synthetic.documents.letter import guide, letter
from synthetic.documents.report import report
from synthetic.scene import glass
from synthetic.scene.glass import SCALE
from synthetic.text.typeface import Typefaces, typefaces

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
        side, noise = self._sides(sheet % len(FRONTS), back), (self._seed, sheet, int(back))
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

    def _rng(self, *salt: int) -> np.random.Generator:
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
